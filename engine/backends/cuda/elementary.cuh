// Elementary functions as engine/backends/numba_cpu/mathematics.py defines them, operation by
// operation, so that both backends round alike.  The numbers in capitals are printed by source.py
// from that file; `real` is float or double.  Nothing here may be contracted into an fma by the
// compiler (--fmad=false): where an fma is meant, it is written.

#define INFINITE real(__longlong_as_double(0x7ff0000000000000LL))
#define NOT_A_NUMBER real(__longlong_as_double(0x7ff8000000000000LL))

struct Reduced {
    real scale, rest, q, k;  // exp(x) = scale (1 + rest), rest = r q, x = k ln 2 + r
};

__device__ __forceinline__ real power_of_two(real shifted) {
#if REAL_BYTES == 8
    unsigned long long low = (unsigned long long)__double_as_longlong(shifted);
    return __longlong_as_double((long long)((low << 52) + 0x3ff0000000000000ULL));
#else
    unsigned low = (unsigned)__float_as_int(shifted);
    return __int_as_float((int)((low << 23) + 0x3f800000U));
#endif
}

__device__ __forceinline__ Reduced reduced(real x) {
    x = x < LOWEST ? LOWEST : x;
    x = x > HIGHEST ? HIGHEST : x;
    real shifted = fma(x, REDUCE_LOG2_E, ROUND);
    real k = shifted - ROUND;
    real r = fma(-k, REDUCE_LN2_LOW, fma(-k, REDUCE_LN2_HIGH, x));
    real square = r * r;
    real low = fma(fma(Q3, r, Q2), square, fma(Q1, r, Q0));  // Estrin's order
#if REAL_BYTES == 8
    real fourth = square * square;
    real middle = fma(fma(Q7, r, Q6), square, fma(Q5, r, Q4));
    real q = fma(fma(fma(Q9, r, Q8), fourth, middle), fourth, low);
#else
    real q = fma(fma(Q5, r, Q4), square * square, low);
#endif
    Reduced found = {power_of_two(shifted), r * q, q, k};
    return found;
}

__device__ __forceinline__ real f_exp(real x) {
    Reduced p = reduced(x);
    real value = fma(p.scale, p.rest, p.scale);
    value = x < LOWEST ? real(0.0) : value;
    return x > HIGHEST ? INFINITE : value;
}

__device__ __forceinline__ real f_expm1(real x) {
    Reduced p = reduced(x);
    real value = fma(p.scale, p.rest, p.scale - real(1.0));
    return x > HIGHEST ? INFINITE : value;
}

__device__ __forceinline__ real f_exprel(real x) {
    Reduced p = reduced(x);
    real safe = p.k == real(0.0) ? real(1.0) : x;
    real value = fma(p.scale, p.rest, p.scale - real(1.0)) / safe;
    value = p.k == real(0.0) ? p.q : value;
    return x > HIGHEST ? INFINITE : value;
}

// 1 / exprel(x), in one division where the quotient takes two.
__device__ __forceinline__ real f_over_exprel(real x) {
    Reduced p = reduced(x);
    bool near = p.k == real(0.0);
    real value = (near ? real(1.0) : x) / (near ? p.q : fma(p.scale, p.rest, p.scale - real(1.0)));
    return x > HIGHEST ? real(0.0) : value;
}

__device__ __forceinline__ real f_tanh(real x) {
    real twice = x + x;
    real bound = real(80.0);
    twice = twice > bound ? bound : twice;
    twice = twice < -bound ? -bound : twice;
    real less = f_expm1(twice);
    return less / (less + real(2.0));
}

__device__ __forceinline__ real f_abs(real x) { return fabs(x); }

__device__ __forceinline__ real f_sinh(real x) {
    real size = fabs(x);
    real less = f_expm1(size);
    real value = real(0.5) * (less + less / (less + real(1.0)));
    value = size > HIGHEST ? size * INFINITE : value;
    return x < real(0.0) ? -value : value;
}

__device__ __forceinline__ real f_cosh(real x) {
    real grown = f_exp(fabs(x));
    return real(0.5) * (grown + real(1.0) / grown);
}

__device__ __forceinline__ real f_log(real given) {
    double x = given;
    bool tiny = x < 2.2250738585072014e-308;
    double scaled = tiny ? x * 18014398509481984.0 : x;  // 2**54
    double value = logarithm(scaled);
    value = tiny ? value - LN2_54 : value;
    value = x == (double)INFINITE ? x : value;
    value = x == 0.0 ? -(double)INFINITE : value;
    value = x < 0.0 ? (double)NOT_A_NUMBER : value;
    return (real)(x == x ? value : x);
}

__device__ __forceinline__ real f_power(real x, real y) {
    real size = f_exp(y * f_log(fabs(x)));
    real half = real(0.5) * y;
    bool whole = floor(y) == y;
    bool odd = (floor(half) != half) & whole;
    real negative = odd ? -size : size;
    negative = whole ? negative : NOT_A_NUMBER;
    real value = x < real(0.0) ? negative : size;
    return y == real(0.0) ? real(1.0) : value;
}

__device__ __forceinline__ real f_min(real a, real b) { return ((a < b) | (a != a)) ? a : b; }
__device__ __forceinline__ real f_max(real a, real b) { return ((a > b) | (a != a)) ? a : b; }
__device__ __forceinline__ real f_clip(real x, real low, real high) {
    return f_min(f_max(x, low), high);
}
__device__ __forceinline__ real f_sqrt(real x) { return sqrt(x); }
__device__ __forceinline__ real f_floor(real x) { return floor(x); }
__device__ __forceinline__ real f_sin(real x) { return sin(x); }
__device__ __forceinline__ real f_cos(real x) { return cos(x); }
