"""Step map and adjoint -> the sources of the training kernels, forward and backward over [T, N].

As in `printer.py` the text holds only names and numbers made here, and loops are written to
vectorise: tiles of neurons outermost, steps inside, neurons innermost, every row in an alias scope
of its own.  States and adjoints are carried in place; nothing is allocated.  Of a model with few
operations, which waits for memory, several steps are taken in one turn.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from engine.backends.numba_cpu.machine_code import FLAGS
from engine.backends.numba_cpu.printer import Printer, resets_apart
from engine.backends.numba_cpu.training_rows import Row, Rows, Turn, gets, kept_lines, puts
from engine.equations.adjoint import LATER, Adjoint, carried
from engine.equations.stepmap import StepMap
from engine.equations.tree import Number

_HEADER = '''\
"""A training kernel, generated; see engine/backends/numba_cpu/training_printer.py."""

from numba import njit
from numpy import {dtype} as real
from numpy import float64, int64, uint8, uint64

from engine.backends.numba_cpu.mathematics import (
    clip, cosh, exp, exprel, log, maximum, minimum, over_exprel, power, sinh, tanh
)
from engine.backends.numba_cpu.pointers import (
    floor, get, get_row, put, put_row, select
)
from math import cos, sin, sqrt


@njit("void({types})", {flags})
def kernel({arguments}):
    zero, one = real(0), real(1)
    step_width = real(dt)
    row = size * {size}
'''
# What the kernels are called with: counts, then addresses; tables of addresses where there is one
# array an input or a trace.  All rows have ``size`` neurons; [first, last) are those to be done,
# ``width`` (a multiple of 8) of them through all steps before the next.
FORWARD_ARGUMENTS = (
    *("steps", "first", "last", "width", "size", "dt"),
    "state",  # [S, size], advanced in place
    "inputs",  # table: [T, size] of each input that has a drive
    *("fixed", "varied"),  # constants: one number each, [V, size] of those that differ
    "spikes",  # [T, size], 0 or 1
    "traces",  # table: [T, size] of each trace
    *("kept", "bits"),  # [T + 1, K, size], uint8[T + 1, size]
    "spiked",  # uint8[size + 7], zeros: which neurons a long reset is for
)
BACKWARD_ARGUMENTS = (
    *("steps", "first", "last", "width", "size", "dt", "inputs", "fixed", "varied", "kept", "bits"),
    "gradients",  # table: [T, size] of the spikes and of each trace
    "strides",  # table: bytes from one step to the next in each of them
    "carry",  # [A, size], adjoints of the active states, taken back in place
    "on_inputs",  # table: [T, size] for each input whose gradient is wanted
    "on_constants",  # float64[C, size], added to
)


def forward_source(
    step_map: StepMap,
    dtype: np.dtype,
    given: Sequence[str],
    varied: Collection[str],
    found: Adjoint | None,
    traces: Sequence[str] = (),
    together: int = 1,
) -> str:
    """The source of the forward kernel.

    ``given`` are the inputs that have a drive, the others are 0; ``varied`` the constants that
    differ between neurons; ``found`` tells what to keep for backward, None for nothing; ``traces``
    the states that are written out after every step.  A turn takes ``together`` steps.
    """
    start, rows = Printer({"dt": "step_width"}), Rows()
    states = rows.states(step_map, start)
    differing = rows.constants(step_map, step_map.constants, start, varied)
    once = []
    if found is not None and (first := rows.first_kept(found)):
        once = [*gets(states), *gets(differing), *kept_lines(found, start, first, "False")]
    apart = resets_apart(step_map)  # in a loop of its own, behind the one over the neurons
    turns = [Turn(place) for place in range(1 if apart else together)]
    for turn in turns:
        printer = Printer({**start.known, "t": f"time{turn.mark}"})
        rows.inputs(step_map, given, printer, turn)
        _forward_step(step_map, printer, rows, turn)
        if found is not None:
            turn.body += kept_lines(found, printer, rows.kept(found, turn), "True")
        if apart:
            turn.body += puts([("uint8(spike)", "spiked", rows.scope("spiked"))])
        else:
            turn.body += _reset_chosen(step_map, printer)
        pairs = [(name, printer.known[state]) for state, name in _names(step_map).items()]
        turn.body += [f"{name} = {newest}" for name, newest in pairs if name != newest]
        written = _trace_rows(step_map, traces, rows, turn)
        turn.body += puts(written)
    reset = []
    if apart:
        reset = _reset_of_few(step_map, start, [*states, *differing], [*states, *written])
    ends = gets([*states, *differing]), puts(states)
    return _assembled(_header(dtype, FORWARD_ARGUMENTS), rows, once, turns, ends, reset)


def _names(step_map: StepMap) -> dict[str, str]:
    """The names that the states have in the text between steps."""
    return {state: f"s{k}" for k, state in enumerate(step_map.states)}


def _forward_step(step_map: StepMap, printer: Printer, rows: Rows, turn: Turn) -> None:
    """Update, jumps and threshold; where the spikes go."""
    program = (*step_map.update, *step_map.jumps)
    turn.body += [printer.assign(assign) for assign in program]
    spike = printer.expression(step_map.threshold) if step_map.threshold is not None else "False"
    emitted = f"emitted{turn.mark}"
    turn.rows.append(f"{emitted} = spikes + {turn.step()} * row")
    turn.body.append(f"spike = {spike}")
    turn.body += puts([("select(spike, one, zero)", emitted, rows.scope(emitted))])


def _trace_rows(step_map: StepMap, traces: Sequence[str], rows: Rows, turn: Turn) -> list[Row]:
    """Where the values of ``traces`` after the step go."""
    found = []
    for k, trace in enumerate(traces):
        row = f"T{k}{turn.mark}"
        rows.once(f"A{k} = get(traces, {k}, int64(0))")
        turn.rows.append(f"{row} = A{k} + {turn.step()} * row")
        found.append((_names(step_map)[trace], row, rows.scope(row)))
    return found


def backward_source(
    found: Adjoint,
    dtype: np.dtype,
    given: Sequence[str],
    varied: Collection[str],
    together: int = 1,
) -> str:
    """The source of the backward kernel of ``found``; see `forward_source`."""
    start, rows = Printer({"dt": "step_width"}), Rows()
    differing = rows.constants(found.step_map, found.reads, start, varied)
    carries, sums = [], []
    for k, state in enumerate(found.active):
        rows.once(f"N{k} = carry + {k} * row")
        carries.append((f"a{k}", f"N{k}", rows.scope(f"N{k}")))
        start.known[carried(state)] = f"a{k}"
    for k, (_, atom) in enumerate(found.constants):
        if atom != Number(0.0):
            rows.once(f"Q{k} = on_constants + {8 * k} * size")
            sums.append((f"q{k}", f"Q{k}", rows.scope(f"Q{k}")))
    turns = [Turn(place, way=-1) for place in range(together)]
    for turn in turns:
        known = {"t": f"time{turn.mark}", LATER: f"later{turn.mark}"}
        turn.rows.append(f"{known[LATER]} = {turn.step()} > 0")
        printer = Printer({**start.known, **known})
        rows.inputs(found.step_map, given, printer, turn, found.reads)
        rows.kept_reads(found, printer, turn)
        rows.gradient_reads(found, printer, turn)
        turn.body += [printer.assign(assign) for assign in found.body]
        for k, (_, atom) in enumerate(found.inputs):
            rows.once(f"O{k} = get(on_inputs, {k}, int64(0))")
            row = f"Y{k}{turn.mark}"
            turn.rows.append(f"{row} = O{k} + {turn.step()} * row")
            turn.body += puts([(printer.expression(atom), row, rows.scope(row))])
        for k, (_, atom) in enumerate(found.constants):
            if atom != Number(0.0):
                turn.body.append(f"q{k} = q{k} + float64({printer.expression(atom)})")
        # All adjoints are read before the first of them is replaced.
        atoms = [printer.expression(atom) for _, atom in found.states]
        turn.body += [f"n{k} = {atom}" for k, atom in enumerate(atoms)]
        turn.body += [f"a{k} = n{k}" for k in range(len(atoms))]
    reads = gets([*differing, *carries])
    reads += [f"{name} = get_row({row}, i, float64(0), {scope})" for name, row, scope in sums]
    header = _header(dtype, BACKWARD_ARGUMENTS)
    return _assembled(header, rows, [], turns, (reads, puts([*carries, *sums])), [])


def kinds(arguments: Sequence[str]) -> list[str]:
    """The types of a kernel's arguments."""
    return ["float64" if name == "dt" else "int64" for name in arguments]


