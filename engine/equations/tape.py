"""Straight-line programs in which equal operations are one name, and their reverse.

A tape takes expressions apart into operations on names (value numbering: what is already there is
not written again), runs vector-Jacobian products backward over them, and gives the lot back as the
shortest list of assignments that the wanted results need.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping

from engine.equations.algebra import MAKERS, ONE, ZERO, negate, partials
from engine.equations.language import is_condition
from engine.equations.tree import (
    Assign,
    Binary,
    Call,
    Expr,
    Name,
    Number,
    Unary,
    children,
    names,
    substitute,
)

# A name, a number, or a name with a minus sign: what an operation takes.
Atom = Expr
# Operations whose value may be infinite or undefined although their operands are finite.
_RISKY = {"log", "sqrt", "exp", "exprel", "sinh", "cosh"}
_MOST_HEIGHT = 24  # nesting of what `program` writes into one assignment


class Tape:
    """Operations in order of creation; ``fixed`` are names that do not change during a run."""

    def __init__(self, fixed: Iterable[str] = ()) -> None:
        self.nodes: dict[str, Expr] = {}  # name -> one operation on atoms
        self.fixed = set(fixed)
        self._known: dict[Expr, str] = {}
        self._risky: set[str] = set()
        self._mixed: set[str] = set()  # adjoints that are 0 where several conditions are false

    def put(self, expr: Expr, values: Mapping[str, Atom] | None = None) -> Atom:
        """``expr`` as an atom, its names standing for ``values`` (for themselves if absent)."""
        values = values or {}
        match expr:
            case Number():
                return Number(expr.value)
            case Name():
                return values.get(expr.name, Name(expr.name))
            case Unary():
                operand = self.put(expr.operand, values)
                return self._made(negate(operand) if expr.op == "-" else Unary("not", operand))
            case Binary():
                left, right = self.put(expr.left, values), self.put(expr.right, values)
                maker = MAKERS.get(expr.op)
                return self._made(maker(left, right) if maker else Binary(expr.op, left, right))
        arguments = tuple(self.put(argument, values) for argument in expr.arguments)
        return self._made(_call(expr.function, arguments))

    def define(self, name: str, value: Atom) -> Name:
        """``name`` as another word for ``value``, at which `backward` stops."""
        self.nodes[name] = value
        return Name(name)

    def when(self, condition: Atom, then: Atom, otherwise: Atom) -> Atom:
        """``where(condition, then, otherwise)``, each branch knowing which way it went."""
        then = self._branch(condition, then, 1)
        otherwise = self._branch(condition, otherwise, 2)
        return self.put(Call("where", (condition, then, otherwise)))

    def backward(self, seeds: dict[str, Atom], within: Iterable[str]) -> dict[str, Atom]:
        """Adjoints of all leaves of the operations ``within`` (names in order of creation).

        ``seeds`` maps names to their adjoints so far; it is added to and given back.
        """
        for name in reversed(list(within)):
            if name in seeds and seeds[name] != ZERO:
                self._step_back(name, seeds)
        return seeds

    def grow(self, seeds: dict[str, Atom], target: Atom, value: Atom) -> None:
        """Add ``value`` to the adjoint of ``target``."""
        if isinstance(target, Unary):
            target, value = target.operand, self._made(negate(value))
        if isinstance(target, Name) and value != ZERO:
            seeds[target.name] = self._sum(seeds.get(target.name, ZERO), value)

    def scaled(self, adjoint: Atom, factor: Expr) -> Atom:
        """``adjoint * factor``; 0 where a masked adjoint is 0, whatever the factor is there."""
        if isinstance(factor, Call) and factor.function == "where":
            condition, then, other = factor.arguments
            if isinstance(then, Number) or isinstance(other, Number):
                branches = self.scaled(adjoint, then), self.scaled(adjoint, other)
                return self.when(self.put(condition), *branches)
        atom = self.put(factor)
        risky = self.is_risky(atom)
        return self._inside(adjoint, lambda part: self.put(Binary("*", part, atom)), risky)

    def _inside(self, adjoint: Atom, change: Callable[[Atom], Atom], risky: bool) -> Atom:
        """``change`` of an adjoint, within the branches where it is not 0.

        Outside its branch a factor may be infinite, and 0 times infinity is NaN.
        """
        parts = self._masked_parts(adjoint)
        if parts is not None:
            condition, then, other = parts
            then, other = (self._inside(part, change, risky) for part in (then, other))
            return self.when(condition, then, other)
        found = change(adjoint)
        if names(adjoint) & self._mixed:
            if risky:
                found = self.when(self.put(Binary("==", adjoint, ZERO)), ZERO, found)
            self._mixed |= names(found)
        return found

    def _masked_parts(self, adjoint: Atom) -> tuple[Atom, Atom, Atom] | None:
        """Condition and branches of an adjoint that is 0 in one of them, else None."""
        if isinstance(adjoint, Unary):
            parts = self._masked_parts(adjoint.operand)
            if parts is None:
                return None
            return parts[0], self._made(negate(parts[1])), self._made(negate(parts[2]))
        node = self.nodes.get(adjoint.name) if isinstance(adjoint, Name) else None
        if not isinstance(node, Call) or node.function != "where":
            return None
        condition, then, other = node.arguments
        masked = ZERO in (then, other) or any(map(self._masked_parts, (then, other)))
        return (condition, then, other) if masked else None

    def _sum(self, old: Atom, value: Atom) -> Atom:
        one, two = self._masked_parts(old), self._masked_parts(value)
        if one and two and one[0] == two[0]:
            return self.when(one[0], self._sum(one[1], two[1]), self._sum(one[2], two[2]))
        found = self.put(Binary("+", old, value))
        if all(self._masked_parts(part) or names(part) & self._mixed for part in (old, value)):
            self._mixed |= names(found)
        return found

    def _branch(self, condition: Atom, atom: Atom, side: int) -> Atom:
        """``atom`` where ``condition`` is known: a choice by the same condition is made."""
        if isinstance(atom, Unary) and atom.op == "-":
            return self._made(negate(self._branch(condition, atom.operand, side)))
        node = self.nodes.get(atom.name) if isinstance(atom, Name) else None
        if isinstance(node, Call) and node.function == "where" and node.arguments[0] == condition:
            return self._branch(condition, node.arguments[side], side)
        return atom

    def _step_back(self, name: str, seeds: dict[str, Atom]) -> None:
        node, adjoint = self.nodes[name], seeds[name]
        match node:
            case Unary(op="-"):
                self.grow(seeds, node.operand, self._made(negate(adjoint)))
            case Binary():
                self._binary_back(node, Name(name), adjoint, seeds)
            case Call(function="where"):
                condition, then, other = node.arguments
                self.grow(seeds, then, self.when(condition, adjoint, ZERO))
                self.grow(seeds, other, self.when(condition, ZERO, adjoint))
            case Call():
                for argument, part in zip(node.arguments, partials(node), strict=True):
                    if isinstance(argument, Name | Unary) and not isinstance(argument, Number):
                        self.grow(seeds, argument, self.scaled(adjoint, part))

    def _binary_back(
        self, node: Binary, value: Name, adjoint: Atom, seeds: dict[str, Atom]
    ) -> None:
        left, right = node.left, node.right
        match node.op:
            case "+":
                self.grow(seeds, left, adjoint)
                self.grow(seeds, right, adjoint)
            case "-":
                self.grow(seeds, left, adjoint)
                self.grow(seeds, right, self._made(negate(adjoint)))
            case "*":
                self._to(left, lambda: self.scaled(adjoint, right), seeds)
                self._to(right, lambda: self.scaled(adjoint, left), seeds)
            case "/":
                risky = self.is_risky(right) or not self._is_fixed(right)
                share = self._inside(adjoint, lambda a: self.put(Binary("/", a, right)), risky)
                self.grow(seeds, left, share)
                self._to(right, lambda: self._made(negate(self.scaled(share, value))), seeds)
            case "**":
                self._to(left, lambda: self._falling(node, adjoint), seeds)
                self._to(right, lambda: self._growing(node, value, adjoint), seeds)

    def _to(self, target: Atom, value: Callable[[], Atom], seeds: dict[str, Atom]) -> None:
        if not isinstance(target, Number):
            self.grow(seeds, target, value())

    def _falling(self, node: Binary, adjoint: Atom) -> Atom:
        """adjoint d(x**n)/dx."""
        less = self.put(Binary("-", node.right, ONE))
        part = self.put(Binary("*", node.right, Binary("**", node.left, less)))
        return self._inside(adjoint, lambda a: self.put(Binary("*", a, part)), True)

    def _growing(self, node: Binary, value: Name, adjoint: Atom) -> Atom:
        """adjoint d(x**n)/dn; 0 where x is not positive, as a power of 0 does not change."""
        safe = self.when(self.put(Binary(">", node.left, ZERO)), node.left, ONE)
        part = self.put(Binary("*", value, Call("log", (safe,))))
        return self._inside(adjoint, lambda a: self.put(Binary("*", a, part)), True)

    def _made(self, expr: Expr) -> Atom:
        """The atom for one operation, or for the few that a simplification makes of it."""
        match expr:
            case Number() | Name():
                return expr
            case Unary(op="-"):
                return negate(self._made(expr.operand))
            case Unary():
                return Name(self._named(Unary(expr.op, self._made(expr.operand))))
            case Binary():
                left, right = self._made(expr.left), self._made(expr.right)
                return Name(self._named(Binary(expr.op, left, right)))
        arguments = tuple(self._made(argument) for argument in expr.arguments)
        return Name(self._named(Call(expr.function, arguments)))

    def _named(self, node: Expr) -> str:
        if node not in self._known:
            name = f"node:{len(self.nodes)}"
            self._known[node] = name
            self.nodes[name] = node
            if self._is_fixed(node):
                self.fixed.add(name)
            if self._may_overflow(node):
                self._risky.add(name)
        return self._known[node]

    def _may_overflow(self, node: Expr) -> bool:
        if any(self.is_risky(part) for part in children(node)):
            return not is_condition(node)
        match node:
            case Binary(op="/"):
                return not self._is_fixed(node.right)
            case Binary(op="**"):
                return True
            case Call():
                return node.function in _RISKY
        return False

    def is_risky(self, atom: Atom) -> bool:
        """Whether ``atom`` may be infinite or undefined where a condition keeps it out."""
        return bool(names(atom) & self._risky)

    def _is_fixed(self, atom: Atom) -> bool:
        return names(atom) <= self.fixed

    def needed(self, wanted: Iterable[Atom], stop: Collection[str] = ()) -> set[str]:
        """Names that ``wanted`` atoms lead to, leaves included; not on from those in ``stop``."""
        found = set[str]().union(*(names(atom) for atom in wanted))
        for name in reversed(self.nodes):
            if name in found and name not in stop:
                found |= names(self.nodes[name])
        return found

    def program(self, wanted: Iterable[Atom]) -> tuple[Assign, ...]:
        """The assignments that ``wanted`` atoms need, in order; what is read once is written in."""
        wanted = list(wanted)
        final = set[str]().union(*(names(atom) for atom in wanted))
        reached = self.needed(wanted)
        needed = [name for name in self.nodes if name in reached]
        counts = Counter(leaf.name for name in needed for leaf in _leaves(self.nodes[name]))
        written: dict[str, Expr] = {}
        heights: dict[str, int] = {}
        found: list[Assign] = []
        for name in needed:
            node = self.nodes[name]
            height = 1 + max((heights.get(part, 0) for part in names(node)), default=0)
            once = counts[name] == 1 and height < _MOST_HEIGHT
            if name not in final and (once or _is_atom(node)):
                written[name], heights[name] = substitute(node, written), height
            else:
                found.append(Assign(name, substitute(node, written)))
        return tuple(found)


def _leaves(expr: Expr) -> list[Name]:
    if isinstance(expr, Name):
        return [expr]
    return [leaf for part in children(expr) for leaf in _leaves(part)]


def _is_atom(expr: Expr) -> bool:
    if isinstance(expr, Unary) and expr.op == "-":
        return isinstance(expr.operand, Name | Number)
    return isinstance(expr, Name | Number)


def _call(function: str, arguments: tuple[Expr, ...]) -> Expr:
    if function == "where" and arguments[1] == arguments[2]:
        return arguments[1]
    return Call(function, arguments)
