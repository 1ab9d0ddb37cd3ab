"""Step map -> the source of a population kernel.

The text holds nothing but names and numbers made here (``s0`` a state, ``i1`` an input, ``c2`` a
constant, ``x3`` a temporary, ``z0`` a normal number), so it is safe to import, and two models with
the same mathematics share a kernel.  Loops are written to vectorise: neurons innermost, every row
in an alias scope of its own, `select` for every condition.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from engine.backends.expressions import ExpressionPrinter
from engine.backends.numba_cpu.fission import parts
from engine.equations.stepmap import StepMap, Tree
from engine.equations.tree import (
    Assign,
    names,
    walk,
)

ALL = 2**40  # more neurons than there can be: a tile without an end
TILE = 1024  # neurons that take all steps of a block before the next ones, so that they stay in L1
LONG_RESET = 20  # nodes of a reset above which it is done for the neurons that spiked only
_NAME = re.compile(r"[a-z]\w*")
_FUNCTIONS = {"min": "minimum", "max": "maximum", "where": "select"}

_HEADER = '''\
"""A population kernel, generated; see engine/backends/numba_cpu/printer.py."""

from numba import cfunc
from numpy import {dtype} as real
from numpy import uint8, uint64

from engine.backends.numba_cpu.mathematics import (
    clip, cosh, exp, exprel, log, maximum, minimum, over_exprel, power, sinh, tanh
)
from engine.backends.numba_cpu.pointers import (
    KERNEL, floor, get, get_row, put, put_row, select
)
from math import cos, sin, sqrt


@cfunc(KERNEL, cache=True, error_model="numpy")
def kernel(
    steps, first, last, step, dt, state, stride, drive, rows, fixed, varied, spiked
):
    zero = real(0)
    row = stride * {size}
'''


_TREE_IMPORT = """\
from numpy import int64
from engine.backends.numba_cpu.hines import solve_tree
"""


class Printer(ExpressionPrinter):
    """Expressions and assignments as Python that numba compiles."""

    NOT = "not "

    def call(self, function: str, *arguments: str) -> str:
        """``function(arguments)``, by the names of `mathematics.py`."""
        return f"{_FUNCTIONS.get(function, function)}({', '.join(arguments)})"

    def assign(self, assignment: Assign) -> str:
        """One line of text; the target is known from here on."""
        value = self.expression(assignment.value)
        name = self.known.setdefault(assignment.target, f"x{len(self.known)}")
        return f"{name} = {value}"


def kernel_source(step_map: StepMap, dtype: np.dtype, varied: Collection[str]) -> str:
    """The source of the kernel of ``step_map``.

    ``varied`` are the constants that differ between neurons; the others are one number.  The kernel
    is called as `pointers.KERNEL` says and writes 1 into ``spiked`` where a neuron spiked.  In the
    rows of drive that it has read it leaves 0: they are in the cache, and the next spikes are added
    there.  Raises `BackendError` for a step map that reads an undefined name.
    """
    dtype = np.dtype(dtype)
    printer = Printer({"dt": "step_width", "t": "time"})
    rows = _prologue(step_map, printer, varied)
    tree = step_map.tree
    # Compartments need one another in every step: all of them take it before the next one.
    tile = TILE if tree is None else ALL
    before = [] if tree is None else parts(replace(step_map, jumps=(), threshold=None, reset=()))
    *earlier, last = parts(step_map if tree is None else replace(step_map, update=()))
    text = [f"    {line}" for line in rows.before]
    text += [
        f"    for tile in range(first, last, {tile}):",
        f"        stop = min(tile + {tile}, last)",
        "        for k in range(steps):",
        "            time = real(step + k) * step_width",
        *(f"            {line}" for line in rows.step),
    ]
    earlier = [*before, *earlier]
    bodies = [[printer.assign(assignment) for assignment in part] for part in earlier]
    apart = resets_apart(step_map)
    body = [printer.assign(assignment) for assignment in last]
    if step_map.threshold is not None:
        body.append(f"spike = {printer.expression(step_map.threshold)}")
    if not apart:
        body += _reset_everywhere(step_map, printer)
    bodies.append(body)
    for place, body in enumerate(bodies):
        later = [line for lines in bodies[place + 1 :] for line in lines]
        text += _loop(body, rows, _read(later))
        if tree is not None and place == len(before) - 1:
            text.append(f"            {_solution(tree, rows, printer)}")
    if apart:
        text += [f"            {line}" for line in _reset_of_few(step_map, printer, rows)]
    header = _HEADER.format(dtype=dtype.name, size=dtype.itemsize)
    if tree is not None:
        header = header.replace("from math", _TREE_IMPORT + "from math")
    return header + "\n".join(text) + "\n"


def _solution(tree: Tree, rows: _Rows, printer: Printer) -> str:
    """The call that solves the equation of ``tree``."""
    where = {name: row for name, row, _ in rows.reads}
    addresses = [
        where[printer.known[name]]
        for name in (tree.state, tree.diagonal, tree.right, tree.conductance, tree.parent)
    ]
    rest = f"int64({printer.known[tree.count]}), real({tree.growth!r})"
    return f"solve_tree({', '.join(addresses)}, {rest}, zero)"


def _read(body: list[str]) -> set[str]:
    """The names that lines of assignments read."""
    return set(_NAME.findall(" ".join(line.split(" = ", 1)[1] for line in body)))


def _loop(body: list[str], rows: _Rows, later: set[str]) -> list[str]:
    """The lines of a loop over the neurons of a tile: what ``body`` reads, it, what it changes.

    Of inputs that no ``later`` loop reads, 0 is left.
    """
    read = _read(body)
    assigned = {line.split(" = ", 1)[0] for line in body}
    lines = [
        f"{name} = get_row({row}, i, zero, {scope})"
        for name, row, scope in rows.reads
        if name in read
    ]
    lines += body
    lines += [
        f"put_row({row}, i, {'uint8(spike)' if name == 'spike' else name}, {scope})"
        for name, row, scope in rows.writes
        if name in assigned
    ]
    lines += [
        f"put_row({row}, i, zero, {scope})"
        for name, row, scope in rows.inputs
        if name in read - later
    ]
    if not lines:
        return []  # a model without a threshold does nothing after its tree
    return [
        "            for i in range(tile, stop):",
        *(f"                {line}" for line in lines),
    ]


def resets_apart(step_map: StepMap) -> bool:
    """Whether the reset is worth a pass of its own over the few neurons that spiked.

    It must be long, and read no temporary of the update and no input: that pass does not have them.
    """
    length = sum(1 for assignment in step_map.reset for _ in walk(assignment.value))
    if step_map.threshold is None or length <= LONG_RESET:
        return False
    read: set[str] = set()
    own: set[str] = set()
    for assignment in step_map.reset:
        read |= names(assignment.value) - own
        own.add(assignment.target)
    computed = {assignment.target for assignment in (*step_map.update, *step_map.jumps)}
    inputs = {source.name for source in step_map.inputs}
    return not read & (computed - set(step_map.states) | inputs)


def _reset_everywhere(step_map: StepMap, printer: Printer) -> list[str]:
    """The reset inside the vectorised loop: computed for all, taken where ``spike`` holds."""
    lines = []
    for assignment in step_map.reset:
        known = assignment.target in printer.known
        value = printer.expression(assignment.value)
        name = printer.known.setdefault(assignment.target, f"x{len(printer.known)}")
        lines.append(f"{name} = select(spike, {value}, {name})" if known else f"{name} = {value}")
    return lines


def _reset_of_few(step_map: StepMap, printer: Printer, rows: _Rows) -> list[str]:
    """The reset after the loop, for the neurons whose flag is set, eight flags at a glance."""
    resets = [printer.assign(assignment) for assignment in step_map.reset]
    changed = {printer.known[assignment.target] for assignment in step_map.reset}
    lines = [f"{name} = get({row}, i, zero)" for name, row, _ in rows.reads]
    lines += resets
    lines += [f"put({row}, i, {name})" for name, row, _ in rows.writes if name in changed]
    return [
        "for group in range(tile // 8, stop // 8):",
        "    if get(flags, group, uint64(0)) != uint64(0):",
        "        for i in range(8 * group, 8 * group + 8):",
        "            if get(flags, i, uint8(0)) != uint8(0):",
        *(f"                {line}" for line in lines),
    ]


@dataclass
class _Rows:
    before: list[str] = field(default_factory=list)  # once a call
    step: list[str] = field(default_factory=list)  # once a step
    reads: list[tuple[str, str, int]] = field(default_factory=list)  # name, row, scope
    writes: list[tuple[str, str, int]] = field(default_factory=list)
    inputs: list[tuple[str, str, int]] = field(default_factory=list)  # those of ``reads`` that are


def _prologue(step_map: StepMap, printer: Printer, varied: Collection[str]) -> _Rows:
    """Addresses of all rows, in scopes of their own, and the scalar constants."""
    rows = _Rows(before=["step_width = real(dt)"])
    scope = iter(range(128))
    for k, state in enumerate(step_map.states):
        printer.known[state] = f"s{k}"
        rows.before.append(f"S{k} = state + {k} * row")
        access = (f"s{k}", f"S{k}", next(scope))
        rows.reads.append(access)
        rows.writes.append(access)
    rows.step.append("here = drive + k * rows * row")
    drives = [("i", source.name) for source in step_map.inputs]
    drives += [("z", name) for name in step_map.draws]
    for k, (letter, name) in enumerate(drives):
        printer.known[name] = f"{letter}{k}"
        rows.step.append(f"D{k} = here + {k} * row")
        rows.reads.append((f"{letter}{k}", f"D{k}", next(scope)))
    rows.inputs = [access for access in rows.reads if access[0].startswith("i")]
    fixed = apart = 0
    for k, constant in enumerate(step_map.constants):
        printer.known[constant] = f"c{k}"
        if constant in varied:
            rows.before.append(f"C{k} = varied + {apart} * row")
            rows.reads.append((f"c{k}", f"C{k}", next(scope)))
            apart += 1
        else:
            rows.before.append(f"c{k} = get(fixed, {fixed}, zero)")
            fixed += 1
    if step_map.threshold is not None:
        rows.step.append("flags = spiked + k * stride")
        rows.writes.append(("spike", "flags", next(scope)))
    return rows


def statements(program: Iterable[Assign], known: Mapping[str, str]) -> list[str]:
    """``program`` as lines of text; ``known`` maps the names that it may read to those in the text.

    Raises `BackendError` for a name that is not known.
    """
    printer = Printer(dict(known))
    return [printer.assign(assignment) for assignment in program]
