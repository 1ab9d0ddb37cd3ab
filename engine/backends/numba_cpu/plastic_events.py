"""Plastic projections in the step loop: when which event program runs, compiled with the driver.

The driver knows a plastic projection by the address of a record of whole numbers, ``RECORD``, and
calls the generated programs of its rule (`plastic_printer.py`) by theirs.  A thread owns a range of
targets: their traces, their synapses and the columns of those.  It keeps all traces of the sources
for itself, so that nobody waits for anybody.
"""

from __future__ import annotations

from numba import types

from engine.backends.numba_cpu.pointers import call_kernel, caller, get, internal
from engine.backends.numba_cpu.sources import I64, U32

# What the four programs of a rule are called with; each leaves alone what it has no use for.
EVENT = types.void(
    types.int64,  # first place in the list of spikes
    types.int64,  # last place (exclusive)
    types.int64,  # spikes: address of uint32 neurons
    types.int64,  # learns: 0 leaves the weights as they are
    types.int64,  # begin: address of int64, where the row or column of a neuron begins
    types.int64,  # end
    types.int64,  # parts: entries of these two a neuron
    types.int64,  # partner: address of the neuron at the other end of each entry
    types.int64,  # synapse: address of uint32, the number of each entry of a column
    types.int64,  # weights, by the number of the synapse
    types.int64,  # drive: address of the row that takes what is delivered
    types.int64,  # pre: address of the sources' traces [states, pre_stride]
    types.int64,  # pre_stride
    types.int64,  # post: address of the targets' traces [states, post_stride]
    types.int64,  # post_stride
    types.int64,  # fixed: address of the constants
)
# The record of a plastic projection, int64[len(RECORD)]: addresses, but where something else is
# said.
RECORD = (
    "learns",  # 0 or 1
    "dendritic",  # 0 or 1
    "on_pre",  # of the programs
    "on_post",
    "pre_spike",
    "post_spike",
    "fixed",
    "weights",
    "pre",  # traces of the sources [threads, states, pre_stride]
    "pre_states",  # how many; 0: none to advance
    "pre_stride",
    "pre_kernel",
    "pre_fixed",
    "post",  # traces of the targets [states, post_stride]
    "post_states",
    "post_stride",
    "post_kernel",
    "post_fixed",
    "column",  # int64[targets + 1]: where the synapses that end at a target begin
    "column_source",
    "column_synapse",  # uint32: the number of a synapse
)
FIELD = {name: place for place, name in enumerate(RECORD)}
(
    LEARNS, DENDRITIC, ON_PRE, ON_POST, PRE_SPIKE, POST_SPIKE, FIXED, WEIGHTS,
    PRE, PRE_STATES, PRE_STRIDE, PRE_KERNEL, PRE_FIXED,
    POST, POST_STATES, POST_STRIDE, POST_KERNEL, POST_FIXED,
    COLUMN, COLUMN_SOURCE, COLUMN_SYNAPSE,
) = range(len(RECORD))  # fmt: skip


_call_event = caller(EVENT)


@internal
def _field(projection, place):
    return get(projection.plastic, place, I64)


@internal
def arrive(network, projection, emitters, thread, first, last, step, drive, size):
    """What reaches the synapses of ``projection`` in ``step`` and stands in its row of drive.

    ``first`` and ``last`` bound the thread's targets, ``size`` is that of a number in bytes.
    """
    _advance_traces(network, projection, thread, first, last, step, size)
    slot = step - projection.delay - network.base
    if slot >= 0:
        emitter = emitters[projection.source * network.parts + thread]
        begin, end = get(emitter.starts, slot, I64), get(emitter.starts, slot + 1, I64)
        if begin < end:
            cuts = network.cuts + 8 * thread
            _call_event(
                _field(projection, ON_PRE),
                (
                    begin, end, emitter.senders, _field(projection, LEARNS),
                    projection.row_first + 8 * get(cuts, 0, I64),
                    projection.row_first + 8 * get(cuts, 1, I64),
                    projection.row_parts, projection.targets, 0,
                    _field(projection, WEIGHTS), drive,
                    _pre_of(projection, thread, size), _field(projection, PRE_STRIDE),
                    _field(projection, POST), _field(projection, POST_STRIDE),
                    _field(projection, FIXED),
                ),
            )  # fmt: skip
    if _field(projection, DENDRITIC) != 0:
        post_step = step - 2 * projection.delay
        _finish(network, projection, emitters, thread, first, last, step, post_step, size)


