"""What the forward pass keeps of conditions: a bit, where the whole row would serve nothing else.

A condition on the state at a cut ("is it refractory?") needs rows of that state.  Where those rows
serve only conditions, the conditions are worked out in the forward pass and kept as bits.
"""

from __future__ import annotations

from collections.abc import Collection

from engine.equations.language import is_condition
from engine.equations.tape import Atom, Tape
from engine.equations.tree import Assign, Expr, Name, names, substitute

MOST_BITS = 8  # one byte a neuron and step


def bits_of(
    tape: Tape, wanted: Collection[Atom], sides: Collection[str], later: str
) -> tuple[Assign, ...]:
    """The bits to keep for what ``wanted`` atoms read; their operations on ``tape`` become them.

    ``sides`` are the prefixes of the names of one cut: the condition ``cut:x > 0`` becomes the name
    ``cut:bit 0``, and ``bit 0`` is assigned ``x > 0``, over names without a prefix, earlier bits,
    constants and ``later``.
    """
    support = _supports(tape, later)
    pure = {
        name: rows
        for name, rows in support.items()
        if is_condition(tape.nodes.get(name, Name(name)))
        and any(rows and all(row.startswith(side) for row in rows) for side in sides)
    }
    real = {name for name in tape.needed(wanted, pure) if name.startswith(tuple(sides))}
    kept = {_bare(name) for name in real}
    found: dict[Expr, str] = {}
    reached = tape.needed(wanted)
    for name in (name for name in pure if name in reached):
        whole = _written_out(tape, name)
        rows = names(whole) - tape.fixed - {later}
        if {_bare(row) for row in rows} <= kept:
            continue  # what is kept anyway can be compared again
        expr = substitute(whole, {row: Name(_bare(row)) for row in rows})
        if expr in found or len(found) < MOST_BITS:
            bit = found.setdefault(expr, f"bit {len(found)}")
            kept.add(bit)
            tape.nodes[name] = Name(f"{_side(rows)}:{bit}")
    return tuple(Assign(bit, expr) for expr, bit in found.items())


def _supports(tape: Tape, later: str) -> dict[str, set[str]]:
    """Operation -> the names from outside that it leads to, constants and ``later`` left out."""
    support: dict[str, set[str]] = {}
    for name, node in tape.nodes.items():
        parts = (support.get(part, {part}) for part in names(node))
        support[name] = set[str]().union(*parts) - tape.fixed - {later}
    return support


def _written_out(tape: Tape, name: str) -> Expr:
    """The operation ``name`` with everything that it reads written into it."""
    node = tape.nodes[name]
    inner = {part: _written_out(tape, part) for part in names(node) if part in tape.nodes}
    return substitute(node, inner)


def _bare(row: str) -> str:
    return row.partition(":")[2]


def _side(rows: set[str]) -> str:
    return next(iter(rows)).partition(":")[0]
