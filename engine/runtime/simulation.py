"""A network that runs: built from a document, advanced, changed while it runs, kept and resumed."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.backends.ahead import exchanged
from engine.document import Document, Edge
from engine.document.text import describe
from engine.document.validate import check_edge, parameter_problems, table_problems
from engine.equations.units import is_number
from engine.errors import DocumentError, Problem, RunStopped, WorkbenchError, near
from engine.runtime.build import Cancel, Progress, option_problems, population_constants
from engine.runtime.estimate import estimate
from engine.runtime.new_weights import new_weights, weights_of_before
from engine.runtime.plan import SourcePlan
from engine.runtime.plasticity import give_rule, rule_plan
from engine.runtime.recording import Recording
from engine.runtime.result import Run
from engine.runtime.running import RunningNetwork, stop
from engine.runtime.sources import source_plan

SLICE_S = 0.1  # wall time between two looks at cancel, progress and the watchdog
LONGEST_SLICE = 100.0  # ms simulated, so that the watchdog can say when something went wrong


class Simulation(RunningNetwork):
    """One running network: run for a time, or advanced by hand, and changed between two advances.

    The same document and seed give the same spikes however the time is cut into calls, whatever the
    number of threads and the monitors.  Not thread-safe; it releases the GIL while it advances.
    """

    steps_per_slice = 1  # of a run, so many as take SLICE_S

    # -- running for a time ------------------------------------------------------------------------

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

    # -- changes between two advances --------------------------------------------------------------

    def set_parameter(self, node: str, name: str, value: Any) -> None:
        """Give ``node`` a new value of a parameter from the next step on; None is the default.

        Raises DocumentError if the value is not one that the parameter can have.
        """
        found = self.document.node(node) if isinstance(node, str) else None
        if found is None:
            message = "there is no such node"
            remedy = near(str(node), self.document.nodes_by_id) or "give the id of one"
            raise DocumentError(Problem(f"nodes/{node}", "unknown-node", message, remedy))
        parameters = {key: kept for key, kept in found.parameters.items() if key != name}
        if value is not None:
            _require(parameter_problems(self.document, found, name, value))
            parameters[name] = value
        changed = replace(found, parameters=parameters)
        nodes = tuple(changed if entry.id == node else entry for entry in self.document.nodes)
        document = replace(self.document, nodes=nodes)
        if node in self.source_index:
            place = self.source_index[node]
            _require(table_problems(document, changed))
            self._set_source(place, source_plan(document, changed, self.folder))
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

    def _set_source(self, place: int, changed: SourcePlan) -> None:
        """Give a source other values; where it becomes one of another kind, another executor goes
        on from where this one stands."""
        before, executor = self.plan.sources[place], self.executor
        if changed.kind == before.kind:
            executor.set_source(place, changed)
            self.plan.sources[place] = changed
            return
        kept = exchanged(executor.checkpoint(), place, changed)
        self.plan.sources[place], made = changed, None
        try:
            made = self._made_executor()
            made.restore(kept)
        except WorkbenchError:
            self.plan.sources[place] = before
            stop(made)
            raise
        self.close()
        self._executor = made
        if self._most_threads is not None:
            self.limit_threads(self._most_threads)

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
        # A gap junction has a way back, a projection of its own.
        back = self.built.returns.get(edge)
        ways = [place] if back is None else [place, back]
        for way in ways:
            self.executor.set_weight(way, weights)
        self._set_rule(changed, place)  # its defaults may follow from the weight
        for each in (self.plan.projections[way] for way in ways):
            if each.connections is None:
                each.weight = weights
            else:
                each.connections.weight = weights
        self._replace_edge(changed)

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


def _require(problems: list[Problem]) -> None:
    wrong = [problem for problem in problems if problem.severity == "error"]
    if wrong:
        raise DocumentError(wrong)
