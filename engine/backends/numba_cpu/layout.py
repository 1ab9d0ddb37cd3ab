"""The tables through which the compiled driver sees a network: records of sizes and addresses.

All of a network is in these records, so the driver is compiled once for all networks.  An address
is that of the first element of a C-contiguous array which `network.py` keeps alive.  Rows of
neurons are padded to whole ``TILE``s, so that no loop over neurons has a remainder, and shared
between threads at multiples of it.
"""

from __future__ import annotations

import numpy as np

TILE = 64

# How a projection acts on the drive of its target, see `delivery.py`.
LIST_ROWS = 0  # spikes of one past step, rows of synapses
RING_ROWS = 1  # as each synapse has its own delay: spikes are added to a ring when they happen
LIST_ONE = 2  # one to one, spikes of a population
COUNT_ONE = 3  # one to one, counts of a Poisson source
CURRENT_ONE = 4  # one to one, a current
CURRENT_TOTAL = 5  # a current that is the same for all members: times the summed weights
CURRENT_ROWS = 6  # a current with noise, rows of synapses
PLASTIC_ROWS = 7  # spikes of one past step, rows of synapses that learn, see `plastic_events.py`

POISSON, SPIKES, CURRENT = 0, 1, 2  # kinds of sources
SOURCE_KINDS = {"poisson": POISSON, "spikes": SPIKES, "current": CURRENT}
STATE, MEAN = 0, 1  # kinds of monitors

_I, _F, _U = np.int64, np.float64, np.uint64

NETWORK = np.dtype(
    [
        ("step", _I),  # next step
        ("end", _I),  # first step that is not to be done
        ("slice", _I),  # step at which samples of monitors begin
        ("base", _I),  # step of the first entry of every emitter's ``starts``
        ("block", _I),  # steps between two meetings of the threads
        ("threads", _I),
        ("ring", _I),  # rows of a ring
        ("dt", _F),
        ("stop", _I),  # address: step at which to return for want of room
        ("arrived", _I),  # address: threads at the barrier
        ("phase", _I),  # address: barriers passed
        ("give_way", _I),  # address of a C function that lets another thread run
    ]
)
POPULATION = np.dtype(
    [
        ("size", _I),
        ("stride", _I),
        ("state", _I),  # [S, stride]
        ("inputs", _I),
        ("normals", _I),
        ("drive", _I),  # [block, inputs + normals, stride]
        ("rings", _I),  # address of int64[inputs]: of a ring [ring, stride], or 0
        ("used", _I),  # address of int64[inputs]: whether any projection ends here
        ("kernel", _I),
        ("fixed", _I),
        ("varied", _I),
        ("spiked", _I),  # uint8[block, stride]
        ("spikes", _I),  # whether it has a threshold
        ("emitter", _I),
        ("bounds", _I),  # int64[threads + 1]
        ("first_projection", _I),
        ("last_projection", _I),
        ("first_monitor", _I),
        ("last_monitor", _I),
        ("seed", _U),
        ("stream", _U),
    ]
)
SOURCE = np.dtype(
    [
        ("kind", _I),
        ("size", _I),
        ("stride", _I),
        ("emitter", _I),
        ("bounds", _I),
        ("seed", _U),
        ("stream", _U),
        ("listed", _I),  # its spikes are needed as a list
        ("counts", _I),  # uint16[count_rows, stride], by step modulo count_rows
        ("count_rows", _I),
        ("words", _I),  # uint32[stride], room for random bits
        ("parts", _I),
        ("rungs", _I),
        ("thresholds", _I),  # uint32[rungs, 1 or stride]
        ("threshold_stride", _I),  # 0 or stride
        ("large", _I),  # float64[stride], or 0
        ("steps", _I),  # int64[spikes]
        ("senders", _I),  # uint32[spikes]
        ("spikes", _I),
        ("mean", _F),
        ("amplitude", _F),
        ("start", _I),
        ("stop", _I),
        ("trace", _I),  # float64[trace_steps]
        ("trace_steps", _I),
        ("noise_std", _F),
        ("noise_every", _I),
        ("numbers", _I),  # float64[threads, stride]: the normal numbers in force
        ("whole", _I),  # every thread needs the numbers of all members
    ]
)
EMITTER = np.dtype(  # [emitters, threads]: each thread writes the spikes of its own range
    [
        ("senders", _I),  # uint32[capacity]
        ("capacity", _I),
        ("starts", _I),  # int64: starts[s - base] .. starts[s - base + 1] are the spikes of step s
        ("most", _I),  # most spikes that a block can bring
    ]
)
PROJECTION = np.dtype(
    [
        ("kind", _I),
        ("source", _I),  # emitter
        ("current", _I),  # place in the table of sources, for currents and counts
        ("target", _I),
        ("port", _I),
        ("delay", _I),
        ("since", _I),  # spikes of earlier steps are in the ring already, see `pending.py`
        ("sources", _I),
        ("row_first", _I),  # int64[sources], of thread 0
        ("row_last", _I),
        ("row_step", _I),  # bytes from one thread's to the next one's
        ("wide", _I),  # targets are uint32, else uint16
        ("targets", _I),
        ("weights", _I),  # float[synapses], or 0
        ("weight", _F),
        ("delays", _I),  # uint16[synapses], or uint8
        ("narrow", _I),  # delays are uint8
        ("totals", _I),  # float[stride]: summed weights of every target
        ("plastic", _I),  # int64: the record of its learning rule
    ]
)
MONITOR = np.dtype(
    [
        ("kind", _I),
        ("row", _I),
        ("every", _I),
        ("indices", _I),  # int64[count]
        ("count", _I),
        ("out", _I),  # float[samples, count], or float64[samples, tiles] of sums
        ("tiles", _I),
    ]
)


def padded(size: int) -> int:
    """``size`` rounded up to whole tiles."""
    return -(-size // TILE) * TILE


def shares(size: int, threads: int) -> np.ndarray:
    """Bounds of every thread's neurons in a padded row, int64[threads + 1]."""
    tiles = padded(size) // TILE
    return np.array([tiles * k // threads * TILE for k in range(threads + 1)], np.int64)


def address(array: np.ndarray | None) -> int:
    """Where an array lies, 0 for None; the caller keeps it alive and contiguous."""
    return 0 if array is None else array.ctypes.data