def _header(dtype: np.dtype, arguments: Sequence[str]) -> str:
    return _HEADER.format(
        dtype=np.dtype(dtype).name,
        size=np.dtype(dtype).itemsize,
        types=", ".join(kinds(arguments)),
        flags=FLAGS,
        arguments=", ".join(arguments),
    )


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _assembled(
    header: str,
    rows: Rows,
    once: list[str],
    turns: list[Turn],
    ends: tuple[list[str], list[str]],
    after: list[str],
) -> str:
    """The whole text: ``once`` for every neuron before the first step, then the turns, and the
    steps that do not fill one; ``ends`` read and write what goes from turn to turn."""
    count = len(turns)
    if turns[0].way > 0:
        heads = [f"0, steps - steps % {count}, {count}", f"steps - steps % {count}, steps"]
    else:
        heads = [f"steps - 1, {count - 2}, -{count}", f"steps % {count} - 1, -1, -1"]
    loops = [*zip(heads, (turns, turns[:1]), strict=True)]
    tile = ["stop = min(tile + width, last)"]
    tile += ["for i in range(tile, stop):", *_indented(once)] if once else []
    for head, taken in loops if count > 1 else loops[:1]:
        step = [f"time{turn.mark} = real({turn.step()}) * step_width" for turn in taken]
        step += [line for turn in taken for line in turn.rows]
        body = [*ends[0], *(line for turn in taken for line in turn.body), *ends[1]]
        inner = ["for i in range(tile, stop):", *_indented(body), *after]
        tile += [f"for k in range({head}):", *_indented([*step, *inner])]
    whole = [*rows.before, "for tile in range(first, last, width):", *_indented(tile)]
    return header + "\n".join(_indented(whole)) + "\n"


