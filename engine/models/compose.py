"""Composition: a neuron's equations and the synapses on its ports become one system.

The neuron reads ``I``; here it becomes the injected current plus what every port adds.  A synapse's
names get the port behind them, so a neuron may carry any number of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.equations.algebra import ZERO, simplify
from engine.equations.escape import DRAWN, ESCAPE
from engine.equations.language import (
    Equation,
    check_name,
    parse_equations,
    parse_expression,
    parse_statements,
    undeclared,
)
from engine.equations.latex import equations_latex
from engine.equations.stepmap import Input, Slot
from engine.equations.system import System, in_order
from engine.equations.tree import Binary, Expr, Name, Number, substitute, walk
from engine.equations.units import expression_unit, parse_unit
from engine.errors import EquationError, near
from engine.models.declaration import NeuronModel, Parameter, SynapseModel

CURRENT_PORT = "current"
GAP_PORT = "gap"
MAX_PORTS = 16

# What stands on `GAP_PORT` of the neurons at both ends of a gap junction; a backend gives it the
# sum of conductance times difference of potential.  No choice for a port that takes spikes.
GAP = SynapseModel(
    name=GAP_PORT,
    title="Gap junction",
    weight="conductance",
    current="w",
    doc="A conductance between two membranes, the same in both directions.",
    source="Gerstner et al. 2014, Neuronal Dynamics, section 3.1",
)


def compose(model: NeuronModel, ports: Mapping[str, str | SynapseModel] | None = None) -> System:
    """The system of ``model`` with ``ports`` (port -> synapse) replacing or adding to its own.

    Raises ``EquationError`` for an unknown synapse, an undeclared name or a circle of names.
    """
    equations = parse_equations(model.equations)
    synapses = port_synapses(model, ports)
    parameters = all_parameters(model, ports)
    parts = [_Port(model, port, synapse) for port, synapse in synapses.items()]
    own = {eq.target for eq in equations}
    scope = {*own, *parameters, "I"}
    _check_membrane(model, own)
    check_one_kind(model, equations)
    trees = {eq.target: resolved(eq.value, scope, model.equations) for eq in equations}
    updates = {eq.target: trees[eq.target] for eq in equations if eq.discrete}
    derivatives = {
        eq.target: ZERO if eq.discrete else trees[eq.target] for eq in equations if eq.state
    }
    aliases = {eq.target: trees[eq.target] for eq in equations if not eq.state}
    total: Expr = Name("in_current")
    for part in parts:
        derivatives |= part.derivatives
        aliases |= part.aliases
        if part.current is not None:
            total = Binary("+", total, part.current)
    if "I" not in own:
        aliases["I"] = total
    _check_clashes(model, own, parts, parameters)
    return System(
        model=model.name,
        derivatives=derivatives,
        aliases=in_order(aliases),
        inputs=(
            *(part.input for part in parts),
            Input(CURRENT_PORT, "in_current", "hold", model.current_unit),
        ),
        jumps=_jumps(parts),
        threshold=_optional(model.threshold, scope),
        reset=_reset(model, derivatives, scope),
        parameters=_slots(model, parameters),
        initial=_initial(model, parts, scope),
        membrane=model.membrane,
        port_states=tuple(state for part in parts for state in part.derivatives),
        refractory=_optional(model.refractory, set(parameters)),
        holds=tuple(model.holds),
        crossing=model.crossing,
        hazard=_optional(model.hazard, scope),
        caps={state: _parsed(text, set(parameters)) for state, text in model.caps.items()},
        solver=model.solver,
        updates=updates,
        units=_units(equations, parts),
        text={
            "equations": model.equations,
            "equations latex": "\n".join(equations_latex(model.equations, parameters)),
            "threshold": model.threshold,
            "hazard": model.hazard,
            "reset": model.reset,
        },
    )


def port_synapses(
    model: NeuronModel, ports: Mapping[str, str | SynapseModel] | None = None
) -> dict[str, SynapseModel]:
    """Port -> synapse model, the model's own ports first.  Raises ``EquationError``."""
    from engine.models.registry import synapse_models

    known = synapse_models()
    chosen = {**model.ports, **(ports or {})}
    if len(chosen) > MAX_PORTS:
        raise EquationError(f"{model.name} has {len(chosen)} ports; at most {MAX_PORTS} are built")
    found: dict[str, SynapseModel] = {}
    for port, synapse in chosen.items():
        check_name(port, "the port name")
        if port == CURRENT_PORT:
            raise EquationError("the port `current` is always there and takes no synapse")
        if isinstance(synapse, str):
            if synapse not in known:
                remedy = near(synapse, known) or f"there are {', '.join(known)}"
                raise EquationError(f"`{synapse}` is not a synapse model", remedy=remedy)
            synapse = known[synapse]
        elif not isinstance(synapse, SynapseModel):
            raise EquationError(
                f"the synapse on `{port}` must be the name of one, not {synapse!r:.40}"
            )
        found[port] = synapse
    return found


