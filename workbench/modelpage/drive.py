"""What the neuron on the model page is driven with, and what to begin with for a model."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analysis import rheobase
from engine.document import Document
from engine.equations.language import parse_equations
from engine.errors import DataError, WorkbenchError
from engine.models.declaration import NeuronModel
from engine.models.protocol import Protocol
from engine.response import Response, response
from engine.runtime.adaptive import ADAPTIVE
from workbench.modelpage import arrivals

DURATIONS = {"conductance-based": 200.0, "discrete": 100.0}  # ms, of a group; steps of 1 ms
USUAL_DURATION = 500.0
LONGEST, SHORTEST = 20_000.0, 1.0  # ms
FINEST, COARSEST = 0.001, 10.0  # ms
MOST_STEPS = 500_000
BEFORE, BEHIND = 0.1, 0.9  # shares of the duration between which the current flows
LEAST = {"pA": 1.0, "nA": 1e-3}  # a current that is hardly seen, by unit
EXACT = 0.02  # share of itself by which the weakest current may be missed
ABOVE = 1.5  # the current to begin with, in multiples of the weakest that makes a spike


STEP, RAMP, REGULAR, POISSON = KINDS = ("step", "ramp", "regular", "poisson")
TRAINS = (REGULAR, POISSON)  # of spikes that arrive at a port
USUAL_ARRIVALS = 12  # spikes of a train, if nobody says how many a second


@dataclass(frozen=True)
class Drive:
    """A current, spikes that arrive at a port, or a protocol of the model.

    ``current`` None: find one at which the model fires, ``weight`` None: one that is seen; unless
    there is a protocol.
    """

    current: float | None = None
    chosen: bool = False  # whether a person said how strong it is
    duration: float = USUAL_DURATION
    dt: float = 0.1
    solver: str | None = None
    protocol: Protocol | None = None
    kind: str = STEP
    port: str = ""
    rate: float | None = None  # Hz
    weight: float | None = None  # in the unit of the port

    @property
    def by_spikes(self) -> bool:
        """Whether spikes drive the neuron, not a current."""
        return self.protocol is None and self.kind in TRAINS

    @property
    def open(self) -> bool:
        """Whether a current, or the weight of the spikes, is still to be found."""
        if self.by_spikes:
            return self.weight is None
        return self.current is None and self.protocol is None

    @property
    def spike_rate(self) -> float:
        """Spikes a second that arrive."""
        start, stop = self.window
        usual = arrivals.two_digits(1000 * USUAL_ARRIVALS / (stop - start))
        return usual if self.rate is None else self.rate

    @property
    def arrivals(self) -> NDArray[np.floating]:
        """When spikes arrive, ms; none for a current."""
        if not self.by_spikes:
            return np.empty(0)
        return arrivals.train(self.kind, self.spike_rate, self.window, self.dt)

    @property
    def steps(self) -> int:
        """Steps of the whole drawing."""
        return max(1, round(self.duration / self.dt))

    @property
    def window(self) -> tuple[float, float]:
        """When the current flows, ms; of a protocol the whole time."""
        if self.protocol is not None:
            return 0.0, self.duration
        return BEFORE * self.duration, BEHIND * self.duration

    def waveform(self) -> NDArray[np.float64]:
        """The current of every step, in the model's unit."""
        if self.protocol is not None:
            return self.protocol.trace(self.steps, self.dt, self.solver)
        trace = np.zeros(self.steps)
        if self.by_spikes:
            return trace
        first, last = (round(time / self.dt) for time in self.window)
        strength = self.current or 0.0
        rise = (np.arange(last - first) + 0.5) / (last - first) if self.kind == RAMP else 1.0
        trace[first:last] = strength * rise
        return trace

    @property
    def level(self) -> float:
        """The one current that stands for all: of a protocol the one farthest from 0."""
        if self.protocol is None:
            return 0.0 if self.by_spikes else self.current or 0.0
        trace = self.waveform()
        return float(trace[np.argmax(np.abs(trace))])


@dataclass(frozen=True)
class Case:
    """One neuron and what it is driven with: a model, what is varied of it, a drive.

    ``document`` holds the same neuron, with the synapses on its ports.
    """

    model: NeuronModel
    values: Mapping[str, float]  # parameters, in their units
    initial: Mapping[str, Any]
    drive: Drive
    document: Document = field(default_factory=Document)

    def respond(self, current: Any, duration: float, record: Sequence[str] | None) -> Response:
        """What the neuron does with ``current`` (a number, or one a step) for ``duration`` ms.

        Driven by spikes it does so for all of the drive, and the synapses' states are recorded too.
        """
        drive = self.drive
        if drive.by_spikes:
            return arrivals.respond(self)
        given = drive.protocol.initial if drive.protocol is not None else {}
        return response(
            self.model,
            current,
            duration,
            drive.dt,
            self.values,
            {**given, **self.initial},
            record,
            drive.solver,
        )


def with_protocol(drive: Drive, protocol: Protocol | None) -> Drive:
    """The drive that a preset asks for; without a protocol a step, its current still to be found
    unless a person has said how strong it is."""
    if protocol is None:
        current = drive.current if drive.chosen else None
        return replace(drive, protocol=None, current=current, weight=None, solver=None)
    duration = min(max(protocol.duration, SHORTEST), LONGEST)
    dt = protocol.dt or drive.dt
    solver = protocol.solver if protocol.solver != ADAPTIVE else None
    return Drive(None, False, duration, dt, solver, protocol)


def is_discrete(model: NeuronModel) -> bool:
    """Whether steps are what the model counts, not milliseconds."""
    try:
        return any(equation.discrete for equation in parse_equations(model.equations))
    except WorkbenchError:
        return False


def usual_drive(model: NeuronModel) -> Drive:
    """What to begin with; the current is sought by ``rousing_current``."""
    if is_discrete(model):
        return Drive(duration=DURATIONS["discrete"], dt=1.0)
    return Drive(duration=DURATIONS.get(model.group, USUAL_DURATION))


def rousing_drive(case: Case, threshold: float | None) -> Generator[None, None, Drive]:
    """The drive with the current, or the weight, that it was open about."""
    if case.drive.by_spikes:
        yield
        return replace(case.drive, weight=arrivals.visible_weight(case, threshold))
    return replace(case.drive, current=(yield from rousing_current(case)))


def rousing_current(case: Case) -> Generator[None, None, float]:
    """Half as much again as the weakest current that makes a model fire, with two digits.

    0 for a model that fires by itself; for one that never fires, a current that is seen.
    """
    yield
    model, drive = case.model, case.drive
    try:
        # Twice: many models answer the beginning of any step with one spike.
        least = rheobase(
            model, drive.duration, 2, None, drive.dt, EXACT, case.values, solver=drive.solver
        )
    except DataError:
        return 100 * LEAST.get(model.current_unit, 0.01)
    return arrivals.two_digits(ABOVE * least) if least > 0 else 0.0
