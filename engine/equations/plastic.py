"""A learning rule becomes a plastic map: what a backend prints for synapses that change.

A projection has traces of its sources (``pre``) and of its targets (``post``).  At one instant, in
this order:

1. The traces have advanced to it by their step maps, and know no spike of this instant.
2. A spike that reaches a synapse delivers the weight as it stands, then ``on_pre`` runs on it.
3. Where the target spikes ``on_post`` runs, then ``on_teacher`` where its teacher does.  A spike
   that comes twice in a step does so twice.
4. The traces of all that spiked take ``pre_spike`` and ``post_spike``.
5. A reward changes the modulators: ``on_reward``.

So spikes of one instant do not pair with one another.  What synapses and the projection have of
their own, for learning with a third factor, is in `third.py`; random numbers are in `chance.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from numpy.typing import ArrayLike

from engine.equations.chance import PROGRAMS as BY_CHANCE
from engine.equations.chance import WORDS, draws
from engine.equations.compile import compile_system
from engine.equations.constants import constants
from engine.equations.printing import to_text
from engine.equations.program import Program
from engine.equations.stepmap import Derived, Propagator, Slot, StepMap
from engine.equations.system import System
from engine.equations.third import (
    AMOUNT,
    DUE,
    FASTEST,
    RENEWED,
    Eligibility,
    clock_map,
    eligibility,
    touch,
)
from engine.equations.tree import Assign, Expr, names
from engine.errors import EquationError

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
    synapse: dict[str, Expr] = field(default_factory=dict)  # one state at most, that decays
    modulator: dict[str, Expr] = field(default_factory=dict)
    drift: Expr | None = None
    on_teacher: Statements = ()
    on_reward: Statements = ()
    bounds: tuple[str, ...] = ()  # parameters between which weights stay


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
    constants: tuple[str, ...]  # that the programs read
    parameters: tuple[Slot, ...] = ()
    recipes: tuple[Derived | Propagator, ...] = ()
    on_teacher: tuple[Assign, ...] = ()
    on_reward: tuple[Assign, ...] = ()
    touch: tuple[Assign, ...] = ()  # of a weight that drifts: adds `third.DUE`, within its bounds
    clock: StepMap | None = None  # see `third.py`; it has modulators, an eligibility, or both
    modulators: tuple[str, ...] = ()
    eligibility: str = ""  # the synapse's own state, as programs call it
    decay: Expr | None = None  # of it, 1/ms

    @property
    def programs(self) -> dict[str, tuple[Assign, ...]]:
        """All programs by name."""
        return {name: getattr(self, name) for name in PROGRAMS}

    @property
    def drifts(self) -> bool:
        """Whether weights change between spikes."""
        return bool(self.touch)

    @property
    def chance(self) -> bool:
        """Whether random numbers have a part in it, see `chance.py`."""
        return any(draws(self.programs[name]) for name in BY_CHANCE)


PROGRAMS = ("on_pre", "on_post", "pre_spike", "post_spike", "on_teacher", "on_reward", "touch")
NEVER = 2**40  # steps between two renewals where there is nothing to renew


@dataclass(frozen=True)
class PlasticConstants:
    """The numbers of a rule: those of its programs, and those of the traces' step maps."""

    programs: dict[str, float]
    pre: dict[str, float]
    post: dict[str, float]
    clock: dict[str, float] = field(default_factory=dict)
    renewed: int = NEVER  # steps between two moves of the base time


