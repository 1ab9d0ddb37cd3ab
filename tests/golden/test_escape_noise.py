"""Escape noise and the generalised integrate-and-fire neuron (catalogue A6, CF and T3)."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine
from engine import response
from engine.equations.compile import compile_model, constants
from engine.equations.evaluate import evaluate
from engine.models.registry import get

SEEDS = range(6)
SOFT = {"lambda0": "0.1 1/ms", "delta_V": 2.0}
# A clock of one hazard: v stays where it starts, 4 mV below the threshold.
STILL = {"v_T": -61.0, "E_L": -65.0, "v_reset": -65.0, "t_ref": 0.0, "b1": 0.0, "b2": 0.0,
         "d1": 0.0, "d2": 0.0, **SOFT}  # fmt: skip
HAZARD = 0.0135335283  # 1/ms


def still(size: int, duration: float, dt: float, seed: int, **parameters):
    """Spike times and senders of so many neurons that sit at one potential."""
    net = engine.Network("still", dt=dt, seed=seed)
    cells = net.population("cells", size, "gif", **{**STILL, **parameters})
    net.record(cells, "spikes")
    spikes = net.simulate(duration)["cells"].spikes
    return np.asarray(spikes.times), np.asarray(spikes.senders)


def test_the_hazard_and_the_probability_of_a_millisecond_are_those_of_the_closed_form():
    step_map = compile_model(get("gif"))
    numbers = constants(step_map, {**STILL, "lambda0": 100.0}, 1.0, 1)
    state = dict.fromkeys(step_map.states, 0.0) | {"v": -65.0, "escape": 0.0}
    level = evaluate(step_map.threshold.left.left, {**numbers, **state})  # log(hazard dt) > escape
    hazard = math.exp(float(np.ravel(level)[0]))
    assert hazard == pytest.approx(HAZARD, rel=1e-8)
    assert -math.expm1(-hazard) == pytest.approx(0.0134423619, rel=1e-8)


@pytest.mark.parametrize("dt", [0.1, 1.0, 10.0])
def test_a_step_of_any_length_spikes_with_the_probability_of_its_hazard(dt):
    """Not with hazard times dt, which at 10 ms would be 7 % more."""
    size, steps = 4000, 100
    counts = [len(still(size, steps * dt, dt, seed)[0]) for seed in SEEDS]
    p = -math.expm1(-HAZARD * dt)
    draws = size * steps * len(SEEDS)
    assert abs(sum(counts) - p * draws) < 4 * math.sqrt(draws * p * (1 - p))


def test_at_a_constant_potential_intervals_are_exponential():
    intervals = []
    for seed in SEEDS:
        times, senders = still(100, 6000.0, 0.1, seed)
        order = np.lexsort((times, senders))
        gaps, same = np.diff(times[order]), np.diff(senders[order]) == 0
        intervals.append(gaps[same])
        assert np.std(gaps[same]) / np.mean(gaps[same]) == pytest.approx(1.0, abs=0.05)
    every = np.concatenate(intervals)
    assert every.mean() == pytest.approx(1.0 / HAZARD, rel=0.03)
    assert np.std(every) / every.mean() == pytest.approx(1.0, abs=0.02)
    for share in (0.1, 0.5, 0.9):  # quantiles of the exponential law
        expected = -math.log1p(-share) / HAZARD
        assert np.quantile(every, share) == pytest.approx(expected, rel=0.05)


def test_a_refractory_neuron_does_not_fire_whatever_its_hazard():
    """All of the period is free of risk: the first spike is that of the step after it."""
    times, senders = still(50, 150.0, 0.1, 1, t_ref=7.0, v_T=-200.0)
    gaps = np.diff(times[np.lexsort((times, senders))])
    assert set(np.round(gaps[gaps > 0], 6)) == {7.1}


def test_a_spike_moves_current_and_threshold_by_sums_of_exponentials():
    params = {"t_ref": 4.0}
    answer = response("gif", 120.0, 400.0, params=params, seed=3)
    after = lambda jump, tau: sum(  # noqa: E731
        np.where(answer.t >= spike, jump * np.exp(-(answer.t - spike) / tau), 0.0)
        for spike in answer.spike_times
    )
    assert len(answer.spike_times) >= 2
    defaults = engine.models()["gif"]["parameters"]
    for state, jump in (("w1", "b1"), ("w2", "b2"), ("theta1", "d1"), ("theta2", "d2")):
        expected = after(defaults[jump]["default"], defaults[f"tau_{state}"]["default"])
        np.testing.assert_allclose(answer.states[state], expected, atol=1e-9)


def test_a_sharp_hazard_is_a_threshold():
    """delta_V to 0: the neuron of the same numbers with a threshold, to a step."""
    sharp = {**STILL, "v_T": -50.0, "delta_V": 1e-3, "C": 200.0, "g_L": 10.0}
    noisy = response("gif", 200.0, 500.0, params=sharp)
    plain = response("lif", 200.0, 500.0, params={"t_ref": 0.0})
    assert len(noisy.spike_times) == len(plain.spike_times)
    assert np.diff(noisy.spike_times) == pytest.approx(np.diff(plain.spike_times), abs=0.11)
