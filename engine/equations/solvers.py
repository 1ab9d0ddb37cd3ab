"""Solvers: from a system to the assignments that advance it by one step.

``exact``              linear equations by the matrix exponential of their coefficients.
``exponential_euler``  x' = a x + b with a and b frozen over the step.  The other variables go first
                       with the old membrane potential, then the membrane with their new values: the
                       variables live half a step apart, which makes the scheme second order.  What
                       decays by itself (a synaptic conductance) is exact and enters by its mean.
``rk4``, ``heun``, ``euler``   the textbook rules for the model's own variables; synapses exact.
``map``                nothing to solve: equations x := ... say what each step makes of x.
``izhikevich_2003``    the published code: two half steps of v, then one whole step of the other.
``izhikevich_2004``    the same with one whole step of v: the other sees its new value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.equations.algebra import HALF, ONE, ZERO, add, divide, linear, multiply, total
from engine.equations.analysis import (
    conditionally_linear,
    linear_block,
    varying,
    whole_derivative,
    why_not_linear,
)
from engine.equations.crossing import BEFORE, RISE, peaks
from engine.equations.exact import ExactBlock
from engine.equations.program import DT, Program
from engine.equations.system import System, inlined, reads
from engine.equations.tree import Call, Expr, Name, Number, substitute
from engine.errors import EquationError, near

SOLVERS = {
    "exact": "exact (matrix exponential)",
    "exponential_euler": "exponential Euler",
    "rk4": "Runge-Kutta, fourth order",
    "heun": "Heun, second order",
    "euler": "forward Euler (for teaching)",
    "map": "as written, one step after the other",
    "izhikevich_2003": "the published scheme of 2003: two half steps of v, one of u",
    "izhikevich_2004": "the published scheme of 2004: an Euler step of v, then one of u",
}

# Euler steps of v that make one step of the published schemes.
_PARTS_OF_V = {"izhikevich_2003": 2, "izhikevich_2004": 1}

# Runge-Kutta tables: (part of the step, weight in the result) of each stage.
_STAGES = {
    "euler": ((0.0, 1.0),),
    "heun": ((0.0, 0.5), (1.0, 0.5)),
    "rk4": ((0.0, 1 / 6), (0.5, 1 / 3), (0.5, 1 / 3), (1.0, 1 / 6)),
}


def available_solvers(system: System) -> dict[str, str]:
    """Solver name -> "" if it can be used for ``system``, else the reason why not."""
    return {name: _refusal(system, name) for name in SOLVERS}


def choose_solver(system: System) -> str:
    """The solver used when nobody asks for one: the most exact that applies."""
    if system.solver:
        return system.solver
    if system.updates:
        return "map"
    candidates = ("exact", "exponential_euler", "rk4")
    return next(name for name in candidates if not _refusal(system, name))


def solver_name(solver: str) -> str:
    """The name of a solver however it is spelled: ``Izhikevich-2003`` is ``izhikevich_2003``."""
    return solver.replace("-", "_").casefold() if isinstance(solver, str) else solver


def check_solver(system: System, solver: str) -> None:
    """Raise ``EquationError`` if ``solver`` is unknown or cannot be used for ``system``."""
    solver = solver_name(solver)
    if not isinstance(solver, str) or solver not in SOLVERS:
        remedy = near(solver, SOLVERS) or f"there are {', '.join(SOLVERS)}"
        raise EquationError(f"`{solver}` is not a solver", remedy=remedy)
    if reason := _refusal(system, solver):
        remedy = f"leave the solver open ({choose_solver(replace(system, solver=None))})"
        raise EquationError(f"{system.model} has no solver `{solver}`: {reason}", remedy=remedy)


def advance(system: System, solver: str, program: Program, held: Expr | None) -> str:
    """Emit one step of ``system`` into ``program``; a sentence says which variable went how.

    ``held`` is the condition under which ``system.holds`` stand still (refractoriness), or None.
    """
    exact = _exact_states(system, solver)
    block = linear_block(system, exact)
    own = tuple(state for state in system.derivatives if state not in block.states)
    solved = ExactBlock(block, program, system.holds, held)
    if own and solver == "exponential_euler":
        _exponential_euler(system, program, solved, own, held)
    elif own and solver == "map":
        _map(system, program, own, held)
    elif own and solver in _PARTS_OF_V:
        _izhikevich(system, program, own, held, _PARTS_OF_V[solver])
    elif own:
        _runge_kutta(system, program, solved, own, held, solver)
    solved.advance()
    parts = [f"{', '.join(block.states)}: {SOLVERS['exact']}"] if block.states else []
    parts += [f"{', '.join(own)}: {SOLVERS[solver]}"] if own else []
    return "; ".join(parts)


def _exact_states(system: System, solver: str) -> tuple[str, ...]:
    """Candidates for the exact block: everything, or under a method asked for the synapses."""
    if solver in ("exact", "exponential_euler"):
        return tuple(system.derivatives)
    return system.port_states


def _refusal(system: System, solver: str) -> str:
    if system.updates or solver == "map":
        steps, rates = "its equations are steps", "its equations are rates of change"
        return "" if system.updates and solver == "map" else steps if system.updates else rates
    states = tuple(system.derivatives)
    rest = [s for s in states if s not in linear_block(system, states).states]
    if solver == "exact" and rest:
        return why_not_linear(system, rest[0])
    if solver == "exponential_euler":
        stuck = [state for state in rest if not conditionally_linear(system, state)]
        return why_not_linear(system, stuck[0]) if stuck else ""
    if solver in _PARTS_OF_V:
        if len(system.own) != 2 or system.membrane not in system.own:
            return "it is for two variables, v and u"
    return ""


def _exponential_euler(
    system: System, program: Program, solved: ExactBlock, own: tuple[str, ...], held: Expr | None
) -> None:
    means = means_of(system, program, solved, own)
    order = [state for state in own if state != system.membrane]
    order += [state for state in own if state == system.membrane]
    relax(system, program, means, order, held)


def relax(
    system: System,
    program: Program,
    means: dict[str, Expr],
    order: Iterable[str],
    held: Expr | None,
) -> None:
    """Advance the states in ``order`` one after the other by exponential Euler.

    ``means`` has what stands for the states that are solved exactly.
    """
    for state in order:
        feeding = {name for name in system.aliases if _fed(system, name, {state, *means})}
        rate = substitute(inlined(system.derivatives[state], system.aliases, feeding), means)
        _named_parts(system, program, rate)
        found = linear(rate, [state])
        if found is None:
            raise EquationError(why_not_linear(system, state))
        slope, drive = found[0].get(state, ZERO), found[1]
        _assign_own(system, program, state, _relaxed(program, state, slope, drive), held)


def means_of(
    system: System, program: Program, solved: ExactBlock, own: tuple[str, ...]
) -> dict[str, Expr]:
    """Names for the mean over the step of each exact state that the others read."""
    used = set().union(*(reads(system.derivatives[state], system.aliases) for state in own))
    return {
        state: program.assign(program.fresh(f"mean_{state}"), solved.mean(state))
        for state in solved.block.states
        if state in used
    }


def _fed(system: System, alias: str, changing: set[str]) -> bool:
    return bool(reads(system.aliases[alias], system.aliases) & changing)


def _named_parts(system: System, program: Program, rate: Expr) -> None:
    """Work out the sub-expressions that ``rate`` reads by name, with the newest states."""
    needed = reads(rate, system.aliases)
    for name, value in system.aliases.items():
        if name in needed and name in program.varying:
            program.assign(name, value)


def _relaxed(program: Program, state: str, slope: Expr, drive: Expr) -> Expr:
    """x + (a x + b) dt exprel(a dt): the solution of x' = a x + b after dt."""
    if slope == ZERO:
        return add(Name(state), multiply(DT, drive))
    named = program.assign(program.fresh(f"rate_{state}"), slope)
    moved = add(multiply(named, Name(state)), drive)
    part = multiply(DT, Call("exprel", (multiply(named, DT),)))
    return add(Name(state), multiply(moved, part))


