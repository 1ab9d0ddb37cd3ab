// -- random numbers of a block ---------------------------------------------------------------------

// numbers[k][row][member]: a normal number for every member at every step of the block.
extern "C" __global__ void draw_normals(
    const long long* clock, long long size, unsigned purpose, unsigned seed, unsigned stream,
    int row, int rows, real* numbers) {
    long long blocks = (size + 3) / 4;
    EACH(i, blocks * clock[2]) {
        long long k = i / blocks, block = i % blocks;
        Normals<real> four = normals_of<real>(block, clock[0] + k, purpose, seed, stream);
        real* out = numbers + (k * rows + row) * size;
        for (int lane = 0; lane < 4 && 4 * block + lane < size; ++lane)
            out[4 * block + lane] = four.lane[lane];
    }
}

// The same with the logarithm of an exponential number.
extern "C" __global__ void draw_escapes(
    const long long* clock, long long size, unsigned purpose, unsigned seed, unsigned stream,
    int row, int rows, real* numbers) {
    long long blocks = (size + 3) / 4;
    EACH(i, blocks * clock[2]) {
        long long k = i / blocks, block = i % blocks;
        Words four = words_of(block, clock[0] + k, purpose, seed, stream);
        real* out = numbers + (k * rows + row) * size;
        for (int lane = 0; lane < 4 && 4 * block + lane < size; ++lane)
            log_exponential(four.lane[lane], &out[4 * block + lane]);
    }
}

// numbers[draw - first draw of the block][member] of a noisy current that draws every few steps.
extern "C" __global__ void draw_noise(
    const long long* clock, long long size, unsigned purpose, unsigned seed, unsigned stream,
    long long every, real* numbers) {
    long long blocks = (size + 3) / 4, first = clock[0] / every;
    long long draws = (clock[0] + clock[2] - 1) / every - first + 1;
    EACH(i, blocks * draws) {
        long long draw = i / blocks, block = i % blocks;
        Normals<real> four = normals_of<real>(block, first + draw, purpose, seed, stream);
        for (int lane = 0; lane < 4 && 4 * block + lane < size; ++lane)
            numbers[draw * size + 4 * block + lane] = four.lane[lane];
    }
}

// As above, for numbers of which each keeps the share `decay` of the one before: one thread takes
// four members from draw to draw, from where `state` holds them.
extern "C" __global__ void relax_noise(
    const long long* clock, long long size, unsigned purpose, unsigned seed, unsigned stream,
    long long every, double decay, double share, real* state, real* numbers) {
    long long blocks = (size + 3) / 4, first = clock[0] / every;
    long long draws = (clock[0] + clock[2] - 1) / every - first + 1;
    EACH(block, blocks) {
        int members = size - 4 * block < 4 ? (int)(size - 4 * block) : 4;
        for (long long draw = first; draw < first + draws; ++draw) {
            bool begins = draw * every >= clock[0];
            Normals<real> four = normals_of<real>(block, draw, purpose, seed, stream);
            for (int lane = 0; lane < members; ++lane) {
                long long member = 4 * block + lane;
                real fresh = four.lane[lane], before = state[member];
                if (begins) state[member] = draw ? (real)decay * before + (real)share * fresh : fresh;
                numbers[(draw - first) * size + member] = state[member];
            }
        }
    }
}

// -- sources that spike ----------------------------------------------------------------------------

// A thread counts eight members, which share the words of a draw, see `philox.halves`: the upper
// halves of their words are compared with the upper halves of the thresholds, and only where two are
// equal the lower ones are drawn.  `width` is the length of a row of thresholds, or 0 where all
// members share one.
__device__ __forceinline__ unsigned half_of(Words words, int lane) {
    return (words.lane[lane / 2] >> (16 * (lane & 1))) & 0xffffu;
}

__device__ __forceinline__ void climb(
    long long group, int members, long long step, int part, unsigned seed, unsigned stream,
    int rungs, const unsigned* thresholds, long long width, unsigned* counts) {
    Words high = words_of(group, step, POISSON_PURPOSE + part, seed, stream);
    bool tied = false;
    for (int rung = 0; rung < rungs; ++rung)
        for (int lane = 0; lane < members; ++lane) {
            unsigned rise = thresholds[width ? rung * width + 8 * group + lane : rung] >> 16;
            counts[lane] += half_of(high, lane) > rise;
            tied |= half_of(high, lane) == rise;
        }
    if (!tied) return;
    Words low = words_of(group, step, POISSON_LOW_PURPOSE + part, seed, stream);
    for (int rung = 0; rung < rungs; ++rung)
        for (int lane = 0; lane < members; ++lane) {
            unsigned rise = thresholds[width ? rung * width + 8 * group + lane : rung];
            if (half_of(high, lane) == rise >> 16)
                counts[lane] += half_of(low, lane) > (rise & 0xffffu);
        }
}

