"""Plastic projections in the step loop: when which event program runs, compiled with the driver.

The driver knows a plastic projection by the address of a record of whole numbers, ``RECORD``, and
calls the generated programs of its rule (`plastic_printer.py`) by theirs.  A thread owns a range of
targets: their traces, their synapses and the columns of those.  It keeps all traces of the sources
for itself, so that nobody waits for anybody.
"""

from __future__ import annotations

from numba import types

from engine.backends.numba_cpu.layout import TILE
from engine.backends.numba_cpu.pointers import call_kernel, caller, get, internal, put
from engine.backends.numba_cpu.records import emitter_at
from engine.backends.numba_cpu.sources import I64, U32

# What the programs of a rule are called with; each leaves alone what it has no use for.
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
    types.int64,  # record: address of the projection's record
    types.int64,  # clock: address of the thread's clock float64[states, a tile]
    types.int64,  # step: the one at which the synapses are worked through
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
    "targets",  # how many
    "clock",  # its states [threads, states, a tile], float64
    "clock_states",  # how many; 0: there is none
    "clock_kernel",
    "clock_fixed",
    "earned",  # the row of the clock's E, -1 without one
    "faded",  # the row of its m
    "eligible",  # of every synapse, at the base time
    "last",  # float64: E at the last touch of every synapse
    "renew",  # program that touches all
    "renewed",  # steps between two moves of the base time
    "on_reward",
    "reward_fixed",  # its constants, float64
    "rewarding",  # emitter whose spikes are rewards, -1 without one
    "on_teacher",
    "teaching",  # emitter whose spikes teach, -1 without one
    "seed",  # the key of its random numbers
    "stream",
)
FIELD = {name: place for place, name in enumerate(RECORD)}
(
    LEARNS, DENDRITIC, ON_PRE, ON_POST, PRE_SPIKE, POST_SPIKE, FIXED, WEIGHTS,
    PRE, PRE_STATES, PRE_STRIDE, PRE_KERNEL, PRE_FIXED,
    POST, POST_STATES, POST_STRIDE, POST_KERNEL, POST_FIXED,
    COLUMN, COLUMN_SOURCE, COLUMN_SYNAPSE,
    TARGETS, CLOCK, CLOCK_STATES, CLOCK_KERNEL, CLOCK_FIXED, EARNED, FADED, ELIGIBLE, LAST,
    RENEW, RENEWED, ON_REWARD, REWARD_FIXED, REWARDING, ON_TEACHER, TEACHING, SEED, STREAM,
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
    if _field(projection, CLOCK_STATES) != 0:
        _advance_clock(network, projection, thread, step)
    slot = step - projection.delay - network.base
    if slot >= 0:
        emitter = emitter_at(emitters, projection.source * network.parts + thread)
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
                    _field(projection, FIXED), projection.plastic, _clock_of(projection, thread),
                    step,
                ),
            )  # fmt: skip
    if _field(projection, DENDRITIC) != 0:
        _finish(
            network, projection, emitters, thread, first, last, step,
            step - 2 * projection.delay, step - projection.delay, size,
        )  # fmt: skip


@internal
def settle_posts(network, projection, emitters, thread, first, last, step, size):
    """After the neurons of ``step`` have spiked: end the instant over an axonal delay."""
    if _field(projection, DENDRITIC) == 0:
        _finish(network, projection, emitters, thread, first, last, step, step, step, size)


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
def _clock_of(projection, thread):
    """The thread's own clock."""
    return _field(projection, CLOCK) + thread * _field(projection, CLOCK_STATES) * TILE * 8


@internal
def _advance_clock(network, projection, thread, step):
    """One step of the clock; while learning is off nothing is earned."""
    clock, earned = _clock_of(projection, thread), _field(projection, EARNED) * TILE
    before = get(clock, max(earned, 0), 0.0)
    _advance_rows(
        network, _field(projection, CLOCK_KERNEL), clock, 0, TILE, TILE, step,
        _field(projection, CLOCK_FIXED),
    )  # fmt: skip
    if earned >= 0 and _field(projection, LEARNS) == 0:
        put(clock, earned, before)


