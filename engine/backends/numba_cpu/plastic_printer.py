"""Plastic map -> the source of its event programs.

As in `printer.py` the text holds nothing but names and numbers made here: ``w`` the weight, ``a0``
a trace of the source, ``b0`` one of the target, ``c0`` a constant, ``g0`` a modulator, ``e`` the
synapse's eligibility, ``z`` and ``u`` random numbers (`chance_printer.py`).  What the clock of a
third factor holds is read in float64, whatever the network's float type; see
`engine/equations/third.py`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from engine.backends.numba_cpu.chance_printer import IMPORTS, NAMES, Draws
from engine.backends.numba_cpu.layout import TILE
from engine.backends.numba_cpu.plastic_events import FIELD
from engine.backends.numba_cpu.printer import statements
from engine.equations.plastic import WEIGHT, PlasticMap
from engine.equations.third import AMOUNT, DUE, EARNED, FADED
from engine.equations.tree import Assign, names

CLOCK_STRIDE = TILE  # a clock has one member, and a row of its state room for a tile
ELIGIBLE, LAST = FIELD["eligible"], FIELD["last"]

_HEADER = '''\
"""What spikes do to plastic synapses, generated; see engine/backends/numba_cpu/plastic_printer.py.
"""

from numba import cfunc
from numpy import {dtype} as real
from numpy import {source} as source_type
from numpy import {target} as target_type
from numpy import float64, int64, uint32
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
    pre, pre_stride, post, post_stride, fixed, record, clock, step
):
    zero = real(0)
    none = uint32(0)
"""


def event_source(
    rule: PlasticMap, dtype: np.dtype, source: np.dtype | type, target: np.dtype | type
) -> str:
    """The source of the programs of ``rule`` that `programs_of` lists.

    Each is called as `plastic_events.EVENT` says; ``source`` and ``target`` are the types of the
    indices of the two ends.
    """
    types = {"source": np.dtype(source).name, "target": np.dtype(target).name}
    text = _HEADER.format(dtype=np.dtype(dtype).name, **types)
    text += IMPORTS if rule.chance else ""
    size = np.dtype(dtype).itemsize
    programs = (
        ("on_pre", _on_pre(rule, size)),
        ("on_post", _at_target(rule, "on_post", size)),
        ("pre_spike", _jumps(rule, rule.pre_spike, rule.pre.states, ("a", "pre"), size)),
        ("post_spike", _jumps(rule, rule.post_spike, rule.post.states, ("b", "post"), size)),
    )
    if rule.on_teacher:
        programs += (("on_teacher", _at_target(rule, "on_teacher", size)),)
    if rule.eligibility:
        programs += (("renew", _renew(rule, size)),)
    for name, lines in programs:
        text += _FUNCTION.format(name=name) + "".join(f"    {line}\n" for line in lines)
    return text


def reward_source(rule: PlasticMap) -> str:
    """The source of ``on_reward``: what every reward does to the clock, in float64."""
    used = _Names(rule, rule.on_reward, 8)
    used.known[AMOUNT] = "one"
    rows = [(f"g{k}", k * CLOCK_STRIDE) for k in range(len(rule.modulators))]
    lines = [
        *used.constants,
        "one = real(1)",
        "for place in range(first, last):",
        *(f"    {name} = get(clock, {row}, zero)" for name, row in rows),
        *(f"    {line}" for line in statements(rule.on_reward, used.known)),
        *(f"    put(clock, {row}, {name})" for name, row in rows),
    ]
    text = _HEADER.format(dtype="float64", source="uint16", target="uint16")
    text += _FUNCTION.format(name="on_reward")
    return text + "".join(f"    {line}\n" for line in lines)


def programs_of(rule: PlasticMap) -> tuple[str, ...]:
    """The programs that `event_source` prints for ``rule``."""
    found = ["on_pre", "on_post", "pre_spike", "post_spike"]
    found += ["on_teacher"] if rule.on_teacher else []
    return (*found, "renew") if rule.eligibility else tuple(found)


