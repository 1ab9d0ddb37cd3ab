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
