"""A network that runs: built from a document, advanced, changed while it runs, kept and resumed."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.backends.registry import begin, is_warm, make_executor, prepare, require_device
from engine.cores import allowed_cores
from engine.document import Document, Edge, RunSettings, content_hash
from engine.document.lookup import model_of
from engine.document.text import describe
from engine.document.validate import check_edge, parameter_problems, require_valid
from engine.equations.units import is_number
from engine.errors import DataError, DocumentError, Problem, RunStopped, near
from engine.models.declaration import NeuronModel
from engine.runtime.build import (
    Cancel,
    Monitor,
    Progress,
    build,
    option_problems,
    population_constants,
    refractory_time,
)
from engine.runtime.estimate import estimate
from engine.runtime.new_weights import new_weights, weights_of_before
from engine.runtime.normalise import Normaliser
from engine.runtime.plan import Chunk, Executor, Floats, NetworkPlan
from engine.runtime.plasticity import give_rule, pairs_of, rule_plan, weights_of
from engine.runtime.recording import RATE, SPIKES, Recording, merged, monitors_of
from engine.runtime.result import Run
from engine.runtime.sources import few_spikes, source_plan
from engine.runtime.watchdog import Watchdog
from engine.runtime.weight_watch import WeightWatch

SLICE_S = 0.1  # wall time between two looks at cancel, progress and the watchdog
LONGEST_SLICE = 100.0  # ms simulated, so that the watchdog can say when something went wrong


class Simulation:
    """Owns all state of one running network.

    The same document and seed give the same spikes however the time is cut into calls, whatever the
    number of threads and the monitors.  Not thread-safe; it releases the GIL while it advances.
    """

    def __init__(
        self,
        document: Document,
        device: str | None = None,
        threads: int | str | None = None,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        monitors: Sequence[Monitor] = (),
        recorders: bool = True,
        folder: Path | None = None,
    ) -> None:
        """Build the network.

        ``monitors`` stand first in every chunk's monitors, those of the document's recorders (left
        out with ``recorders=False``) after them.  ``folder`` is where the document lies, for spike
        files.  ``threads`` is a number, of which no more are used than there are cores, or "auto":
        as many as go fastest, found while it runs.  ``progress(share, text)`` is told how far
        building is.  Raises DocumentError (all problems), LimitError, DataError, BackendError, or
        RunStopped if ``cancel()`` is true.
        """
        started = time.perf_counter()
        settings = document.simulation
        self.device = settings.device if device is None else device
        self.threads = settings.threads if threads is None else threads
        settings = replace(settings, device=self.device, threads=self.threads)
        self.document = replace(document, simulation=settings)
        require_valid(self.document)
        require_device(self.device)
        estimate(self.document).require_fits()
        self.folder = folder
        self.recorders = merged(self.document, self.document.recorders) if recorders else []
        wanted = [*monitors, *monitors_of(self.document, self.recorders)]
        self.first_recorded = len(monitors)
        # Compiling goes before connecting: it is what may take seconds.
        bare = NetworkPlan(settings.dt, settings.seed, np.dtype(self.document.float_type), [])
        begin(bare, self.device)
        threads = self.threads
        if isinstance(threads, int):
            threads = min(threads, allowed_cores())
        compiling = partial(prepare, device=self.device, threads=threads)
        self.built = build(self.document, wanted, folder, progress, cancel, compiling)
        self.built.plan.record_sources = self._recorded_sources(recorders)
        if progress is not None and not is_warm(bare, self.device):
            progress(1.0, "compiling the network driver, once on this machine")
        self._executor: Executor | None = make_executor(
            self.built.plan, device=self.device, threads=threads
        )
        self.normaliser = Normaliser(self.document, self.plan, self.built.projections)
        self.watchdog = self._watchdog()
        self.weight_watch = WeightWatch(self.plan)
        self._until = -1  # the step at which the present run ends
        self.steps_per_slice = 1
        self.build_s = time.perf_counter() - started

    @property
    def plan(self) -> NetworkPlan:
        """The plan that runs."""
        return self.built.plan

    @property
    def population_index(self) -> dict[str, int]:
        """Population -> its place in the plan."""
        return self.built.populations

    @property
    def source_index(self) -> dict[str, int]:
        """Source -> its place among the plan's sources."""
        return self.built.sources

    @property
    def executor(self) -> Executor:
        """What advances the plan; DataError once the simulation is closed."""
        if self._executor is None:
            raise DataError("the simulation is closed; build it again to go on")
        return self._executor

    @property
    def dt(self) -> float:
        """Length of a step [ms]."""
        return self.plan.dt

    @property
    def step(self) -> int:
        """Steps done."""
        return self.executor.step

    @property
    def time_ms(self) -> float:
        """Simulated time [ms]."""
        return round(self.step * self.dt, 9)

    def advance(self, steps: int) -> Chunk:
        """Advance by ``steps`` and return what happened; RunStopped if it went out of hand."""
        chunk = self.normaliser.advance(self.executor, steps)
        self._look(chunk)
        return chunk

    def _look(self, chunk: Chunk) -> None:
        """Raise RunStopped if a state or a weight went out of hand."""
        try:
            self.watchdog.look(chunk, self.executor.states())
        except RunStopped as stopped:
            self.weight_watch.blame(self.executor, chunk, stopped)
            raise
        last = chunk.start + chunk.steps == self._until
        self.weight_watch.look(self.executor, chunk, at_once=last)

    def states(self, node: str) -> dict[str, Floats]:
        """The state of a population now: name -> [size], views valid until the next advance."""
        place = self.population_index[node]
        rows = self.executor.states()[place]
        return dict(zip(self.plan.populations[place].step_map.states, rows, strict=True))

    def run(
        self,
        duration: float | None = None,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> Run:
        """Run for ``duration`` ms (the document's, if None) and return what was recorded.

        Answers ``cancel`` within a fraction of a second with what there is (``run.complete`` is
        False).  If the watchdog stops the run, the RunStopped it raises carries the run so far.
        """
        length = self.document.simulation.duration if duration is None else duration
        if not (length > 0 and math.isfinite(length)):
            message = f"the duration must be more than 0 ms, it is {length:g}"
            raise DocumentError(Problem("duration", "duration", message, "1000 ms is one second"))
        if self.recorders:
            estimate(self.document, length).require_recordable()
        total = max(1, math.floor(length / self.dt + 0.5))
        recording = Recording(self.document, self.recorders, self.built, self.first_recorded)
        started, first = time.perf_counter(), self.step
        self._until = first + total
        self.weight_watch.begin()
        try:
            self._advance_in_slices(total, recording, progress, cancel)
        except RunStopped as stopped:
            stopped.run = self._result(recording, first, total, started)
            raise
        return self._result(recording, first, total, started)

    def set_parameter(self, node: str, name: str, value: Any) -> None:
        """Give ``node`` a new value of a parameter from the next step on; None is the default.

        Raises DocumentError if the value is not one that the parameter can have.
        """
        found = self.document.node(node)
        if found is None:
            raise DocumentError(Problem(f"nodes/{node}", "unknown-node", "there is no such node"))
        parameters = {key: kept for key, kept in found.parameters.items() if key != name}
        if value is not None:
            _require(parameter_problems(self.document, found, name, value))
            parameters[name] = value
        changed = replace(found, parameters=parameters)
        nodes = tuple(changed if entry.id == node else entry for entry in self.document.nodes)
        document = replace(self.document, nodes=nodes)
        if node in self.source_index:
            place = self.source_index[node]
            plan = source_plan(document, changed, self.folder)
            self.executor.set_source(place, plan)
            self.plan.sources[place] = plan
        else:
            place = self.population_index[node]
            population = self.plan.populations[place]
            _require(option_problems(self.document, document, node))
            values = population_constants(
                document, changed, population.step_map, self.plan.dtype, population.geometry
            )
            self.executor.set_constants(place, values)
            population.constants = values
        self.document = document
        self.watchdog = self._watchdog()

    def set_weight(self, edge: str, weight: Any) -> None:
        """Give the synapses of ``edge`` new weights: a number, "6 nS", or a distribution."""
        place = self._projection(edge)
        changed = replace(self.document.edges_by_id[edge], weight=weight)
        _require(check_edge(self.document, changed))
        weights = new_weights(self.document, changed, self.plan.projections[place])
        projection = self.plan.projections[place]
        rows = projection.connections
        if projection.gap and (np.ndim(weights) or (rows is not None and np.ndim(rows.weight))):
            message = "gap junctions take another number, and no other list or distribution"
            remedy = "rebuild the network"
            raise DocumentError(Problem(f"edges/{edge}/weight", "rebuild", message, remedy))
        self.executor.set_weight(place, weights)
        if edge in self.built.returns:
            self.executor.set_weight(self.built.returns[edge], weights)
        self._set_rule(changed, place)  # its defaults may follow from the weight
        if projection.connections is None:
            projection.weight = weights
        else:
            projection.connections.weight = weights
        self._replace_edge(changed)

    def weights(self, edge: str) -> Floats:
        """The weights of ``edge`` now, by source and there by target, a copy [synapses].

        Those of a learning edge with a dendritic delay are as they were that delay ago.
        """
        place = self._projection(edge)
        return weights_of(self.plan, self.executor, place)

    def pairs(self, edge: str) -> NDArray[np.uint32]:
        """Source and target of every synapse of ``edge``, [synapses, 2], as ``weights`` counts."""
        return pairs_of(self.plan, self._projection(edge))

    def restore_weights(self, edge: str, weights: ArrayLike) -> None:
        """Give the synapses of an edge that learns the weights [synapses] that they had once.

        They are in the order of ``weights(edge)`` and of ``run.weights(edge)``.  Raises
        DocumentError for any that its synapses cannot have.
        """
        place = self._projection(edge)
        projection, found = self.plan.projections[place], self.document.edges_by_id[edge]
        given = weights_of_before(self.document, found, projection, weights)
        self.executor.set_weight(place, given)
        if projection.connections is not None:
            projection.connections.weight = given

    def set_plasticity(self, edge: str, on: bool | None = None, **parameters: Any) -> None:
        """Switch learning of ``edge`` on or off, or change its rule's parameters, from here on.

        While it is off the traces of neurons go on, and synapses are given no marks.  With
        short-term plasticity off every spike delivers its whole weight.  A parameter set to None
        takes its default; a weight beyond a new bound goes there when it next changes.  Raises
        DocumentError for an edge that does not learn, or a value that the rule cannot have.
        """
        place = self._projection(edge)
        found, projection = self.document.edges_by_id[edge], self.plan.projections[place]
        rule = projection.plasticity or projection.release
        if found.plasticity is None or rule is None:
            message = "its synapses do not learn"
            remedy = "give it a rule and build the network anew"
            raise DocumentError(Problem(f"edges/{edge}/plasticity", "no-rule", message, remedy))
        given = {**found.plasticity["parameters"], **parameters}
        given = {name: value for name, value in given.items() if value is not None}
        asked = {**found.plasticity, "parameters": given}
        switch = {} if on is None else {"on": bool(on) if isinstance(on, np.bool_) else on}
        _require(check_edge(self.document, replace(found, plasticity=asked | switch)))
        changed = replace(found, plasticity=asked)
        self._set_rule(changed, place, rule.on if on is None else on)
        self._replace_edge(changed)

    def modulators(self, edge: str) -> dict[str, float]:
        """What rewards have left in the synapses of ``edge`` that learns from them, by name, now.

        Empty for a rule without any.
        """
        place = self._projection(edge)
        rule = self.plan.projections[place].plasticity
        return {} if rule is None else self.executor.modulators(place)

    def reward(self, edge: str, amount: float = 1.0) -> None:
        """Reward the synapses of ``edge`` by ``amount`` (negative to punish) at this moment.

        Raises DocumentError for an edge whose rule learns from no rewards, or no finite amount.
        """
        place = self._projection(edge)
        rule = self.plan.projections[place].plasticity
        path = f"edges/{edge}/plasticity"
        if rule is None or not rule.rule.on_reward:
            message = "its synapses learn from no rewards"
            raise DocumentError(
                Problem(path, "no-reward", message, "give it a rule such as r_stdp")
            )
        if not is_number(amount):
            message = f"a reward is a finite number, not {describe(amount)}"
            raise DocumentError(Problem(path, "value", message, "give a number such as 1"))
        self.executor.reward(place, float(amount))

    def limit_threads(self, most: int) -> None:
        """Use no more threads than this from the next slice on, as others need the cores too.

        It may be called from any thread, and changes no spike.
        """
        limit = getattr(self._executor, "limit_threads", None)
        if limit is not None:
            limit(most)

    def checkpoint(self) -> dict[str, np.ndarray]:
        """Everything needed to go on exactly from here, arrays only."""
        kept = {f"executor/{name}": array for name, array in self.executor.checkpoint().items()}
        kept["document"] = np.array(_dynamics_hash(self.document))
        return kept

    def restore(self, checkpoint: dict[str, np.ndarray]) -> None:
        """Go back to a checkpoint of the same document; DataError if it is of another."""
        if str(checkpoint.get("document")) != _dynamics_hash(self.document):
            raise DataError("the checkpoint is of another document; build that one first")
        prefix = "executor/"
        inner = {
            name.removeprefix(prefix): array
            for name, array in checkpoint.items()
            if name.startswith(prefix)
        }
        self.executor.restore(inner)
        self.watchdog.restart(self.step)

    def close(self) -> None:
        """Let go of all memory and threads.  A closed simulation cannot advance."""
        executor, self._executor = self._executor, None
        stop = getattr(executor, "close", None)
        if stop is not None:
            stop()

    def __enter__(self) -> Simulation:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _projection(self, edge: str) -> int:
        """The place of an edge's projection in the plan."""
        if edge not in self.built.projections:
            message = "there is no such connection"
            remedy = near(edge, self.built.projections) or "give the id of one that is there"
            raise DocumentError(Problem(f"edges/{edge}", "unknown-edge", message, remedy))
        return self.built.projections[edge]

    def _replace_edge(self, changed: Edge) -> None:
        edges = (changed if entry.id == changed.id else entry for entry in self.document.edges)
        self.document = replace(self.document, edges=tuple(edges))

    def _set_rule(self, edge: Edge, place: int, on: bool | None = None) -> None:
        """Give a projection that learns the numbers of ``edge``."""
        projection = self.plan.projections[place]
        rule = projection.plasticity or projection.release
        if rule is None:
            return
        learns = rule.on if on is None else on
        plan = rule_plan(self.document, edge, self.built.emitter, learns)
        if plan is not None:
            self.executor.set_plasticity(place, plan)
            give_rule(projection, plan)
            self.normaliser.follow(self.document, edge)

    def _recorded_sources(self, recorders: bool) -> tuple[int, ...]:
        """Sources whose spikes chunks carry: the recorded, or in a live run all that are few."""
        if not recorders:
            few = (place for place, plan in enumerate(self.plan.sources) if few_spikes(plan))
            return tuple(few)
        named = {entry.node for entry in self.recorders if entry.variable in (SPIKES, RATE)}
        return tuple(place for node, place in self.source_index.items() if node in named)

    def _watchdog(self) -> Watchdog:
        membranes, refractory = {}, {}
        for node in self.document.populations:
            model = model_of(self.document, node)
            if isinstance(model, NeuronModel):
                membranes[node.id] = model.membrane
                step_map = self.plan.populations[self.population_index[node.id]].step_map
                refractory[node.id] = refractory_time(self.document, node, model, step_map)
        watchdog = Watchdog(self.plan, membranes, refractory)
        if self._executor is not None:
            watchdog.restart(self.step)
        return watchdog

    def _advance_in_slices(
        self, total: int, recording: Recording, progress: Progress | None, cancel: Cancel | None
    ) -> None:
        done = 0
        recording.weights.take(self.executor)
        while done < total:
            if cancel is not None and cancel():
                return
            steps = min(self.steps_per_slice, total - done)
            steps = recording.weights.next_steps(self.step, steps)
            before = time.perf_counter()
            chunk = self.normaliser.advance(self.executor, steps)
            recording.take(chunk)
            self._look(chunk)
            recording.weights.take(self.executor)
            self._adapt(steps, time.perf_counter() - before)
            done += steps
            if progress is not None:
                progress(done / total, "running")

    def _adapt(self, steps: int, seconds: float) -> None:
        """Aim at slices of SLICE_S, growing at most eightfold at a time."""
        wanted = steps * SLICE_S / max(seconds, 1e-9)
        self.steps_per_slice = max(1, int(min(wanted, 8 * steps, LONGEST_SLICE / self.dt)))

    def _result(self, recording: Recording, first: int, total: int, started: float) -> Run:
        steps = self.step - first
        return Run(
            self.document,
            recording.results(steps),
            bio_s=steps * self.dt / 1000.0,
            build_s=self.build_s,
            run_s=time.perf_counter() - started,
            device=self.device,
            synapses=self.built.synapses,
            complete=steps == total,
            learned={
                edge: self.weight_watch.weights(self.executor, place)
                for edge, place in self.built.projections.items()
                if self.plan.projections[place].plasticity is not None
            },
            courses=recording.weights.results(),
        )


def simulate(
    document: Document,
    duration: float | None = None,
    device: str | None = None,
    threads: int | str | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    folder: Path | None = None,
) -> Run:
    """Build ``document``, run it for ``duration`` ms and return what was recorded.

    Device, threads and duration are the document's where they are None.  ``progress(share, text)``
    is told first of building, then of running.  Errors are those of ``Simulation``.
    """
    with Simulation(document, device, threads, progress, cancel, folder=folder) as simulation:
        return simulation.run(duration, progress, cancel)


def _dynamics_hash(document: Document) -> str:
    """A hash of what a checkpoint depends on: not names, drawing, recorders, threads or device,
    nor whether synapses learn at first, so that what was learnt can be tried with weights held."""
    kept, edges = document.simulation, tuple(_as_if_learning(edge) for edge in document.edges)
    settings = RunSettings(dt=kept.dt, seed=kept.seed, precision=document.float_type)
    bare = Document(nodes=document.nodes, edges=edges, models=document.models, simulation=settings)
    return content_hash(bare)


def _as_if_learning(edge: Edge) -> Edge:
    rule = edge.plasticity
    return edge if rule is None else replace(edge, plasticity={**rule, "on": True})


def _require(problems: list[Problem]) -> None:
    wrong = [problem for problem in problems if problem.severity == "error"]
    if wrong:
        raise DocumentError(wrong)