class _Names:
    """What a program reads: names in the text, and the lines that fetch them."""

    def __init__(self, rule: PlasticMap, program: Iterable[Assign], size: int) -> None:
        self.size = size
        self.read = {name for assign in program for name in names(assign.value)}
        self.known = {WEIGHT: "w", DUE: "due", **NAMES}
        if rule.eligibility:
            self.known[rule.eligibility] = "e"
        self.constants: list[str] = []
        for k, name in enumerate(rule.constants):
            self.known[name] = f"c{k}"
            if name in self.read:
                self.constants.append(f"c{k} = get(fixed, {k}, zero)")
        for k, name in enumerate(rule.modulators):
            self.known[name] = f"g{k}"
            if name in self.read:
                row = k * CLOCK_STRIDE
                self.constants.append(f"g{k} = real(get(clock, {row}, float64(0)))")

    def traces(self, states: tuple[str, ...], letter: str, rows: str) -> list[tuple[str, str]]:
        """(name in the text, address of its row) of the traces that are read."""
        found = []
        for k, state in enumerate(states):
            self.known[state] = f"{letter}{k}"
            if state in self.read:
                found.append((f"{letter}{k}", f"{rows} + {k * self.size} * {rows}_stride"))
        return found


class _Own:
    """The lines that handle what a synapse has of its own; none for a rule without it."""

    def __init__(self, rule: PlasticMap, size: int) -> None:
        self._rule, self.drifts = rule, rule.drifts
        self._touch = _Names(rule, rule.touch, size)

    @property
    def before(self) -> list[str]:
        """Lines that stand before the loops."""
        found = []
        if self._rule.eligibility:
            found += [f"own = get(record, {ELIGIBLE}, int64(0))"]
            found += [f"faded = get(clock, {self._row(FADED)}, float64(0))"]
        if self.drifts:
            found += [f"lasts = get(record, {LAST}, int64(0))"]
            found += [f"earned = get(clock, {self._row(EARNED)}, float64(0))"]
        return found

    def constants(self, used: _Names) -> list[str]:
        """Lines that fetch the constants of a touch that ``used`` does not fetch itself."""
        return [line for line in self._touch.constants if line not in used.constants]

    def touch(self, synapse: str, last: str = "earned") -> list[str]:
        """Lines that bring the weight ``w`` of a synapse up to date; it is stored by others."""
        if not self.drifts:
            return []
        return [
            f"due = real(get(own, {synapse}, zero) * (earned - get(lasts, {synapse}, float64(0))))",
            *statements(self._rule.touch, self._touch.known),
            f"put(lasts, {synapse}, {last})",
        ]

    def around(self, program: tuple[Assign, ...], known: dict[str, str], at: str) -> list[str]:
        """Lines of a program that may read and change the eligibility of synapse ``at``."""
        lines = statements(program, known)
        name = self._rule.eligibility
        changed = name in {assign.target for assign in program}
        if changed or name in {each for assign in program for each in names(assign.value)}:
            lines = [f"e = real(get(own, {at}, zero) * faded)", *lines]
        return [*lines, f"put(own, {at}, real(e / faded))"] if changed else lines

    def _row(self, state: str) -> int:
        assert self._rule.clock is not None
        return self._rule.clock.states.index(state) * CLOCK_STRIDE


