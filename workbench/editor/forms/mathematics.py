"""A model as rendered lines: its equations, when it spikes, what that does, how long it rests."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.equations.chosen import chosen_equations, chosen_expression, chosen_statements
from engine.equations.language import parse_equations, parse_expression, parse_statements
from engine.equations.latex import (
    condition_mathml,
    equations_mathml,
    name_mathml,
    statements_mathml,
)
from engine.errors import EquationError
from engine.models.declaration import NeuronModel

Line = dict[str, str]


def mathematics(model: NeuronModel, values: Mapping[str, float]) -> list[Line]:
    """Lines {"part", "mathml"}; a text that cannot be read gives none.

    Options stand decided, as ``values`` (in declared units) or the defaults have them; one in
    ``values`` that is not a number, because members differ in it, stays in the text.
    """
    try:
        equations, known = chosen_equations(parse_equations(model.equations), model.chosen(values))
    except EquationError:
        return []
    declared = [*model.parameters, *(each.target for each in equations), "I"]

    def condition(text: str) -> list[str]:
        tree = chosen_expression(parse_expression(text), known) if text.strip() else None
        return [condition_mathml(tree, declared)]

    def reset() -> list[str]:
        statements = chosen_statements(parse_statements(model.reset), known)
        return statements_mathml(statements, declared)

    parts: tuple[tuple[str, Callable[[], list[str]]], ...] = (
        ("equations", lambda: equations_mathml(equations, declared)),
        ("crossing" if model.crossing else "threshold", lambda: condition(model.threshold)),
        ("hazard", lambda: condition(model.hazard)),
        ("reset", reset),
        ("held", lambda: [name_mathml(state) for state in model.holds]),
        ("refractory", lambda: condition(model.refractory)),
    )
    return [{"part": part, "mathml": markup} for part, of in parts for markup in _read(of)]


def _read(lines: Callable[[], list[str]]) -> list[str]:
    try:
        return [markup for markup in lines() if markup]
    except EquationError:
        return []
