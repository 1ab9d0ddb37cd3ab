"""Chunks as an engine would make them, from spikes that are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.runtime.plan import Chunk
from workbench.live.history import CountHistory, SampleHistory, SpikeHistory
from workbench.live.recording import LiveRecording, Member, Signal


@dataclass
class Activity:
    """Invented spikes of all emitters over ``steps`` steps, and a membrane for the first."""

    sizes: list[int]
    steps: int
    step: list[NDArray[np.int64]]
    sender: list[NDArray[np.uint32]]
    v: NDArray[np.float64]  # [steps, 3]

    def chunks(self, cuts: list[int]) -> Iterator[Chunk]:
        """The activity cut at ``cuts`` (steps), last cut included."""
        for start, stop in zip([0, *cuts], [*cuts, self.steps], strict=True):
            if stop <= start:
                continue
            spikes = {}
            for emitter in range(len(self.sizes)):
                inside = (self.step[emitter] >= start) & (self.step[emitter] < stop)
                spikes[emitter] = (self.step[emitter][inside], self.sender[emitter][inside])
            monitors = [self.v[start:stop], self.v[start:stop].mean(axis=1)]
            yield Chunk(start, stop - start, spikes, monitors)


def make_activity(sizes: list[int], steps: int, spikes: int, seed: int = 1) -> Activity:
    rng = np.random.default_rng(seed)
    step = [np.sort(rng.integers(0, steps, spikes)) for _ in sizes]
    sender = [rng.integers(0, size, spikes).astype(np.uint32) for size in sizes]
    return Activity(sizes, steps, step, sender, rng.normal(-60, 5, (steps, 3)))


def make_recording(sizes: list[int], dt: float = 0.1, keep: int = 50_000) -> LiveRecording:
    members = [Member(f"p{i}", size, i, True, "v") for i, size in enumerate(sizes)]
    return LiveRecording(
        dt,
        members,
        SpikeHistory(sizes, keep),
        CountHistory(list(range(len(sizes))), max(1, round(1 / dt)), 5102),
        {"p0": Signal(1, SampleHistory(3, keep), 0)},
        {"p0": Signal(1, SampleHistory(1, keep), 1)},
    )
