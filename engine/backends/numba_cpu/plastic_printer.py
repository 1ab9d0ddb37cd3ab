"""Plastic map -> the source of its four event programs.

As in `printer.py` the text holds nothing but names and numbers made here: ``w`` the weight, ``a0``
a trace of the source, ``b0`` one of the target, ``c0`` a constant.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from engine.backends.numba_cpu.printer import statements
from engine.equations.plastic import WEIGHT, PlasticMap
from engine.equations.tree import Assign, names

_HEADER = '''\
"""What spikes do to plastic synapses, generated; see engine/backends/numba_cpu/plastic_printer.py.
"""

from numba import cfunc
from numpy import {dtype} as real
from numpy import {source} as source_type
from numpy import {target} as target_type
from numpy import int64, uint32
from math import cos, sin, sqrt

from engine.backends.numba_cpu.mathematics import (
    clip, cosh, exp, exprel, log, maximum, minimum, over_exprel, power, sinh, tanh
)
from engine.backends.numba_cpu.plastic_events import EVENT
from engine.backends.numba_cpu.pointers import (
    floor, get, get_row, put, put_row, select
)
'''
_FUNCTION = """

@cfunc(EVENT, cache=True, error_model="numpy")
def {name}(
    first, last, spikes, learns, begin, end, parts, partner, synapse, weights, drive,
    pre, pre_stride, post, post_stride, fixed
):
    zero = real(0)
    none = uint32(0)
"""


def event_source(
    rule: PlasticMap, dtype: np.dtype, source: np.dtype | type, target: np.dtype | type
) -> str:
    """The source of ``on_pre``, ``on_post``, ``pre_spike`` and ``post_spike`` of ``rule``.

    Each is called as `plastic_events.EVENT` says; ``source`` and ``target`` are the types of the
    indices of the two ends.
    """
    types = {"source": np.dtype(source).name, "target": np.dtype(target).name}
    text = _HEADER.format(dtype=np.dtype(dtype).name, **types)
    size = np.dtype(dtype).itemsize
    programs = (
        ("on_pre", _on_pre(rule, size)),
        ("on_post", _on_post(rule, size)),
        ("pre_spike", _jumps(rule, rule.pre_spike, rule.pre.states, ("a", "pre"), size)),
        ("post_spike", _jumps(rule, rule.post_spike, rule.post.states, ("b", "post"), size)),
    )
    for name, lines in programs:
        text += _FUNCTION.format(name=name) + "".join(f"    {line}\n" for line in lines)
    return text


class _Names:
    """What a program reads: names in the text, and the lines that fetch them."""

    def __init__(self, rule: PlasticMap, program: Iterable[Assign], size: int) -> None:
        self.size = size
        self.read = {name for assign in program for name in names(assign.value)}
        self.known = {WEIGHT: "w"}
        self.constants: list[str] = []
        for k, name in enumerate(rule.constants):
            self.known[name] = f"c{k}"
            if name in self.read:
                self.constants.append(f"c{k} = get(fixed, {k}, zero)")

    def traces(self, states: tuple[str, ...], letter: str, rows: str) -> list[tuple[str, str]]:
        """(name in the text, address of its row) of the traces that are read."""
        found = []
        for k, state in enumerate(states):
            self.known[state] = f"{letter}{k}"
            if state in self.read:
                found.append((f"{letter}{k}", f"{rows} + {k * self.size} * {rows}_stride"))
        return found


def _on_pre(rule: PlasticMap, size: int) -> list[str]:
    """Every spike of a source: deliver its row, then run the program along it."""
    used = _Names(rule, rule.on_pre, size)
    own = used.traces(rule.pre.states, "a", "pre")
    others = used.traces(rule.post.states, "b", "post")
    lines = [
        *used.constants,
        *(f"B{name} = {row}" for name, row in others),
        "for place in range(first, last):",
        "    sender = int64(get(spikes, place, none))",
        "    row = parts * sender",
        "    start, stop = get(begin, row, int64(0)), get(end, row, int64(0))",
        "    for k in range(start, stop):",
        "        target = int64(get(partner, k, target_type(0)))",
        "        put(drive, target, get(drive, target, zero) + get(weights, k, zero))",
    ]
    if not rule.on_pre:
        return lines
    lines += ["    if learns != 0:"]
    lines += [f"        {name} = get({row}, sender, zero)" for name, row in own]
    lines += ["        for k in range(start, stop):"]
    inner = ["w = get_row(weights, k, zero, 0)"]
    if others:
        inner += ["target = int64(get_row(partner, k, target_type(0), 1))"]
    inner += [
        f"{name} = get_row(B{name}, target, zero, {scope})"
        for scope, (name, _) in enumerate(others, 2)
    ]
    inner += [*statements(rule.on_pre, used.known), "put_row(weights, k, w, 0)"]
    return lines + [f"            {line}" for line in inner]


def _on_post(rule: PlasticMap, size: int) -> list[str]:
    """Every spike of a target: run the program on all synapses that end there."""
    if not rule.on_post:
        return ["return"]
    used = _Names(rule, rule.on_post, size)
    others = used.traces(rule.pre.states, "a", "pre")
    own = used.traces(rule.post.states, "b", "post")
    inner = ["number = int64(get(synapse, k, none))", "w = get(weights, number, zero)"]
    if others:
        inner += ["source = int64(get(partner, k, source_type(0)))"]
    inner += [f"{name} = get(A{name}, source, zero)" for name, _ in others]
    inner += [*statements(rule.on_post, used.known), "put(weights, number, w)"]
    return [
        *used.constants,
        *(f"A{name} = {row}" for name, row in others),
        "for place in range(first, last):",
        "    target = int64(get(spikes, place, none))",
        "    start, stop = get(begin, target, int64(0)), get(end, target, int64(0))",
        *(f"    {name} = get({row}, target, zero)" for name, row in own),
        "    for k in range(start, stop):",
        *(f"        {line}" for line in inner),
    ]


def _jumps(
    rule: PlasticMap,
    program: tuple[Assign, ...],
    states: tuple[str, ...],
    side: tuple[str, str],
    size: int,
) -> list[str]:
    """Every spike changes the traces of the neuron that sent it."""
    if not program:
        return ["return"]
    used = _Names(rule, program, size)
    used.read |= {assign.target for assign in program}
    rows = used.traces(states, *side)
    changed = {used.known[assign.target] for assign in program}
    return [
        *used.constants,
        *(f"R{name} = {row}" for name, row in rows),
        "for place in range(first, last):",
        "    k = int64(get(spikes, place, none))",
        *(f"    {name} = get(R{name}, k, zero)" for name, _ in rows),
        *(f"    {line}" for line in statements(program, used.known)),
        *(f"    put(R{name}, k, {name})" for name, _ in rows if name in changed),
    ]
