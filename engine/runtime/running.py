"""A network that was built and advances: its state, what watches over it, kept and resumed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engine.backends.registry import begin, is_warm, make_executor, prepare, require_device
from engine.cores import allowed_cores
from engine.document import Document, Edge, RunSettings, content_hash
from engine.document.lookup import model_of
from engine.document.validate import require_valid
from engine.errors import DataError, DocumentError, Problem, RunStopped, near
from engine.models.declaration import NeuronModel
from engine.runtime.build import Cancel, Monitor, Progress, build, refractory_time
from engine.runtime.estimate import estimate
from engine.runtime.normalise import Normaliser
from engine.runtime.plan import Chunk, Executor, Floats, NetworkPlan
from engine.runtime.plasticity import pairs_of, weights_of
from engine.runtime.recording import RATE, SPIKES, merged, monitors_of
from engine.runtime.sources import few_spikes
from engine.runtime.watchdog import Watchdog
from engine.runtime.weight_watch import WeightWatch


class RunningNetwork:
    """Owns all state of one running network; see `Simulation`, which runs and changes it."""

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
        compiling = partial(prepare, device=self.device, threads=self._used_threads)
        self.built = build(self.document, wanted, folder, progress, cancel, compiling)
        self.built.plan.record_sources = self._recorded_sources(recorders)
        if progress is not None and not is_warm(bare, self.device):
            progress(1.0, "compiling the network driver, once on this machine")
        self._executor: Executor | None = self._made_executor()
        self.normaliser = Normaliser(self.document, self.plan, self.built.projections)
        self.watchdog = self._watchdog()
        self.weight_watch = WeightWatch(self.plan)
        self._most_threads: int | None = None  # where others need the cores too
        self._until = -1  # the step at which a run ends
        self.build_s = time.perf_counter() - started

    @property
    def _used_threads(self) -> int | str:
        return self.threads if isinstance(self.threads, str) else min(self.threads, allowed_cores())

    def _made_executor(self) -> Executor:
        return make_executor(self.plan, device=self.device, threads=self._used_threads)

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

    def weights(self, edge: str) -> Floats:
        """The weights of ``edge`` now, by source and there by target, a copy [synapses].

        Those of a learning edge with a dendritic delay are as they were that delay ago.
        """
        place = self._projection(edge)
        return weights_of(self.plan, self.executor, place)

    def pairs(self, edge: str) -> NDArray[np.uint32]:
        """Source and target of every synapse of ``edge``, [synapses, 2], as ``weights`` counts."""
        return pairs_of(self.plan, self._projection(edge))

    def modulators(self, edge: str) -> dict[str, float]:
        """What rewards have left in the synapses of ``edge`` that learns from them, by name, now.

        Empty for a rule without any.
        """
        place = self._projection(edge)
        rule = self.plan.projections[place].plasticity
        return {} if rule is None else self.executor.modulators(place)

    def limit_threads(self, most: int) -> None:
        """Use no more threads than this from the next slice on, as others need the cores too.

        It may be called from any thread, and changes no spike.
        """
        self._most_threads = most
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
        named = isinstance(checkpoint, Mapping) and all(isinstance(n, str) for n in checkpoint)
        if not named or str(checkpoint.get("document")) != _dynamics_hash(self.document):
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
        stop(executor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _projection(self, edge: str) -> int:
        """The place of an edge's projection in the plan."""
        if not isinstance(edge, str) or edge not in self.built.projections:
            message = "there is no such connection"
            remedy = near(str(edge), self.built.projections) or "give the id of one that is there"
            raise DocumentError(Problem(f"edges/{edge}", "unknown-edge", message, remedy))
        return self.built.projections[edge]

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


def stop(executor: Executor | None) -> None:
    """Let an executor give back its threads and memory, if it is there and has any."""
    close = getattr(executor, "close", None)
    if close is not None:
        close()


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