extern "C" __global__ void emit_poisson(
    const long long* clock, long long size, unsigned seed, unsigned stream, int parts, int rungs,
    const unsigned* thresholds, long long width, const double* large, unsigned large_purpose,
    entry* list, long long* cells) {
    long long groups = (size + 7) / 8;
    EACH(i, groups * clock[2]) {
        long long k = i / groups, group = i % groups, step = clock[0] + k;
        int members = size - 8 * group < 8 ? (int)(size - 8 * group) : 8;
        unsigned counts[8] = {0, 0, 0, 0, 0, 0, 0, 0};
        for (int part = 0; part < parts; ++part)
            climb(group, members, step, part, seed, stream, rungs, thresholds, width, counts);
        for (int four = 0; large && 4 * four < members; ++four) {
            Normals<double> numbers =
                normals_of<double>(2 * group + four, step, large_purpose, seed, stream);
            for (int lane = 4 * four; lane < 4 * four + 4 && lane < members; ++lane) {
                double rate = large[8 * group + lane];
                if (rate > 0.0) counts[lane] = (unsigned)large_count(rate, numbers.lane[lane % 4]);
            }
        }
        for (int lane = 0; lane < members; ++lane)
            if (counts[lane])
                append(list, cells, step - clock[1], 8 * group + lane,
                       counts[lane] < 65535 ? counts[lane] : 65535);
    }
}

// As above for a rate that changes with time and that all members share: `thresholds` has a row of
// `rungs` and `parts` a number for every step of a window, which begins at step first[0].
extern "C" __global__ void emit_varying(
    const long long* clock, long long size, unsigned seed, unsigned stream, const long long* parts,
    int rungs, const unsigned* thresholds, const long long* first, entry* list, long long* cells) {
    long long groups = (size + 7) / 8;
    EACH(i, groups * clock[2]) {
        long long k = i / groups, group = i % groups, step = clock[0] + k, at = step - first[0];
        int members = size - 8 * group < 8 ? (int)(size - 8 * group) : 8;
        unsigned counts[8] = {0, 0, 0, 0, 0, 0, 0, 0};
        for (int part = 0; part < parts[at]; ++part)
            climb(group, members, step, part, seed, stream, rungs, thresholds + at * rungs, 0,
                  counts);
        for (int lane = 0; lane < members; ++lane)
            if (counts[lane])
                append(list, cells, step - clock[1], 8 * group + lane, counts[lane]);
    }
}

__device__ __forceinline__ long long first_not_below(
    const long long* steps, long long count, long long step) {
    long long low = 0, high = count;
    while (low < high) {
        long long middle = (low + high) / 2;
        if (steps[middle] < step) low = middle + 1;
        else high = middle;
    }
    return low;
}

extern "C" __global__ void emit_recorded(
    const long long* clock, long long spikes, const long long* steps, const unsigned* senders,
    const unsigned* times, entry* list, long long* cells) {
    long long first = first_not_below(steps, spikes, clock[0]);
    long long last = first_not_below(steps, spikes, clock[0] + clock[2]);
    EACH(i, last - first)
        append(list, cells, steps[first + i] - clock[1], senders[first + i], times[first + i]);
}

// -- currents --------------------------------------------------------------------------------------

// A current source as the device sees it: `values` = mean, amplitude, noise; `window` = start, stop,
// steps of the trace, steps between two draws, first step of the trace.
__device__ __forceinline__ double level_at(
    const double* values, const long long* window, const double* trace, long long step) {
    double value = values[0];
    if (window[0] <= step && step < window[1]) value += values[1];
    long long at = step - window[4];
    if (0 <= at && at < window[2]) value += trace[at];
    return value;
}

// The current of every target: one to one, times a weight or the target's own.
extern "C" __global__ void current_pairs(
    const long long* clock, long long size, const double* values, const long long* window,
    const double* trace, const real* numbers, double weight, const real* weights, int fresh,
    int slot, int slots, real* currents) {
    EACH(i, size * clock[2]) {
        long long k = i / size, n = i % size, step = clock[0] + k;
        real value = (real)level_at(values, window, trace, step);
        if (numbers) {
            long long draw = step / window[3] - clock[0] / window[3];
            value += (real)values[2] * numbers[draw * size + n];
        }
        real* out = currents + (k * slots + slot) * size + n;
        real more = (weights ? weights[n] : (real)weight) * value;
        *out = fresh ? more : *out + more;
    }
}