def _on_pre(rule: PlasticMap, size: int) -> list[str]:
    """Every spike of a source: deliver its row, then run the program along it."""
    if rule.eligibility:
        return _on_pre_of_own(rule, size)
    used, chance = _Names(rule, rule.on_pre, size), Draws(rule, "on_pre")
    own = used.traces(rule.pre.states, "a", "pre")
    others = used.traces(rule.post.states, "b", "post")
    lines = [
        *used.constants,
        *chance.before,
        *(f"B{name} = {row}" for name, row in others),
        *_EACH_ROW,
        *(f"    {line}" for line in chance.each("sender")),
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
    inner += chance.drawn("k")
    inner += [*statements(rule.on_pre, used.known), "put_row(weights, k, w, 0)"]
    return lines + [f"            {line}" for line in inner]


_EACH_ROW = (
    "for place in range(first, last):",
    "    sender = int64(get(spikes, place, none))",
    "    row = parts * sender",
    "    start, stop = get(begin, row, int64(0)), get(end, row, int64(0))",
)


def _on_pre_of_own(rule: PlasticMap, size: int) -> list[str]:
    """As `_on_pre`, of synapses with a state of their own, which are touched first."""
    used, synapse = _Names(rule, rule.on_pre, size), _Own(rule, size)
    chance = Draws(rule, "on_pre")
    own = used.traces(rule.pre.states, "a", "pre")
    others = used.traces(rule.post.states, "b", "post")
    learnt = [f"{name} = get(B{name}, target, zero)" for name, _ in others]
    learnt += [*chance.drawn("k"), *synapse.around(rule.on_pre, used.known, "k")]
    return [
        *used.constants,
        *synapse.constants(used),
        *synapse.before,
        *chance.before,
        *(f"B{name} = {row}" for name, row in others),
        *_EACH_ROW,
        *(f"    {line}" for line in chance.each("sender")),
        *(f"    {name} = get({row}, sender, zero)" for name, row in own),
        "    for k in range(start, stop):",
        "        target = int64(get(partner, k, target_type(0)))",
        "        w = get(weights, k, zero)",
        *(f"        {line}" for line in synapse.touch("k")),
        "        put(drive, target, get(drive, target, zero) + w)",
        *(["        if learns != 0:"] if rule.on_pre else []),
        *(f"            {line}" for line in learnt if rule.on_pre),
        "        put(weights, k, w)",
    ]


def _at_target(rule: PlasticMap, name: str, size: int) -> list[str]:
    """Every spike of a target, or of its teacher: run the program ``name`` on its synapses."""
    program = rule.programs[name]
    if not program:
        return ["return"]
    used, synapse, chance = _Names(rule, program, size), _Own(rule, size), Draws(rule, name)
    others = used.traces(rule.pre.states, "a", "pre")
    own = used.traces(rule.post.states, "b", "post")
    inner = ["number = int64(get(synapse, k, none))", "w = get(weights, number, zero)"]
    inner += synapse.touch("number")
    if others:
        inner += ["source = int64(get(partner, k, source_type(0)))"]
    inner += [f"{name} = get(A{name}, source, zero)" for name, _ in others]
    inner += chance.drawn("number")
    inner += [*synapse.around(program, used.known, "number"), "put(weights, number, w)"]
    return [
        *used.constants,
        *synapse.constants(used),
        *synapse.before,
        *chance.before,
        *(f"A{name} = {row}" for name, row in others),
        "for place in range(first, last):",
        "    target = int64(get(spikes, place, none))",
        *(f"    {line}" for line in chance.each("target")),
        "    start, stop = get(begin, target, int64(0)), get(end, target, int64(0))",
        *(f"    {name} = get({row}, target, zero)" for name, row in own),
        "    for k in range(start, stop):",
        *(f"        {line}" for line in inner),
    ]


def _renew(rule: PlasticMap, size: int) -> list[str]:
    """Touch the synapses in places ``first`` to ``last`` of the columns; the base time is now."""
    synapse = _Own(rule, size)
    stored = "put(weights, number, w)" if rule.drifts else ""
    inner = ["number = int64(get(synapse, place, none))"]
    inner += ["w = get(weights, number, zero)"] if rule.drifts else []
    inner += [*synapse.touch("number", "float64(0)"), stored]
    inner += ["put(own, number, real(get(own, number, zero) * faded))"]
    return [
        *synapse.constants(_Names(rule, (), size)),
        *synapse.before,
        "for place in range(first, last):",
        *(f"    {line}" for line in inner if line),
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
