"""Building the lists of a step map: fresh names, constants worked out on the host, assignments."""

from __future__ import annotations

from collections.abc import Iterable

from engine.equations.algebra import ONE, divide, multiply, simplify
from engine.equations.analysis import varying
from engine.equations.evaluate import evaluate
from engine.equations.language import is_condition
from engine.equations.stepmap import Derived, Propagator
from engine.equations.system import System, reads
from engine.equations.tree import Assign, Binary, Call, Expr, Name, Number, Unary, names

DT = Name("dt")


class Program:
    """Collects assignments and the recipes of the constants that they read."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.varying = varying(system)
        self.assigns: list[Assign] = []
        self.recipes: list[Derived | Propagator] = []
        self.made: set[str] = set()  # names that have a recipe
        self._hoisted: dict[Expr, str] = {}
        self._taken = {
            *system.derivatives,
            *system.aliases,
            *system.parameters,
            *(port.name for port in system.inputs),
            "dt",
        }

    def fresh(self, wanted: str) -> str:
        """``wanted``, with a number behind it if a model already uses that name."""
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}_{number}"
        self._taken.add(name)
        return name

    def assign(self, target: str, value: Expr) -> Name:
        """Append ``target = value``, constants hoisted, and give the name back."""
        self.assigns.append(Assign(target, self.hoist(simplify(value))))
        self.varying.add(target)
        return Name(target)

    def take(self) -> tuple[Assign, ...]:
        """The assignments collected so far; collecting starts anew."""
        found, self.assigns = tuple(self.assigns), []
        return found

    def hoist(self, expr: Expr) -> Expr:
        """``expr`` with every part that does not change during a run made a constant."""
        if isinstance(expr, Number):
            return expr
        if not names(expr) & self.varying and not is_condition(expr):
            return self._invariant(expr)
        match expr:
            case Unary():
                return Unary(expr.op, self.hoist(expr.operand), expr.span)
            case Binary():
                return self._hoist_binary(expr)
            case Call():
                arguments = tuple(self.hoist(argument) for argument in expr.arguments)
                return Call(expr.function, arguments, expr.span)
        return expr

    def propagate(self, recipe: Propagator) -> None:
        """Constants that are entries of a matrix exponential."""
        for row in recipe.matrix:
            for entry in row:
                self._declare(entry)
        self.recipes.append(recipe)
        self.made.update(name for name, *_ in recipe.outputs)

    def _hoist_binary(self, expr: Binary) -> Expr:
        if expr.op not in "*/":
            return Binary(expr.op, self.hoist(expr.left), self.hoist(expr.right), expr.span)
        above, below = factors(expr)
        fixed = product(part for part in above if not names(part) & self.varying)
        fixed = divide(fixed, product(part for part in below if not names(part) & self.varying))
        moving = [self.hoist(part) for part in above if names(part) & self.varying]
        if not names(fixed):
            fixed = Number(float(evaluate(fixed, {}))) if fixed != ONE else fixed
        found = product([self.hoist(fixed), *moving])
        for part in below:
            if names(part) & self.varying:
                found = Binary("/", found, self.hoist(part), expr.span)
        return found

    def _invariant(self, expr: Expr) -> Expr:
        if isinstance(expr, Name):
            if expr.name in self.made:
                return expr
            if expr.name in self.system.aliases:
                self._alias(expr.name)
                return expr
            return self._named(expr, expr.name)
        if not names(expr):
            return expr
        self._declare(expr)
        return self._named(expr, "")

    def _named(self, expr: Expr, name: str) -> Name:
        if expr not in self._hoisted:
            self._hoisted[expr] = name or self.fresh(_readable(expr))
            self.recipes.append(Derived(self._hoisted[expr], expr))
            self.made.add(self._hoisted[expr])
        return Name(self._hoisted[expr])

    def _declare(self, expr: Expr) -> None:
        """Make sure that aliases a recipe reads are worked out before it."""
        for name in self.system.aliases:
            if name in reads(expr, self.system.aliases):
                self._alias(name)

    def _alias(self, name: str) -> None:
        if name in self.made or name in self.varying:
            return
        self._declare(self.system.aliases[name])
        self.recipes.append(Derived(name, self.system.aliases[name]))
        self.made.add(name)


def product(parts: Iterable[Expr]) -> Expr:
    """The product of ``parts``, 1 for none."""
    found: Expr = ONE
    for part in parts:
        found = multiply(found, part)
    return found


def factors(expr: Expr) -> tuple[list[Expr], list[Expr]]:
    """Numerators and denominators of a chain of products and quotients."""
    if not (isinstance(expr, Binary) and expr.op in ("*", "/")):
        return [expr], []
    above, below = factors(expr.left)
    more, less = factors(expr.right)
    if expr.op == "/":
        more, less = less, more
    return above + more, below + less


def _readable(expr: Expr) -> str:
    """A telling name for a hoisted expression, such as ``inv_C``; ``k_...`` for longer ones."""
    if isinstance(expr, Binary) and expr.op == "/" and expr.left == ONE:
        return "inv_" + "_".join(sorted(names(expr.right)))[:32]
    return "k_" + "_".join(sorted(names(expr)))[:32]