def _runge_kutta(
    system: System,
    program: Program,
    solved: ExactBlock,
    own: tuple[str, ...],
    held: Expr | None,
    solver: str,
) -> None:
    slopes: list[dict[str, Expr]] = []
    inside = peaks(system) and solver != "euler"
    if inside:
        program.assign(BEFORE, Name(system.membrane))
    for stage, (part, _) in enumerate(_STAGES[solver]):
        values = _stage_values(system, program, solved, own, part, slopes)
        found: dict[str, Expr] = {}
        for state in own:
            rate = substitute(whole_derivative(system, state), values)
            if held is not None and state in system.holds:
                rate = Call("where", (held, ZERO, rate))
            found[state] = program.assign(program.fresh(f"slope_{state}_{stage + 1}"), rate)
        if inside and stage == 0:
            program.assign(RISE, found[system.membrane])
        slopes.append(found)
    for state in own:
        terms = [
            multiply(Number(weight), slope[state])
            for (_, weight), slope in zip(_STAGES[solver], slopes, strict=True)
        ]
        program.assign(state, add(Name(state), multiply(DT, total(terms))))


def _stage_values(
    system: System,
    program: Program,
    solved: ExactBlock,
    own: tuple[str, ...],
    part: float,
    slopes: list[dict[str, Expr]],
) -> dict[str, Expr]:
    """What each state name means at this stage of a Runge-Kutta step."""
    values: dict[str, Expr] = {}
    for state in own:
        value: Expr = Name(state)
        if part:
            value = add(value, multiply(Number(part), multiply(DT, slopes[-1][state])))
        if state in system.caps:
            value = Call("min", (value, system.caps[state]))
        stage = f"{state}_at_{len(slopes) + 1}"
        plain = isinstance(value, Name)
        values[state] = value if plain else program.assign(program.fresh(stage), value)
    if part:
        step = HALF if part == 0.5 else ONE
        used = set().union(*(reads(system.derivatives[s], system.aliases) for s in own))
        for state in solved.block.states:
            if state in used:
                later = solved.half(state) if step == HALF else solved.full(state)
                values[state] = program.assign(program.fresh(f"{state}_at"), later)
    return values


def _izhikevich(
    system: System, program: Program, own: tuple[str, ...], held: Expr | None, parts: int
) -> None:
    v = system.membrane
    for _ in range(parts):
        rate = multiply(divide(DT, Number(float(parts))), whole_derivative(system, v))
        _assign_own(system, program, v, add(Name(v), rate), held)
    for state in own:
        if state != v:
            rate = multiply(DT, whole_derivative(system, state))
            _assign_own(system, program, state, add(Name(state), rate), held)


def _map(system: System, program: Program, own: tuple[str, ...], held: Expr | None) -> None:
    """x := value, line by line: a line reads the newest values, also through names."""
    changing = varying(system)
    for state in own:
        value = inlined(system.updates[state], system.aliases, changing)
        _assign_own(system, program, state, value, held)


def _assign_own(
    system: System, program: Program, state: str, value: Expr, held: Expr | None
) -> None:
    if held is not None and state in system.holds:
        value = Call("where", (held, Name(state), value))
    program.assign(state, value)
