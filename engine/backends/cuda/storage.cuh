// Arrays of training in fewer bits than the numbers that are computed with: `stored` is `real`, or
// a 16-bit float (STORED_HALF: IEEE half, STORED_BRAIN: the upper half of a float).  Rounding is to
// the nearest, ties to even, without a header or an instruction of its own, so that every compiler
// does the same.

#if STORED_BRAIN || STORED_HALF
typedef unsigned short stored;
#else
typedef real stored;
#endif

#if STORED_BRAIN
__device__ __forceinline__ real loaded(stored x) {
    return __int_as_float((int)((unsigned)x << 16));
}

__device__ __forceinline__ stored rounded(real x) {
    unsigned raw = (unsigned)__float_as_int(x);
    if (x != x) return (stored)((raw >> 16) | 0x40u);
    return (stored)((raw + 0x7fffu + ((raw >> 16) & 1u)) >> 16);
}
#elif STORED_HALF
__device__ __forceinline__ real loaded(stored x) {
    unsigned size = (x & 0x7fffu) << 13, exponent = size & 0x0f800000u;
    unsigned sign = (unsigned)(x & 0x8000u) << 16;
    size += (127u - 15u) << 23;
    if (exponent == 0x0f800000u) size += (128u - 16u) << 23;  // infinite, or no number
    if (exponent == 0) {  // subnormal: 2**-14 was added, take it off
        float value = __int_as_float((int)(size + (1u << 23))) - __int_as_float(113 << 23);
        size = (unsigned)__float_as_int(value);
    }
    return __int_as_float((int)(size | sign));
}

__device__ __forceinline__ stored rounded(real x) {
    unsigned raw = (unsigned)__float_as_int(x), sign = (raw >> 16) & 0x8000u;
    raw &= 0x7fffffffu;
    if (raw >= 0x47800000u) return (stored)(sign | (raw > 0x7f800000u ? 0x7e00u : 0x7c00u));
    if (raw < 0x38800000u) {  // subnormal: adding 1/2 rounds where its last bit is 2**-24
        float shifted = __int_as_float((int)raw) + 0.5f;
        return (stored)(sign | ((unsigned)__float_as_int(shifted) - 0x3f000000u));
    }
    return (stored)(sign | ((raw + 0xc8000fffu + ((raw >> 13) & 1u)) >> 13));
}
#else
__device__ __forceinline__ real loaded(stored x) { return x; }
__device__ __forceinline__ stored rounded(real x) { return x; }
#endif

#if STORED_BRAIN || STORED_HALF
// Of the two 16-bit numbers around x the one that is not `near`; `near` itself if it is x.
__device__ __forceinline__ stored other_side(stored near, real x) {
    real value = loaded(near);
    if (value == x || value != value) return near;
    if ((near & 0x7fffu) == 0) return (stored)(x > real(0.0) ? 0x0001u : 0x8001u);
    bool grows = (value < x) == !(near & 0x8000u);
    return (stored)(grows ? near + 1 : near - 1);
}
#endif
