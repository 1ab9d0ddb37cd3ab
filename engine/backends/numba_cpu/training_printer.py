"""Step map and adjoint -> the sources of the training kernels, forward and backward over [T, N].

As in `printer.py` the text holds only names and numbers made here, and loops are written to
vectorise: tiles of neurons outermost, steps inside, neurons innermost, every row in an alias scope
of its own.  States and adjoints are carried in place; nothing is allocated.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.backends.numba_cpu.machine_code import FLAGS
from engine.backends.numba_cpu.printer import Printer, resets_apart
from engine.equations.adjoint import LATER, SPIKE, Adjoint, at_cut, before, carried, gradient
from engine.equations.stepmap import StepMap
from engine.equations.tree import Number
from engine.errors import BackendError

SCOPES = 128  # rows that `pointers.py` can tell apart
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


Rows = list[tuple[str, str, int]]  # name, address of the row, number of its alias scope


@dataclass
class _Text:
    """Lines of a kernel by the loop that they stand in, and the scopes given out so far."""

    before: list[str] = field(default_factory=list)  # once a call
    step: list[str] = field(default_factory=list)  # once a step
    reads: list[str] = field(default_factory=list)  # once a neuron and step
    scopes: int = 0

    def scope(self) -> int:
        """The number of a row that overlaps no other.  Raises `BackendError` beyond the last."""
        if self.scopes == SCOPES:
            raise BackendError(
                f"a training kernel reads and writes at most {SCOPES} rows; learn fewer parameters"
            )
        self.scopes += 1
        return self.scopes - 1


def forward_source(
    step_map: StepMap,
    dtype: np.dtype,
    given: Sequence[str],
    varied: Collection[str],
    found: Adjoint | None,
    traces: Sequence[str] = (),
) -> str:
    """The source of the forward kernel.

    ``given`` are the inputs that have a drive, the others are 0; ``varied`` the constants that
    differ between neurons; ``found`` tells what to keep for backward, None for nothing; ``traces``
    the states that are written out after every step.
    """
    printer, text = Printer({"dt": "step_width", "t": "time"}), _Text()
    states = _state_rows(step_map, printer, text)
    differing = _constants(step_map, step_map.constants, printer, text, varied)
    start = Printer(dict(printer.known))
    _inputs(step_map, given, printer, text)
    first, keeping = _keeping(found, text)
    apart = resets_apart(step_map)
    body = [*_gets(states), *_gets(differing), *text.reads]
    body += [printer.assign(assign) for assign in (*step_map.update, *step_map.jumps)]
    spike = printer.expression(step_map.threshold) if step_map.threshold is not None else "False"
    text.step.append("emitted = spikes + k * row")
    body += [f"spike = {spike}", f"put_row(emitted, i, select(spike, one, zero), {text.scope()})"]
    body += _kept_lines(found, printer, keeping, "True")
    if apart:
        body.append(f"put_row(spiked, i, uint8(spike), {text.scope()})")
    else:
        body += _reset_chosen(step_map, printer)
    places = dict(zip(step_map.states, states, strict=True))
    writes = [(state, row, scope) for state, (_, row, scope) in places.items()]
    for k, trace in enumerate(traces):
        text.before.append(f"A{k} = get(traces, {k}, int64(0))")
        text.step.append(f"T{k} = A{k} + k * row")
        writes.append((trace, f"T{k}", text.scope()))
    body += [f"put_row({row}, i, {printer.known[s]}, {scope})" for s, row, scope in writes]
    after = _reset_of_few(step_map, start, [*states, *differing], writes) if apart else []
    once = [*_gets(states), *_gets(differing), *_kept_lines(found, start, first, "False")]
    header = _header(dtype, FORWARD_ARGUMENTS)
    return _assembled(header, text, once if first else [], "range(steps)", body, after)


def backward_source(
    found: Adjoint, dtype: np.dtype, given: Sequence[str], varied: Collection[str]
) -> str:
    """The source of the backward kernel of ``found``; see `forward_source`."""
    printer, text = Printer({"dt": "step_width", "t": "time", LATER: "later"}), _Text()
    text.step.append("later = k > 0")
    used = found.reads
    text.reads += _gets(_constants(found.step_map, used, printer, text, varied))
    _inputs(found.step_map, given, printer, text, used)
    _kept_reads(found, printer, text)
    _gradient_reads(found, printer, text)
    scopes = []
    for k, state in enumerate(found.active):
        scopes.append(text.scope())
        text.before.append(f"N{k} = carry + {k} * row")
        text.reads.append(f"a{k} = get_row(N{k}, i, zero, {scopes[k]})")
        printer.known[carried(state)] = f"a{k}"
    body = [*text.reads, *(printer.assign(assign) for assign in found.body)]
    for k, (_, atom) in enumerate(found.states):
        body.append(f"put_row(N{k}, i, {printer.expression(atom)}, {scopes[k]})")
    for k, (_, atom) in enumerate(found.inputs):
        text.before.append(f"O{k} = get(on_inputs, {k}, int64(0))")
        text.step.append(f"Y{k} = O{k} + k * row")
        body.append(f"put_row(Y{k}, i, {printer.expression(atom)}, {text.scope()})")
    for k, (_, atom) in enumerate(found.constants):
        if atom == Number(0.0):
            continue
        text.before.append(f"Q{k} = on_constants + {8 * k} * size")
        scope, value = text.scope(), printer.expression(atom)
        body.append(f"q{k} = get_row(Q{k}, i, float64(0), {scope})")
        body.append(f"put_row(Q{k}, i, q{k} + float64({value}), {scope})")
    header = _header(dtype, BACKWARD_ARGUMENTS)
    return _assembled(header, text, [], "range(steps - 1, -1, -1)", body, [])


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
    text: _Text,
    once: list[str],
    steps: str,
    body: list[str],
    after: list[str],
) -> str:
    inner = ["for i in range(tile, stop):", *_indented(body), *after]
    step = ["time = real(k) * step_width", *text.step, *inner]
    tile = [
        "stop = min(tile + width, last)",
        *(["for i in range(tile, stop):", *_indented(once)] if once else []),
        f"for k in {steps}:",
        *_indented(step),
    ]
    whole = [*text.before, "for tile in range(first, last, width):", *_indented(tile)]
    return header + "\n".join(_indented(whole)) + "\n"


def _state_rows(step_map: StepMap, printer: Printer, text: _Text) -> Rows:
    rows = []
    for k, state in enumerate(step_map.states):
        printer.known[state] = f"s{k}"
        text.before.append(f"S{k} = state + {k} * row")
        rows.append((f"s{k}", f"S{k}", text.scope()))
    return rows


def _constants(
    step_map: StepMap, used: Collection[str], printer: Printer, text: _Text, varied: Collection[str]
) -> Rows:
    """Names for the constants; the rows of those that differ between neurons."""
    fixed, rows = 0, []
    apart = [constant for constant in step_map.constants if constant in varied]
    for k, constant in enumerate(step_map.constants):
        if constant in used:
            printer.known[constant] = f"c{k}"
        if constant in apart and constant in used:
            text.before.append(f"C{k} = varied + {apart.index(constant)} * row")
            rows.append((f"c{k}", f"C{k}", text.scope()))
        elif constant not in apart:
            if constant in used:
                text.before.append(f"c{k} = get(fixed, {fixed}, zero)")
            fixed += 1
    return rows


def _gets(rows: Rows) -> list[str]:
    return [f"{name} = get_row({row}, i, zero, {scope})" for name, row, scope in rows]


def _inputs(
    step_map: StepMap,
    given: Sequence[str],
    printer: Printer,
    text: _Text,
    used: Collection[str] | None = None,
) -> None:
    for port in step_map.inputs:
        printer.known[port.name] = "zero"
    for k, name in enumerate(given):
        if used is not None and name not in used:
            continue
        printer.known[name] = f"i{k}"
        text.before.append(f"I{k} = get(inputs, {k}, int64(0))")
        text.step.append(f"D{k} = I{k} + k * row")
        text.reads.append(f"i{k} = get_row(D{k}, i, zero, {text.scope()})")


def _keeping(found: Adjoint | None, text: _Text) -> tuple[Rows, Rows]:
    """Where row 0 and the row of a step of what is kept go."""
    if found is None:
        return [], []
    first, rows = [], []
    for k, name in enumerate(found.keep):
        scope = text.scope()
        text.before.append(f"F{k} = kept + {k} * row")
        text.step.append(f"K{k} = F{k} + (k + 1) * {len(found.keep)} * row")
        first.append((name, f"F{k}", scope))
        rows.append((name, f"K{k}", scope))
    if found.bits:
        scope = text.scope()
        text.step.append("held = bits + (k + 1) * size")
        first.append(("", "bits", scope))
        rows.append(("", "held", scope))
    return first, rows


def _kept_lines(found: Adjoint | None, printer: Printer, rows: Rows, later: str) -> list[str]:
    """What is kept of the state at the cut, or of the first state, where nothing came before."""
    if found is None:
        return []
    known = {**printer.known, LATER: later}
    at_hand = Printer({n: "zero" for n in found.keep} | known)
    lines = []
    for k, bit in enumerate(found.bits):
        lines.append(f"b{k} = {at_hand.expression(bit.value)}")
        at_hand.known[bit.target] = f"b{k}"
    for name, row, scope in rows:
        value = at_hand.known[name] if name else _byte(len(found.bits))
        lines.append(f"put_row({row}, i, {value}, {scope})")
    return lines


def _byte(count: int) -> str:
    parts = [f"select(b{k}, uint8({1 << k}), uint8(0))" for k in range(count)]
    return f"uint8({' | '.join(parts)})"


def _kept_reads(found: Adjoint, printer: Printer, text: _Text) -> None:
    read, count = found.reads, len(found.keep)
    for k, name in enumerate(found.keep):
        for letter, leaf, later in (("h", at_cut(name), 1), ("p", before(name), 0)):
            if leaf in read:
                address = f"kept + ((k + {later}) * {count} + {k}) * row"
                text.step.append(f"{letter.upper()}{k} = {address}")
                line = f"{letter}{k} = get_row({letter.upper()}{k}, i, zero, {text.scope()})"
                text.reads.append(line)
                printer.known[leaf] = f"{letter}{k}"
    for letter, leaf_of, later in (("v", at_cut, 1), ("w", before, 0)):
        wanted = [k for k, bit in enumerate(found.bits) if leaf_of(bit.target) in read]
        if wanted:
            text.step.append(f"{letter.upper()} = bits + (k + {later}) * size")
            line = f"{letter} = get_row({letter.upper()}, i, uint8(0), {text.scope()})"
            text.reads.append(line)
        for k in wanted:
            text.reads.append(f"{letter}{k} = ({letter} & uint8({1 << k})) != uint8(0)")
            printer.known[leaf_of(found.bits[k].target)] = f"{letter}{k}"


def _gradient_reads(found: Adjoint, printer: Printer, text: _Text) -> None:
    for k, leaf in enumerate((SPIKE, *(gradient(trace) for trace in found.traces))):
        if leaf in found.reads:
            text.before.append(f"G{k} = get(gradients, {k}, int64(0))")
            text.before.append(f"L{k} = get(strides, {k}, int64(0))")
            text.step.append(f"E{k} = G{k} + k * L{k}")
            text.reads.append(f"g{k} = get_row(E{k}, i, zero, {text.scope()})")
            printer.known[leaf] = f"g{k}"


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
    step_map: StepMap, start: Printer, reads: Rows, writes: list[tuple[str, str, int]]
) -> list[str]:
    """The reset after the loop, for the neurons whose flag is set, eight flags at a glance."""
    inner = Printer(dict(start.known))
    lines = [f"{name} = get({row}, i, zero)" for name, row, _ in reads]
    for k, assign in enumerate(step_map.reset):
        lines.append(f"r{k} = {inner.expression(assign.value)}")
        inner.known[assign.target] = f"r{k}"
    changed = {assign.target for assign in step_map.reset}
    lines += [f"put({row}, i, {inner.known[s]})" for s, row, _ in writes if s in changed]
    return [
        "for group in range(tile // 8, (stop + 7) // 8):",
        "    if get(spiked, group, uint64(0)) != uint64(0):",
        "        for i in range(8 * group, min(8 * group + 8, stop)):",
        "            if get(spiked, i, uint8(0)) != uint8(0):",
        *(f"                {line}" for line in lines),
    ]
