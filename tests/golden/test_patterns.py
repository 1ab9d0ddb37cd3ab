"""Presets run as the published figures were: the 20 patterns of Izhikevich 2004, and others.

Catalogue A7, A7b: the published Euler step (bit for bit, so spikes are equal) and the accurate
solution, which differ where the figure exists under that step alone.
"""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine import response
from engine.errors import DocumentError, RunStopped
from engine.models.registry import neuron_models

PATTERNS = {  # name: spikes, first of them, spikes of the accurate solution
    "tonic spiking": (5, [13, 17, 31.5, 59.25, 86.75], 5),
    "phasic spiking": (1, [43.75], 1),
    "tonic bursting": (28, [25, 26.5, 28.25], 29),
    "phasic bursting": (6, [39, 42.8, 47, 51.8, 57.6, 67.2], 8),
    "mixed mode": (6, [], 7),
    "spike frequency adaptation": (6, [10.25, 12.25, 15, 19.75, 42.5, 71.5], 6),
    "class 1": (10, [84.5, 125, 155.75], 10),
    "class 2": (14, [], 18),
    "spike latency": (1, [26.6], 1),
    "subthreshold oscillations": (1, [26.5], 1),
    "resonator": (1, [], 1),
    "integrator": (1, [20], 1),
    "rebound spike": (1, [68.0], 1),
    "rebound burst": (7, [68, 71, 74.2, 77.8, 81.8, 86.4, 92.2], 14),
    "threshold variability": (1, [93.25], 1),
    "bistability": (5, [], 7),
    "depolarizing after-potential": (1, [11.3], 8),
    "accommodation": (1, [], 1),
    "inhibition-induced spiking": (3, [94.5, 166, 236], 4),
    "inhibition-induced bursting": (12, [86.5, 88.5, 90.5], None),
}
PROTOCOLS = neuron_models()["izhikevich"].protocols


@pytest.mark.parametrize(("name", "row"), PATTERNS.items(), ids=PATTERNS)
def test_the_published_scheme_draws_the_published_figure(name, row):
    spikes, first, _ = row
    answer = response("izhikevich", preset=name)
    assert answer.solver == "izhikevich_2004"
    assert answer.spike_times.size == spikes
    # The published code prints the time at the beginning of the step.
    stamped = answer.spike_times[: len(first)] - PROTOCOLS[name].dt
    assert stamped == pytest.approx(first, abs=1e-9)


@pytest.mark.parametrize(("name", "row"), PATTERNS.items(), ids=PATTERNS)
def test_the_accurate_solution_is_another_where_the_note_says_so(name, row):
    accurate = row[-1]
    if accurate is None:
        with pytest.raises(RunStopped, match="izhikevich fires without end, 50 spikes"):
            response("izhikevich", preset=name, solver="adaptive")
    else:
        answer = response("izhikevich", preset=name, solver="adaptive")
        assert answer.solver == "adaptive"
        assert answer.spike_times.size == accurate
        fine = response("izhikevich", preset=name, solver="rk4", dt=0.01)
        assert fine.spike_times.size == accurate
    noted = {"rebound burst", "bistability", "depolarizing after-potential",
             "inhibition-induced spiking", "inhibition-induced bursting"}  # fmt: skip
    assert ("Euler step alone" in PROTOCOLS[name].note) == (name in noted)


def test_particular_times_of_the_figure():
    mixed, resonator, bistable = (
        response("izhikevich", preset=name).spike_times
        for name in ("mixed mode", "resonator", "bistability")
    )
    assert np.all((np.diff(mixed) < 5) == [1, 1, 0, 0, 0])  # a burst of three, then tonic
    assert 320 < resonator[0] < 350  # to the second pair of pulses
    assert bistable.max() < 225  # stopped by the second pulse
    assert 300 < response("izhikevich", preset="accommodation").spike_times[0] < 313
    latency = response("izhikevich", preset="spike latency", solver="adaptive").spike_times
    rebound = response("izhikevich", preset="rebound spike", solver="adaptive").spike_times
    assert (latency[0], rebound[0]) == pytest.approx((16.5926, 57.634), abs=1e-3)


def test_with_minus_u_there_is_no_accommodation_spike():
    decaying = response("izhikevich", preset="accommodation", params={"leak_u": 1})
    assert decaying.spike_times.size == 0


def test_the_runaway_pattern_stops_with_a_sentence_at_a_short_step_too():
    with pytest.raises(RunStopped, match="fires without end, 50 spikes within 1 ms before"):
        response("izhikevich", preset="inhibition-induced bursting", solver="rk4", dt=0.01)


@pytest.mark.parametrize(
    ("cell", "spikes"), [("RS", 22), ("IB", 32), ("FS", 92), ("CH", 70), ("LTS", 63)]
)
def test_forward_euler_of_half_a_millisecond_fires_less(cell, spikes):
    answer = response("izhikevich", 10.0, 1000.0, 0.5, preset=cell, solver="izhikevich-2004")
    assert answer.spike_times.size == pytest.approx(spikes, abs=1)  # the last one is near 1000 ms


def test_a_preset_fills_in_only_what_is_left_out():
    plain = response("izhikevich", 14.0, 100.0, 0.1, params={"d": 6}, preset="RS")
    same = response("izhikevich", 14.0, 100.0, 0.1, params={"a": 0.02, "b": 0.2, "c": -65, "d": 6})
    np.testing.assert_array_equal(plain.spike_times, same.spike_times)
    assert response("adex", preset="transient").spike_times.size == 1
    assert response("hodgkin_huxley", preset="anode break").spike_times == pytest.approx(
        [57.03], abs=0.02
    )
    with pytest.raises(DocumentError, match=r"is not a preset of izhikevich; did you mean `RS`"):
        response("izhikevich", preset="RSS")


@pytest.mark.parametrize("name", [n for n, m in neuron_models().items() if m.protocols])
def test_every_protocol_runs_and_stands_in_the_description(name):
    for preset in neuron_models()[name].protocols:
        answer = response(name, preset=preset)
        assert all(np.isfinite(values).all() for values in answer.states.values())
    assert set(engine.models()[name]["protocols"]) == set(neuron_models()[name].protocols)