@internal
def settle_posts(network, projection, emitters, thread, first, last, step, size):
    """After the neurons of ``step`` have spiked: end the instant over an axonal delay."""
    if _field(projection, DENDRITIC) == 0:
        _finish(network, projection, emitters, thread, first, last, step, step, size)


@internal
def _pre_of(projection, thread, size):
    """The thread's own traces of the sources."""
    rows = _field(projection, PRE_STATES) * _field(projection, PRE_STRIDE)
    return _field(projection, PRE) + thread * rows * size


@internal
def _advance_traces(network, projection, thread, first, last, step, size):
    if _field(projection, PRE_STATES) != 0:
        stride = _field(projection, PRE_STRIDE)
        pre = _pre_of(projection, thread, size)
        _advance_rows(
            network, _field(projection, PRE_KERNEL), pre, 0, stride, stride, step,
            _field(projection, PRE_FIXED),
        )  # fmt: skip
    if _field(projection, POST_STATES) != 0:
        stride = _field(projection, POST_STRIDE)
        _advance_rows(
            network, _field(projection, POST_KERNEL), _field(projection, POST), first, last,
            stride, step, _field(projection, POST_FIXED),
        )  # fmt: skip


@internal
def _advance_rows(network, kernel, state, first, last, stride, step, fixed):
    """One step of the traces of neurons [first, last): a population without input and spikes."""
    call_kernel(
        kernel, (1, first, last, step, network.dt, state, stride, 0, 0, fixed, 0, 0)
    )  # fmt: skip


@internal
def _finish(network, projection, emitters, thread, first, last, step, post_step, size):
    """Spikes of the thread's targets in ``post_step`` meet the synapses; then all traces jump."""
    pre = _pre_of(projection, thread, size)
    slot = post_step - network.base
    if slot >= 0:
        emitter = emitters[projection.target * network.parts + thread]
        begin, end = get(emitter.starts, slot, I64), get(emitter.starts, slot + 1, I64)
        begin = _first_from(emitter.senders, begin, end, first)
        end = _first_from(emitter.senders, begin, end, last)
        if begin < end:
            column = _field(projection, COLUMN)
            if _field(projection, LEARNS) != 0:
                _call_event(
                    _field(projection, ON_POST),
                    (
                        begin, end, emitter.senders, 1, column, column + 8, 1,
                        _field(projection, COLUMN_SOURCE), _field(projection, COLUMN_SYNAPSE),
                        _field(projection, WEIGHTS), 0,
                        pre, _field(projection, PRE_STRIDE),
                        _field(projection, POST), _field(projection, POST_STRIDE),
                        _field(projection, FIXED),
                    ),
                )  # fmt: skip
            _jump(projection, POST_SPIKE, begin, end, emitter.senders, pre)
    slot = step - projection.delay - network.base
    if slot >= 0:
        emitter = emitters[projection.source * network.parts + thread]
        begin, end = get(emitter.starts, slot, I64), get(emitter.starts, slot + 1, I64)
        if begin < end:
            _jump(projection, PRE_SPIKE, begin, end, emitter.senders, pre)


@internal
def _first_from(spikes, begin, end, neuron):
    """The first place in spikes[begin:end], which ascend, of a neuron from ``neuron`` on."""
    while begin < end:
        middle = (begin + end) // 2
        if I64 + get(spikes, middle, U32) < neuron:
            begin = middle + 1
        else:
            end = middle
    return begin


@internal
def _jump(projection, program, begin, end, spikes, pre):
    _call_event(
        _field(projection, program),
        (
            begin, end, spikes, 1, 0, 0, 1, 0, 0, 0, 0,
            pre, _field(projection, PRE_STRIDE),
            _field(projection, POST), _field(projection, POST_STRIDE),
            _field(projection, FIXED),
        ),
    )  # fmt: skip
