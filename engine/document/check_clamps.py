"""What can be wrong with a voltage clamp: what it holds, how it gets there, and beside what."""

from __future__ import annotations

from engine.document import lookup
from engine.document.check_values import extent
from engine.document.structure import Document, Edge, Node
from engine.document.values import is_spatial
from engine.equations.clamp import clamped
from engine.errors import EquationError, Problem, WorkbenchError


def clamp_problem(document: Document, source: Node, target: Node) -> tuple[str, str, str] | None:
    """(code, what is wrong, what to do) if nothing can hold the membrane of ``target``."""
    if source.size != 1:
        message = f'"{source.title}" has {source.size:,} members, and one command holds a membrane'
        return "clamp", message, "make its size 1"
    if target.is_cell:
        message = f'"{target.title}" is a cell of compartments, and a clamp holds whole populations'
        return "clamp", message, "clamp a point neuron"
    system = lookup.anatomy(document, target).system
    if system is None:
        return None  # the model is the problem, and is said at the node
    try:
        clamped(system)
    except EquationError as error:
        return "clamp", error.message, error.remedy
    return None


def hold_problems(document: Document, edge: Edge, source: Node, target: Node) -> list[Problem]:
    """Problems of a wire from a clamp, where its two ends suit one another."""
    path, found = f"edges/{edge.id}", []
    for other in document.edges:
        twin = other.id != edge.id and other.target == edge.target
        if twin and lookup.holds(document, other):
            message = f'"{target.title}" is held by `{other.id}` already'
            found.append(Problem(path, "clamp-twice", message, "delete one of the two"))
            break
    # Any other rule may leave a member without its command.
    whole = ("all_to_all", "one_to_one") if target.size == 1 else ("all_to_all",)
    if edge.rule["kind"] not in whole:
        message = f'a clamp holds every member of "{target.title}"'
        remedy = "use the rule all_to_all, and a population of their own for those to be held"
        found.append(Problem(f"{path}/rule", "clamp-rule", message, remedy))
    if not _is_one(edge):
        message = "a command is followed as it is, so the weight is 1"
        found.append(Problem(f"{path}/weight", "clamp-weight", message, "set it to 1"))
    return found


def _is_one(edge: Edge) -> bool:
    try:
        return not is_spatial(edge.weight) and extent(edge.weight, "1") == (1.0, 1.0)
    except (WorkbenchError, TypeError, KeyError, ValueError):
        return True  # a broken weight is a problem of its own
