"""A model's text for reading once its options are chosen: no line that says only which is which.

Kernels are built from the composed system (``options.py``); here names of units still stand, so
that what is printed is what was written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.equations.algebra import simplify
from engine.equations.language import Equation, Statement
from engine.equations.options import decided
from engine.equations.tree import Expr, Name, Number, names, substitute


def chosen_equations(
    equations: Sequence[Equation], values: Mapping[str, float]
) -> tuple[tuple[Equation, ...], dict[str, Expr]]:
    """A model's equations with the options in ``values`` decided, and what to read for which name.

    A sub-expression that has become a number leaves its line and stands where it is read; it is in
    the second result, with the options, for threshold and reset.
    """
    known: dict[str, Expr] = {name: Number(value) for name, value in values.items()}
    if not known:
        return tuple(equations), known
    found: list[Equation] = []
    for equation in equations:
        value = chosen_expression(equation.value, known)
        if isinstance(value, Number) and not equation.state and value != equation.value:
            known[equation.target] = value
        else:
            found.append(replace(equation, value=value))
    return tuple(found), known


def chosen_expression(expr: Expr, known: Mapping[str, Expr]) -> Expr:
    """``expr`` with the names in ``known`` replaced, and without what that decides."""
    if not names(expr) & known.keys():
        return expr
    return simplify(decided(substitute(expr, dict(known))))


def chosen_statements(
    statements: Sequence[Statement], known: Mapping[str, Expr]
) -> tuple[Statement, ...]:
    """A reset with ``known`` replaced; what leaves its variable as it is, is left out."""
    found = [replace(each, value=chosen_expression(each.value, known)) for each in statements]
    return tuple(each for each in found if each.value != Name(each.target))
