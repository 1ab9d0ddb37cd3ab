"""The third factor of a projection that learns on a device: its clock, and synapses' own state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from engine.backends import rewards
from engine.backends.cuda.device import Launch, Memory, Module
from engine.backends.cuda.frame import Frame
from engine.backends.cuda.third_printer import third_source
from engine.equations.third import EARNED
from engine.runtime.plan import Floats, PlasticityPlan

PARTS = ("own", "lasts", "clock")


class Third:
    """Arrays on the device for what `engine/equations/third.py` describes; small without a clock.

    ``weights`` are those of the projection, which a touch changes too.
    """

    def __init__(self, frame: Frame, plan: PlasticityPlan, weights: Memory, synapses: int) -> None:
        self.frame, self.plan, self._weights, self._synapses = frame, plan, weights, synapses
        rule, zeros = plan.rule, frame.device.zeros
        self._own = zeros(max(1, synapses if rule.eligibility else 0), frame.dtype)
        self._lasts = zeros(max(1, synapses if rule.drifts else 0), np.float64)
        start = rewards.start_of(rule)
        self._clock = frame.device.upload(start if start.size else np.zeros(1))
        self._kernels: Module | None = None
        if rule.clock is not None:
            self._kernels = frame.device.build(third_source(rule))
        self.set_plan(plan)

    @property
    def arguments(self) -> list[Memory]:
        """What the kernels of events ask of it."""
        return [self._own, self._lasts, self._clock]

    # -- on the host, between two advances --------------------------------------------------------

    def set_plan(self, plan: PlasticityPlan) -> None:
        """Other numbers, or learning on or off; what the old ones have earned is kept."""
        if self.plan is not plan and plan.rule.eligibility:
            arrays = self._down()
            rewards.renew(self.plan, *arrays)
            self._up(*arrays)
        self.plan, rule = plan, plan.rule
        parts = (
            (rule.clock.constants if rule.clock else (), plan.constants.clock),
            (rule.constants, plan.constants.programs),
        )
        self._numbers = [
            self.frame.device.upload(np.array([values[name] for name in order] or [0.0]))
            for order, values in parts
        ]

    def touched(self) -> Floats:
        """The weights as they are now."""
        arrays = self._down()
        return rewards.touched(self.plan, *arrays)

    def forget(self) -> None:
        """The weights are new ones: nothing earned by the old is due."""
        if self.plan.rule.drifts:
            clock = self.frame.device.download(self._clock)
            earned = clock[rewards.row_of(self.plan.rule, EARNED)]
            self.frame.device.overwrite(self._lasts, np.full(self._lasts.shape, earned))

    def modulators(self) -> dict[str, float]:
        """The modulators as they are now."""
        return rewards.modulators(self.plan, self.frame.device.download(self._clock))

    def reward(self, amount: float) -> None:
        """A reward that comes now."""
        clock = self.frame.device.download(self._clock)
        rewards.reward(self.plan, clock, amount)
        self.frame.device.overwrite(self._clock, clock)

    def _down(self) -> tuple[Floats, Floats, Floats, Floats]:
        rule, count = self.plan.rule, self._synapses
        weights, own, lasts = (
            np.array(self.frame.device.download(memory, count if there else 0))
            for memory, there in (
                (self._weights, True),
                (self._own, rule.eligibility),
                (self._lasts, rule.drifts),
            )
        )
        return weights, own, lasts, np.array(self.frame.device.download(self._clock))

    def _up(self, weights: Floats, own: Floats, lasts: Floats, clock: Floats) -> None:
        for memory, values in ((self._weights, weights), (self._own, own), (self._lasts, lasts)):
            if values.size:
                self.frame.device.overwrite(memory, values)
        self.frame.device.overwrite(self._clock, clock)

    # -- launches ---------------------------------------------------------------------------------

    def tick(self, k: int) -> Iterator[Launch]:
        """The clock advances to the end of step ``k`` of a block."""
        if self._kernels is not None:
            frame, learns = self.frame, int(self.plan.on)
            arguments = [frame.clock, k, frame.plan.dt, learns, self._clock, self._numbers[0]]
            yield self._kernels.ready("tick", 1, 1, arguments)

    def reward_by(self, met: Sequence[Memory]) -> Iterator[Launch]:
        """Every spike of the emitter that rewards: ``met`` says when and which."""
        if self._kernels is not None and self.plan.rule.on_reward:
            arguments = [*met, self._clock, self._numbers[1]]
            yield self._kernels.ready("reward", 1, 1, arguments)

    def renewals(self, k: int, synapses: Module, grid: int, fixed: Memory) -> Iterator[Launch]:
        """Move the base time, where it is time to; ``synapses`` are the kernels of synapses."""
        if self._kernels is not None and self.plan.rule.eligibility:
            when = [self.frame.clock, k, self.plan.constants.renewed]
            rest = [self._synapses, self._weights, fixed, *self.arguments]
            yield synapses.ready("renew", grid, 128, [*when, *rest])
            yield self._kernels.ready("restart", 1, 1, [*when, self._clock])

    # -- checkpoints ------------------------------------------------------------------------------

    def saved(self, name: str) -> dict[str, np.ndarray]:
        """All that changes, but for the weights."""
        download = self.frame.device.download
        return {
            f"{name}/{part}": np.array(download(memory))
            for part, memory in zip(PARTS, self.arguments, strict=True)
        }

    def restore(self, name: str, saved: Mapping[str, np.ndarray]) -> None:
        """Go back to what `saved` gave."""
        for part, memory in zip(PARTS, self.arguments, strict=True):
            self.frame.device.overwrite(memory, saved[f"{name}/{part}"])
