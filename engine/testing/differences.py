"""Gradients of a model by its kernels, and by differences of the model with a smooth spike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.equations.compile import constants, initial_state
from engine.equations.escape import DRAWN
from engine.equations.tree import names
from engine.testing.driving import Driven
from engine.testing.smoothed import SOFT, Smoothed

Floats = NDArray[np.floating]
SHIFTS = (1e-5, 1e-6, 1e-7)  # relative; the difference nearest to the gradient counts
LONGEST = 1500  # steps that gradients are followed through


@dataclass(frozen=True)
class _Way:
    """A way to change what goes in, and the derivative along it by backward, [N]."""

    name: str
    slope: Floats
    constant: str = ""
    unit: Floats | float = 1.0
    drive: Floats | None = None  # [T, N]


class Differences:
    """Gradients of one loss, by the compiled kernels and by differences of the smooth model.

    The loss is one number a neuron.  Every way to differ (a direction in the space of drives, a
    constant) is one more copy of the neurons, and all copies run at once.
    """

    def __init__(self, case: Driven) -> None:
        self.case, self.step_map, self.size = case, case.trained, len(case.currents)
        self.membrane = case.step_map.states.index(case.model.membrane)
        self.constants = {
            name: np.broadcast_to(np.asarray(value, np.float64), self.size)
            for name, value in constants(case.step_map, {}, case.dt, self.size).items()
        }
        self.found = case.backward
        self.state = initial_state(case.model, None, {}, self.size)
        rng = np.random.default_rng(5)
        steps = _steps(case)
        self.drive = case.currents * rng.uniform(0.8, 1.2, (steps, self.size))
        self.on_spikes, self.on_membrane = rng.normal(size=(2, steps, self.size))
        self.on_spikes /= SOFT  # so that spikes weigh as much as the potential
        self.draws: dict[str, Floats] = {}  # of a model that fires by chance: the same in all runs
        if case.step_map.escapes:
            self.draws[DRAWN] = np.log(rng.exponential(size=(steps, self.size)))
        self.base = self._smooth(1).run(self.drive, self.constants)
        drives = [self.drive, *self.draws.values()]
        done = case.training.forward(drives, self.state, self.constants, case.dt, keep=True)
        assert np.array_equal(done.spikes, self.base.spikes), "training fires at other times"
        assert done.kept is not None
        self.ours = case.training.backward(
            done.kept, self.constants, case.dt, self.on_spikes, [self.on_membrane]
        )

    def worst(self) -> tuple[float, str]:
        """The largest relative error, and of what."""
        ways = self._ways()
        ours = np.array([way.slope for way in ways])  # [M, N]
        nearest = np.full(ours.shape, np.inf)
        for shift in SHIFTS:
            up, down = self._losses(ways, shift), self._losses(ways, -shift)
            noise = 1e-14 * (np.abs(up) + 1.0) / shift  # of rounding
            error = np.abs((up - down) / (2.0 * shift) - ours) - noise
            nearest = np.minimum(nearest, np.maximum(error, 0.0))
        scale = np.maximum(np.abs(ours), 1e-3 * np.abs(ours).max(axis=1, keepdims=True) + 1e-9)
        relative = (nearest / scale).max(axis=1)
        place = int(np.argmax(relative))
        return float(relative[place]), ways[place].name

    def _ways(self) -> list[_Way]:
        rng = np.random.default_rng(6)
        ways = []
        for number in range(3):
            way = self.case.strength * rng.normal(size=self.drive.shape)
            slope = np.sum(self.ours.inputs[0] * way, axis=0)
            ways.append(_Way(f"the current (direction {number})", slope, drive=way))
        for name in self._differentiable():
            value = self.constants[name]
            unit = np.where(value == 0.0, 1.0, value)
            ways.append(_Way(f"constant `{name}`", self.ours.constants[name] * unit, name, unit))
        return ways

    def _differentiable(self) -> list[str]:
        """Constants but those that only count steps: these have no derivative."""
        counted, read = set(), set()
        for assign in (*self.step_map.update, *self.step_map.jumps, *self.step_map.reset):
            counts = (
                assign.target in self.step_map.states and assign.target not in self.found.active
            )
            (counted if counts else read).update(names(assign.value))
        if self.step_map.threshold is not None:
            read |= names(self.step_map.threshold)
        return [name for name in self.step_map.constants if name in read or name not in counted]

    def _smooth(self, copies: int) -> Smoothed:
        state = np.tile(self.state, copies)
        draws = {name: np.tile(draw, copies) for name, draw in self.draws.items()}
        return Smoothed(self.step_map, state, self.case.dt, self.found.active, draws)

    def _losses(self, ways: list[_Way], shift: float) -> Floats:
        """The loss after a change by ``shift`` along every way, [M, N]."""
        copies = len(ways)
        drive = np.tile(self.drive, copies)
        values = {name: np.tile(value, copies) for name, value in self.constants.items()}
        for number, way in enumerate(ways):
            own = slice(number * self.size, (number + 1) * self.size)
            if way.drive is not None:
                drive[:, own] += shift * way.drive
            else:
                values[way.constant][own] += shift * way.unit
        path = self._smooth(copies).run(drive, values, self.base.repeated(copies))
        lost = np.tile(self.on_spikes, copies) * path.spikes
        lost += np.tile(self.on_membrane, copies) * path.states[:, self.membrane]
        return lost.sum(axis=0).reshape(copies, self.size)


def _steps(case: Driven) -> int:
    """Steps through which the strongest current makes a first spike, and some more."""
    steps = np.asarray(case.run(LONGEST).spikes[0][0], np.int64)
    return min(LONGEST, 60 + (int(steps.min()) if steps.size else 0))
