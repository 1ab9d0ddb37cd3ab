"""Digits learnt without labels: Diehl & Cook 2015, Frontiers in Computational Neuroscience 9:99.

Every pixel is a Poisson source whose rate is its brightness, and drives all excitatory neurons
through synapses that learn by `stdp_diehl_cook`.  Each excitatory neuron has an inhibitory partner
that silences all the others, so one neuron at a time answers a picture, and learns it.  Two things
see to it that every neuron finds something of its own: the threshold of a neuron rises by
``theta_plus`` at each of its spikes and falls hardly at all, and its weights keep their sum.

A picture is shown for ``shown`` ms, then all rates are 0 for ``rest`` ms.  One that makes fewer
than ``fewest`` spikes is shown again with higher rates.  Labels serve only to read the spikes
afterwards: a neuron stands for the class that it answers most, and of all classes the one whose
neurons fire most, on average, is read.

Conductances are in units of the leak, which is 1 nS.  Two things differ from the authors' code:
spikes of the input take one step and not 0 to 10 ms, and thresholds relax to ``v_th`` and not to
20 mV below it.
"""

from __future__ import annotations

import io
import math
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

import engine
from engine import checked
from engine.checked import Whole, integers, number, told, whole
from engine.coding.readout import voted
from engine.document.files import write_atomically
from engine.errors import DataError, RunStopped
from engine.learning.checked import array
from engine.learning.checked import labels as checked_labels
from engine.learning.course import Cancel, Progress, State, Trained, Watch, follow
from engine.runtime.simulation import Simulation

Floats = NDArray[np.floating]
Counts = NDArray[np.int32]  # of spikes

PIXELS, CELLS, PARTNERS = "pixels", "exc", "inh"
LEARNT = "pixels-exc"
MOST_CLASSES = 10_000
MOST_SPIKES = 2**31 - 1  # of a neuron while a picture is shown
FOREVER = 1e15  # ms: a threshold that stays
MOST_TIMES = 10  # a picture is shown; one that is dark never makes a spike
ROUND = 250  # pictures whose share of errors is told
RECENT = 5000  # pictures, the last ones, by which neurons are given their classes


