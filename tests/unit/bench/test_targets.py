"""Figures are judged by the targets, and plots show the same bounds."""

from __future__ import annotations

import pytest

from workbench.bench import account
from workbench.bench.measures import MEASURES, SECTIONS
from workbench.bench.targets import TARGETS, Target, judge, target_of


def figure(name: str, *values: float, measure: str = "beside", unit: str = "times") -> dict:
    base = {"measure": measure, "name": name, "unit": unit, "note": "", "extra": {}}
    return base | {"values": list(values)}


def test_every_target_is_of_one_figure_and_once():
    names = [target.figure for target in TARGETS]
    assert len(names) == len(set(names))
    assert all(target_of(target.figure) is target for target in TARGETS)
    assert target_of("no such figure") is None


@pytest.mark.parametrize(
    ("at_most", "value", "met"),
    [(False, 2.5, True), (False, 2.49, False), (True, 2.5, True), (True, 2.51, False)],
)
def test_a_bound_itself_is_reached(at_most, value, met):
    target = Target("group", "work", "a over b", "name", 2.5, at_most)
    assert target.met(value) is met
    assert target.said == ("≤ 2.5 ×" if at_most else "≥ 2.5 ×")


def test_the_median_is_judged_and_the_spread_told():
    target = next(target for target in TARGETS if not target.at_most)
    low, middle, high = target.bound - 1, target.bound + 0.1, target.bound + 5
    found = {one.target.figure: one for one in judge([figure(target.figure, high, low, middle)])}
    verdict = found.pop(target.figure)
    assert (verdict.word, verdict.value) == ("reached", middle)
    assert (verdict.low, verdict.high) == (low, high)
    assert {one.word for one in found.values()} == {"not measured"}
    (again,) = (one for one in judge([figure(target.figure, low)]) if one.value is not None)
    assert again.word == "short"


def test_sections_hold_every_measure():
    assert {entry.section for entry in MEASURES.values()} <= set(SECTIONS)


def test_the_plot_of_ratios_has_a_lane_for_every_network_and_peer():
    record = {
        "measures": [{"name": "beside", "missing": ""}],
        "figures": [
            figure("cuba: NEST's time over ours (float32)", 30, 40, 50),
            figure("cuba: Brian2's time over ours (float32)", 3, 4, 5),
            figure("cuba: Brian2's time over ours (float64)", 1.5, 2),
            figure("coba: NEST's time over ours (float32)", 90),
        ],
    }
    (section,) = account.sections(record)
    (plot,) = section.plots
    lanes = plot.draw.args[0]  # type: ignore[attr-defined]
    assert [(lane.group.split(",")[0], lane.label) for lane in lanes] == [
        ("CUBA", "NEST"),
        ("CUBA", "Brian2"),
        ("COBA", "NEST"),
    ]
    filled, hollow = lanes[1].marks
    assert (filled.value, filled.low, filled.high, filled.hollow) == (4, 3, 5, False)
    assert (hollow.value, hollow.hollow) == (1.75, True)
    assert lanes[1].bound == target_of("cuba: Brian2's time over ours (float32)").bound


def test_bounds_of_the_plot_of_training_are_those_of_targets():
    assert all(target_of(name) for name in account._SAME.values())


def test_what_bounds_the_figures_is_said_with_the_figures():
    fit = figure("scaling: departure from linear", 2.0, 7.5, measure="scaling", unit="%")
    fit["extra"] = {"fit_ns": [900.0, 4.25, 1.5]}
    held = figure("building: bytes a synapse", 6.01, measure="building", unit="bytes")
    rates = [figure("memory", 9.5, unit="GB/s"), figure("second cache", 60.0, unit="GB/s")]
    event = figure("brunel: a synaptic event", 0.25, measure="bounds", unit="ns")
    event |= {"note": "2.00 bytes each", "extra": {"bytes_per_event": 2.0}}
    part = figure("brunel: delivery", 30.0, measure="bounds", unit="us a step")
    part["note"] = "70 % of the step"
    said = account.bounds({"figures": [fit, held, *rates, event, part]})
    memory, growth, synapses, step = said
    assert "9.50 GB/s" in memory
    assert step.startswith("Brunel, 12,500 neurons")
    assert step.endswith(
        "of a step, delivery 70 %; a synaptic event takes 0.250 ns (2.00 bytes each)."
    )
    for number in ("900 ns", "4.25 ns", "1.50 ns", "less than 2.00 %"):
        assert number in growth
    assert "6.01 bytes" in synapses
    assert account.bounds({"figures": []}) == []
