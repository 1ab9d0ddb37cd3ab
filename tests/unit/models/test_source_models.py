"""Sources as declarations: sound, one file each, refused with a sentence when set wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from new_model import one_more

import engine
from engine.backends.ahead import PIECE, CourseAhead
from engine.errors import DocumentError, EquationError
from engine.models import registry, sources
from engine.models.course import check_course, course
from engine.models.declaration import Parameter

CHIRP = '''"""A sine whose frequency rises: what impedance is measured with."""

from engine.models.declaration import Parameter, SourceModel

MODEL = SourceModel(
    name="a_chirp",
    title="Chirp",
    outputs="current",
    current="amplitude*sin(pi*last*t*t/duration)",
    parameters={
        "amplitude": Parameter(50, "pA", (0, 1e9), "height of the sine"),
        "last": Parameter(40, "Hz", (0, 1e4), "frequency at the end"),
        "duration": Parameter(500, "ms", (1, 1e9), "when it has this frequency"),
    },
)
'''


@pytest.mark.parametrize("name", registry.source_models())
def test_shipped_sources_are_sound(name: str) -> None:
    model = registry.source_models()[name]
    check_course(model)
    net = engine.Network()
    net.source("source", name, 3, **({"path": "x.txt"} if name == "spike_file" else {}))
    assert not [problem for problem in net.check() if problem.severity == "error"]
    assert all(parameter.doc for parameter in model.parameters.values())


def test_a_source_of_a_file_is_sound_only_with_the_file(tmp_path: Path) -> None:
    net = engine.Network()
    net.source("source", "spike_file", 3, path="spikes.txt")

    def errors() -> list[str]:
        found = engine.check(net.document, tmp_path)
        return [problem.path for problem in found if problem.severity == "error"]

    assert errors() == ["nodes/source/parameters/path"]
    (tmp_path / "spikes.txt").write_text("1.5 0\n2.5 2\n")
    assert not errors()
    (tmp_path / "spikes.txt").write_text("1.5 0\nat noon 2\n")
    assert errors()


@pytest.fixture
def one_more_file(tmp_path: Path) -> Iterator[str]:
    """A current that is a file in the folder of sources and nothing else."""
    with one_more(sources, registry.source_models, "a_chirp", CHIRP, tmp_path) as name:
        yield name


def test_a_new_current_is_one_short_file(one_more_file: str) -> None:
    from workbench.editor.palette import groups

    assert len(CHIRP.splitlines()) <= 20
    assert engine.models()[one_more_file]["parameters"]["last"]["default"] == 40
    shown = [item for group in groups(engine.Document()) for item in group["items"]]
    assert one_more_file in {item["name"] for item in shown}
    net = engine.Network(dt=0.1, precision="float64")
    integrator = engine.define("integrator", "dv/dt = I/C : mV", parameters={"C": "200 pF"})
    net.population("cell", 1, integrator)
    net.connect(net.source("chirp", one_more_file, last="20 Hz"), "cell", weight=1)
    net.record("cell", "v")
    _, v = net.simulate(500.0)["cell"].trace("v")
    t = 0.1 * np.arange(5000) + 0.05
    expected = 50 * np.sin(np.pi * 20e-3 * t * t / 500)
    np.testing.assert_allclose(2000 * np.diff(v[:, 0]), expected[1:], atol=1e-8)


@pytest.mark.parametrize(
    ("current", "part"),
    [("amplitude*t", "this source is in"), ("amplitude*sin(t)", "ms"), ("size*2", "not declared")],
)
def test_an_expression_in_wrong_units_is_refused(current: str, part: str) -> None:
    model = replace(registry.source_models()["sine_current"], current=current)
    with pytest.raises(EquationError, match=part):
        check_course(model)


@given(
    cuts=st.lists(st.integers(0, 3 * PIECE), min_size=2, max_size=6, unique=True),
    frequency=st.floats(1e-3, 1e4),
    phase=st.floats(-6, 6),
)
def test_a_course_is_the_same_for_any_cut(cuts: list[int], frequency: float, phase: float) -> None:
    model = registry.source_models()["sine_current"]
    values = {"amplitude": 7.0, "frequency": frequency, "phase": phase, "mean": 1.0}
    made = course(model, values, 0.1)
    whole, parts = CourseAhead(made), CourseAhead(made)
    whole.cover(0, 3 * PIECE)
    edges = sorted(cuts)
    for first, end in pairwise(edges):
        parts.cover(first, end)
        found = parts.values[first - parts.first : end - parts.first]
        np.testing.assert_array_equal(found, whole.values[first:end])


@pytest.mark.parametrize(
    ("model", "params", "said"),
    [
        ("sine_current", {"frequency": 0}, "`frequency` is 0 Hz, outside of its bounds"),
        ("pulse_current", {"width": 30, "period": 20}, "width is over period"),
        ("pulse_current", {"number": 2.5}, "`number` must be a whole number"),
        ("ramp_current", {"start": 9, "stop": 9}, "the ramp must start before it stops"),
        ("ou_current", {"tau": 0}, "`tau` is 0 ms"),
        ("ou_current", {"std": -1}, "`std` is -1 pA"),
        ("ou_current", {"mean": float("nan")}, "nan is not"),
        ("poisson", {"rate": -1}, "`rate` is -1 Hz"),
        ("poisson", {"dead_time": -1}, "`dead_time` is -1 ms"),
        ("poisson", {"dead_time": "1 mV"}, "it is given in mV, but is a value in ms"),
        (
            "poisson_table",
            {"times": [0, 5, 5], "rates": [1, 2, 3]},
            "must rise, and 5 follows on 5",
        ),
        (
            "poisson_table",
            {"times": [0, 5], "rates": [1, 2, 3]},
            "2 `times` stand beside 3 `rates`",
        ),
        ("poisson_table", {"times": [0, 5], "rates": [1, -2]}, "`rates` is -2 Hz"),
        ("poisson_table", {"times": [], "rates": []}, "`times` has no entry"),
        ("poisson_table", {"times": 5, "rates": [5]}, "`times` must be a list"),
        ("poisson_table", {"times": [0.0, float("nan")], "rates": [1, 2]}, "nan is not"),
        ("table_current", {"between": "spline"}, "choose `step`"),
        ("table_current", {"times": [0] * 1_000_001}, "1,000,001 entries, more than 1,000,000"),
        ("regular", {"rate": 0}, "`rate` is 0 Hz"),
        ("pulse_packets", {"std": -1}, "`std` is -1 ms"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(model: str, params: dict, said: str) -> None:
    net = engine.Network()
    with pytest.raises(DocumentError) as caught:
        net.source("source", model, 3, **params)
    assert len(caught.value.problems) == 1
    assert said in str(caught.value)


def test_members_cannot_differ_in_what_changes_with_time() -> None:
    net = engine.Network()
    source = net.source("source", "poisson_sine", 3, rate=[1, 2, 3])
    net.record(source, "spikes")
    with pytest.raises(DocumentError, match="`rate` is one for all members"):
        net.simulate(10.0)


def test_a_thousand_points_are_fine() -> None:
    net = engine.Network(precision="float64")
    times = np.arange(0.0, 100.0, 0.1)
    net.population("cell", 1, "pif")
    table = net.source("table", "table_current", times=times, values=np.cos(times))
    net.connect(table, "cell", weight=1)
    assert net.simulate(20.0).complete


def test_a_declaration_with_a_parameter_of_members_stays_constant() -> None:
    model = registry.source_models()["poisson"]
    found = course(model, {"rate": np.array([1.0, 2.0]), "dead_time": 0.0}, 0.1)
    assert found.constant
    assert found.value.tolist() == [1.0, 2.0]
    assert isinstance(model.parameters["dead_time"], Parameter)


def test_the_command_of_a_clamp_is_checked_with_the_step_of_the_run() -> None:
    net = engine.Network(dt=0.1)
    for times, said in (([1, 2], "let it begin at 0"), ([0, 1e9], "let the last level begin")):
        with pytest.raises(DocumentError, match=said):
            net.source("clamp", "voltage_clamp", levels=[-60, 0], times=times)
    net.connect(net.source("clamp", "voltage_clamp"), net.population("cell", 1, "lif"))
    with engine.Simulation(net.document) as simulation:
        with pytest.raises(DocumentError, match="2 `times` stand beside 3 `levels`"):
            simulation.set_parameter("clamp", "times", [0.0, 5.0])
