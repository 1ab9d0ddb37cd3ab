"""Chance in a learning rule: two words that hold a fresh random number whenever a spike comes.

``normal`` is a standard normal number, ``uniform`` one between 0 and 1.  They stand in what spikes
do to a synapse, ``on_pre``, ``on_post`` and ``on_teacher``: every synapse, spike and program has
numbers of its own, which do not change while the program runs, so two uses of a word in one program
are the same number.  Which numbers they are is in `engine/backends/chance.py`.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.equations.tree import Assign, Expr, Name, names, walk
from engine.errors import EquationError

NORMAL, UNIFORM = "normal", "uniform"
WORDS = (NORMAL, UNIFORM)
PROGRAMS = ("on_pre", "on_post", "on_teacher")  # that may read them


def draws(program: Iterable[Assign]) -> tuple[str, ...]:
    """The words that ``program`` reads."""
    read = {name for assign in program for name in names(assign.value)}
    return tuple(word for word in WORDS if word in read)


def refuse(expr: Expr, text: str) -> None:
    """Raise ``EquationError`` where ``expr`` reads a word, for places in which nothing is drawn."""
    for node in walk(expr):
        if isinstance(node, Name) and node.name in WORDS:
            message = f"`{node.name}` is drawn when a spike meets a synapse"
            remedy = f"move it to {', '.join(PROGRAMS[:-1])} or {PROGRAMS[-1]}"
            raise EquationError(message, text, node.span, remedy)
