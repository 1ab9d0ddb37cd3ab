"""Linear blocks solved exactly: x(t + dt) from a matrix exponential computed on the host.

With z = (states, hold inputs, a running mean, 1) the block is z' = M z, so one exponential of M dt
gives the new states, their mean over the step and their value half way, and equal time
constants need no special case.  States are advanced by *increments*, x = x + (...): near a fixed
point the increment shrinks to nothing, so a neuron driven exactly to its threshold stays below it.
"""

from __future__ import annotations

from engine.equations.algebra import HALF, ONE, ZERO, divide, multiply, total
from engine.equations.analysis import LinearBlock
from engine.equations.program import DT, Program
from engine.equations.stepmap import Propagator
from engine.equations.tree import Binary, Call, Expr, Name

_MEAN = "(mean)"  # column of a running mean; a state cannot be called so


class ExactBlock:
    """Emits the exact solution of ``block`` into ``program``.

    ``held`` is the condition under which the states in ``holds`` stand still, or None.
    """

    def __init__(
        self, block: LinearBlock, program: Program, holds: tuple[str, ...], held: Expr | None
    ) -> None:
        self.block, self.program, self.held = block, program, held
        self.holds = tuple(name for name in holds if name in block.states) if held else ()
        self._names: dict[tuple[str, str, str], str] = {}

    def mean(self, state: str) -> Expr:
        """The mean of ``state`` over the step, in terms of its value before."""
        return self._value(state, "M", ONE)

    def half(self, state: str) -> Expr:
        """``state`` at t + dt/2, in terms of its value before."""
        return self._value(state, "H", HALF)

    def full(self, state: str) -> Expr:
        """``state`` at t + dt, in terms of its value before."""
        return self._value(state, "P", ONE)

    def advance(self) -> None:
        """Assign every state its value at t + dt; the order never reads a new value for an old."""
        waiting = list(self.block.states)
        while waiting:
            free = [s for s in waiting if not self._readers(s) & set(waiting) - {s}]
            if not free:
                self._advance_together(waiting)
                return
            for state in free:
                self._assign(state, self.full(state))
                waiting.remove(state)

    def _advance_together(self, states: list[str]) -> None:
        new = {state: self.program.fresh(f"new_{state}") for state in states}
        for state, name in new.items():
            self.program.assign(name, self.full(state))
        for state, name in new.items():
            self._assign(state, Name(name))

    def _assign(self, state: str, value: Expr) -> None:
        if state in self.holds and self.held is not None:
            value = Call("where", (self.held, Name(state), value))
        self.program.assign(state, value)

    def _readers(self, state: str) -> set[str]:
        """States whose new value needs the old value of ``state``."""
        return {other for other in self.block.states if state in self._reach(other, ())}

    def _value(self, state: str, letter: str, part: Expr) -> Expr:
        free = self._row(state, letter, part, ())
        if state in self.holds or not self._reach(state, ()) & set(self.holds):
            return free
        # While v is held, what depends on v sees a constant and not a moving v.
        assert self.held is not None
        standing = self._row(state, f"{letter}held", part, self.holds)
        return Call("where", (self.held, standing, free))

    def _row(self, state: str, letter: str, part: Expr, still: tuple[str, ...]) -> Expr:
        """The value in terms of what ``state`` depends on, the states in ``still`` standing."""
        mean = letter.startswith("M")
        order = [*self.block.states, *self.block.inputs, "1"]
        reached = sorted(self._reach(state, still), key=order.index)
        columns = [*reached, _MEAN] if mean else reached
        row = columns.index(_MEAN if mean else state)
        whole = reached == [state] and not mean
        outputs: list[tuple[str, int, int, bool]] = []
        names: dict[str, str] = {}
        for place, column in enumerate(reached):
            key = (letter, state, "" if reached == [state] else column)
            if key not in self._names:
                self._names[key] = self.program.fresh(_constant_name(*key))
                outputs.append((self._names[key], row, place, whole))
            names[column] = self._names[key]
        if outputs:
            matrix = self._matrix(columns, state, still)
            step = DT if part == ONE else multiply(part, DT)
            self.program.propagate(Propagator(matrix, step, tuple(outputs)))
        terms = [
            Name(names[name]) if name == "1" else Binary("*", Name(names[name]), Name(name))
            for name in reached
        ]
        return total(terms) if whole or mean else Binary("+", Name(state), total(terms))

    def _reach(self, state: str, still: tuple[str, ...]) -> set[str]:
        """What the new value of ``state`` depends on: states, inputs, and "1" for a constant."""
        found = {state}
        waiting = [state]
        while waiting:
            name = waiting.pop()
            if name in still or name not in self.block.rows:
                continue
            new = set(self.block.rows[name])
            if self.block.rest[name] != ZERO:
                new.add("1")
            waiting.extend(new - found)
            found |= new
        return found

    def _matrix(
        self, columns: list[str], state: str, still: tuple[str, ...]
    ) -> tuple[tuple[Expr, ...], ...]:
        matrix: list[list[Expr]] = [[ZERO] * len(columns) for _ in columns]
        for place, name in enumerate(columns):
            if name == _MEAN:
                matrix[place][columns.index(state)] = divide(ONE, DT)  # y' = x/dt
            elif name in self.block.rows and name not in still:
                for other, value in self.block.rows[name].items():
                    matrix[place][columns.index(other)] = value
                if self.block.rest[name] != ZERO:
                    matrix[place][columns.index("1")] = self.block.rest[name]
        return tuple(tuple(row) for row in matrix)


def _constant_name(letter: str, state: str, column: str) -> str:
    """``P_g`` for a plain decay; ``D_v_I`` for the share of I in the increment of v."""
    if not column:
        return f"{letter}_{state}"
    return f"{letter.replace('P', 'D')}_{state}_{column}"
