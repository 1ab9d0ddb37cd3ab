"""A learning rule becomes a plastic map: what a backend prints for synapses that change.

A projection has traces of its sources (``pre``) and of its targets (``post``).  At one instant, in
this order:

1. The traces have advanced to it by their step maps, and know no spike of this instant.
2. A spike that reaches a synapse delivers the weight as it stands, then ``on_pre`` runs on it.
3. Where the target spikes ``on_post`` runs.  A spike that comes twice in a step does so twice.
4. The traces of all that spiked take ``pre_spike`` and ``post_spike``.

So spikes of one instant do not pair with one another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from numpy.typing import ArrayLike

from engine.equations.compile import compile_system
from engine.equations.constants import constants
from engine.equations.printing import to_text
from engine.equations.program import Program
from engine.equations.stepmap import Derived, Propagator, Slot, StepMap
from engine.equations.system import System
from engine.equations.tree import Assign, Expr, names

WEIGHT = "w"
Statements = tuple[tuple[str, Expr], ...]


@dataclass(frozen=True)
class RuleSystem:
    """A parsed rule: derivatives of the traces, and the statements at spikes."""

    model: str
    pre: dict[str, Expr]
    post: dict[str, Expr]
    on_pre: Statements
    on_post: Statements
    pre_spike: Statements
    post_spike: Statements
    parameters: dict[str, Slot]


@dataclass(frozen=True)
class PlasticMap:
    """Programs over named scalars: the weight ``w``, the traces of its two ends, and constants."""

    model: str
    pre: StepMap  # of the traces of a source; it has no inputs and no threshold
    post: StepMap
    on_pre: tuple[Assign, ...]
    on_post: tuple[Assign, ...]
    pre_spike: tuple[Assign, ...]
    post_spike: tuple[Assign, ...]
    constants: tuple[str, ...]  # that the four programs read
    parameters: tuple[Slot, ...] = ()
    recipes: tuple[Derived | Propagator, ...] = ()

    @property
    def programs(self) -> dict[str, tuple[Assign, ...]]:
        """The four programs by name."""
        return {name: getattr(self, name) for name in PROGRAMS}


PROGRAMS = ("on_pre", "on_post", "pre_spike", "post_spike")


@dataclass(frozen=True)
class PlasticConstants:
    """The numbers of a rule: those of its programs, and those of the traces' step maps."""

    programs: dict[str, float]
    pre: dict[str, float]
    post: dict[str, float]


def compile_rule(system: RuleSystem) -> PlasticMap:
    """The plastic map of ``system``.  Raises ``EquationError``."""
    whole = _traces(system, {**system.pre, **system.post})
    program = Program(whole)
    program.varying |= {WEIGHT}
    lists: dict[str, tuple[Assign, ...]] = {}
    for name in PROGRAMS:
        for target, value in getattr(system, name):
            program.assign(target, value)
        lists[name] = program.take()
    read = {name for part in lists.values() for assign in part for name in names(assign.value)}
    recipes = tuple(recipe for recipe in program.recipes if isinstance(recipe, Derived))
    return PlasticMap(
        model=system.model,
        pre=compile_system(_traces(system, system.pre)),
        post=compile_system(_traces(system, system.post)),
        constants=tuple(recipe.name for recipe in recipes if recipe.name in read),
        parameters=tuple(system.parameters.values()),
        recipes=recipes,
        **lists,
    )


def plastic_constants(
    rule: PlasticMap, parameters: Mapping[str, ArrayLike], dt: float
) -> PlasticConstants:
    """The constants of ``rule`` for parameters in their declared units; ``dt`` in ms.

    Raises ``EquationError`` for an unknown name or a constant that is not finite.
    """
    # What ``constants`` reads of a step map are its recipes: the programs have the same kind.
    programs = StepMap(rule.model, "", (), (), rule.constants, (), parameters=rule.parameters,
                       recipes=rule.recipes)  # fmt: skip
    parts = (programs, rule.pre, rule.post)
    return PlasticConstants(*(_numbers(constants(part, parameters, dt, 1)) for part in parts))


def canonical(rule: PlasticMap) -> str:
    """A stable text of what a backend prints of the four programs."""
    lines = [f"pre: {', '.join(rule.pre.states)}", f"post: {', '.join(rule.post.states)}"]
    lines.append(f"constants: {', '.join(rule.constants)}")
    for name, program in rule.programs.items():
        text = "; ".join(f"{assign.target} = {to_text(assign.value)}" for assign in program)
        lines.append(f"{name}: {text}")
    return "\n".join(lines)


def _numbers(values: Mapping[str, ArrayLike]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items()}  # type: ignore[arg-type]


def _traces(system: RuleSystem, derivatives: dict[str, Expr]) -> System:
    return System(
        model=system.model,
        derivatives=derivatives,
        aliases={},
        inputs=(),
        jumps={},
        threshold=None,
        reset=(),
        parameters=system.parameters,
        initial={},
        membrane="",
    )
