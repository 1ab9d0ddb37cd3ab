"""How a membrane answers oscillating currents: from recorded traces, or from the equations.

An impedance is complex, potential per current: its modulus is the ratio of the amplitudes, its
phase (negative where v lags) is in radians.  With mV and pA it is in GOhm, with mV and uA/cm^2 in
kOhm cm^2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis.checked import numbers
from engine.analysis.equilibria import resting_point
from engine.analysis.vector_field import flow
from engine.checked import Floats, array, at_least, finite, positive
from engine.errors import DataError, LimitError
from engine.models.declaration import NeuronModel

Complex = NDArray[np.complexfloating]
MOST_STEPS = 50_000_000
LEAST_POWER = 1e-3  # of the greatest power of the current: less of it says nothing of v


def component(signal: ArrayLike, dt: float, frequency: float) -> complex:
    """Amplitude and phase of a signal at ``frequency`` [Hz], as one complex number c.

    Least squares of mean + Re(c exp(2 pi i f t)) over the samples at t = 0, dt, 2 dt ... (ms): abs
    is the amplitude, angle the phase against a cosine.  The quotient of two components is an
    impedance.  Leave the transient out before.
    """
    values = numbers(signal, "signal")
    angle = 2e-3 * np.pi * positive(frequency, "frequency", "Hz") * positive(dt, "dt", "ms")
    if angle >= np.pi or len(values) * angle < np.pi:
        raise DataError(
            f"{len(values):,} samples every {dt:g} ms do not show {frequency:g} Hz; give half a "
            "period or more, with two samples a period at least"
        )
    phase = angle * np.arange(len(values))
    parts = np.column_stack([np.ones_like(phase), np.cos(phase), -np.sin(phase)])
    _, real, imaginary = np.linalg.lstsq(parts, values, rcond=None)[0]
    return complex(real, imaginary)


def zap_current(
    duration: float, dt: float, low: float = 0.5, high: float = 100.0, amplitude: float = 1.0
) -> Floats:
    """A current whose frequency rises evenly from ``low`` to ``high`` [Hz], one value a step.

    ``duration`` and ``dt`` in ms; ``amplitude`` in the model's unit of current.  Value n is that
    in the middle of step n.  Puil, Gimbarzevsky & Miura 1986, J. Neurophysiol. 55:995.
    """
    duration, dt = positive(duration, "duration", "ms"), positive(dt, "dt", "ms")
    low, high = at_least(low, "low", 0.0, "Hz"), positive(high, "high", "Hz")
    if low >= high:
        raise DataError(f"frequencies from {low:g} to {high:g} Hz do not rise; let low be less")
    amplitude = finite(amplitude, "amplitude")
    if duration / dt > MOST_STEPS:
        raise LimitError(
            f"{duration / dt:,.0f} steps are more than are made at once ({MOST_STEPS:,}); shorten "
            "the duration"
        )
    t = (np.arange(round(duration / dt)) + 0.5) * dt / 1000.0
    return amplitude * np.sin(2 * np.pi * t * (low + 0.5 * (high - low) * t * 1000.0 / duration))


def impedance(current: ArrayLike, v: ArrayLike, dt: float) -> tuple[Floats, Complex]:
    """(frequency [Hz], impedance) from traces of a current and of the potential it drove.

    Both have one sample a step of ``dt`` ms and begin and end at rest, as with ``zap_current``;
    given are the frequencies that the current has.  DataError if the traces do not fit.
    """
    given, answer = numbers(current, "current"), numbers(v, "v")
    if len(given) != len(answer) or len(given) < 4:
        raise DataError(
            f"{len(answer):,} potentials stand beside {len(given):,} values of the current; give "
            "one of each for every step, at least 4"
        )
    drive = np.fft.rfft(given - given.mean())
    power = np.abs(drive) ** 2
    if not power.max() > 0:
        raise DataError("the current never changes, so it has no impedance; give one that does")
    there = power >= LEAST_POWER * power.max()
    frequency = np.fft.rfftfreq(len(given), positive(dt, "dt", "ms") / 1000.0)
    answers = np.fft.rfft(answer - answer.mean())
    return frequency[there], answers[there] / drive[there]


def linear_impedance(
    model: str | NeuronModel,
    frequency: ArrayLike,
    current: float = 0.0,
    params: Mapping[str, Any] | None = None,
) -> Complex:
    """Impedance [frequencies] of a model for small oscillations around its rest at ``current``.

    From the exact Jacobian J of its equations: entry (v, v) of (i omega - J)^-1 times d(dv/dt)/dI.
    At 0 Hz 1/impedance is the slope conductance.  ``frequency`` in Hz.  DataError if there is no
    stable state to linearise around.
    """
    frequencies = np.atleast_1d(array(frequency, "frequency"))
    if frequencies.ndim > 1 or (frequencies < 0).any():
        raise DataError("`frequency` must be 0 or more Hz; give such numbers")
    around = flow(model, current, params)
    point = resting_point(around)
    state = np.array([point.values[name] for name in around.variables])
    membrane = around.variables.index(around.system.membrane)
    drive = around.slope_of_current(state)
    shifted = 2e-3j * np.pi * frequencies[:, None, None] * np.eye(len(state))
    return np.linalg.solve(shifted - around.jacobian(state), drive[:, None])[:, membrane, 0]