def _reset_chosen(step_map: StepMap, printer: Printer) -> list[str]:
    """The reset worked out for all neurons, taken where ``spike`` holds."""
    old = dict(printer.known)
    inner = Printer(dict(printer.known))
    lines = []
    for k, assign in enumerate(step_map.reset):
        lines.append(f"r{k} = {inner.expression(assign.value)}")
        inner.known[assign.target] = f"r{k}"
    for state in dict.fromkeys(assign.target for assign in step_map.reset):
        if state in step_map.states:
            name = f"n{old[state]}"
            lines.append(f"{name} = select(spike, {inner.known[state]}, {old[state]})")
            printer.known[state] = name
    return lines


def _reset_of_few(
    step_map: StepMap, start: Printer, reads: Sequence[Row], writes: Sequence[Row]
) -> list[str]:
    """The reset after the loop, for the neurons whose flag is set, eight flags at a glance."""
    inner = Printer(dict(start.known))
    lines = [f"{name} = get({row}, i, zero)" for name, row, _ in reads]
    for k, assign in enumerate(step_map.reset):
        lines.append(f"r{k} = {inner.expression(assign.value)}")
        inner.known[assign.target] = f"r{k}"
    changed = {start.known.get(assign.target): f"r{k}" for k, assign in enumerate(step_map.reset)}
    lines += [f"put({row}, i, {changed[name]})" for name, row, _ in writes if name in changed]
    return [
        "for group in range(tile // 8, (stop + 7) // 8):",
        "    if get(spiked, group, uint64(0)) != uint64(0):",
        "        for i in range(8 * group, min(8 * group + 8, stop)):",
        "            if get(spiked, i, uint8(0)) != uint8(0):",
        *(f"                {line}" for line in lines),
    ]