@internal
def _finish(
    network, projection, emitters, thread, first, last, step, post_step, reward_step, size
):  # fmt: skip
    """Spikes of the thread's targets in ``post_step`` meet the synapses; then all traces jump."""
    pre = _pre_of(projection, thread, size)
    fired = projection.target
    begin, end = _spikes_of(network, emitters, thread, fired, post_step, first, last)
    senders = emitter_at(emitters, fired * network.parts + thread).senders
    if begin < end:
        _meet(projection, ON_POST, begin, end, senders, pre, thread, step)
    if _field(projection, TEACHING) >= 0:
        _teach(network, projection, emitters, thread, first, last, post_step, pre, step)
    if begin < end:
        _jump(projection, POST_SPIKE, begin, end, senders, pre, step)
    slot = step - projection.delay - network.base
    if slot >= 0:
        emitter = emitter_at(emitters, projection.source * network.parts + thread)
        begin, end = get(emitter.starts, slot, I64), get(emitter.starts, slot + 1, I64)
        if begin < end:
            _jump(projection, PRE_SPIKE, begin, end, emitter.senders, pre, step)
    if _field(projection, CLOCK_STATES) != 0:
        _reward(network, projection, emitters, thread, reward_step, pre)
        if (step + 1) % _field(projection, RENEWED) == 0:
            _renew(projection, first, last, pre, thread, step)


@internal
def _spikes_of(network, emitters, thread, emitter, step, first, last):
    """Where the spikes of members [first, last) of ``emitter`` in ``step`` stand in its list."""
    slot = step - network.base
    if slot < 0:
        return I64, I64
    spikes = emitter_at(emitters, emitter * network.parts + thread)
    begin, end = get(spikes.starts, slot, I64), get(spikes.starts, slot + 1, I64)
    begin = _first_from(spikes.senders, begin, end, first)
    return begin, _first_from(spikes.senders, begin, end, last)


@internal
def _meet(projection, program, begin, end, spikes, pre, thread, step):
    """Run a program on the columns of targets that spiked, or whose teachers did."""
    if _field(projection, LEARNS) != 0:
        column = _field(projection, COLUMN)
        _call_event(
            _field(projection, program),
            (
                begin, end, spikes, 1, column, column + 8, 1,
                _field(projection, COLUMN_SOURCE), _field(projection, COLUMN_SYNAPSE),
                _field(projection, WEIGHTS), 0,
                pre, _field(projection, PRE_STRIDE),
                _field(projection, POST), _field(projection, POST_STRIDE),
                _field(projection, FIXED), projection.plastic, _clock_of(projection, thread),
                step,
            ),
        )  # fmt: skip


@internal
def _teach(network, projection, emitters, thread, first, last, taught, pre, step):
    """The teacher's spikes in step ``taught``, as if they were those of the targets."""
    teacher = _field(projection, TEACHING)
    begin, end = _spikes_of(network, emitters, thread, teacher, taught, first, last)
    if begin < end:
        senders = emitter_at(emitters, teacher * network.parts + thread).senders
        _meet(projection, ON_TEACHER, begin, end, senders, pre, thread, step)


@internal
def _reward(network, projection, emitters, thread, step, pre):
    """Every spike of ``step`` of the emitter that rewards."""
    rewarding, slot = _field(projection, REWARDING), step - network.base
    if rewarding >= 0 and slot >= 0:
        emitter = emitter_at(emitters, rewarding * network.parts + thread)
        begin, end = get(emitter.starts, slot, I64), get(emitter.starts, slot + 1, I64)
        if begin < end:
            _call_event(
                _field(projection, ON_REWARD),
                (
                    begin, end, 0, 1, 0, 0, 1, 0, 0, 0, 0, pre, 0, 0, 0,
                    _field(projection, REWARD_FIXED), projection.plastic,
                    _clock_of(projection, thread), step,
                ),
            )  # fmt: skip


@internal
def _renew(projection, first, last, pre, thread, step):
    """Touch all synapses of the thread's targets; the base time of all is now."""
    column, clock = _field(projection, COLUMN), _clock_of(projection, thread)
    _call_event(
        _field(projection, RENEW),
        (
            get(column, min(first, _field(projection, TARGETS)), I64),
            get(column, min(last, _field(projection, TARGETS)), I64), 0, 1, 0, 0, 1,
            0, _field(projection, COLUMN_SYNAPSE), _field(projection, WEIGHTS), 0,
            pre, 0, 0, 0,
            _field(projection, FIXED), projection.plastic, clock, step,
        ),
    )  # fmt: skip
    put(clock, _field(projection, FADED) * TILE, 1.0)
    if _field(projection, EARNED) >= 0:
        put(clock, _field(projection, EARNED) * TILE, 0.0)


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
def _jump(projection, program, begin, end, spikes, pre, step):
    _call_event(
        _field(projection, program),
        (
            begin, end, spikes, 1, 0, 0, 1, 0, 0, 0, 0,
            pre, _field(projection, PRE_STRIDE),
            _field(projection, POST), _field(projection, POST_STRIDE),
            _field(projection, FIXED), projection.plastic, 0, step,
        ),
    )  # fmt: skip
