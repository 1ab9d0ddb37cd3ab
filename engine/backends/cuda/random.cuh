// Random numbers as engine/backends/philox.py describes them, equal to the last bit: the same
// operations in the same order, none contracted (--fmad=false).

struct Words {
    unsigned lane[4];
};

template <typename Float>
struct Normals {
    Float lane[4];
};

__device__ __forceinline__ Words philox(
    unsigned c0, unsigned c1, unsigned c2, unsigned c3, unsigned k0, unsigned k1) {
    for (int round = 0; round < PHILOX_ROUNDS; ++round) {
        unsigned long long p0 = (unsigned long long)PHILOX_M0 * c0;
        unsigned long long p1 = (unsigned long long)PHILOX_M1 * c2;
        c0 = (unsigned)(p1 >> 32) ^ c1 ^ k0;
        c1 = (unsigned)p1;
        c2 = (unsigned)(p0 >> 32) ^ c3 ^ k1;
        c3 = (unsigned)p0;
        k0 += PHILOX_W0;
        k1 += PHILOX_W1;
    }
    Words found = {{c0, c1, c2, c3}};
    return found;
}

// The words of members 4 block .. 4 block + 3 at a step.
__device__ __forceinline__ Words words_of(
    long long block, long long step, unsigned purpose, unsigned seed, unsigned stream) {
    unsigned long long at = (unsigned long long)step;
    return philox((unsigned)block, (unsigned)at, (unsigned)(at >> 32), purpose, seed, stream);
}

__device__ __forceinline__ double logarithm(double x) {
    long long raw = __double_as_longlong(x);
    double mantissa = __longlong_as_double((raw & 0x000fffffffffffffLL) | 0x3ff0000000000000LL);
    long long exponent = (raw >> 52) - 1023;
    bool large = mantissa > 2.0 * SQRT_HALF;
    mantissa = large ? 0.5 * mantissa : mantissa;
    double scale = (large ? exponent + 1 : exponent) * 1.0;
    double s = (mantissa - 1.0) / (mantissa + 1.0);
    double z = s * s;
    double series = 1.0 / 21.0;
    series = series * z + 1.0 / 19.0;
    series = series * z + 1.0 / 17.0;
    series = series * z + 1.0 / 15.0;
    series = series * z + 1.0 / 13.0;
    series = series * z + 1.0 / 11.0;
    series = series * z + 1.0 / 9.0;
    series = series * z + 1.0 / 7.0;
    series = series * z + 1.0 / 5.0;
    series = series * z + 1.0 / 3.0;
    double tail = 2.0 * s * z * series + scale * LN2_LOW;
    return scale * LN2_HIGH + (2.0 * s + tail);
}

__device__ __forceinline__ void normal_pair(
    unsigned radius, unsigned angle, double* first, double* second) {
    double size = sqrt(-2.0 * logarithm((radius * 1.0 + 0.5) * STEP_32));
    double turn = (angle * 1.0 + 0.5) * STEP_32;
    unsigned long long quarter = ((unsigned long long)angle + 0x20000000ULL) >> 30;
    double x = 2.0 * PI * (turn - (quarter * 1.0) * 0.25);
    double z = x * x;
    double sine = -1.0 / 1307674368000.0;
    sine = sine * z + 1.0 / 6227020800.0;
    sine = sine * z - 1.0 / 39916800.0;
    sine = sine * z + 1.0 / 362880.0;
    sine = sine * z - 1.0 / 5040.0;
    sine = sine * z + 1.0 / 120.0;
    sine = sine * z - 1.0 / 6.0;
    sine = x + x * z * sine;
    double cosine = -1.0 / 87178291200.0;
    cosine = cosine * z + 1.0 / 479001600.0;
    cosine = cosine * z - 1.0 / 3628800.0;
    cosine = cosine * z + 1.0 / 40320.0;
    cosine = cosine * z - 1.0 / 720.0;
    cosine = cosine * z + 1.0 / 24.0;
    cosine = cosine * z - 0.5;
    cosine = 1.0 + z * cosine;
    bool odd = (quarter & 1) == 1;
    double along = odd ? sine : cosine;
    double across = odd ? cosine : sine;
    *first = size * (((quarter + 1) & 2) == 2 ? -along : along);
    *second = size * ((quarter & 2) == 2 ? -across : across);
}