// A current that all members of the source share: times the summed weights of every target.
extern "C" __global__ void current_total(
    const long long* clock, long long size, const double* values, const long long* window,
    const double* trace, const real* totals, int fresh, int slot, int slots, real* currents) {
    EACH(i, size * clock[2]) {
        long long k = i / size, n = i % size;
        real value = (real)level_at(values, window, trace, clock[0] + k);
        real* out = currents + (k * slots + slot) * size + n;
        *out = fresh ? totals[n] * value : *out + totals[n] * value;
    }
}

// A noisy current over synapses, gathered by target (`column`, ascending sources), so that the order
// of the sum is fixed.
extern "C" __global__ void current_rows(
    const long long* clock, long long size, const double* values, const long long* window,
    const double* trace, const real* numbers, long long sources, const long long* column,
    const unsigned* from, double weight, const real* weights, int fresh, int slot, int slots,
    real* currents) {
    EACH(i, size * clock[2]) {
        long long k = i / size, n = i % size, step = clock[0] + k;
        real shared = (real)level_at(values, window, trace, step), std = (real)values[2];
        const real* drawn = numbers + (step / window[3] - clock[0] / window[3]) * sources;
        real* out = currents + (k * slots + slot) * size + n;
        real sum = fresh ? real(0.0) : *out;
        for (long long j = column[n]; j < column[n + 1]; ++j) {
            real value = shared + std * drawn[from[j]];
            sum += (weights ? weights[j] : (real)weight) * value;
        }
        *out = sum;
    }
}

// What flows between membranes as they are when a block of one step begins, gathered as above.
extern "C" __global__ void gap_rows(
    const long long* clock, long long size, const real* theirs, const real* own,
    const long long* column, const unsigned* from, double weight, const real* weights, int fresh,
    int slot, real* currents) {
    EACH(n, size * clock[2]) {
        real* out = currents + slot * size + n;
        real sum = fresh ? real(0.0) : *out;
        for (long long j = column[n]; j < column[n + 1]; ++j)
            sum += (weights ? weights[j] : (real)weight) * (theirs[from[j]] - own[n]);
        *out = sum;
    }
}

// -- spikes to drives ------------------------------------------------------------------------------

// Add to the ring what the spikes of the block bring.  A weight w is the whole number w * scale,
// rounded; whole numbers add up alike in any order.  A block of threads takes a spike, its threads
// the synapses.  `place` is where the port begins in a row of the ring, `pitch` the length of a row.
// With `Shared` a sender's spikes of a step deliver `shares` [block, sources] of its weights.
template <typename Index, typename Delay, bool Shared>
__device__ __forceinline__ void add_rows(
    const long long* clock, const entry* list, const long long* cells, const long long* row,
    const Index* targets, const real* weights, double scale, long long weight, const Delay* delays,
    long long delay, long long* ring, long long ring_rows, long long pitch, long long place,
    const double* shares, long long sources) {
    for (long long at = cells[0] + blockIdx.x, end = cells[1]; at < end; at += gridDim.x) {
        entry spike = list[at];
        long long now = (clock[1] + (long long)(spike >> 48)) % ring_rows;
        long long sender = (long long)((spike >> 16) & 0xffffffffULL);
        long long times = (long long)(spike & 0xffffULL);
        double share = 1.0;
        if (Shared)
            share = shares[(clock[1] - clock[0] + (long long)(spike >> 48)) * sources + sender];
        long long last = row[sender + 1];
        for (long long k = row[sender] + threadIdx.x; k < last; k += blockDim.x) {
            long long to = now + (delays ? (long long)delays[k] : delay);
            to = to >= ring_rows ? to - ring_rows : to;
            long long value = weights ? llrint((double)weights[k] * scale) : weight;
            if (Shared) {
                double whole = weights ? (double)weights[k] * scale : (double)weight;
                value = llrint(whole * share);
            } else {
                value *= times;
            }
            atomicAdd((unsigned long long*)(ring + to * pitch + place + targets[k]),
                      (unsigned long long)value);
        }
    }
}

#define ROWS_KERNEL(name, Index, Delay, Shared)                                                    \
    extern "C" __global__ void name(                                                               \
        const long long* clock, const entry* list, const long long* cells, const long long* row,   \
        const void* targets, const real* weights, double scale, long long weight,                  \
        const void* delays, long long delay, long long* ring, long long ring_rows,                 \
        long long pitch, long long place, const double* shares, long long sources) {               \
        add_rows<Index, Delay, Shared>(clock, list, cells, row, (const Index*)targets, weights,    \
                                       scale, weight, (const Delay*)delays, delay, ring,           \
                                       ring_rows, pitch, place, shares, sources);                  \
    }

