"""Where the rows of a training kernel lie: their addresses, alias scopes, and what reads them.

A kernel takes some steps in one turn of its loop over the steps, so that states stay in registers
from one to the next; every step of a turn has row names of its own, by its ``Turn``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from engine.backends.numba_cpu.printer import Printer
from engine.equations.adjoint import LATER, SPIKE, Adjoint, at_cut, before, gradient
from engine.equations.stepmap import StepMap
from engine.errors import BackendError

SCOPES = 128  # rows that `pointers.py` can tell apart
Row = tuple[str, str, int]  # name of an element, address of the row, number of its alias scope


@dataclass
class Turn:
    """One of the steps that a turn of the loop takes: number ``place`` of them."""

    place: int
    way: int = 1  # -1: from the last step to the first
    rows: list[str] = field(default_factory=list)  # lines once a turn: addresses
    body: list[str] = field(default_factory=list)  # lines for every neuron

    @property
    def mark(self) -> str:
        """What the names of its rows end with."""
        return f"_{self.place}" if self.place else ""

    def step(self, more: int = 0) -> str:
        """Its step, and so many more, as text."""
        ahead = self.way * self.place + more
        return f"(k {'-' if ahead < 0 else '+'} {abs(ahead)})" if ahead else "k"


@dataclass
class Rows:
    """All rows of a kernel: the lines that find them once a call, and their scopes by name."""

    before: dict[str, None] = field(default_factory=dict)
    scopes: dict[str, int] = field(default_factory=dict)

    def once(self, line: str) -> None:
        """A line once a call, however often it is asked for."""
        self.before[line] = None

    def scope(self, name: str) -> int:
        """The number of the row ``name``, which overlaps no other; of rows that are only read,
        several may share one.  Raises `BackendError` beyond the last."""
        if name not in self.scopes and len(self.scopes) == SCOPES:
            raise BackendError(
                f"a training kernel reads and writes at most {SCOPES} rows; learn fewer parameters"
            )
        return self.scopes.setdefault(name, len(self.scopes))

    def states(self, step_map: StepMap, printer: Printer) -> list[Row]:
        """The rows of the states, which ``printer`` knows from here on."""
        found = []
        for k, state in enumerate(step_map.states):
            printer.known[state] = f"s{k}"
            self.once(f"S{k} = state + {k} * row")
            found.append((f"s{k}", f"S{k}", self.scope(f"S{k}")))
        return found

    def constants(
        self,
        step_map: StepMap,
        used: Collection[str],
        printer: Printer,
        varied: Collection[str],
    ) -> list[Row]:
        """Names for the constants; the rows of those that differ between neurons."""
        fixed, found = 0, []
        apart = [constant for constant in step_map.constants if constant in varied]
        for k, constant in enumerate(step_map.constants):
            if constant in used:
                printer.known[constant] = f"c{k}"
            if constant in apart and constant in used:
                self.once(f"C{k} = varied + {apart.index(constant)} * row")
                found.append((f"c{k}", f"C{k}", self.scope(f"C{k}")))
            elif constant not in apart:
                if constant in used:
                    self.once(f"c{k} = get(fixed, {fixed}, zero)")
                fixed += 1
        return found

    def inputs(
        self,
        step_map: StepMap,
        given: Sequence[str],
        printer: Printer,
        turn: Turn,
        used: Collection[str] | None = None,
    ) -> None:
        """The inputs of a step: rows of those given, 0 for the others."""
        for port in step_map.inputs:
            printer.known[port.name] = "zero"
        for k, name in enumerate(given):
            if used is not None and name not in used:
                continue
            printer.known[name] = f"i{k}"
            self.once(f"I{k} = get(inputs, {k}, int64(0))")
            row = f"D{k}{turn.mark}"
            turn.rows.append(f"{row} = I{k} + {turn.step()} * row")
            turn.body.append(f"i{k} = get_row({row}, i, zero, {self.scope(f'D{k}')})")

    def first_kept(self, found: Adjoint) -> list[Row]:
        """Where what is kept of the first state goes; the name of the bits is empty."""
        rows = [(name, f"F{k}", self.scope(f"F{k}")) for k, name in enumerate(found.keep)]
        for k in range(len(rows)):
            self.once(f"F{k} = kept + {k} * row")
        return [*rows, ("", "bits", self.scope("bits"))] if found.bits else rows

    def kept(self, found: Adjoint, turn: Turn) -> list[Row]:
        """Where what is kept of a step goes."""
        rows = []
        for k, name in enumerate(found.keep):
            row = f"K{k}{turn.mark}"
            turn.rows.append(f"{row} = F{k} + {turn.step(1)} * {len(found.keep)} * row")
            rows.append((name, row, self.scope(row if turn.place else f"F{k}")))
        if found.bits:
            row = f"held{turn.mark}"
            turn.rows.append(f"{row} = bits + {turn.step(1)} * size")
            rows.append(("", row, self.scope(row if turn.place else "bits")))
        return rows

    def kept_reads(self, found: Adjoint, printer: Printer, turn: Turn) -> None:
        """What backward reads of the cut of this step and of the one before."""
        read, count = found.reads, len(found.keep)
        for k, name in enumerate(found.keep):
            for letter, leaf, later in (("h", at_cut(name), 1), ("p", before(name), 0)):
                if leaf in read:
                    row = f"{letter.upper()}{k}{turn.mark}"
                    turn.rows.append(f"{row} = kept + ({turn.step(later)} * {count} + {k}) * row")
                    scope = self.scope(f"F{k}")
                    turn.body.append(f"{letter}{k} = get_row({row}, i, zero, {scope})")
                    printer.known[leaf] = f"{letter}{k}"
        for letter, leaf_of, later in (("v", at_cut, 1), ("w", before, 0)):
            wanted = [k for k, bit in enumerate(found.bits) if leaf_of(bit.target) in read]
            if wanted:
                row = f"{letter.upper()}{turn.mark}"
                turn.rows.append(f"{row} = bits + {turn.step(later)} * size")
                turn.body.append(f"{letter} = get_row({row}, i, uint8(0), {self.scope('bits')})")
            for k in wanted:
                turn.body.append(f"{letter}{k} = ({letter} & uint8({1 << k})) != uint8(0)")
                printer.known[leaf_of(found.bits[k].target)] = f"{letter}{k}"

    def gradient_reads(self, found: Adjoint, printer: Printer, turn: Turn) -> None:
        """The gradients of this step's spike and traces."""
        for k, leaf in enumerate((SPIKE, *(gradient(trace) for trace in found.traces))):
            if leaf in found.reads:
                self.once(f"G{k} = get(gradients, {k}, int64(0))")
                self.once(f"L{k} = get(strides, {k}, int64(0))")
                row = f"E{k}{turn.mark}"
                turn.rows.append(f"{row} = G{k} + {turn.step()} * L{k}")
                turn.body.append(f"g{k} = get_row({row}, i, zero, {self.scope(f'G{k}')})")
                printer.known[leaf] = f"g{k}"


def gets(rows: Sequence[Row]) -> list[str]:
    """Lines that read ``rows``."""
    return [f"{name} = get_row({row}, i, zero, {scope})" for name, row, scope in rows]


def puts(rows: Sequence[Row]) -> list[str]:
    """Lines that write ``rows``."""
    return [f"put_row({row}, i, {name}, {scope})" for name, row, scope in rows]


def kept_lines(found: Adjoint, printer: Printer, rows: Sequence[Row], later: str) -> list[str]:
    """What is kept of the state at the cut, or of the first state, where nothing came before."""
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
