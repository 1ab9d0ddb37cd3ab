"""A model becomes a step map: the one place where threshold, refractoriness and solver meet."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.equations import cable as cables
from engine.equations import escape
from engine.equations.algebra import ONE, ZERO, simplify
from engine.equations.clamp import AMPLIFIER, COMMAND, clamped
from engine.equations.constants import constants as constants
from engine.equations.crossing import ABOVE, REFRACTORY, ROWS, LateReset, peaks, states_of
from engine.equations.initial import initial_state as initial_state
from engine.equations.options import with_options
from engine.equations.program import Program
from engine.equations.solvers import advance, check_solver, choose_solver, solver_name
from engine.equations.solvers import available_solvers as available_solvers
from engine.equations.stepmap import Derived, StepMap
from engine.equations.stepmap import canonical as canonical
from engine.equations.system import Composable, System, inlined
from engine.equations.tree import Assign, Binary, Call, Expr, Name, Number, names

# The newest step maps, by the whole text of what they were made from: a network asks for the same
# one for every population, a page at every build.  Each step is atomic, so threads may share it.
_MADE: OrderedDict[str, StepMap] = OrderedDict()
_KEPT = 64


def compile_model(
    model: Composable,
    ports: Mapping[str, Any] | None = None,
    solver: str | None = None,
    options: Mapping[str, float] | None = None,
    *,
    cable: bool = False,
    clamp: bool = False,
) -> StepMap:
    """The step map of ``model`` with these synapse models on its ports.

    ``ports`` (port -> name or declaration) replaces and adds to the model's own ports; ``solver``
    None leaves the choice to the equations; ``options`` are parameters to build in as numbers.
    With ``cable`` a member is a compartment, see `engine.equations.cable`; with ``clamp`` a command
    says what v is, see `engine.equations.clamp`.
    Raises ``EquationError``.
    """
    built_in = dict(sorted((options or {}).items()))
    key = repr((model, ports, solver, built_in, cable, clamp))
    made = _MADE.get(key)
    if made is None:
        system = model.compose(ports)
        system = with_options(clamped(system) if clamp else system, built_in)
        made = compile_cable(system) if cable else compile_system(system, solver)
        _MADE[key] = made
        while len(_MADE) > _KEPT:
            _MADE.popitem(last=False)
    return made


def compile_system(system: System, solver: str | None = None) -> StepMap:
    """The step map of a composed system."""
    chosen = solver_name(solver) if solver else choose_solver(system)
    check_solver(system, chosen)
    program = Program(system)
    program.varying |= {REFRACTORY, ABOVE, escape.ESCAPE, *ROWS}
    held = _held(system)
    _note_crossing(system, program)
    if system.clamp is not None:
        program.assign(system.membrane, Name(COMMAND))
    sentence = advance(system, chosen, program, held if system.holds else None)
    if system.clamp is not None:
        program.assign(AMPLIFIER, system.clamp)
    return _finished(system, program, program.take(), held, chosen, sentence)


def _held(system: System) -> Expr | None:
    """Whether a refractory period holds the neuron in this step."""
    if system.refractory is None:
        return None
    return Binary(">", Name(REFRACTORY), _spared(system))


def _spared(system: System) -> Expr:
    """Steps for which a neuron is kept from spiking that is held no longer.

    Where v goes through a threshold it has to get there first; a hazard is there at once, and the
    last step of a refractory period is part of it.
    """
    return ONE if system.hazard is not None else ZERO


def _note_crossing(system: System, program: Program) -> None:
    """Keep whether v was above the threshold before the step."""
    if system.crossing and system.threshold is not None:
        was = _written_out(system, system.threshold)
        program.assign(ABOVE, Call("where", (was, ONE, ZERO)))


def _finished(
    system: System,
    program: Program,
    update: tuple[Assign, ...],
    held: Expr | None,
    chosen: str,
    sentence: str,
) -> StepMap:
    """The step map whose ``update`` is done: jumps, threshold and reset follow."""
    jumps = _jumps(system, program, held)
    threshold = _threshold(system, program)
    reset = _reset(system, program, chosen in ("rk4", "heun") and peaks(system))
    lists = (*update, *jumps, *reset)
    text = {**system.text, "solver": chosen, "solvers": sentence}
    return StepMap(
        model=system.model,
        solver=chosen,
        states=states_of(system),
        inputs=system.inputs,
        constants=_constants_read(program, lists, threshold),
        update=update,
        jumps=jumps,
        threshold=threshold,
        reset=reset,
        escapes=(escape.ESCAPE,) if system.hazard is not None else (),
        parameters=tuple(system.parameters.values()),
        recipes=tuple(program.recipes),
        text=text,
    )


def compile_cable(system: System) -> StepMap:
    """The step map of a composed system whose members are compartments of one cell."""
    system = cables.on_cable(system)
    program = Program(system)
    program.varying |= {REFRACTORY, ABOVE, escape.ESCAPE, cables.DIAGONAL, cables.RIGHT}
    held = _held(system)
    _note_crossing(system, program)
    tree = cables.advance_on_tree(system, program, held if system.holds else None)
    update = program.take()
    found = _finished(system, program, update, held, cables.CABLE, cables.sentence(tree))
    fixed = (tree.parent, tree.conductance, tree.count)
    return replace(
        found,
        states=(*found.states, tree.diagonal, tree.right),
        constants=(*found.constants, *fixed),
        tree=tree,
    )


def _jumps(system: System, program: Program, held: Expr | None) -> tuple[Assign, ...]:
    for state, value in system.jumps.items():
        if held is not None and state in system.holds:
            value = Call("where", (held, Name(state), value))
        program.assign(state, value)
    if held is not None:
        down = Binary("-", Name(REFRACTORY), ONE)
        program.assign(REFRACTORY, Call("max", (down, ZERO)))
    return program.take()


def _threshold(system: System, program: Program) -> Expr | None:
    if system.hazard is not None:
        condition = escape.condition(_written_out(system, system.hazard))
    elif system.threshold is not None:
        condition = _written_out(system, system.threshold)
    else:
        return None
    if system.crossing:
        condition = Binary("and", condition, Binary("<", Name(ABOVE), Number(0.5)))
    if system.refractory is not None:
        condition = Binary("and", condition, Binary("<=", Name(REFRACTORY), ZERO))
    return program.hoist(simplify(condition))


def _reset(system: System, program: Program, inside: bool) -> tuple[Assign, ...]:
    late = LateReset(system, program) if inside else None
    if late:
        late.open()
    for target, value in system.reset:
        program.assign(target, _written_out(system, value))
    if late:
        late.close()
    if system.refractory is not None:
        # Whole steps: t_ref rounded to the grid.
        count = Binary("+", Binary("/", system.refractory, Name("dt")), Number(0.5))
        program.assign(REFRACTORY, Binary("+", Call("floor", (count,)), _spared(system)))
    return program.take()


def _written_out(system: System, expr: Expr) -> Expr:
    """``expr`` without names of sub-expressions, which hold values from before the step."""
    return simplify(inlined(expr, system.aliases, set(system.aliases)))


def _constants_read(
    program: Program, lists: tuple[Assign, ...], threshold: Expr | None
) -> tuple[str, ...]:
    read = set().union(*(names(assign.value) for assign in lists))
    read |= names(threshold) if threshold is not None else set()
    made: list[str] = []
    for recipe in program.recipes:
        if isinstance(recipe, Derived):
            made.append(recipe.name)
        else:
            made.extend(output[0] for output in recipe.outputs)
    return tuple(name for name in made if name in read)
