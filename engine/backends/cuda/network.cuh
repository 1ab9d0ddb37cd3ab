// The kernels that all networks share.  One block of steps is one fixed sequence of launches; what
// changes from block to block stands in `clock` on the device:
//
//   clock[0]  first step of the block      clock[1]  first step of the slice
//   clock[2]  steps of the block
//
// An emitter's spikes of a slice are one list of 64-bit entries; its two cells hold where the block
// began in the list and where the list ends.  The order within a block is not determined, and
// nothing depends on it: drives are sums of whole numbers, lists are sorted when they are handed out.
// Every kernel strides over its work, so any grid does; no kernel waits for a neighbour.

typedef unsigned long long entry;  // step since the slice began (16 bits), sender (32), times (16)

#define INDEX ((long long)blockIdx.x * blockDim.x + threadIdx.x)
#define STRIDE ((long long)gridDim.x * blockDim.x)
#define EACH(i, n) for (long long i = INDEX, i##_end = (n); i < i##_end; i += STRIDE)

__device__ __forceinline__ entry packed(long long step, long long sender, unsigned times) {
    return ((entry)step << 48) | ((entry)sender << 16) | times;
}

__device__ __forceinline__ void append(
    entry* list, long long* cells, long long step, long long sender, unsigned times) {
    unsigned long long place = atomicAdd((unsigned long long*)(cells + 1), 1ULL);
    list[place] = packed(step, sender, times);
}
