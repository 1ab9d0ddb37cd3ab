"""Sources against what they say: closed forms of the currents, statistics of the spikes.

Closed forms: a leaky integrator under a sine and a ramp (Gerstner et al. 2014, section 1.3), the
variance of its potential in coloured noise (Risken 1996, section 3.2), rate and CV of a Poisson
process with dead time (Cox 1962).  Statistics are T3: four standard errors, over some seeds.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine
from engine import rules

PASSIVE = {"C": 200, "g_L": 10, "E_L": -65, "v_th": 200}  # LIF-A without spikes: tau_m 20 ms
TAU, RESISTANCE = 20.0, 0.1  # ms, GOhm
SEEDS = (1, 2, 3)


# Its potential tells the current of every step: 200 pA are 1 mV/ms.
INTEGRATOR = engine.define("integrator", "dv/dt = I/C : mV", parameters={"C": "200 pF"})


def under(source: str, duration: float, dt: float, model=INTEGRATOR, **params):
    """Times [ms] and potential [mV] of one neuron under a source."""
    net = engine.Network("driven", dt=dt, precision="float64")
    cell = net.population("cell", 1, model, **(PASSIVE if model == "lif" else {}))
    net.connect(net.source("source", source, **params), cell, weight=1, port="current")
    net.record(cell, "v")
    t, v = net.simulate(duration)["cell"].trace("v")
    return t, v[:, 0]


def spikes(source: str, size: int, duration: float, seed: int = 1, dt: float = 0.1, **params):
    """The recorded spikes of a source."""
    net = engine.Network("spikes", dt=dt, seed=seed)
    net.record(net.source("source", source, size, **params), "spikes")
    return net.simulate(duration)["source"]


@pytest.mark.parametrize(
    ("frequency", "amplitude", "lag"), [(5.0, 4.23366508, 0.560982), (40.0, 0.97559931, None)]
)
def test_a_leaky_neuron_follows_a_sine(frequency, amplitude, lag):
    duration = 400.0 + 1000.0 / frequency
    t, v = under("sine_current", duration, 0.01, "lif", amplitude=50, frequency=frequency)
    late = t > 400.0 + 1e-6
    angle = 2e-3 * math.pi * frequency * t[late]
    sine, cosine = (2 * np.mean((v[late] + 65) * wave(angle)) for wave in (np.sin, np.cos))
    assert math.hypot(sine, cosine) == pytest.approx(amplitude, rel=1e-6)
    expected = math.atan(2e-3 * math.pi * frequency * TAU) if lag is None else lag
    assert math.atan2(-cosine, sine) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("dt", [0.05, 0.1, 1.0])
def test_a_leaky_neuron_lags_behind_a_ramp_by_tau(dt):
    t, v = under("ramp_current", 300.0, dt, "lif", initial=0, final=200, start=50, stop=250)
    s = np.clip(t - 50.0, 0.0, 200.0)
    expected = RESISTANCE * (s - TAU * (1 - np.exp(-s / TAU)))  # 1 pA/ms
    during = t <= 250.0
    assert np.abs(v + 65 - expected)[during].max() < 2e-3 * dt**2 + 1e-9
    assert v[-1] + 65 == pytest.approx(20.0 - (20.0 - expected[during][-1]) * math.exp(-2.5), 1e-5)


@pytest.mark.parametrize("dt", [0.1, 0.05])
def test_every_pulse_brings_its_charge_and_there_are_as_many_as_asked(dt):
    t, v = under("pulse_current", 100.0, dt, amplitude=200, width=4, period=10, start=15,
                 number=5)  # fmt: skip
    rise = v - v[0]
    expected = np.clip((t - 15.0) - 10.0 * np.floor((t - 15.0) / 10.0), 0.0, 4.0)
    whole = np.clip(np.floor((t - 15.0) / 10.0), 0, 5)
    expected = 4.0 * whole + np.where((t > 15.0) & (whole < 5), expected, 0.0)
    np.testing.assert_allclose(rise, expected, atol=1e-9)  # 200 pA into 200 pF: 1 mV/ms


def test_pulses_have_no_end_unless_one_is_given():
    _, v = under("pulse_current", 1000.0, 0.1, amplitude=200, width=1, period=10, start=0)
    assert v[-1] - v[0] == pytest.approx(100.0, abs=0.11)


@pytest.mark.parametrize(
    ("between", "rise"),
    [("step", 10.0 + 2.5), ("line", 10.0 + 7.5 + 1.25)],  # lines begin with the first value
)
def test_a_table_is_held_or_joined(between, rise):
    t, v = under("table_current", 30.0, 0.1, times=[10, 20, 25], values=[200, 100, 0],
                 between=between)  # fmt: skip
    first = 0.1 if between == "line" else 0.0  # mV till the first sample
    assert v[-1] - v[0] + first == pytest.approx(rise, abs=1e-9)
    assert np.ptp(v[t > 25.0]) < 1e-9


@pytest.mark.parametrize(("dt", "tau"), [(0.1, 5.0), (1.0, 5.0), (0.5, 40.0)])
def test_coloured_noise_has_its_moments_and_memory_on_any_grid(dt, tau):
    net = engine.Network("noise", dt=dt, seed=4, precision="float64")
    cells = net.population("cells", 200, INTEGRATOR)
    noise = net.source("noise", "ou_current", 200, mean=30, std=80, tau=tau)
    net.connect(noise, cells, rules.one_to_one(), weight=1, port="current")
    net.record(cells, "v")
    _, v = net.simulate(1500.0)["cells"].trace("v")
    current = 200.0 * np.diff(v, axis=0) / dt
    apart = 200 * 1500.0 / (2 * tau)  # independent numbers
    slack = 4 / math.sqrt(apart)
    assert current.mean() == pytest.approx(30.0, abs=80 * slack)
    assert current.std() == pytest.approx(80.0, rel=slack)
    for lag in (1, round(tau / dt)):
        product = (current[lag:] - 30.0) * (current[:-lag] - 30.0)
        assert product.mean() / 6400 == pytest.approx(math.exp(-lag * dt / tau), abs=2 * slack)
    assert current[0].std() == pytest.approx(80.0, rel=4 / math.sqrt(400))  # stationary at once


@pytest.mark.parametrize("seed", SEEDS)
def test_the_potential_in_coloured_noise_has_the_variance_of_risken(seed):
    net = engine.Network("filtered", dt=0.1, seed=seed)
    cells = net.population("cells", 300, "lif", **PASSIVE)
    noise = net.source("noise", "ou_current", 300, std=100, tau=10)
    net.connect(noise, cells, rules.one_to_one(), weight=1, port="current")
    net.record(cells, "v")
    _, v = net.simulate(1200.0)["cells"].trace("v")
    expected = 10.0 * math.sqrt(10.0 / (10.0 + TAU))  # std R sqrt(tau/(tau + tau_m))
    slack = 4 / math.sqrt(2 * 300 * 1000.0 / (2 * 30.0))
    assert v[2000:].std() == pytest.approx(expected, rel=slack + 0.003)


def test_noise_is_private_one_to_one_and_shared_from_one():
    for size, rule, shared in ((40, rules.one_to_one(), False), (1, rules.all_to_all(), True)):
        net = engine.Network("shared", dt=0.1, seed=1)
        cells = net.population("cells", 40, INTEGRATOR)
        net.connect(net.source("noise", "ou_current", size), cells, rule, weight=1, port="current")
        net.record(cells, "v")
        _, v = net.simulate(300.0)["cells"].trace("v")
        assert bool(np.ptp(v[-1]) < 1e-5) is shared


@pytest.mark.parametrize("seed", SEEDS)
def test_dead_time_makes_a_poisson_train_slower_and_more_regular(seed):
    """A14: 100 Hz and 2 ms give 83.3333 Hz and a CV of 0.83333."""
    found = spikes("poisson", 200, 5000.0, seed, rate=100, dead_time=2)
    expected = 200 * 5.0 * 83.3333
    assert abs(len(found.spikes) - expected) < 4 * math.sqrt(expected) * 0.83333
    assert found.cv_isi() == pytest.approx(0.83333, abs=0.01)
    order = np.lexsort((found.spikes.times, found.spikes.senders))
    intervals = np.diff(found.spikes.times[order])[np.diff(found.spikes.senders[order]) == 0]
    assert intervals.min() == pytest.approx(2.0, abs=1e-6)


def test_dead_times_shorter_than_a_step_count_too():
    found = spikes("poisson", 500, 1000.0, dt=1.0, rate=2000, dead_time=0.3)
    expected = 500 * 2000 / 1.6
    assert abs(len(found.spikes) - expected) < 4 * math.sqrt(expected)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_rate_that_oscillates_is_followed(seed):
    params = {"rate": 40, "amplitude": 30, "frequency": 5, "phase": 1.0}
    found = spikes("poisson_sine", 500, 4000.0, seed, **params)
    phase = 2e-3 * math.pi * 5 * (found.spikes.times - 0.05)
    counts, edges = np.histogram(np.mod(phase, 2 * math.pi), 20, (0, 2 * math.pi))
    middle = (edges[1:] + edges[:-1]) / 2
    smoothed = np.sinc(0.5 / 20 * 2)  # of a sine over a bin of a twentieth
    expected = 500 * 4.0 / 20 * (40 + 30 * smoothed * np.sin(middle + 1.0))
    chi = ((counts - expected) ** 2 / expected).sum()
    assert 4 < chi < 48  # 20 degrees of freedom: one in a thousand either way


def test_a_rate_below_nothing_is_none():
    found = spikes("poisson_sine", 200, 1000.0, rate=0, amplitude=100, frequency=2)
    half = np.mod(found.spikes.times - 0.05, 500.0) > 250.0
    assert len(found.spikes) > 1000
    assert not half.any()


@pytest.mark.parametrize("dead_time", [0.0, 3.0])
def test_a_rate_by_table_changes_at_the_step_that_is_named(dead_time):
    params = {"times": [10.0, 200.0, 300.0], "rates": [100.0, 0.0, 400.0]}
    found = spikes("poisson_table", 400, 500.0, dead_time=dead_time, **params)
    times = found.spikes.times
    for first, last, rate in ((0, 10, 0), (10, 200, 100), (200, 300, 0), (300, 500, 400)):
        number = np.count_nonzero((times > first + 1e-6) & (times < last + 1e-6))
        expected = 400 * (last - first) / 1000 * rate / (1 + rate * dead_time / 1000)
        # After silence all may fire at once: the first interval knows no dead time.
        early = 400 * (rate * dead_time / 1000) ** 2 / 2 / (1 + rate * dead_time / 1000) ** 2
        assert abs(number - expected - early) <= 4 * math.sqrt(expected) + early


def test_rates_of_a_table_may_lie_on_lines():
    params = {"times": [0.0, 1000.0], "rates": [0.0, 200.0], "between": "line"}
    times = spikes("poisson_table", 300, 1000.0, **params).spikes.times
    for last in (250.0, 500.0, 1000.0):
        expected = 300 * 100 * (last / 1000) ** 2
        assert abs(np.count_nonzero(times <= last) - expected) < 4 * math.sqrt(expected)


def test_regular_spikes_come_when_they_should():
    found = spikes("regular", 3, 100.0, rate=100, start=[5.0, 7.5, 20.0], number=4)
    for member, start in enumerate((5.0, 7.5, 20.0)):
        times = found.spikes.times[found.spikes.senders == member]
        np.testing.assert_allclose(times, start + 10.0 * np.arange(4), atol=1e-9)


def test_jitter_moves_every_spike_by_itself():
    found = spikes("regular", 200, 2000.0, rate=10, start=50, jitter=4)
    assert len(found.spikes) == 200 * 20
    moved = found.spikes.times - (50 + 100 * np.round((found.spikes.times - 50) / 100))
    assert moved.std() == pytest.approx(4.0, rel=4 / math.sqrt(2 * 4000))
    assert moved.mean() == pytest.approx(0.0, abs=4 * 4 / math.sqrt(4000))


def test_a_packet_is_a_spike_of_every_member_around_its_time():
    found = spikes("pulse_packets", 1000, 200.0, times=[50, 150], std=3)
    assert len(found.spikes) == 2000
    first = found.spikes.times < 100
    for centre, chosen in ((50.0, first), (150.0, ~first)):
        times = found.spikes.times[chosen]
        assert sorted(found.spikes.senders[chosen]) == list(range(1000))
        assert times.mean() == pytest.approx(centre, abs=4 * 3 / math.sqrt(1000))
        assert times.std() == pytest.approx(3.0, rel=4 / math.sqrt(2000))
