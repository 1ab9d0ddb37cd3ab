// The few words of CUDA that our kernels use, for a plain C++ compiler: a grid is two loops.  With
// it the very source that runs on a GPU runs on a CPU, one thread after the other, which is how it is
// tested where there is no GPU (see shim.py).

#include <math.h>
#include <string.h>

#define __global__
#define __device__ static
#define __forceinline__ inline
#define __restrict__

struct shim_place {
    unsigned x;
};
static shim_place blockIdx, threadIdx, gridDim, blockDim;

static inline unsigned long long atomicAdd(unsigned long long* cell, unsigned long long more) {
    unsigned long long old = *cell;
    *cell = old + more;
    return old;
}

template <typename To, typename From>
static inline To shim_bits(From value) {
    To found;
    memcpy(&found, &value, sizeof found);
    return found;
}
static inline long long __double_as_longlong(double x) { return shim_bits<long long>(x); }
static inline double __longlong_as_double(long long x) { return shim_bits<double>(x); }
static inline int __float_as_int(float x) { return shim_bits<int>(x); }
static inline float __int_as_float(int x) { return shim_bits<float>(x); }

#define SHIM_GRID(grid, block, call)                                    \
    gridDim.x = (grid);                                                 \
    blockDim.x = (block);                                               \
    for (blockIdx.x = 0; blockIdx.x < gridDim.x; ++blockIdx.x)          \
        for (threadIdx.x = 0; threadIdx.x < blockDim.x; ++threadIdx.x) call;
