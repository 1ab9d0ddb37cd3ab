"""Weights of connections that learn, kept at an interval while a network runs.

A sample is taken between two steps, so a run is cut there; cuts change no spike.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.document import Recorder
from engine.document.structure import WEIGHTS, WEIGHTS_EVERY
from engine.errors import DocumentError, Problem
from engine.runtime.build import Built
from engine.runtime.plan import Executor, Floats
from engine.runtime.recorders import grid_times, sample_every
from engine.runtime.result import Trace


@dataclass
class Course:
    """The samples of one edge: of the synapses ``members``, all if None, every ``every`` steps."""

    place: int  # of its projection in the plan
    synapses: int
    every: int
    members: NDArray[np.int64] | None
    steps: list[int] = field(default_factory=list)
    pieces: list[Floats] = field(default_factory=list)

    def take(self, executor: Executor) -> None:
        """Keep the weights as they are now."""
        weights = executor.weights(self.place)
        self.steps.append(executor.step)
        self.pieces.append(weights if self.members is None else weights[self.members])

    def result(self, dt: float) -> Trace:
        """All samples, stamped with the time at which they were taken."""
        members = np.arange(self.synapses) if self.members is None else self.members
        values = np.array(self.pieces).reshape(len(self.pieces), len(members))
        return Trace(grid_times(np.array(self.steps, np.int64), dt), values, members)


class WeightCourses:
    """All recorders of weights of one run: samples at multiples of their intervals, time 0 too."""

    def __init__(self, recorders: Iterable[Recorder], built: Built) -> None:
        """DocumentError for a recorder of a synapse that there is not."""
        self.dt = built.plan.dt
        wanted = [each for each in recorders if each.variable == WEIGHTS]
        self.courses = {each.node: _course(each, built) for each in wanted}

    def next_steps(self, step: int, most: int) -> int:
        """Steps from ``step`` to the next sample, ``most`` if it is further off."""
        return min([most, *(each.every - step % each.every for each in self.courses.values())])

    def take(self, executor: Executor) -> None:
        """Take the samples that are due after the steps that ``executor`` has done."""
        for course in self.courses.values():
            if executor.step % course.every == 0:
                course.take(executor)

    def results(self) -> dict[str, Trace]:
        """What was kept, by edge."""
        return {edge: course.result(self.dt) for edge, course in self.courses.items()}


def _course(recorder: Recorder, built: Built) -> Course:
    place = built.projections[recorder.node]
    connections = built.plan.projections[place].connections
    assert connections is not None  # as of every projection that learns
    count, members = connections.synapses, None
    if recorder.members is not None:
        members = np.asarray(recorder.indices(count), np.int64)
        if members.max(initial=0) >= count:
            message = f"synapse {members.max()} does not exist; there are {count:,}, counted from 0"
            path = f"recorders/{recorder.id}/members"
            raise DocumentError(Problem(path, "members", message, "choose synapses that exist"))
    return Course(place, count, sample_every(recorder, built.plan.dt, WEIGHTS_EVERY), members)
