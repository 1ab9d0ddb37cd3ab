"""Plastic map -> the CUDA C source of what spikes do to synapses that learn.

The text holds nothing but names and numbers made here: ``w`` the weight, ``a0`` a trace of the
source, ``b0`` one of the target, ``c0`` a constant, ``g0`` a modulator, ``z`` and ``u`` random
numbers.  At one instant spikes that arrive share the blocks of `arrive`, a row of synapses each,
and spikes of the targets those of `meet`, a column each: within a launch a synapse has one thread.
The operations are those of `numba_cpu/plastic_printer.py`, so both round alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from engine.backends.chance import AGAIN, purpose
from engine.backends.cuda.printer import Expressions
from engine.backends.cuda.source import preamble, text
from engine.backends.cuda.third_printer import Own, renewal
from engine.equations.chance import NORMAL, UNIFORM, draws
from engine.equations.plastic import WEIGHT, PlasticMap
from engine.equations.stepmap import StepMap
from engine.equations.third import DUE
from engine.equations.tree import Assign, names

# The first parameters of every kernel of events: when, and the spikes of one end as they are kept.
_SENT = (
    "const long long* clock", "int k", "long long lag", "const entry* kept",
    "const long long* counts", "long long slots", "long long sources", "long long targets",
)  # fmt: skip
_TRACES = (
    "real* pre", "real* post", "const real* fixed", "real* own", "double* lasts",
    "const double* third",
)  # fmt: skip
_KEY = ("unsigned seed", "unsigned stream")  # last, where a rule draws random numbers
_NUMBERS = {NORMAL: "z", UNIFORM: "u"}
_INSTANT = "const Instant met = instant_of(clock, k, lag, kept, counts, slots, {size});"
_EACH_SPIKE = (
    "for (long long at = blockIdx.x; at < met.count; at += gridDim.x) {",
    "    const long long member = member_of(met.spikes[at]);",
)
_INDEX = {2: "unsigned short", 4: "unsigned"}


def plastic_source(
    rule: PlasticMap, dtype: np.dtype | str, source: np.dtype | type, target: np.dtype | type
) -> str:
    """The source of the kernels ``relax``, ``arrive``, ``meet``, ``teach``, ``jump_pre``,
    ``jump_post`` and ``renew``.

    ``source`` and ``target`` are the types of the indices of the two ends.
    """
    return "\n".join(
        [preamble(np.dtype(dtype).name), text("plastic.cuh"), kernels(rule, source, target)]
    )


def kernels(
    rule: PlasticMap,
    source: np.dtype | type,
    target: np.dtype | type,
    prefix: str = "",
) -> str:
    """The kernels alone, their names behind ``prefix``; see `plastic_source`."""
    sides = (("pre", "a", "sources"), ("post", "b", "targets"))
    index = _INDEX[np.dtype(source).itemsize]
    touched = _Program(rule, rule.touch)
    parts = [
        _relax(rule, f"{prefix}relax"),
        _arrive(rule, _INDEX[np.dtype(target).itemsize], f"{prefix}arrive"),
        _meet(rule, "on_post", index, f"{prefix}meet"),
        _meet(rule, "on_teacher", index, f"{prefix}teach"),
        renewal(rule, touched.constants, f"{prefix}renew") if rule.eligibility else "",
        *(_jump(rule, side, f"{prefix}jump_{side[0]}") for side in sides),
    ]
    return "\n".join(parts)


class _Program:
    """The names that a program reads, and the lines that fetch them."""

    def __init__(self, rule: PlasticMap, program: Sequence[Assign], own: Own | None = None) -> None:
        self.program = program
        self.touched = {name for each in program for name in names(each.value)}
        self.touched |= own.constants if own is not None else set()
        self.printer = Expressions({WEIGHT: "w", DUE: "due", **_NUMBERS})
        if rule.eligibility:
            self.printer.known[rule.eligibility] = "e"
        self.constants = []
        for k, name in enumerate(rule.constants):
            self.printer.known[name] = f"c{k}"
            if name in self.touched:
                self.constants.append(f"const real c{k} = fixed[{k}];")
        for k, name in enumerate(rule.modulators):
            self.printer.known[name] = f"g{k}"
            if name in self.touched:
                self.constants.append(f"const real g{k} = (real)third[{k}];")

    def traces(self, states: Sequence[str], letter: str, side: tuple[str, str, str]) -> list[str]:
        """Lines that read the traces of one end: ``side`` is their array, its length, a member."""
        rows, size, member = side
        found = []
        for k, state in enumerate(states):
            self.printer.known[state] = f"{letter}{k}"
            if state in self.touched:
                found.append(f"real {letter}{k} = {rows}[{k} * {size} + {member}];")
        return found

    def lines(self) -> list[str]:
        """The program itself."""
        return [self.printer.assign(each) for each in self.program]


def _relax(rule: PlasticMap, name: str) -> str:
    """The traces of both ends advance by a step."""
    parameters = (
        "const long long* clock", "int k", "double dt", "long long sources", "long long targets",
        "real* pre", "real* post", "const real* pre_fixed", "const real* post_fixed",
    )  # fmt: skip
    lines = [
        "if (k >= clock[2]) return;",
        "const real step_width = (real)dt;",
        "const real time = (real)(clock[0] + k) * step_width;",
        *_relaxed(rule.pre, ("pre", "sources")),
        *_relaxed(rule.post, ("post", "targets")),
    ]
    return _kernel(name, parameters, lines)


def _relaxed(step_map: StepMap, side: tuple[str, str]) -> list[str]:
    rows, size = side
    printer = Expressions({"dt": "step_width", "t": "time"})
    once, each, stored = [], [], []
    for k, constant in enumerate(step_map.constants):
        printer.known[constant] = f"c{k}"
        once.append(f"const real c{k} = {rows}_fixed[{k}];")
    for k, state in enumerate(step_map.states):
        printer.known[state] = f"s{k}"
        each.append(f"real s{k} = {rows}[{k} * {size} + n];")
        stored.append(f"{rows}[{k} * {size} + n] = s{k};")
    if not each:
        return []
    each += [printer.assign(assign) for assign in step_map.update]
    return ["{", *_in([*once, f"EACH(n, {size}) {{", *_in([*each, *stored]), "}"]), "}"]


def _arrive(rule: PlasticMap, index: str, name: str) -> str:
    """Every spike of a source: its row is delivered, and changed by ``on_pre``, once a time.

    `limit` is what the drive's unit has room for; `overrun` tells that a weight is beyond it.
    """
    synapse = Own(rule)
    used = _Program(rule, rule.on_pre, synapse)
    own = used.traces(rule.pre.states, "a", ("pre", "sources", "member"))
    others = used.traces(rule.post.states, "b", ("post", "targets", "target"))
    changes = synapse.around(rule.on_pre, used.lines(), "j", used.printer.known)
    changes = [*_drawn(rule, "on_pre", "j"), *changes]
    stored = ["if (learns) weights[j] = w;"] if changes else []
    body = [
        "const long long target = targets_of[j];",
        "real w = weights[j];",
        *synapse.touch("j"),
        "long long total = 0;",
        *others,
        "for (long long time = 0; time < times; ++time) {",
        "    if (!(fabs((double)w) <= limit)) *overrun = 1;",
        "    total += llrint((double)w * scale);",
        *_in(["if (learns) {", *_in(changes), "}"] if changes else []),
        "}",
        "atomicAdd((unsigned long long*)(drive + target), (unsigned long long)total);",
        *(["weights[j] = w;"] if rule.drifts else stored),
    ]
    lines = [
        _INSTANT.format(size="sources"),
        *used.constants,
        *synapse.before,
        "long long* drive = ring + (clock[0] + k) % ring_rows * pitch + place;",
        *_EACH_SPIKE,
        "    const long long times = times_of(met.spikes[at]);",
        *_in(own),
        "    for (long long j = row[member] + threadIdx.x; j < row[member + 1]; j += blockDim.x) {",
        *_in(_in(body)),
        "    }",
        "}",
    ]
    parameters = (
        *_SENT, "const long long* row", f"const {index}* targets_of", "real* weights", "int learns",
        "double scale", "double limit", "long long* overrun", "long long* ring",
        "long long ring_rows", "long long pitch", "long long place", *_TRACES, *_key(rule),
    )  # fmt: skip
    return _kernel(name, parameters, lines)


def _key(rule: PlasticMap) -> tuple[str, ...]:
    """The parameters of the events of synapses by which a rule draws random numbers."""
    return _KEY if rule.chance else ()


def _drawn(rule: PlasticMap, name: str, synapse: str) -> list[str]:
    """Lines that draw what the program ``name`` reads, for one synapse and one spike."""
    return [
        f"const real {_NUMBERS[word]} = {word}_of<real>({synapse}, clock[0] + k, "
        f"{purpose(name, word)}u + {AGAIN}u * (unsigned)time, seed, stream);"
        for word in draws(rule.programs[name])
    ]


def _meet(rule: PlasticMap, event: str, index: str, name: str) -> str:
    """Every spike of a target, or of its teacher: the program ``event`` on all synapses there."""
    synapse, program = Own(rule), rule.programs[event]
    used = _Program(rule, program, synapse)
    others = used.traces(rule.pre.states, "a", ("pre", "sources", "source"))
    own = used.traces(rule.post.states, "b", ("post", "targets", "member"))
    body = [
        "const long long source = sources_of[j];",
        "const long long number = synapses_of[j];",
        "real w = weights[number];",
        *synapse.touch("number"),
        *others,
        "for (long long time = 0; time < times; ++time) {",
        *_in(_drawn(rule, event, "number")),
        *_in(synapse.around(program, used.lines(), "number", used.printer.known)),
        "}",
        "weights[number] = w;",
    ]
    lines = [
        _INSTANT.format(size="targets"),
        *used.constants,
        *synapse.before,
        *_EACH_SPIKE,
        "    const long long times = times_of(met.spikes[at]);",
        *_in(own),
        "    const long long last = column[member + 1];",
        "    for (long long j = column[member] + threadIdx.x; j < last; j += blockDim.x) {",
        *_in(_in(body)),
        "    }",
        "}",
    ]
    parameters = (
        *_SENT, "const long long* column", f"const {index}* sources_of",
        "const unsigned* synapses_of", "real* weights", *_TRACES, *_key(rule),
    )  # fmt: skip
    return _kernel(name, parameters, lines if program else [])


def _jump(rule: PlasticMap, side: tuple[str, str, str], name: str) -> str:
    """The traces of all that spiked change, once a time."""
    rows, letter, size = side
    program = rule.programs[f"{rows}_spike"]
    used, states = _Program(rule, program), getattr(rule, rows).states
    changed = {each.target for each in program}
    used.touched |= changed
    own = used.traces(states, letter, (rows, size, "member"))
    stored = [
        f"{rows}[{k} * {size} + member] = {letter}{k};"
        for k, state in enumerate(states)
        if state in changed
    ]
    body = [
        "const entry spike = met.spikes[at];",
        "const long long member = member_of(spike), times = times_of(spike);",
        *own,
        "for (long long time = 0; time < times; ++time) {",
        *_in(used.lines()),
        "}",
        *stored,
    ]
    lines = [_INSTANT.format(size=size), *used.constants, "EACH(at, met.count) {", *_in(body), "}"]
    return _kernel(name, (*_SENT, *_TRACES), lines if program else [])


def _kernel(name: str, parameters: Iterable[str], lines: Iterable[str]) -> str:
    head = f'extern "C" __global__ void {name}(\n    ' + ", ".join(parameters) + ") {"
    return "\n".join([head, *_in(lines), "}"]) + "\n"


def _in(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]
