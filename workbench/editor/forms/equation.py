"""The equations of a population as the inspector shows them, and the solver that steps them."""

from __future__ import annotations

from engine.document import Document, Node
from engine.document.lookup import Anatomy, anatomy, model_of
from engine.equations.language import parse_equations
from engine.equations.latex import equations_mathml
from engine.equations.options import with_options
from engine.equations.printing import to_text
from engine.equations.solvers import SOLVERS, available_solvers, choose_solver
from engine.equations.system import System
from engine.equations.tree import Name, substitute
from engine.models.declaration import NeuronModel
from workbench.editor.forms.rows import AUTOMATIC, Row, choice, help_of, number_of
from workbench.locale import text

# The injected current has a technical name in the equations.
_SHOWN = {"in_current": Name("I_ext")}


def equation_rows(document: Document, node: Node) -> list[Row]:
    """Every equation of the neuron and its synapses, then threshold and reset in a sentence."""
    found = anatomy(document, node)
    if found.system is None:
        return [{"kind": "sentence", "text": found.wrong}] if found.wrong else []
    system = found.system
    declared = [*system.parameters, *system.derivatives, *system.aliases, *_SHOWN]
    rows: list[Row] = [
        {"kind": "math", "lines": _lines(text_of, declared)}
        for text_of in (system.text["equations"], synapse_equations(system))
        if text_of
    ]
    words = spike_sentence(_as_chosen(document, node, system))
    return [*rows, {"kind": "sentence", "text": words}] if words else rows


def _as_chosen(document: Document, node: Node, system: System) -> System:
    """``system`` with the node's options decided: which comparison, which reset."""
    model = model_of(document, node)
    if not isinstance(model, NeuronModel):
        return system
    given = {name: node.parameters[name] for name in model.options if name in node.parameters}
    units = {name: model.parameters[name].unit for name in given}
    numbers = {name: number_of(value, units[name]) for name, value in given.items()}
    if None in numbers.values():  # they differ from member to member
        return system
    return with_options(system, model.chosen(numbers))


def _lines(equations: str, declared: list[str]) -> list[Row]:
    return [{"mathml": markup} for markup in equations_mathml(equations, declared)]


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


def spike_sentence(system: System) -> str:
    """What makes a spike and what it does: "v >= v_th → spike, v = v_reset, hold v for t_ref"."""
    if system.hazard is not None:
        parts = [text("equation.chance", hazard=to_text(system.hazard))]
    elif system.threshold is not None:
        parts = [text("equation.spike", condition=to_text(system.threshold))]
    else:
        return ""
    parts += [f"{target} = {to_text(value)}" for target, value in system.reset]
    if system.refractory is not None:
        held, time = ", ".join(system.holds), to_text(system.refractory)
        parts.append(text("equation.hold", states=held, time=time))
    return readable(", ".join(parts))


def readable(words: str) -> str:
    """Comparisons with the signs that people write."""
    return words.replace(">=", "≥").replace("<=", "≤").replace("!=", "≠")


def solver_row(document: Document, node: Node) -> Row:
    """The solver: which one is chosen from the equations, and those that may be chosen instead."""
    found: Anatomy = anatomy(document, node)
    options = []
    if found.system is not None:
        automatic = SOLVERS[choose_solver(found.system)]
        label = text("inspector.solver.auto", solver=automatic)
        options.append({"value": AUTOMATIC, "label": label})
        options += [
            {"value": name, "label": SOLVERS[name]}
            for name, reason in available_solvers(found.system).items()
            if not reason
        ]
    more = {"changed": node.solver is not None, "live": False, "help": help_of(text("help.solver"))}
    return choice("solver", text("inspector.solver"), node.solver or AUTOMATIC, options, **more)
