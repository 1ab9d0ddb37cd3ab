"""Single neurons by the plainest interpreter against the catalogue (A2, A5, A7, A11).

Numbers are closed form or an accurate ODE solution; T1 and T2 are the catalogue's tolerances.  The
compiled kernels are held to the whole tables in the tests of ``engine.response``.
"""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "equations"))
from interpreter import run

from engine.models.registry import neuron_models

LIF_A = neuron_models()["lif"].presets["LIF-A"]
CELLS = neuron_models()["izhikevich"].presets
NAUD = neuron_models()["adex"].presets


def side_by_side(presets):
    return {key: [preset[key] for preset in presets] for key in presets[0]}


def test_lif_rates_on_the_grid_are_charging_time_rounded_up_plus_refractoriness():
    currents = np.array([160.0, 200.0, 300.0, 1000.0])
    trial = run("lif", 300, 0.1, currents, LIF_A)
    charge = 20 * np.log((currents / 10) / (currents / 10 - 15))
    expected = np.ceil(charge / 0.1 - 1e-9) * 0.1 + 2
    found = [np.diff(times)[-1] for times in trial.spikes]
    assert found == pytest.approx(expected, abs=1e-9)
    assert found[1] == pytest.approx(29.8, abs=1e-9)


def test_lif_below_threshold_is_exact_on_any_grid():
    for dt in (0.1, 1.0, 5.0):
        trial = run("lif", 20, dt, 100.0, LIF_A)
        assert trial["v"][-1, 0] == pytest.approx(-58.67879441, abs=1e-8)


@pytest.mark.parametrize(("frequency", "amplitude"), [(5, 4.23366508), (40, 0.97559931)])
def test_lif_filters_a_sine_as_its_time_constant_says(frequency, amplitude):
    t = (np.arange(4000) + 0.5) * 0.1
    trial = run("lif", 400, 0.1, 50 * np.sin(2 * np.pi * frequency * t / 1000), LIF_A)
    last = trial["v"][-2001:, 0]
    assert (last.max() - last.min()) / 2 == pytest.approx(amplitude, rel=2e-4)


def test_izhikevich_cells_fire_as_the_equations_do_even_at_a_tenth_of_a_millisecond():
    names = ["RS", "IB", "CH", "FS", "LTS", "TC", "RZ"]
    currents = np.array([10.0, 10, 10, 10, 10, 4, 4])
    trial = run("izhikevich", 1000, 0.1, currents, side_by_side([CELLS[n] for n in names]))
    assert [len(times) for times in trial.spikes] == [23, 34, 87, 137, 78, 116, 89]
    first = trial.spikes[0][:3] - late(trial, 0)[:3]
    assert first == pytest.approx([3.12706, 26.22602, 71.0571], abs=0.02)


def late(trial, neuron):
    """How long before the end of its step each spike's peak was."""
    steps = np.round(trial.spikes[neuron] / 0.1).astype(int)
    return trial["late"][steps, neuron]


def test_the_published_scheme_of_2003_reproduces_its_spikes():
    names = ["RS", "IB", "FS", "CH", "LTS"]
    cells = side_by_side([CELLS[name] for name in names])
    trial = run("izhikevich", 1000, 1.0, 10.0, cells, solver="izhikevich_2003")
    # The published loop tests the threshold before a step, so t = 1000 is not seen in 1,000 steps.
    assert [int(np.sum(times < 1000)) for times in trial.spikes] == [20, 27, 63, 43, 44]
    assert trial.spikes[0][:6] == pytest.approx([4, 31, 79, 141, 195, 243])
    assert trial.spikes[4][:6] == pytest.approx([4, 10, 21, 49, 81, 98])


def test_adex_fires_when_the_accurate_solution_does():
    trial = run("adex", 1000, 0.1, np.array([700.0, 1000.0, 2000.0]))
    assert [len(times) for times in trial.spikes] == [9, 31, 90]
    first = trial.spikes[0][:2] - late(trial, 0)[:2]
    assert first == pytest.approx([24.61126, 63.22078], abs=0.02)
    assert np.diff(trial.spikes[1])[-1] == pytest.approx(36.08095, rel=0.02)


@pytest.mark.slow
def test_the_firing_patterns_of_naud_and_others():
    table = {
        "tonic": (500, 51, [14.22293]),
        "adaptation": (500, 10, [14.90404, 26.17181, 40.54792]),
        "initial burst": (400, 10, [5.46351, 8.8826, 16.20158, 70.94851]),
        "regular bursting": (210, 9, []),
        "delayed accelerating": (300, 36, [33.57374]),
        "delayed regular bursting": (110, 26, [57.17963]),
        "transient": (180, 1, [30.28986]),
        "irregular": (160, None, [15.64459, 19.08972, 23.55756]),
    }
    currents = np.array([row[0] for row in table.values()], float)
    presets = side_by_side([NAUD[name] for name in table])
    trial = run("adex", 500, 0.02, currents, presets)
    for neuron, (name, (_, count, first)) in enumerate(table.items()):
        times = trial.spikes[neuron]
        assert count is None or len(times) == count, name
        steps = np.round(times / 0.02).astype(int)
        exact = times - trial["late"][steps, neuron]
        assert exact[: len(first)] == pytest.approx(first, abs=0.02), name


def test_hodgkin_huxley_fires_when_the_accurate_solution_does():
    currents = np.array([2.2, 5.0, 10.0])
    trial = run("hodgkin_huxley", 50, 0.02, currents)
    assert [len(times) for times in trial.spikes] == [0, 1, 4]
    # On the grid a crossing is stamped up to one step late.
    ahead = np.array([1.818417, 16.717810, 31.365865]) - trial.spikes[2][:3]
    assert np.all(ahead < 0.005)
    assert np.all(ahead > -0.03)


def test_hodgkin_huxley_has_the_published_spike_shape():
    current = np.zeros(1500)
    current[:100] = 20.0
    v = run("hodgkin_huxley", 15, 0.01, current)["v"][:, 0]
    assert v.max() == pytest.approx(40.504481, abs=0.05)
    assert v.argmax() * 0.01 == pytest.approx(1.5329, abs=0.02)
    assert v.min() == pytest.approx(-76.182358, abs=0.01)


def test_hodgkin_huxley_is_stable_and_close_on_a_coarse_grid():
    trial = run("hodgkin_huxley", 120, 0.05, np.array([10.0, 20.0, 50.0]))
    rates = [1000 / np.mean(np.diff(times)[1:]) for times in trial.spikes]
    assert rates == pytest.approx([68.323699, 86.470053, 117.035988], rel=0.03)


@pytest.mark.slow
def test_anode_break_and_temperature():
    current = np.where(np.arange(7000) < 5000, -3.0, 0.0)
    trial = run("hodgkin_huxley", 70, 0.01, current)
    assert trial.spikes[0] == pytest.approx([57.02777], abs=0.02)
    assert trial["v"][5000, 0] == pytest.approx(-68.303705, abs=1e-3)
    warm = run("hodgkin_huxley", 100, 0.02, 10.0, {"temperature": [10.0, 18.5, 25.0]})
    rates = [1000 / np.mean(np.diff(times)[1:]) for times in warm.spikes[:2]]
    assert rates == pytest.approx([96.315846, 188.588709], rel=0.01)
    assert len(warm.spikes[2]) == 1
