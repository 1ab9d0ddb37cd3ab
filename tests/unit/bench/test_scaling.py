"""Measures of building and scale: the networks they make, and the line they fit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.connectivity.expected import expected_synapses
from workbench.bench import building, scaling
from workbench.bench.scaling import Point


def point(neurons: int, degree: int, seconds: float = 1.0) -> Point:
    events = 3.0 * neurons * degree
    return Point(neurons, degree, neurons * degree, 1000, (seconds,), 0.1, events, 1e6, 1e8, 5.0)


def linear(a: float, b: float, c: float) -> list[Point]:
    """Networks whose times are a step, b a neuron's step and c an event."""
    sizes = [(1_000, 80), (10_000, 80), (100_000, 80), (4_000, 1_000), (50_000, 250)]
    made = [point(*size) for size in sizes]
    return [
        replace(p, run_s=(a * p.steps + b * p.neuron_steps + c * p.events,), rate_hz=3.0)
        for p in made
    ]


def test_networks_have_the_synapses_and_the_mean_input_that_are_asked() -> None:
    plain, dense = scaling.document(4_000, 80), scaling.document(2_000, 500)
    sizes = {node.id: node.size for node in dense.nodes}
    assert sum(sizes.values()) == 2_000
    synapses = sum(
        expected_synapses(edge.rule, sizes[edge.source], sizes[edge.target], False)
        for edge in dense.edges
    )
    assert synapses == pytest.approx(2_000 * 500)
    for one, other in zip(plain.edges, dense.edges, strict=True):
        assert one.weight * 80 == pytest.approx(other.weight * 500)
    assert dense.simulation.threads == 1
    assert not dense.recorders


def test_the_fit_finds_what_times_are_made_of() -> None:
    points = linear(2e-6, 1.5e-9, 0.8e-9)
    factors, times = scaling.fit(points)
    assert factors == pytest.approx([2e-6, 1.5e-9, 0.8e-9])
    assert times == pytest.approx([min(p.run_s) for p in points])


def test_a_network_off_the_line_is_told_and_drawn() -> None:
    points = linear(1e-6, 1.5e-9, 0.5e-9)
    points[2] = replace(points[2], run_s=(2 * points[2].run_s[0],))
    figure, building_ = scaling._fitted(points)
    assert figure.extra["largest"] > 20.0
    assert building_.unit == "ns"
    series = figure.extra["series"]
    assert [one["label"] for one in series[:-1]] == [
        "80 synapses a neuron",
        "250 synapses a neuron",
        "1,000 synapses a neuron",
    ]
    assert series[0]["x"] == [1_000, 10_000, 100_000]
    assert len(series[0]["fit"]) == len(series[0]["y"]) == 3


def test_too_few_networks_are_not_fitted() -> None:
    assert not list(scaling._fitted(linear(1e-6, 1e-9, 1e-9)[:3]))


def test_a_network_is_measured_in_a_process_of_its_own() -> None:
    found = scaling._apart(600, 20, 1, 0.001)
    assert (found.neurons, found.steps, len(found.run_s)) == (600, 500, 1)
    assert abs(found.synapses - 12_000) < 1_000
    assert 2.0 <= found.bytes / found.synapses < 3.0
    assert found.run_s[0] > 0
    figure = scaling._figure(found)
    assert figure.values == [found.run_s[0] / 0.05]


def test_building_tells_every_rule_and_the_bytes_of_a_synapse(monkeypatch) -> None:
    monkeypatch.setattr(building, "QUICK_NEURONS", 1_000)
    figures = {figure.name: figure for figure in building.building(True, 1)}
    for rule in building.RULES:
        assert figures[f"building: {rule}"].values[0] > 0
    assert 6.0 <= figures["building: bytes a synapse"].median < 6.2
    assert figures["building: probability, one thread over two"].unit == "ratio"
