"""The tables through which the compiled driver sees a network: records of sizes and addresses.

All of a network is in these records, so the driver is compiled once for all networks.  An address
is that of the first element of a C-contiguous array which `network.py` keeps alive.  Rows of
neurons are padded to whole ``TILE``s, so that no loop over neurons has a remainder, and cut
into parts at multiples of it.

A network is laid out in parts, ranges of neurons and the synapses that end at them; a thread does a
few neighbouring parts as if they were one.  So any number of threads up to that of the parts finds
what it needs, and one thread finds whole rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

TILE = 64
COUNTED = 8  # tiles that `counting.py` counts together
LONG = 8  # times that in a part: it may be a little larger than the others

# How a projection acts on the drive of its target, see `delivery.py`.
LIST_ROWS = 0  # spikes of one past step, rows of synapses
RING_ROWS = 1  # as each synapse has its own delay: spikes are added to a ring when they happen
LIST_ONE = 2  # one to one, spikes of a population
COUNT_ONE = 3  # one to one, counts of a Poisson source
CURRENT_ONE = 4  # one to one, a current
CURRENT_TOTAL = 5  # a current that is the same for all members: times the summed weights
CURRENT_ROWS = 6  # a current with noise, rows of synapses
LIST_COUNTS = 7  # as LIST_ROWS, dense and with one weight: spikes are counted, see `counting.py`
LIST_FULL = 8  # as LIST_ROWS, every target (but the source itself) in every row: no index is read
PLASTIC_ROWS = 9  # as LIST_ROWS, synapses that learn, see `plastic_events.py`
RELEASE_ROWS = 10  # as RING_ROWS, synapses that tire, see `release_events.py`
GAP_ROWS = 11  # what flows between the membranes of two populations, see `gaps.py`

SHORT = 12  # words of a message that travel with the news that a thread has come

POISSON, SPIKES, CURRENT = 0, 1, 2  # kinds of sources
SOURCE_KINDS = {"poisson": POISSON, "spikes": SPIKES, "current": CURRENT}
STATE, MEAN = 0, 1  # kinds of monitors

_I, _F, _U = np.int64, np.float64, np.uint64

TABLES = ("populations", "sources", "emitters", "projections", "monitors")
NETWORK = np.dtype(
    [
        *((name, _I) for name in TABLES),  # their addresses
        *((f"{name}_count", _I) for name in TABLES),
        ("step", _I),  # next step
        ("end", _I),  # first step that is not to be done
        ("slice", _I),  # step at which samples of monitors begin
        ("base", _I),  # step of the first entry of every emitter's ``starts``
        ("history", _I),  # steps before a slice whose spikes are kept
        ("shift", _I),  # how far the slice before moved ``base``
        ("found", _I),  # int64[emitters, 2]: first and last place of a slice's spikes in the lists
        ("block", _I),  # steps between two meetings of the threads
        ("parts", _I),  # most threads there can be
        ("threads", _I),  # how many work in this call
        ("cuts", _I),  # int64[threads + 1]: the parts of every thread
        ("ring", _I),  # rows of a ring
        ("dt", _F),
        ("boxes", _I),  # uint32[parts, 2, ...], see `mail.py`
        ("box_step", _I),  # bytes of a box
        ("reads", _I),  # int64[parts, parts + 8, 2]: where every thread reads the boxes
        ("order", _I),  # number of this call
        ("cells", _I),  # int64[parts, COLUMNS, CELL], see `meeting.py`
        ("give_way", _I),  # address of a C function that lets another thread run
        ("nap", _I),  # address of a C function that sleeps
        ("nap_length", _I),  # what it is called with
        ("patience", _I),  # naps after which a thread that does not come is given up
    ]
)
POPULATION = np.dtype(
    [
        ("size", _I),
        ("stride", _I),
        ("state", _I),  # [S, stride]
        ("states", _I),  # S
        ("inputs", _I),
        ("normals", _I),
        ("escapes", _I),
        ("drive", _I),  # [parts, block, inputs + normals + escapes, stride]
        ("drive_step", _I),  # bytes from one thread's drive to the next one's
        ("rings", _I),  # address of int64[inputs]: of a ring [ring, stride], or 0
        ("kernel", _I),
        ("fixed", _I),
        ("varied", _I),
        ("spiked", _I),  # uint8[parts, block, stride]
        ("spiked_step", _I),
        ("spikes", _I),  # whether it has a threshold
        ("emitter", _I),
        ("shown", _I),  # float[2, stride]: its membrane as gap junctions read it, by step, or 0
        ("membrane", _I),  # the row of its state that is shown
        ("bounds", _I),  # int64[threads + 1]
        ("first_projection", _I),
        ("first_late", _I),  # from here on, they are delivered after the step, see `late.py`
        ("last_projection", _I),
        ("late_ports", _I),  # how many there are
        ("late", _I),  # int64[inputs]: the row of the state to which a port's spikes go, or -1
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
        ("words", _I),  # uint16[stride], room for random bits
        ("parts", _I),
        ("rungs", _I),
        ("thresholds", _I),  # uint32[rungs, 1 or stride]
        ("threshold_stride", _I),  # 0 or stride
        ("high", _I),  # uint16[high_rungs, 1 or stride]: upper halves of the thresholds
        ("high_rungs", _I),
        ("usual_rungs", _I),  # of these, the first ones: few words exceed the last of them
        ("unit", _I),  # 1, see `pointers.climb`
        ("large", _I),  # float64[stride], or 0
        ("ladders", _I),  # records as this one, with the ladder of each step, or 0
        ("ladders_first", _I),  # step of the first
        ("steps", _I),  # int64[spikes]
        ("senders", _I),  # uint32[spikes]
        ("spikes", _I),
        ("mean", _F),
        ("amplitude", _F),
        ("start", _I),
        ("stop", _I),
        ("trace", _I),  # float64[trace_steps], from step trace_first on
        ("trace_first", _I),
        ("trace_steps", _I),
        ("noise_std", _F),
        ("noise_every", _I),
        ("noise_decay", _F),
        ("noise_share", _F),
        ("numbers", _I),  # float[stride]: the normal numbers in force
        ("numbers_step", _I),  # bytes to those of the next thread, 0 where threads share a row
        ("whole", _I),  # every thread needs the numbers of all members
    ]
)
EMITTER = np.dtype(  # [emitters, parts]: each thread has lists of its own of all spikes
    [
        ("senders", _I),  # uint32[capacity]
        ("capacity", _I),
        ("starts", _I),  # int64: starts[s - base] .. starts[s - base + 1] are the spikes of step s
        ("most", _I),  # most spikes that a block can bring
        ("mailed", _I),  # each thread finds the spikes of its own members, see `mail.py`
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
        ("row_first", _I),  # int64[sources * row_parts + 1]: where every part of every row begins
        ("row_parts", _I),  # parts of a row: as many as the network's, or 1
        ("wide", _I),  # targets are uint32, else uint16
        ("targets", _I),
        ("weights", _I),  # float[synapses], or 0
        ("weight", _F),
        ("delays", _I),  # uint16[synapses], or uint8
        ("narrow", _I),  # delays are uint8
        ("totals", _I),  # float[stride]: summed weights of every target
        ("plastic", _I),  # int64: the record of its learning rule
        ("release", _I),  # int64: the record of its rule of release
        # With GAP_ROWS, the membranes shown by both ends, and bytes to the one of the odd steps:
        ("theirs", _I),
        ("theirs_step", _I),
        ("own", _I),
        ("own_step", _I),
        # With LIST_COUNTS:
        ("bits", _I),  # uint64[sources + 1, bit_stride / 8]: which targets, the last row none
        ("bit_stride", _I),  # bytes of a row of bits
        ("room", _I),  # room for every thread, see `counting.py`
        ("room_step", _I),  # bytes from one thread's room to the next one's
        ("most", _I),  # spikes that may be counted together
        ("few", _I),  # spikes of a step up to which their synapses are added one by one
        # Synapses beyond the first of a pair, in groups: uint32[sources * row_parts + 1] as
        # row_first says it of synapses, and the targets, or 0.
        ("rest_first", _I),
        ("rest_targets", _I),
        ("rest_wide", _I),  # these are uint32, else uint16
        # With LIST_FULL:
        ("targets_in_row", _I),
        ("without_self", _I),  # whether row s leaves out target s
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


def shares(tiles: Mapping[int, float], parts: int) -> dict[int, np.ndarray]:
    """Bounds of every part's neurons in rows of so many tiles, each int64[parts + 1].

    ``tiles`` has, for every length of row, the work in one of its tiles.  Rows are cut at whole
    tiles, long ones where `counting.py` ends a block of columns; what one length of row gives a
    part too much, the next one makes good.
    """
    bounds, owed = {}, np.zeros(parts + 1)
    for count, work in sorted(tiles.items(), key=lambda item: -item[1]):
        wanted = count * np.arange(parts + 1) / parts
        unit = COUNTED if count >= LONG * COUNTED * parts else 1
        cut = unit * np.round((wanted + owed / work) / unit)
        cut = np.maximum.accumulate(np.clip(cut, 0, count))
        cut[0], cut[-1] = 0, count
        owed += (wanted - cut) * work
        bounds[count] = (cut * TILE).astype(np.int64)
    return bounds


def address(array: np.ndarray | None) -> int:
    """Where an array lies, 0 for None; the caller keeps it alive and contiguous."""
    return 0 if array is None else array.ctypes.data


def aligned(shape: Any, dtype: Any) -> np.ndarray:
    """Zeros that begin at a cache line."""
    dtype = np.dtype(dtype)
    count = int(np.prod(shape))
    memory = np.zeros(count * dtype.itemsize + 64, np.uint8)
    offset = -memory.ctypes.data % 64
    return memory[offset : offset + count * dtype.itemsize].view(dtype).reshape(shape)