class Features(NamedTuple):
    """What was learnt, and how it was answered."""

    weights: Floats  # [pixels, neurons], nS
    threshold: Floats  # [neurons], mV
    spikes: Counts  # [pictures, neurons], while each picture was shown the last time

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write an npz file, whole or not at all; DataError where that cannot be."""
        content = io.BytesIO()
        np.savez_compressed(content, **self._asdict())
        write_atomically(path, content.getvalue())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Features:
        """What `save` wrote; DataError for another file."""
        if not isinstance(path, str | os.PathLike):
            raise DataError(f"`path` must be the path of a file, not {checked.told(path)}")
        try:
            with np.load(path, allow_pickle=False) as found:
                return cls(*(found[name] for name in cls._fields))
        except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile) as error:
            name = Path(path).name
            raise DataError(f'"{name}" holds no features of digits; learn them anew') from error


@dataclass(frozen=True)
class DiehlCook:
    """The network and how it is shown pictures; times in ms, rates in Hz."""

    neurons: int = 100
    rows: int = 28
    columns: int = 28
    dt: float = 0.5
    rate_max: float = 63.75  # of a white pixel
    shown: float = 350.0
    rest: float = 150.0
    fewest: int = 5  # spikes of all neurons
    theta_plus: float = 0.05  # mV
    tau_theta: float = 1e7
    rate: float = 0.01  # nu_post, share of w_max by which a spike of a neuron strengthens
    weight_sum: float = 78.0  # nS at every neuron
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("neurons", "rows", "columns"):
            whole(getattr(self, name), name)
        for name in ("dt", "rate_max", "shown", "rest", "weight_sum", "tau_theta"):
            number(getattr(self, name), name, 0)
        number(self.theta_plus, "theta_plus", 0, open_low=False)
        number(self.rate, "rate", 0, 1, open_low=False)
        whole(self.seed, "seed", 0)
        whole(self.fewest, "fewest", 0)

    @property
    def pixels(self) -> int:
        """Members of the input."""
        return self.rows * self.columns

    def network(
        self,
        pictures: dict[str, Any] | None = None,
        features: Features | None = None,
        learning: bool = True,
    ) -> engine.Network:
        """The network, with random weights; with ``features``, with thresholds that were learnt.

        ``pictures`` are parameters of the source `rate_code` that shows them, one after another
        whatever they make; without it the input waits for rates.  With ``learning=False`` weights
        and thresholds stay.
        """
        features = None if features is None else self.require_fitting(features)
        net = engine.Network("Digits without labels", dt=self.dt, seed=self.seed)
        grid = {"kind": "grid", "columns": self.columns, "from_top": True}
        if pictures is None:
            pixels = net.source(PIXELS, "poisson", self.pixels, label="Pixels", geometry=grid,
                                rate=0)  # fmt: skip
        else:
            shown = {"rate_max": self.rate_max, "steps": round(self.shown), "pause": self.rest}
            pixels = net.source(PIXELS, "rate_code", self.pixels, label="Pixels", geometry=grid,
                                **{**shown, **pictures})  # fmt: skip
        conductance = {"exc": "exp_conductance", "inh": "exp_conductance"}
        cells = net.population(
            CELLS, self.neurons, "lif_adaptive_threshold", label="Excitatory", ports=conductance,
            initial={} if features is None else {"th": features.threshold.tolist()},
            C=100, g_L=1, E_L=-65, v_reset=-65, th0=-52, t_ref=5,
            d=self.theta_plus if learning else 0, tau_th=self.tau_theta if learning else FOREVER,
            tau_exc=1, E_exc=0, tau_inh=2, E_inh=-100,
        )  # fmt: skip
        partners = net.population(
            PARTNERS, self.neurons, "lif_cond_exp", label="Inhibitory",
            C=10, g_L=1, E_L=-60, v_reset=-45, v_th=-40, t_ref=2,
            tau_exc=1, E_exc=0, tau_inh=2, E_inh=-85,
        )  # fmt: skip
        rule = engine.plasticity(
            "stdp_diehl_cook", A_plus=self.rate, A_minus=0.01 * self.rate, w_min=0, w_max=1,
            normalise={"sum": self.weight_sum, "every": self.shown + self.rest},
        )  # fmt: skip
        net.connect(pixels, cells, weight=engine.uniform(0, 0.3), delay=self.dt, port="exc",
                    id=LEARNT, plasticity=rule if learning else None)  # fmt: skip
        net.connect(cells, partners, engine.rules.one_to_one(), weight=10.4, delay=self.dt,
                    port="exc")  # fmt: skip
        others = engine.rules.all_to_all(self_connections=False)
        net.connect(partners, cells, others, weight=17, delay=self.dt, port="inh")
        net.record(cells, "spikes")
        return net

    def train(
        self,
        images: ArrayLike,
        labels: ArrayLike,
        start: Features | None = None,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        watch: Watch | None = None,
    ) -> Trained[Features]:
        """Show every one of ``images`` [N, rows, columns] (bytes, or 0 to 1) until it is answered.

        With ``start`` it goes on with the pictures that are not among its spikes.  The error is the
        share of every 250 pictures that neurons would have read wrongly, given classes by the
        ``labels`` of the pictures before.  Raises DataError, and RunStopped where numbers explode.
        """
        values = self._pictures(images)
        answers = _answers(labels, len(values))
        if start is not None:
            start = self.require_fitting(start)
        done = 0 if start is None else len(start.spikes)
        if not done < len(values):
            raise DataError(f"{done:,} of {len(values):,} pictures were shown; give it more")
        left = len(values) - done
        with _Viewer(self, left, start, learning=True) as viewer:
            course, rounds = _lessons(viewer, values, answers), math.ceil(left / ROUND)
            return _followed(course, viewer.features, rounds, progress=progress, cancel=cancel,
                             watch=watch, measure="share read wrongly")  # fmt: skip

    def respond(
        self,
        features: Features,
        images: ArrayLike,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        watch: Watch | None = None,
    ) -> Trained[Counts]:
        """The spikes [N, neurons] that ``images`` make in a network that has learnt and rests.

        The error is how often pictures were shown until they were answered, on average.
        """
        values = self._pictures(images)
        features = self.require_fitting(features)
        with _Viewer(self, len(values), features, learning=False) as viewer:
            course, rounds = _looks(viewer, values), math.ceil(len(values) / ROUND)
            return _followed(course, viewer.answers, rounds, progress=progress, cancel=cancel,
                             watch=watch, measure="showings of a picture")  # fmt: skip

    def require_fitting(self, features: Features) -> Features:
        """``features`` as arrays; DataError unless they are those of such a network."""
        if not isinstance(features, Features):
            raise DataError(f"`features` must be what `train` gives, not {told(features)}")
        weights = checked.array(features.weights, "weights")
        threshold = checked.array(features.threshold, "threshold")
        spikes = integers(features.spikes, "spikes")
        shapes = weights.shape, threshold.shape, spikes.shape
        wanted = (self.pixels, self.neurons), (self.neurons,), (*spikes.shape[:1], self.neurons)
        if shapes != wanted:
            raise DataError(
                f"weights {shapes[0]}, thresholds {shapes[1]} and spikes {shapes[2]} are not of "
                f"{self.neurons:,} neurons that see {self.pixels:,} pixels; make that network"
            )
        if min(weights.min(), spikes.min(initial=0)) < 0 or spikes.max(initial=0) > MOST_SPIKES:
            raise DataError("weights are at least 0 nS and spikes are counted from 0 on; give what "
                            "`train` gave")  # fmt: skip
        return Features(weights, threshold, spikes.astype(np.int32))

    def _pictures(self, images: ArrayLike) -> Floats:
        """Values from 0 to 1 [N, pixels]."""
        values = array(images, "images", (None, self.rows, self.columns))
        scale = 255.0 if np.asarray(images).dtype == np.uint8 else 1.0
        low, high = values.min() / scale, values.max() / scale
        if low < 0.0 or high > 1.0:
            raise DataError(
                f"`images` are bytes or numbers from 0 to 1, not {low:g} to {high:g}; scale them"
            )
        return values.reshape(len(values), -1) / scale


def _followed(
    course: Iterator[tuple[State, float | None]], start: State, rounds: int, **more: Any
) -> Trained[State]:
    """`follow`, where the network itself may go out of hand: the last good state is kept then."""
    good = [start]

    def watched() -> Iterator[tuple[State, float | None]]:
        for state, error in course:
            good[0] = state
            yield state, error

    try:
        return follow(watched(), start, rounds, text="digits", **more)
    except RunStopped as stopped:
        if not isinstance(stopped.run, Trained):
            stopped.run = Trained(good[0], np.empty(0), complete=False)
        raise


def _lessons(
    viewer: _Viewer, values: Floats, answers: Whole
) -> Iterator[tuple[Features, float | None]]:
    """Every picture that is left; after a round the share of it that would be read wrongly."""
    first, classes = viewer.done, int(answers.max()) + 1
    while viewer.done < len(values):
        for _ in viewer.show(values[viewer.done]):
            yield viewer.features, None
        done = viewer.done
        if (done - first) % ROUND and done < len(values):
            continue
        begin = done - ((done - first) % ROUND or ROUND)
        known = slice(max(0, begin - RECENT), begin)
        wrong = 1.0
        if begin:
            assigned = assign_classes(viewer.answers[known], answers[known], classes)
            found = read_classes(viewer.answers[begin:done], assigned)
            wrong = float(np.mean(found != answers[begin:done]))
        yield viewer.features, wrong


def _looks(viewer: _Viewer, values: Floats) -> Iterator[tuple[Counts, float | None]]:
    """Every picture; after a round how often each of it was shown."""
    times = begin = 0
    for picture in values:
        for _ in viewer.show(picture):
            times += 1
            yield viewer.answers, None
        done = viewer.done
        if done % ROUND == 0 or done == len(values):
            yield viewer.answers, times / (done - begin)
            times, begin = 0, done


def _answers(labels: ArrayLike, count: int) -> Whole:
    """The class of each of ``count`` pictures; DataError for more classes than are told apart."""
    found = checked_labels(labels, "labels", count)
    if found.max(initial=0) >= MOST_CLASSES:
        raise DataError(f"`labels` holds {found.max():,}; number the classes from 0 to "
                        f"{MOST_CLASSES - 1:,}")  # fmt: skip
    return found


def assign_classes(spikes: ArrayLike, labels: ArrayLike, classes: int = 10) -> Whole:
    """The class [neurons] that every neuron answers most, -1 for one that never spikes.

    ``spikes`` [N, neurons] were made by pictures with ``labels`` [N]; a class counts by the mean
    over its pictures.  Raises DataError.
    """
    found = array(spikes, "spikes", (None, None))
    answers = _answers(labels, len(found))
    whole(classes, "classes", int(answers.max()) + 1, MOST_CLASSES)
    means = [found[answers == k].mean(0) if (answers == k).any() else np.zeros(found.shape[1])
             for k in range(classes)]  # fmt: skip
    return np.where(found.any(0), np.argmax(means, 0), -1)


def read_classes(spikes: ArrayLike, assigned: ArrayLike) -> Whole:
    """The class [N] whose neurons spiked most, on average, -1 for a picture without spikes.

    ``assigned`` [neurons] is what `assign_classes` gave.  Raises DataError.
    """
    found = array(spikes, "spikes", (None, None))
    owners = checked_labels(assigned, "assigned", least=-1)
    if owners.shape != found.shape[1:]:
        raise DataError(
            f"{owners.size:,} neurons have a class and {found.shape[1]:,} have spikes; "
            "give those of one network"
        )
    return voted(found, owners)


class _Viewer:
    """A network that is shown pictures."""

    def __init__(
        self, rule: DiehlCook, pictures: int, start: Features | None, learning: bool
    ) -> None:
        self.rule = rule
        shown = 0 if start is None else len(start.spikes)
        if start is not None:
            # Other random numbers than those of the pictures before.
            rule = replace(rule, seed=rule.seed + shown + 1)
        network = rule.network(features=start, learning=learning)
        self.simulation = Simulation(network.document, threads=1, recorders=False)
        simulation = self.simulation
        if start is not None:
            place = simulation.built.projections[LEARNT]
            simulation.executor.set_weight(place, start.weights.ravel())
        self.place = simulation.source_index[PIXELS]
        self.plan = simulation.plan.sources[self.place]
        self.cells = simulation.built.emitter(CELLS)
        self.done = shown if learning else 0
        self.spikes = np.zeros((self.done + pictures, rule.neurons), np.int32)
        if start is not None and learning:
            self.spikes[:shown] = start.spikes

    def __enter__(self) -> _Viewer:
        return self

    def __exit__(self, *_: object) -> None:
        self.simulation.close()

    @property
    def features(self) -> Features:
        """What has been learnt."""
        rule = self.rule
        weights = self.simulation.weights(LEARNT).reshape(rule.pixels, rule.neurons)
        threshold = self.simulation.states(CELLS)["th"].copy()
        return Features(weights, threshold, self.answers)

    @property
    def answers(self) -> Counts:
        """Spikes of all pictures so far [N, neurons]; those that come do not change them."""
        return self.spikes[: self.done]

    def show(self, picture: Floats) -> Iterator[None]:
        """Show a picture until it is answered; one turn a showing."""
        rule = self.rule
        for time in range(MOST_TIMES):
            counts = self._look(picture * (rule.rate_max * (1.0 + 0.5 * time)))
            if counts.sum() >= rule.fewest or time == MOST_TIMES - 1:
                self.spikes[self.done] = counts
                self.done += 1
                yield
                return
            yield

    def _look(self, rates: Floats) -> Counts:
        """Spikes [neurons] while the pixels fire at ``rates`` [Hz], before they rest."""
        simulation, rule = self.simulation, self.rule
        self._set(rates)
        chunk = simulation.advance(round(rule.shown / rule.dt))
        self._set(np.zeros(rule.pixels))
        simulation.advance(round(rule.rest / rule.dt))
        return np.bincount(chunk.spikes[self.cells][1], minlength=rule.neurons).astype(np.int32)

    def _set(self, rates: Floats) -> None:
        plan = replace(self.plan, rate=rates * (self.rule.dt / 1000.0))
        self.simulation.executor.set_source(self.place, plan)
