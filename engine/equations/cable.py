"""A neuron model laid on a cable: one member a compartment, their potentials solved together.

    capacity dv/dt = capacity f(v, gates, inputs) + sum over neighbours g (v_neighbour - v)

where f is dv/dt of the model itself.  Gates go first, by exponential Euler with the old v; then v
by Crank-Nicolson over the whole tree: half an implicit step with the slope of f at the old v, whose
change is taken twice.  The gates live half a step before v, so the scheme is of second order (Hines
1984, Int. J. Bio-Med. Comput. 15:69).  Where v itself is made to jump, by a reset or by delta
synapses, neighbours would swing about their mean for long; there a whole implicit step is taken
(backward Euler), as jumps on a grid are of first order anyway.  The tree is solved by the backend,
see `Tree`.

A model in uA/cm^2 is a piece of membrane; a model in pA is a whole cell, and a compartment has its
share of it by area.  Currents and conductances that arrive at a compartment are pA and nS either
way: they are divided by its area here.
"""

from __future__ import annotations

from dataclasses import replace

from engine.equations.algebra import ONE, ZERO, derivative, divide, linear, multiply, subtract
from engine.equations.analysis import linear_block, varying, whole_derivative
from engine.equations.exact import ExactBlock
from engine.equations.program import DT, Program
from engine.equations.solvers import means_of, relax
from engine.equations.stepmap import Input, Slot, Tree
from engine.equations.system import System, inlined
from engine.equations.tree import Binary, Call, Expr, Name, Number, names, substitute
from engine.equations.units import CURRENT, LENGTH, NONE, VOLTAGE, Dimension, parse_unit
from engine.errors import EquationError

# What the geometry gives every compartment; parameters of the step map, in coherent units.
AREA = "compartment_area"  # (10 um)^2, or a share of the cell's
CONDUCTANCE = "axial_conductance"  # nS, to the parent; 0 for a root
PARENT = "parent_compartment"  # its number, -1 for a root
COUNT = "compartment_count"
CLAMP = "clamp_conductance"  # pF/ms: 0, or HELD where an end is killed
FROM_GEOMETRY = (AREA, CONDUCTANCE, PARENT, COUNT, CLAMP)

DIAGONAL, RIGHT = "tree_diagonal", "tree_right"  # rows that the solution of the tree needs
HELD = 1e30  # a conductance beside which nothing else moves v, not even by rounding
CABLE = "cable"
_BY_GROWTH = {
    2.0: "gates: exponential Euler; v: Crank-Nicolson over the whole tree",
    1.0: "gates: exponential Euler; v: backward Euler over the whole tree",
}
_PER_AREA = LENGTH**-2


def is_per_area(system: System) -> bool:
    """Whether ``system`` is a piece of membrane; else it is a whole cell, shared by compartments.

    Raises ``EquationError`` if it can be laid on no cable.
    """
    if system.updates:
        raise _refused(system, "its equations are steps and no rates of change")
    unit = _current(system).unit
    dimension = _dimension(unit)
    if dimension not in (CURRENT, CURRENT * _PER_AREA):
        raise _refused(system, f"its current is in {unit or 'no unit'}, not in pA or uA/cm^2")
    potential = _dimension(system.units.get(system.membrane, ""))
    if potential not in (VOLTAGE, NONE):
        raise _refused(system, f"`{system.membrane}` is no potential")
    _capacity(system)
    return dimension != CURRENT


def require_linear(system: System) -> None:
    """Raise ``EquationError`` unless dv/dt of a model (without synapses) is linear in v."""
    rate = whole_derivative(system, system.membrane)
    if linear(rate, [system.membrane]) is None:
        v = system.membrane
        raise _refused(system, f"d{v}/dt is not linear in {v} when all else is held")
    for state in system.derivatives:
        if linear(whole_derivative(system, state), [state]) is None:
            raise _refused(system, f"d{state}/dt is not linear in {state}")


