"""One neuron by an adaptive solver of high order with located spikes: what others are held to.

SciPy's DOP853 (Hairer, Norsett & Wanner 1993, section II.10; relative tolerance 1e-10) on the
equations themselves, from event to event: a spike, the end of a refractory period, a change of the
input.  It shares nothing with the step maps but the equations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.equations.adjoint import distance
from engine.equations.analysis import whole_derivative
from engine.equations.closures import Function, closure
from engine.equations.constants import coherent
from engine.equations.evaluate import evaluate
from engine.equations.system import System, inlined
from engine.equations.tree import Expr, walk
from engine.errors import EquationError, LimitError, RunStopped

Floats = NDArray[np.floating]
ADAPTIVE = "adaptive"
RELATIVE, ABSOLUTE = 1e-10, 1e-12
MOST_STEPS = 2_000_000
MOST_STEPS_IN_A_MS = 20_000  # some seconds of work; equations that need more are too stiff for it
MOST_IN_A_MS = 50  # spikes; a neuron with more runs off
_INSIDE = np.arange(1, 6) / 5.0  # of a step, where a crossing is looked for
_SHORT = 1e-9  # ms


class AdaptiveNeuron:
    """A neuron of ``system`` with ``parameters`` in declared units, without spikes arriving."""

    def __init__(self, system: System, parameters: Mapping[str, float]) -> None:
        if system.updates:
            message = f"{system.model} has no solver `{ADAPTIVE}`: its equations are steps"
            raise EquationError(message, remedy="leave the solver open (map)")
        if system.hazard is not None:
            message = f"{system.model} has no solver `{ADAPTIVE}`: it fires by chance"
            raise EquationError(message, remedy="leave the solver open")
        self.system = system
        self.states = tuple(system.derivatives)
        fixed: dict[str, Any] = dict(coherent(system.parameters.values(), parameters, 1))
        fixed |= {port.name: 0.0 for port in system.inputs} | {"dt": 1.0}
        self.places = {name: place for place, name in enumerate((*self.states, "in_current"))}
        del fixed["in_current"]
        self.fixed = fixed
        for name, value in system.aliases.items():
            if not self._varies(value):
                fixed[name] = float(evaluate(value, fixed))
        self.rates = [self._function(whole_derivative(system, s)) for s in self.states]
        self.caps = [(self.states.index(s), float(evaluate(e, fixed)))
                     for s, e in system.caps.items()]  # fmt: skip
        self.holds = [self.states.index(name) for name in system.holds]
        self.t_ref = 0.0
        if system.refractory is not None:
            self.t_ref = float(evaluate(system.refractory, fixed))
        self.reset = [(self.states.index(s), self._function(e)) for s, e in system.reset]
        self.margin = self._margin()

    def run(self, state: Floats, trace: Floats, dt: float) -> tuple[Floats, Floats]:
        """States [S, steps + 1] on the grid of ``dt`` ms, the initial ones first, and the times of
        the spikes in ms, under ``trace`` [steps], each value held during its step."""
        with np.errstate(all="ignore"):  # what overflows is found and said
            return _Run(self, state, trace, dt).whole()

    def _varies(self, expr: Expr) -> bool:
        whole = inlined(expr, self.system.aliases, set(self.system.aliases))
        return any(getattr(node, "name", "") in self.places for node in walk(whole))

    def _function(self, expr: Expr) -> Function:
        whole = inlined(expr, self.system.aliases, set(self.system.aliases) - self.fixed.keys())
        return closure(whole, self.places, self.fixed)

    def _margin(self) -> Function | None:
        """What is 0 or more where the neuron fires: the first comparison of the threshold."""
        if self.system.threshold is None:
            return None
        return self._function(distance(self.system.threshold))


class _Run:
    """One run from event to event."""

    def __init__(self, neuron: AdaptiveNeuron, state: Floats, trace: Floats, dt: float) -> None:
        self.neuron, self.dt, self.trace = neuron, dt, trace
        self.y: list[float] = [float(value) for value in state[: len(neuron.states)]]
        self.samples = np.empty((len(self.y), len(trace) + 1))
        self.samples[:, 0] = self.y
        self.t, self.next, self.release = 0.0, 1, -1.0  # next: the sample to take next
        self.spikes: list[float] = []
        self.steps = 0
        self.counted = (0.0, 0)  # a time, and the steps up to there
        self.armed = True  # of upward crossings: it was below the threshold since the last spike

    def whole(self) -> tuple[Floats, Floats]:
        margin = self.neuron.margin
        if margin is not None and self.neuron.system.crossing:
            self.armed = margin([*self.y, float(self.trace[0])]) < 0
        changes = np.flatnonzero(np.diff(self.trace)) + 1
        edges = [0, *changes.tolist(), len(self.trace)]
        for first, last in pairwise(edges):
            self.current = float(self.trace[first])
            end = last * self.dt
            while self.t < end - _SHORT:
                held = self.t < self.release - _SHORT
                self._between_events(min(end, self.release) if held else end, held)
            self.t = end
        return self.samples, np.array(self.spikes)

    def _rates(self, held: bool) -> Callable[[float, Floats], list[float]]:
        neuron, current = self.neuron, self.current
        rates, caps, still = neuron.rates, neuron.caps, neuron.holds if held else []

        def found(_: float, y: Floats) -> list[float]:
            values = [*y.tolist(), current]
            for place, cap in caps:
                values[place] = min(values[place], cap)
            result = [rate(values) for rate in rates]
            for place in still:
                result[place] = 0.0
            return result

        return found

    def _between_events(self, end: float, held: bool) -> None:
        """Go on to ``end``, or to a spike and its reset before that."""
        from scipy.integrate import DOP853

        watched = not held and self.neuron.margin is not None
        if watched and self.neuron.reset and self._fires(self.y):
            self._spike(self.t, self.y)
            return
        solver = DOP853(self._rates(held), self.t, np.array(self.y), end,
                        rtol=RELATIVE, atol=ABSOLUTE)  # fmt: skip
        while solver.status == "running":
            self._count(solver.t)
            solver.step()
            if solver.status == "failed" or not np.all(np.isfinite(solver.y)):
                self._stuck(solver.t, solver.y, watched)
                return
            dense = solver.dense_output()
            at = self._crossing(dense, solver.t_old or 0.0, solver.t) if watched else None
            if at is not None and self.neuron.reset:
                self._take(dense, at)
                self._spike(at, dense(at))
                return
            if at is not None:
                self.spikes.append(at)
            self._take(dense, solver.t)
            self.t, self.y = solver.t, solver.y.tolist()

    def _fires(self, y: Sequence[float]) -> bool:
        margin = self.neuron.margin
        assert margin is not None
        above = margin([*y, self.current]) >= 0
        if self.neuron.system.crossing:
            fires, self.armed = above and self.armed, not above
            return fires
        return above

    def _crossing(self, dense: Any, start: float, stop: float) -> float | None:
        """The time of the first crossing in the step, or None."""
        from scipy.optimize import brentq

        margin, before = self.neuron.margin, start
        assert margin is not None

        def at(t: float) -> float:
            return margin([*dense(t).tolist(), self.current])

        for t in start + (stop - start) * _INSIDE:
            if self._fires(dense(t).tolist()):
                if at(before) >= 0:
                    return before
                return float(brentq(at, before, t, xtol=1e-12, rtol=1e-14))  # pyright: ignore
            before = t
        return None

    def _take(self, dense: Any, until: float) -> None:
        """Samples of the grid up to ``until``."""
        last = int(np.floor(until / self.dt + _SHORT))
        if last >= self.next:
            times = np.arange(self.next, last + 1) * self.dt
            self.samples[:, self.next : last + 1] = dense(np.minimum(times, until))
            self.next = last + 1

    def _spike(self, t: float, y: Sequence[float]) -> None:
        neuron = self.neuron
        values = [*(float(value) for value in y), self.current]
        for place, cap in neuron.caps:
            values[place] = min(values[place], cap)
        for place, function in neuron.reset:
            values[place] = float(function(values))
        self.spikes.append(t)
        self.t, self.y = t, values[:-1]
        self.release = t + neuron.t_ref if neuron.t_ref > 0 else -1.0
        require_pauses(neuron.system.model, self.spikes[-MOST_IN_A_MS:])

    def _stuck(self, t: float, y: Floats, watched: bool) -> None:
        """A potential that is at its peak within less than time resolves has fired."""
        rates = self._rates(False)(t, np.array(self.y))
        for place, cap in self.neuron.caps if watched else ():
            if rates[place] > 0 and (cap - self.y[place]) / rates[place] < 1e-6:
                self._spike(self.t, self.y)
                return
        bad = int(np.argmin(np.isfinite(y)))
        raise RunStopped(
            f"{self.neuron.system.model}: `{self.neuron.states[bad]}` runs off at {t:.6g} ms; "
            "use a weaker current or other parameters"
        )

    def _count(self, now: float) -> None:
        self.steps += 1
        before, steps = self.counted
        if now - before >= 1.0:
            self.counted = (now, self.steps)
        elif self.steps - steps > MOST_STEPS_IN_A_MS:
            raise LimitError(
                f"{self.neuron.system.model}: the adaptive solver needs more than "
                f"{MOST_STEPS_IN_A_MS:,} steps for 1 ms at {now:.6g} ms; use a weaker current, or "
                "leave the solver open"
            )
        if self.steps > MOST_STEPS:
            raise LimitError(
                f"the adaptive solver took more than {MOST_STEPS:,} steps in {self.t:.6g} ms; "
                "shorten the duration or leave the solver open"
            )


def require_pauses(model: str, times: Sequence[float] | Floats) -> None:
    """Raise `RunStopped` where spikes at ``times`` [ms] crowd as no neuron can."""
    late = np.asarray(times)
    crowded = late[MOST_IN_A_MS - 1 :] - late[: max(0, late.size - MOST_IN_A_MS + 1)] < 1.0
    if crowded.any():
        at = late[MOST_IN_A_MS - 1 :][int(np.argmax(crowded))]
        raise RunStopped(
            f"{model} fires without end, {MOST_IN_A_MS} spikes within 1 ms before {at:.6g} ms; set "
            "the reset further below the threshold, or a refractory period, or use the scheme of "
            "the published figure"
        )