def all_parameters(
    model: NeuronModel, ports: Mapping[str, str | SynapseModel] | None = None
) -> dict[str, Parameter]:
    """Every parameter of the neuron and of the synapses on its ports, in order."""
    found: dict[str, Parameter] = {}
    for port, synapse in port_synapses(model, ports).items():
        own = synapse.ports.get(port, {})
        for name, parameter in synapse.parameters.items():
            default = own.get(name, parameter.default)
            unit = _unit_of(model, parameter.unit)
            found[f"{name}_{port}"] = Parameter(
                default, unit, parameter.bounds, f"{parameter.doc} ({port})"
            )
    # A model may give a default of its own for a port's parameter.
    return {**model.parameters, **{n: p for n, p in found.items() if n not in model.parameters}}


def weight_unit(model: NeuronModel, synapse: SynapseModel) -> str:
    """The unit of a weight onto a port with this synapse."""
    return _unit_of(model, synapse.weight)


def membrane_unit(model: NeuronModel) -> str:
    """The declared unit of the membrane variable."""
    for equation in parse_equations(model.equations):
        if equation.target == model.membrane:
            return equation.unit
    return ""


def _unit_of(model: NeuronModel, unit: str) -> str:
    """``unit`` with "current", "voltage" and "conductance" in the neuron's own units."""
    if unit == "current":
        return model.current_unit
    if unit not in ("voltage", "conductance"):
        return unit
    voltage = membrane_unit(model)
    if unit == "voltage":
        return voltage
    usual = {("pA", "mV"): "nS", ("uA/cm^2", "mV"): "mS/cm^2"}
    if (model.current_unit, voltage) in usual:
        return usual[model.current_unit, voltage]
    current = "1" if model.current_unit in ("", "1") else model.current_unit
    return current if voltage in ("", "1") else f"{current}/({voltage})".replace("(mV)", "mV")


class _Port:
    """One synapse with the port's name behind its names."""

    def __init__(self, model: NeuronModel, port: str, synapse: SynapseModel) -> None:
        self.model, self.port, self.synapse = model, port, synapse
        self.weight_unit = weight_unit(model, synapse)
        kind = "jump" if synapse.on_spike else "hold"
        self.input = Input(port, f"in_{port}", kind, self.weight_unit)
        equations = parse_equations(synapse.equations) if synapse.equations else ()
        own = {eq.target for eq in equations}
        self.new_names = {name: f"{name}_{port}" for name in (*own, *synapse.parameters)}
        self.new_names |= {"v": model.membrane, "w": f"in_{port}"}
        trees = {
            self.new_names[eq.target]: (eq, self._tree(eq.value, synapse.equations))
            for eq in equations
        }
        self.derivatives = {name: tree for name, (eq, tree) in trees.items() if eq.derivative}
        self.aliases = {name: tree for name, (eq, tree) in trees.items() if not eq.derivative}
        self.units = {name: _unit_of(model, eq.unit) for name, (eq, _) in trees.items()}
        self.current: Name | None = None
        if synapse.current:
            self._add_current(own)
        self.jumps = [
            (self.new_names[s.target], self._tree(s.value, synapse.on_spike))
            for s in parse_statements(synapse.on_spike)
        ]

    def _add_current(self, own: set[str]) -> None:
        value = self._tree(parse_expression(self.synapse.current), self.synapse.current)
        name = f"I_{self.port}"
        if value != Name(name):
            self.aliases[name] = value
        self.current = Name(name)

    def _tree(self, expr: Expr, text: str) -> Expr:
        tree = resolved(expr, {*self.new_names, "dt"}, text)
        return substitute(tree, {old: Name(new) for old, new in self.new_names.items()})