def on_cable(system: System) -> System:
    """``system`` as one compartment: what arrives divided by its area, parameters added."""
    is_per_area(system)
    taken = {*system.derivatives, *system.aliases, *system.parameters}
    for name in (*FROM_GEOMETRY, DIAGONAL, RIGHT):
        if name in taken:
            remedy = "rename it in the model"
            raise EquationError(f"`{name}` is a name that cables need themselves", remedy=remedy)
    spread: dict[str, Expr] = {}
    inputs = []
    for port in system.inputs:
        dimension = _dimension(port.unit)
        if dimension in (VOLTAGE, NONE):  # a jump of v itself
            inputs.append(port)
            continue
        spread[port.name] = Binary("/", Name(port.name), Name(AREA))
        inputs.append(Input(port.port, port.name, port.kind, extensive(port.unit)))
    slots = {name: Slot(name, "1", 1.0, ZERO if name != AREA else ONE) for name in FROM_GEOMETRY}
    jumps, v = dict(system.jumps), system.membrane
    if v in jumps:
        jumps[v] = Call("where", (Binary(">", Name(CLAMP), ZERO), Name(v), jumps[v]))
    return replace(
        system,
        derivatives={name: substitute(tree, spread) for name, tree in system.derivatives.items()},
        aliases={name: substitute(tree, spread) for name, tree in system.aliases.items()},
        jumps={state: substitute(value, spread) for state, value in jumps.items()},
        inputs=tuple(inputs),
        parameters={**system.parameters, **slots},
    )


def extensive(unit: str) -> str:
    """The unit of a weight onto a compartment where the model's own is ``unit``."""
    usual = {CURRENT * _PER_AREA: "pA", CURRENT / VOLTAGE * _PER_AREA: "nS"}
    return usual.get(_dimension(unit), unit)


def advance_on_tree(system: System, program: Program, held: Expr | None) -> Tree:
    """Emit all of a step of ``system`` but the solution of the tree that the result describes.

    ``held`` is the condition under which ``system.holds`` stand still, or None.
    """
    v = system.membrane
    others = tuple(state for state in system.derivatives if state != v)
    block = linear_block(system, others)
    own = tuple(state for state in others if state not in block.states)
    solved = ExactBlock(block, program, system.holds, held)
    means = means_of(system, program, solved, (*own, v))
    relax(system, program, means, own, held)
    growth = 1.0 if _jumps(system) else 2.0
    _equation_of_v(system, program, means, held, growth)
    solved.advance()
    for name in (CONDUCTANCE, PARENT, COUNT):
        program.hoist(Name(name))
    return Tree(v, DIAGONAL, RIGHT, PARENT, CONDUCTANCE, COUNT, growth)


def sentence(tree: Tree) -> str:
    """How a step goes, for people."""
    return _BY_GROWTH[tree.growth]


def _jumps(system: System) -> bool:
    v = system.membrane
    return v in system.jumps or any(target == v for target, _ in system.reset)


def _equation_of_v(
    system: System, program: Program, means: dict[str, Expr], held: Expr | None, growth: float
) -> None:
    """The row of the tree's matrix and its right side, but for the axial currents."""
    v = system.membrane
    changing = varying(system)
    rate = substitute(inlined(system.derivatives[v], system.aliases, changing), means)
    found = linear(rate, [v])
    if found is None:  # a synapse whose conductance depends on v: the tangent at the old v
        slope, moved = derivative(rate, v), rate
    else:
        slope, rest = found[0].get(v, ZERO), found[1]
        slope = program.assign(program.fresh(f"rate_{v}"), slope) if names(slope) else slope
        moved = Binary("+", multiply(slope, Name(v)), rest)
    capacity = _capacity(system)
    row = multiply(capacity, subtract(divide(Number(growth), DT), slope))
    row = Binary("+", row, Name(CLAMP))
    if held is not None and v in system.holds:
        row = Binary("+", row, Call("where", (held, Number(HELD), ZERO)))
    program.assign(DIAGONAL, row)
    program.assign(RIGHT, multiply(capacity, moved))


def _capacity(system: System) -> Expr:
    """The inverse of the factor with which a current enters dv/dt: C, times the area if spread."""
    entry = _current(system).name
    found = linear(whole_derivative(system, system.membrane), [entry])
    factor = ZERO if found is None else found[0].get(entry, ZERO)
    if factor == ZERO or names(factor) & varying(system):
        raise _refused(system, f"`I` does not enter d{system.membrane}/dt by a constant factor")
    return divide(ONE, factor)


def _current(system: System) -> Input:
    return system.inputs[-1]  # the composer puts the injected current last


def _dimension(unit: str) -> Dimension:
    return parse_unit(unit)[1]


def _refused(system: System, why: str) -> EquationError:
    remedy = "use passive, hodgkin_huxley or another model linear in its potential"
    return EquationError(f"{system.model} cannot be laid on a cable: {why}", remedy=remedy)