// A float x > 0 as its mantissa between sqrt(1/2) and sqrt(2), and its exponent.
__device__ __forceinline__ float single_parts(float x, float* scale) {
    int raw = __float_as_int(x);
    float mantissa = __int_as_float((raw & 0x007fffff) | 0x3f800000);
    int exponent = (raw >> 23) - 127;
    bool large = mantissa > F_SQRT_2;
    *scale = (float)(large ? exponent + 1 : exponent);
    return large ? 0.5f * mantissa : mantissa;
}

// ln(1 + above) in float, for |above| <= 1/2.
__device__ __forceinline__ float single_near(float above) {
    float s = above / (above + 2.0f);
    float z = s * s;
    float series = F_ATANH_5;
    series = series * z + F_ATANH_4;
    series = series * z + F_ATANH_3;
    series = series * z + F_ATANH_2;
    series = series * z + F_ATANH_1;
    float tail = 2.0f * s * z * series;
    return 2.0f * s + tail;
}

__device__ __forceinline__ float single_logarithm(unsigned word) {
    bool high = word >= 0x80000000u;
    unsigned mirrored = high ? 0xffffffffu - word : word;
    float share = ((float)mirrored + 0.5f) * F_STEP_32;
    float scale, mantissa = single_parts(share, &scale);
    float near = single_near(high ? -share : mantissa - 1.0f);
    return high ? near : scale * F_LN2_HIGH + (near + scale * F_LN2_LOW);
}

// ln E of an exponential number, see `philox.log_exponential`.
__device__ __forceinline__ void log_exponential(unsigned word, double* found) {
    *found = logarithm(-logarithm((word * 1.0 + 0.5) * STEP_32));
}

__device__ __forceinline__ void log_exponential(unsigned word, float* found) {
    float scale, mantissa = single_parts(-single_logarithm(word), &scale);
    float near = single_near(mantissa - 1.0f);
    *found = scale * F_LN2_HIGH + (near + scale * F_LN2_LOW);
}

__device__ __forceinline__ void normal_pair(
    unsigned radius, unsigned angle, float* first, float* second) {
    float size = sqrt(-2.0f * single_logarithm(radius));
    long long quarter = (long long)(((unsigned long long)angle + 0x20000000ULL) >> 30);
    long long rest = (long long)angle - quarter * 0x40000000LL;
    float x = ((float)rest + 0.5f) * F_ANGLE;
    float z = x * x;
    float sine = x + x * z * (((F_SINE_2 * z + F_SINE_1) * z) + F_SINE_0);
    float cosine = F_COSINE_3;
    cosine = cosine * z + F_COSINE_2;
    cosine = cosine * z + F_COSINE_1;
    cosine = 1.0f + z * (cosine * z + F_COSINE_0);
    bool odd = (quarter & 1) == 1;
    float along = odd ? sine : cosine;
    float across = odd ? cosine : sine;
    *first = size * (((quarter + 1) & 2) == 2 ? -along : along);
    *second = size * ((quarter & 2) == 2 ? -across : across);
}

// Standard normal numbers of members 4 block .. 4 block + 3 at a step.  Those in float are computed
// in it, so they differ from the others by about 1e-6.
template <typename Float>
__device__ __forceinline__ Normals<Float> normals_of(
    long long block, long long step, unsigned purpose, unsigned seed, unsigned stream) {
    Words four = words_of(block, step, purpose, seed, stream);
    Normals<Float> found;
    normal_pair(four.lane[0], four.lane[1], &found.lane[0], &found.lane[1]);
    normal_pair(four.lane[2], four.lane[3], &found.lane[2], &found.lane[3]);
    return found;
}

__device__ __forceinline__ double large_count(double rate, double number) {
    double count = floor(rate + sqrt(rate) * number + 0.5);
    return count < 0.0 ? 0.0 : count > 65535.0 ? 65535.0 : count;
}