ROWS_KERNEL(add_rows_2_1, unsigned short, unsigned char, false)
ROWS_KERNEL(add_rows_2_2, unsigned short, unsigned short, false)
ROWS_KERNEL(add_rows_4_1, unsigned, unsigned char, false)
ROWS_KERNEL(add_rows_4_2, unsigned, unsigned short, false)
ROWS_KERNEL(share_rows_2_1, unsigned short, unsigned char, true)
ROWS_KERNEL(share_rows_2_2, unsigned short, unsigned short, true)
ROWS_KERNEL(share_rows_4_1, unsigned, unsigned char, true)
ROWS_KERNEL(share_rows_4_2, unsigned, unsigned short, true)

extern "C" __global__ void add_pairs(
    const long long* clock, const entry* list, const long long* cells, const real* weights,
    double scale, long long weight, long long delay, long long* ring, long long ring_rows,
    long long pitch, long long place) {
    EACH(i, cells[1] - cells[0]) {
        entry spike = list[cells[0] + i];
        long long to = (clock[1] + (long long)(spike >> 48) + delay) % ring_rows;
        long long member = (long long)((spike >> 16) & 0xffffffffULL);
        long long value = weights ? llrint((double)weights[member] * scale) : weight;
        atomicAdd((unsigned long long*)(ring + to * pitch + place + member),
                  (unsigned long long)(value * (long long)(spike & 0xffffULL)));
    }
}

// -- spikes that are looked at again ---------------------------------------------------------------

// Rows of steps, as many as `slots`, in a ring: those of the block begin empty, then take its spikes.
extern "C" __global__ void forget(const long long* clock, long long slots, long long* counts) {
    EACH(k, clock[2]) counts[(clock[0] + k) % slots] = 0;
}

extern "C" __global__ void remember(
    const long long* clock, const entry* list, const long long* cells, long long slots,
    long long size, entry* kept, long long* counts) {
    EACH(i, cells[1] - cells[0]) {
        entry spike = list[cells[0] + i];
        long long slot = (clock[1] + (long long)(spike >> 48)) % slots;
        long long at = (long long)atomicAdd((unsigned long long*)(counts + slot), 1ULL);
        kept[slot * size + at] = spike;
    }
}

// -- monitors --------------------------------------------------------------------------------------

// history[k][neuron] is a state at the end of every step of the block; sample s of the slice is that
// of the s-th step n with (n + 1) % every == 0.
extern "C" __global__ void sample_states(
    const long long* clock, long long every, long long size, const long long* indices,
    long long count, const real* history, real* out) {
    long long first = clock[0] / every, samples = (clock[0] + clock[2]) / every - first;
    long long before = first - clock[1] / every;
    EACH(i, samples * count) {
        long long s = i / count, column = i % count;
        long long k = (first + s + 1) * every - 1 - clock[0];
        out[(before + s) * count + column] =
            history[k * size + (indices ? indices[column] : column)];
    }
}

// Sums over every MEAN_PARTS-th neuron, then over those, so that the order is fixed.
extern "C" __global__ void sum_parts(
    const long long* clock, long long every, long long size, const real* history, double* parts) {
    long long first = clock[0] / every, samples = (clock[0] + clock[2]) / every - first;
    EACH(i, samples * MEAN_PARTS) {
        long long k = (first + i / MEAN_PARTS + 1) * every - 1 - clock[0];
        double sum = 0.0;
        for (long long n = i % MEAN_PARTS; n < size; n += MEAN_PARTS)
            sum += (double)history[k * size + n];
        parts[i] = sum;
    }
}

extern "C" __global__ void mean_of_parts(
    const long long* clock, long long every, long long size, const double* parts, real* out) {
    long long first = clock[0] / every, samples = (clock[0] + clock[2]) / every - first;
    long long before = first - clock[1] / every;
    EACH(s, samples) {
        double sum = 0.0;
        for (int part = 0; part < MEAN_PARTS; ++part) sum += parts[s * MEAN_PARTS + part];
        out[before + s] = (real)(sum / (double)size);
    }
}

// -- the end of a block ----------------------------------------------------------------------------

// One thread: lists that are handed out go on, the others begin anew; then the clock.
extern "C" __global__ void end_block(
    long long* clock, long long emitters, const long long* kept, long long* cells) {
    if (INDEX != 0) return;
    for (long long e = 0; e < emitters; ++e) {
        if (!kept[e]) cells[2 * e + 1] = 0;
        cells[2 * e] = cells[2 * e + 1];
    }
    clock[0] += clock[2];
}