def compile_rule(system: RuleSystem) -> PlasticMap:
    """The plastic map of ``system``.  Raises ``EquationError``."""
    own = _eligibility(system)
    changing = {**system.pre, **system.post, **system.modulator, **system.synapse}
    program = Program(_traces(system, changing))
    program.varying |= {WEIGHT, AMOUNT, DUE, *WORDS}
    lists: dict[str, tuple[Assign, ...]] = {}
    for name in PROGRAMS:
        for target, value in _statements(system, name, own):
            program.assign(target, value)
        lists[name] = program.take()
    read = {name for part in lists.values() for assign in part for name in names(assign.value)}
    recipes = tuple(recipe for recipe in program.recipes if isinstance(recipe, Derived))
    clock = None
    if own is not None or system.modulator:
        clock = clock_map(system.model, system.modulator, own, system.parameters)
    return PlasticMap(
        model=system.model,
        pre=compile_system(_traces(system, system.pre)),
        post=compile_system(_traces(system, system.post)),
        constants=tuple(recipe.name for recipe in recipes if recipe.name in read),
        parameters=tuple(system.parameters.values()),
        recipes=recipes,
        clock=clock,
        modulators=tuple(system.modulator),
        eligibility=own.name if own is not None else "",
        decay=own.decay if own is not None else None,
        **lists,
    )


def _eligibility(system: RuleSystem) -> Eligibility | None:
    """What the synapses have of their own; EquationError for a drift without it."""
    if not system.synapse:
        if system.drift is not None:
            remedy = 'give the synapse one, such as synapse="dc/dt = -c/tau_c"'
            raise EquationError(f"{system.model} has a drift and no eligibility", remedy=remedy)
        return None
    (name, derivative), *more = system.synapse.items()
    if more:
        raise EquationError(
            f"a synapse of {system.model} has more than one state", remedy="use one"
        )
    return eligibility(
        name, derivative, system.drift, set(system.modulator), set(system.parameters)
    )


def _statements(system: RuleSystem, name: str, own: Eligibility | None) -> Statements:
    if name != "touch":
        return getattr(system, name)
    if own is None or own.gain is None:
        return ()
    low, high = system.bounds or ("", "")
    return ((WEIGHT, touch(low, high)),)


def plastic_constants(
    rule: PlasticMap, parameters: Mapping[str, ArrayLike], dt: float
) -> PlasticConstants:
    """The constants of ``rule`` for parameters in their declared units; ``dt`` in ms.

    Raises ``EquationError`` for an unknown name or a constant that is not finite.
    """
    programs = _recipes(rule, rule.constants, rule.recipes)
    parts = (programs, rule.pre, rule.post, *([rule.clock] if rule.clock is not None else []))
    found = [_numbers(constants(part, parameters, dt, 1)) for part in parts]
    return PlasticConstants(*found, renewed=_renewed(rule, parameters, dt))  # type: ignore[arg-type]


def _renewed(rule: PlasticMap, parameters: Mapping[str, ArrayLike], dt: float) -> int:
    """Steps after which all eligibilities get a new base time."""
    if rule.decay is None:
        return NEVER
    whole = _recipes(rule, (rule.eligibility,), (Derived(rule.eligibility, rule.decay),))
    rate = dt * float(constants(whole, parameters, dt, 1)[rule.eligibility])  # type: ignore[arg-type]
    if not 0.0 <= rate <= FASTEST:
        message = f"`{rule.eligibility}` of {rule.model} fades by a factor of exp({rate:g}) a step"
        raise EquationError(message, remedy=f"give it a time constant of {dt:g} ms or more")
    return max(1, min(NEVER, int(RENEWED / rate))) if rate else NEVER


def _recipes(
    rule: PlasticMap, wanted: tuple[str, ...], recipes: tuple[Derived | Propagator, ...]
) -> StepMap:
    """A step map of nothing but recipes, which is all that `constants` reads of it."""
    return StepMap(rule.model, "", (), (), wanted, (), parameters=rule.parameters, recipes=recipes)


def canonical(rule: PlasticMap) -> str:
    """A stable text of what a backend prints of the programs."""
    lines = [f"pre: {', '.join(rule.pre.states)}", f"post: {', '.join(rule.post.states)}"]
    lines.append(f"constants: {', '.join(rule.constants)}")
    if rule.clock is not None:
        lines.append(f"clock: {', '.join(rule.clock.states)}; synapse: {rule.eligibility}")
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
