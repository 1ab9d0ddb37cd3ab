"""What kind of equations a system has: what is linear, what decays by itself, what order to use."""

from __future__ import annotations

from dataclasses import dataclass

from engine.equations.algebra import ZERO, linear, simplify
from engine.equations.system import System, inlined, reads
from engine.equations.tree import Expr


@dataclass(frozen=True)
class LinearBlock:
    """States with x' = A x + B u + c, coefficients made of parameters only.

    ``rows[x]`` has the coefficients of states and hold inputs, ``rest[x]`` is c.
    """

    states: tuple[str, ...]
    inputs: tuple[str, ...]
    rows: dict[str, dict[str, Expr]]
    rest: dict[str, Expr]


def hold_inputs(system: System) -> tuple[str, ...]:
    """Names of the inputs that act during a step."""
    return tuple(port.name for port in system.inputs if port.kind == "hold")


def varying(system: System) -> set[str]:
    """Names whose value changes during a run: states, inputs and every alias that reads them."""
    found = {*system.derivatives, *(port.name for port in system.inputs)}
    for name, value in system.aliases.items():
        if reads(value, system.aliases) & found:
            found.add(name)
    return found


def whole_derivative(system: System, state: str, wanted: set[str] | None = None) -> Expr:
    """d state/dt with the aliases in ``wanted`` (all that vary, if None) written out."""
    wanted = varying(system) if wanted is None else wanted
    return simplify(inlined(system.derivatives[state], system.aliases, wanted))


def linear_block(system: System, candidates: tuple[str, ...]) -> LinearBlock:
    """The largest set of ``candidates`` that is linear, with constant coefficients, in itself.

    Such a block needs nothing from the other states and is solved exactly.
    """
    inputs, changing = hold_inputs(system), varying(system)
    chosen = list(candidates)
    rows: dict[str, dict[str, Expr]] = {}
    rest: dict[str, Expr] = {}
    while True:
        kept: list[str] = []
        for state in chosen:
            found = linear(whole_derivative(system, state), [*chosen, *inputs])
            if found is None:
                continue
            parts = [*found[0].values(), found[1]]
            if any(reads(part, system.aliases) & changing for part in parts):
                continue
            rows[state] = {name: part for name, part in found[0].items() if part != ZERO}
            rest[state] = found[1]
            kept.append(state)
        if kept == chosen:
            used = tuple(name for name in inputs if any(name in rows[state] for state in kept))
            return LinearBlock(tuple(kept), used, rows, rest)
        chosen = kept


def conditionally_linear(system: System, state: str) -> bool:
    """True if d state/dt = a state + b with a and b free of ``state``."""
    return linear(whole_derivative(system, state), [state]) is not None


def why_not_linear(system: System, state: str) -> str:
    """One sentence saying why ``state`` cannot be in an exact block."""
    if not conditionally_linear(system, state):
        return f"d{state}/dt is not linear in {state}"
    return f"d{state}/dt has factors that change with other variables or with inputs"
