"""Step map -> the CUDA C source of a population kernel.

One thread a neuron: it reads the neuron's states, takes all steps of a block with them in
registers, and writes them back.  The text holds nothing but names and numbers made here (``s0`` a
state, ``i1`` an input, ``c2`` a constant, ``x3`` a temporary, ``z0`` a normal number).  The
operations and their order are those of `backends/expressions.py`, as on a CPU, so both round alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from engine.backends.cuda.source import preamble
from engine.backends.expressions import ExpressionPrinter
from engine.equations.stepmap import StepMap
from engine.equations.tree import (
    COMPARISONS,
    Assign,
    Binary,
    Call,
    Expr,
    Name,
    Unary,
)

_HEAD = """\
// A population kernel, generated; see engine/backends/cuda/printer.py.  `ports` gives for every
// input its place in a row of the ring and in a row of currents (or -1), `units` what one count is
// worth; `watch` where in `history` a state is kept (or -1).
extern "C" __global__ void NAME(
    const long long* clock, long long size, double dt, real* state, const real* fixed,
    const real* varied, const real* normals, long long* ring, long long ring_rows, long long pitch,
    const real* currents, int slots, const long long* ports, const double* units,
    const long long* watch, real* history, entry* list, long long* cells) {
    const long long step = clock[0], steps = clock[2];
    const real step_width = (real)dt;
"""


class Expressions(ExpressionPrinter):
    """Expressions and assignments as CUDA C."""

    NOT = "!"

    def call(self, function: str, *arguments: str) -> str:
        """A call of `elementary.cuh`; a choice is the language's own."""
        if function == "where":
            return "({} ? {} : {})".format(*arguments)
        return f"f_{function}({', '.join(arguments)})"

    def assign(self, assignment: Assign) -> str:
        """One line of text; the target is known from here on."""
        value = self.expression(assignment.value)
        if assignment.target in self.known:
            return f"{self.known[assignment.target]} = {value};"
        name = self.known.setdefault(assignment.target, f"x{len(self.known)}")
        return f"{_type(assignment.value)} {name} = {value};"


def _type(expr: Expr) -> str:
    """``bool`` for what is a condition by its form; a name takes its own type."""
    match expr:
        case Binary(op=op):
            return "bool" if op in COMPARISONS or op in ("and", "or") else "real"
        case Unary(op="not"):
            return "bool"
        case Name() | Call(function="where"):
            return "auto"
    return "real"


def kernel_source(step_map: StepMap, dtype: np.dtype | str, varied: Collection[str]) -> str:
    """The source whose kernel ``population`` advances neurons of ``step_map`` by a block.

    ``varied`` are the constants that differ between neurons; the others are one number.  Raises
    `BackendError` for a step map that reads an undefined name.
    """
    return preamble(np.dtype(dtype).name) + "\n" + kernel(step_map, varied)


def kernel(step_map: StepMap, varied: Collection[str], name: str = "population") -> str:
    """The kernel alone, without what precedes it; see `kernel_source`."""
    printer = Expressions({"dt": "step_width", "t": "time"})
    once, neuron, stored = _states_and_constants(step_map, printer, varied)
    step = [*_inputs(step_map, printer)]
    step += [printer.assign(each) for each in (*step_map.update, *step_map.jumps)]
    if step_map.threshold is not None:
        step += _spike(step_map, printer)
    step += [
        f"if (watch[{k}] >= 0) history[watch[{k}] + k * size + n] = {name};"
        for k, name in enumerate(_names(step_map, printer))
    ]
    text = [
        *_indented(once, 1),
        "    EACH(n, size) {",
        *_indented(neuron, 2),
        "        for (long long k = 0; k < steps; ++k) {",
        "            const real time = (real)(step + k) * step_width;",
        "            const long long row = (step + k) % ring_rows * pitch + n;",
        *_indented(step, 3),
        "        }",
        *_indented(stored, 2),
        "    }",
        "}",
    ]
    return _HEAD.replace("NAME", name) + "\n".join(text) + "\n"


def _indented(lines: Iterable[str], depth: int) -> list[str]:
    return ["    " * depth + line for line in lines]


def _names(step_map: StepMap, printer: Expressions) -> list[str]:
    return [printer.known[state] for state in step_map.states]


def _states_and_constants(
    step_map: StepMap, printer: Expressions, varied: Collection[str]
) -> tuple[list[str], list[str], list[str]]:
    """What is read once a launch, once a neuron, and what is written back."""
    once, neuron, stored = [], [], []
    for k, state in enumerate(step_map.states):
        printer.known[state] = f"s{k}"
        neuron.append(f"real s{k} = state[{k} * size + n];")
        stored.append(f"state[{k} * size + n] = s{k};")
    fixed = apart = 0
    for k, constant in enumerate(step_map.constants):
        printer.known[constant] = f"c{k}"
        if constant in varied:
            neuron.append(f"const real c{k} = varied[{apart} * size + n];")
            apart += 1
        else:
            once.append(f"const real c{k} = fixed[{fixed}];")
            fixed += 1
    return once, neuron, stored


def _inputs(step_map: StepMap, printer: Expressions) -> list[str]:
    """A port's drive: what spikes brought, taken out of the ring, and currents."""
    lines = []
    for k, source in enumerate(step_map.inputs):
        printer.known[source.name] = f"i{k}"
        lines += [
            f"real i{k} = real(0.0);",
            f"if (ports[{2 * k}] >= 0) {{",
            f"    long long* cell = ring + row + ports[{2 * k}] * size;",
            "    const long long count = *cell;",
            "    if (count != 0) {",
            f"        i{k} = (real)((double)count * units[{k}]);",
            "        *cell = 0;",
            "    }",
            "}",
            f"if (ports[{2 * k + 1}] >= 0)",
            f"    i{k} += currents[(k * slots + ports[{2 * k + 1}]) * size + n];",
        ]
    for k, name in enumerate(step_map.draws):
        printer.known[name] = f"z{k}"
        lines.append(f"const real z{k} = normals[(k * {len(step_map.draws)} + {k}) * size + n];")
    return lines


def _spike(step_map: StepMap, printer: Expressions) -> list[str]:
    """The threshold, the entry in the list, and the reset of those that spiked."""
    assert step_map.threshold is not None
    lines = [f"if ({printer.expression(step_map.threshold)}) {{"]
    lines.append("    append(list, cells, step + k - clock[1], n, 1);")
    inner = Expressions(dict(printer.known))  # what a reset defines lives in its braces
    lines += [f"    {inner.assign(assignment)}" for assignment in step_map.reset]
    return [*lines, "}"]