def resolved(expr: Expr, scope: set[str], text: str) -> Expr:
    """``expr`` with unit names turned into numbers, every other name declared in ``scope``."""
    units: dict[str, Expr] = {}
    for node in walk(expr):
        if isinstance(node, Name) and node.name not in scope:
            unit = expression_unit(node.name)
            if unit is None:
                raise undeclared(node, scope, text)
            units[node.name] = Number(unit[0])
    found = simplify(substitute(expr, units))
    for node in walk(found):
        if isinstance(node, Binary) and node.op == "/" and node.right == ZERO:
            raise EquationError("this divides by zero", text, node.right.span, "remove it")
    return found


def _parsed(text: str, scope: set[str]) -> Expr:
    return resolved(parse_expression(text), scope, text)


def _optional(text: str, scope: set[str]) -> Expr | None:
    return _parsed(text, scope) if text.strip() else None


def _jumps(parts: list[_Port]) -> dict[str, Expr]:
    """What arrives, merged to one value for each state."""
    found: dict[str, Expr] = {}
    for part in parts:
        for target, value in part.jumps:
            found[target] = substitute(value, {target: found.get(target, Name(target))})
    return found


def _reset(
    model: NeuronModel, derivatives: dict[str, Expr], scope: set[str]
) -> tuple[tuple[str, Expr], ...]:
    found: list[tuple[str, Expr]] = []
    for statement in parse_statements(model.reset):
        if statement.target not in derivatives:
            remedy = near(statement.target, derivatives) or "reset variables with an equation"
            message = f"`{statement.target}` is not a variable"
            raise EquationError(message, model.reset, statement.span, remedy)
        found.append((statement.target, resolved(statement.value, scope, model.reset)))
    return tuple(found)


def _initial(model: NeuronModel, parts: list[_Port], scope: set[str]) -> dict[str, Expr | str]:
    found: dict[str, Expr | str] = {}
    for state, value in model.initial.items():
        found[state] = "rest" if value == "rest" else _parsed(str(value), scope)
    for part in parts:
        for state in part.derivatives:
            found.setdefault(state, ZERO)
    return found


def _slots(model: NeuronModel, parameters: dict[str, Parameter]) -> dict[str, Slot]:
    found: dict[str, Slot] = {}
    scope = set(parameters)
    for name, parameter in parameters.items():
        check_name(name, "the parameter name")
        factor, _ = parse_unit(parameter.unit)
        default = parameter.default
        if isinstance(default, str):
            tree = _parsed(default, scope)
        else:
            tree = Number(_number(name, default) * factor)
        given = tuple((other, _parsed(text, scope)) for other, text in parameter.given.items())
        found[name] = Slot(name, parameter.unit, factor, tree, given)
    return found


def _number(name: str, default: object) -> float:
    if isinstance(default, (int, float)):
        return float(default)
    raise EquationError(f"the default of `{name}` is not a number or an expression")


def _units(equations: tuple[Equation, ...], parts: list[_Port]) -> dict[str, str]:
    found = {eq.target: eq.unit for eq in equations if eq.state}
    for part in parts:
        found |= {name: unit for name, unit in part.units.items() if name in part.derivatives}
    return found


def _check_membrane(model: NeuronModel, own: set[str]) -> None:
    if model.membrane not in own:
        message = f"{model.name} has no equation for its membrane variable `{model.membrane}`"
        raise EquationError(message, remedy=f"write d{model.membrane}/dt = ...")


def check_one_kind(model: NeuronModel, equations: tuple[Equation, ...]) -> None:
    """Raise ``EquationError`` for a model with both rates of change and steps."""
    for equation in equations:
        if equation.discrete and any(other.derivative for other in equations):
            remedy = "write all variables as dx/dt = ..., or all as x := ..."
            message = f"{model.name} mixes rates of change and steps"
            raise EquationError(message, model.equations, equation.span, remedy)


def _check_clashes(
    model: NeuronModel, own: set[str], parts: list[_Port], parameters: dict[str, Parameter]
) -> None:
    made = [name for part in parts for name in (*part.derivatives, *part.aliases)]
    made += [*(part.input.name for part in parts), "in_current", "refractory", "above"]
    made += [ESCAPE, DRAWN] if model.hazard.strip() else []
    taken = [*own, *parameters, *made]
    for name in taken:
        if taken.count(name) > 1:
            message = f"`{name}` of {model.name} is named twice, also by a port"
            raise EquationError(message, remedy="rename it in the equations")
