"""The equations of a population as the inspector shows them, and the solver that steps them."""

from __future__ import annotations

from typing import Any

from engine.document import Document, Node
from engine.document.lookup import Anatomy, anatomy, model_of
from engine.equations.language import parse_equations
from engine.equations.latex import equations_mathml
from engine.equations.printing import to_text
from engine.equations.solvers import SOLVERS
from engine.equations.system import System
from engine.equations.tree import Name, substitute
from engine.models.declaration import NeuronModel
from workbench.editor.forms.mathematics import mathematics
from workbench.editor.forms.rows import AUTOMATIC, Row, choice, help_of, number_of
from workbench.locale import text

# The injected current has a technical name in the equations.
_SHOWN = {"in_current": Name("I_ext")}


def equation_rows(document: Document, node: Node) -> list[Row]:
    """Every equation of the neuron, when it spikes and what that does; then its synapses."""
    found, model = anatomy(document, node), model_of(document, node)
    if found.system is None or not isinstance(model, NeuronModel):
        return [{"kind": "sentence", "text": found.wrong}] if found.wrong else []
    system = found.system
    rows: list[Row] = [{"kind": "math", "lines": mathematics(model, _options(node, model))}]
    if synapses := synapse_equations(system):
        declared = [*system.parameters, *system.derivatives, *system.aliases, *_SHOWN]
        lines = equations_mathml(synapses, declared)
        rows.append({"kind": "math", "lines": [_line(markup) for markup in lines]})
    return rows


def _line(markup: str) -> Row:
    return {"part": "equations", "mathml": markup}


def _options(node: Node, model: NeuronModel) -> dict[str, Any]:
    """The options as the node has them; [] for one in which its members differ."""
    given = {name: node.parameters[name] for name in model.options if name in node.parameters}
    found = {name: number_of(value, model.parameters[name].unit) for name, value in given.items()}
    return {name: [] if value is None else value for name, value in found.items()}


def synapse_equations(system: System) -> str:
    """What the composition made of ``I`` and of the synapses, in the equation language."""
    own = {name for name in system.aliases if name in names_in(system.text["equations"])}
    aliases = [(name, tree) for name, tree in reversed(system.aliases.items()) if name not in own]
    states = [(f"d{name}/dt", system.derivatives[name]) for name in system.port_states]
    return "\n".join(
        f"{left} = {to_text(substitute(tree, _SHOWN))}" for left, tree in (*aliases, *states)
    )


def names_in(equations: str) -> set[str]:
    """What the equations of a model define."""
    return {equation.target for equation in parse_equations(equations)}


def solver_row(document: Document, node: Node) -> Row:
    """The solver: which one is chosen from the equations, and those that may be chosen instead."""
    found: Anatomy = anatomy(document, node)
    options = []
    if found.solvers:
        automatic, *usable = found.solvers
        label = text("inspector.solver.auto", solver=SOLVERS[automatic])
        options.append({"value": AUTOMATIC, "label": label})
        options += [{"value": name, "label": SOLVERS[name]} for name in usable]
    more = {"changed": node.solver is not None, "live": False, "help": help_of(text("help.solver"))}
    return choice("solver", text("inspector.solver"), node.solver or AUTOMATIC, options, **more)
