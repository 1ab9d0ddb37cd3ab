// What the kernels of synapses that learn share (see plastic_printer.py): the spikes that meet a
// synapse at one instant.  `kept` holds the spikes of an emitter for as many steps as `slots` says,
// every step in a row of `size` entries, and `counts` how many they are.  A member stands in the
// row of a step once, so rows and columns of synapses that are worked on side by side are apart.

struct Instant {
    const entry* spikes;
    long long count;
};

// Spikes of `lag` steps before step k of the block; none where the block is shorter.
__device__ __forceinline__ Instant instant_of(
    const long long* clock, int k, long long lag, const entry* kept, const long long* counts,
    long long slots, long long size) {
    const long long step = clock[0] + k - lag;
    Instant found = {kept, 0};
    if (k >= clock[2] || step < 0) return found;
    found.spikes = kept + step % slots * size;
    found.count = counts[step % slots];
    return found;
}

__device__ __forceinline__ long long member_of(entry spike) {
    return (long long)((spike >> 16) & 0xffffffffULL);
}

__device__ __forceinline__ long long times_of(entry spike) {
    return (long long)(spike & 0xffffULL);
}

// The random numbers of single members, see philox.py.
template <typename Float>
__device__ __forceinline__ Float normal_of(
    long long member, long long step, unsigned purpose, unsigned seed, unsigned stream) {
    const Words four = words_of(member >> 2, step, purpose, seed, stream);
    const bool later = (member & 2) != 0;
    Float first, second;
    normal_pair(
        later ? four.lane[2] : four.lane[0], later ? four.lane[3] : four.lane[1], &first, &second);
    return (member & 1) != 0 ? second : first;
}

__device__ __forceinline__ void uniform(unsigned word, double* found) {
    *found = (word * 1.0 + 0.5) * STEP_32;
}

__device__ __forceinline__ void uniform(unsigned word, float* found) {
    *found = ((float)(word >> 9) + 0.5f) * (512.0f * F_STEP_32);
}

template <typename Float>
__device__ __forceinline__ Float uniform_of(
    long long member, long long step, unsigned purpose, unsigned seed, unsigned stream) {
    const Words four = words_of(member >> 2, step, purpose, seed, stream);
    const bool later = (member & 2) != 0, odd = (member & 1) != 0;
    const unsigned high = odd ? four.lane[3] : four.lane[2], low = odd ? four.lane[1] : four.lane[0];
    Float found;
    uniform(later ? high : low, &found);
    return found;
}
