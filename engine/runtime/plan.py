"""The plan: a network with every number fixed, the one thing an executor is built from.

The runtime makes it from a document; an executor (one a backend) advances it.  All times are whole
steps here.  Emitters are whatever can have outgoing projections: populations first, then sources,
and a projection names its source by its place in that joint list.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.equations.plastic import PlasticConstants, PlasticMap
from engine.equations.release import ReleaseMap
from engine.equations.stepmap import StepMap
from engine.errors import BackendError

Floats = NDArray[np.floating]
Constant = float | Floats
FOREVER = 2**62  # steps: no run is as long


def index_type(size: int) -> type[np.uint16] | type[np.uint32]:
    """The smallest type that holds the members of a population of ``size``."""
    return np.uint16 if size <= 65_536 else np.uint32


@dataclass
class PopulationPlan:
    """``size`` neurons that share one step map."""

    id: str
    size: int
    step_map: StepMap
    constants: dict[str, Constant]  # name -> scalar or [N]
    state: Floats  # [S, N], initial; the executor copies it
    stream: int  # key of its random stream (noise), see engine.random
    membrane: int = 0  # the row of the state that gap junctions join
    # Whether it has to be taken step by step, as where a synapse has a delay of one step: then an
    # executor may have a better form for it.  The results are the same, but for rounding.
    stepwise: bool = False
    geometry: dict[str, Constant] = field(default_factory=dict)  # parameters of compartments

    def require(self, constants: Mapping[str, Constant]) -> None:
        """Raise BackendError unless every constant is there, a number or one a neuron.

        Compartments must form a tree whose parents come first: compiled code follows them blindly.
        """
        for name in self.step_map.constants:
            if name not in constants:
                raise BackendError(f'population "{self.id}": no value for constant `{name}`')
            shape = np.shape(constants[name])
            if shape not in ((), (self.size,)):
                raise BackendError(
                    f'population "{self.id}": constant `{name}` has shape {shape}, '
                    f"not ({self.size},)"
                )
        tree = self.step_map.tree
        if tree is not None:
            parent = np.asarray(constants[tree.parent])
            joined = np.ndim(constants[tree.conductance]) == 1 and parent.shape == (self.size,)
            if not joined or constants[tree.count] != self.size or not _is_tree(parent):
                raise BackendError(f'population "{self.id}": its compartments form no tree')


def _is_tree(parent: Floats) -> bool:
    """Whether every parent is a whole number from -1 on and stands before its children."""
    whole = np.array_equal(parent, np.floor(parent))
    return whole and bool(np.all((parent >= -1) & (parent < np.arange(len(parent)))))


Course = Callable[[NDArray[np.int64]], Floats]  # what a value is in these steps, [steps]


class Train(Protocol):
    """Spikes that the host makes while a network runs; an executor owns the ``state``."""

    @property
    def most(self) -> int:
        """Most spikes of a member in one step."""
        ...

    def begin(self, size: int) -> Floats:
        """The state before the first step."""
        ...

    def advance(
        self, state: Floats, first: int, end: int
    ) -> tuple[NDArray[np.int64], NDArray[np.uint32], Floats]:
        """Steps and senders of the spikes in steps [first, end), sorted, and the state there.

        Executors ask for the pieces of `engine.backends.ahead`, which no cut of a run moves.
        """
        ...


@dataclass
class SourcePlan:
    """Something that emits without being driven.

    kind "poisson":  ``rate`` expected spikes a step, scalar or [N], or a ``course`` of them; more
                     than one spike a step may come, and is delivered with its multiplicity.
    kind "spikes":   recorded spikes: ``steps`` int64[M] ascending (the step at whose end the spike
                     happens) and ``senders`` uint32[M]; or a ``train`` that makes them, with
                     ``rate`` (scalar, a ``course`` or [N]) as what may be expected of it.
    kind "current":  a value that acts during each step, the same for all members:
                     mean + amplitude in [start, stop) steps, plus ``trace[n]`` in step n (nothing
                     past its end), plus ``course``, plus ``noise_std`` times a normal number x of
                     every member.  Every ``noise_every`` steps x becomes
                     noise_decay x + noise_share xi with a fresh xi, and is xi at first: white
                     noise for a decay of 0, else that of Ornstein and Uhlenbeck.  Where one becomes
                     the other in a run, the last x is kept.
    """

    id: str
    size: int
    kind: str
    stream: int
    rate: Constant = 0.0
    steps: NDArray[np.int64] | None = None
    senders: NDArray[np.uint32] | None = None
    mean: float = 0.0
    amplitude: float = 0.0
    start: int = 0
    stop: int = 0
    noise_std: float = 0.0
    noise_every: int = 1
    noise_decay: float = 0.0
    trace: Floats | None = None  # [steps], with "current"
    course: Course | None = None
    train: Train | None = None

    @property
    def noise_share(self) -> float:
        """The share of a fresh number in noise that remembers, which keeps its variance at 1."""
        return math.sqrt(1.0 - self.noise_decay * self.noise_decay)

    def require_same(self, changed: SourcePlan) -> None:
        """Raise BackendError unless an executor of this source can go on with ``changed``."""
        if self._fixed != changed._fixed:
            raise BackendError(
                f'source "{self.id}": its kind and size are fixed while the network runs; '
                "build anew"
            )

    @property
    def _fixed(self) -> tuple[object, ...]:
        """What executors are laid out for: who emits, and who says ahead what is emitted."""
        return self.kind, self.size, self.course is None, self.train is None

    def expected(self, steps: NDArray[np.int64]) -> Floats:
        """Spikes that may be expected of a member in these steps, the mean over members."""
        if self.course is not None:
            return self.course(steps)
        return np.full(len(steps), float(np.mean(self.rate)))


@dataclass
class Connections:
    """Synapses of one projection, rows by source (CSR), each row sorted by (delay, target)."""

    sources: int
    targets: int
    row: NDArray[np.int64]  # [sources + 1]
    target: NDArray[np.uint16] | NDArray[np.uint32]  # [synapses]
    weight: Constant  # scalar, or [synapses] in the network's float type
    # Steps, >= 1; scalar, or [synapses], 8 bits wide where all fit.
    delay: int | NDArray[np.uint8] | NDArray[np.uint16]

    @property
    def synapses(self) -> int:
        """Number of synapses."""
        return int(self.row[-1])

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        parts = (self.row, self.target, self.weight, self.delay)
        return sum(part.nbytes for part in parts if isinstance(part, np.ndarray))


@dataclass
class PlasticityPlan:
    """The learning rule of a projection; see `engine.equations.plastic` for the order of events.

    A spike emitted at the end of step n over a delay of d steps reaches its synapse at the end of
    step n + d, and a spike of the target its synapses at once (axonal delay).  With ``dendritic``
    the delay lies behind the synapse: it is reached at the end of step n, the weight delivered d
    steps later is that of n, and a spike of the target needs d steps to come back.  Such a synapse
    is worked through at delivery, d steps late, and its weight as it can be read is that late.
    """

    rule: PlasticMap
    constants: PlasticConstants
    dendritic: bool = False
    on: bool = True  # off: weights stay as they are while the traces go on
    # Emitters, by their place in the joint list: each spike of one is a reward of 1, at the end of
    # its step; a spike of member i of the other runs ``on_teacher`` on the synapses of target i,
    # when a spike of the target itself would run ``on_post``.
    reward: int | None = None
    teacher: int | None = None
    stream: int = 0  # key of its random stream, of a rule with chance


@dataclass
class ReleasePlan:
    """Synapses whose weights stay and which tire: see `engine.equations.release`.

    The share that a spike delivers is settled when it is emitted; spikes that a source emits in one
    step count one after the other.
    """

    rule: ReleaseMap
    constants: dict[str, float]
    on: bool = True  # off: whole weights are delivered while the states go on


@dataclass
class ProjectionPlan:
    """Synapses from emitter ``source`` to port row ``port`` of population ``target``.

    A spike emitted at the end of step n over a delay of d steps stands in drive row n + d (d >= 1).
    The value of a current source during step n is multiplied by the weight and added to drive row
    n, without delay.  ``one_to_one`` marks source i -> target i with scalar weight and delay, for
    which ``connections`` may be None and a vector path is taken.

    A ``gap`` adds weight * (v_source - v_target), with both membranes as they are when step n
    begins, to drive row n; a gap junction is two such projections, one each way.
    """

    id: str
    source: int
    target: int
    port: int
    connections: Connections | None
    one_to_one: bool = False
    weight: Constant = 1.0  # with one_to_one
    delay: int = 1  # with one_to_one
    plasticity: PlasticityPlan | None = None  # needs ``connections`` with one delay for all
    release: ReleasePlan | None = None  # needs ``connections``; not together with ``plasticity``
    gap: bool = False  # needs ``connections`` between populations, their delay 1


@dataclass
class MonitorPlan:
    """A state row to keep: of single neurons ("state") or its mean over the population ("mean").

    Sampled at the end of every ``every``-th step (step numbers n with (n + 1) % every == 0).
    """

    population: int
    row: int
    every: int = 1
    kind: str = "state"
    indices: NDArray[np.int64] | None = None  # with "state"


@dataclass
class NetworkPlan:
    """A whole network, ready to advance."""

    dt: float  # ms
    seed: int
    dtype: np.dtype
    populations: list[PopulationPlan]
    sources: list[SourcePlan] = field(default_factory=list)
    projections: list[ProjectionPlan] = field(default_factory=list)
    monitors: list[MonitorPlan] = field(default_factory=list)
    record_sources: tuple[int, ...] = ()  # sources (by place) whose spikes a chunk must carry
    # Rules with the sizes of source and target, known before there are projections to build.
    rules: list[tuple[PlasticMap | ReleaseMap, int, int]] = field(default_factory=list)

    @property
    def heard(self) -> set[int]:
        """Emitters whose spikes a rule hears of as rewards or from a teacher."""
        rules = (each.plasticity for each in self.projections)
        found = (end for rule in rules if rule is not None for end in (rule.reward, rule.teacher))
        return {end for end in found if end is not None}


@dataclass
class Chunk:
    """What an advance produced.  Spikes of populations always, of sources where asked."""

    start: int  # first step
    steps: int
    spikes: dict[int, tuple[NDArray[np.int64], NDArray[np.uint32]]]  # emitter -> step, sender
    monitors: list[Floats]  # one per monitor: [samples, indices], or [samples] for "mean"


class Executor(Protocol):
    """Owns all state of a running network.  Not thread-safe; releases the GIL while it works."""

    step: int  # steps done

    def advance(self, steps: int) -> Chunk:
        """Advance by ``steps`` (>= 1) and return what happened.  The same spikes result however a
        duration is cut into calls, whatever the number of threads and the monitors."""
        ...

    def set_constants(self, population: int, constants: dict[str, Constant]) -> None:
        """New parameter values, from the next step on."""
        ...

    def set_source(self, source: int, plan: SourcePlan) -> None:
        """A source with changed values (not size or kind), from the next step on."""
        ...

    def set_weight(self, projection: int, weight: Constant) -> None:
        """New weights, in the order of the connections."""
        ...

    def weights(self, projection: int) -> Floats:
        """A copy of the weights of a plastic projection, in the order of the connections."""
        ...

    def modulators(self, projection: int) -> dict[str, float]:
        """What rewards have left in a projection that learns from them, by name, now."""
        ...

    def reward(self, projection: int, amount: float) -> None:
        """A reward for the synapses of a projection that learns from rewards, at this moment."""
        ...

    def set_plasticity(self, projection: int, plan: PlasticityPlan | ReleasePlan) -> None:
        """Other constants of the same rule, or learning switched on or off, for what reaches a
        synapse (or is released) from the next step on."""
        ...

    def states(self) -> list[Floats]:
        """A view of state[S, N] of every population, valid until the next advance."""
        ...

    def checkpoint(self) -> dict[str, np.ndarray]:
        """Everything needed to go on exactly from here, arrays only."""
        ...

    def restore(self, checkpoint: dict[str, np.ndarray]) -> None:
        """Go back to a checkpoint of the same plan."""
        ...
