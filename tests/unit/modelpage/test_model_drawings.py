"""What the panes draw: one neuron computed as `engine.response` has it, cut to pixels."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import pytest

import engine
from engine.errors import DocumentError
from engine.models import registry
from workbench.modelpage import drawings
from workbench.modelpage.arrivals import synapse_of
from workbench.modelpage.drive import Case, Drive, rousing_current, rousing_drive, usual_drive
from workbench.modelpage.drive_form import drive_rows, driven
from workbench.modelpage.planes import Shown, plane, shown_after
from workbench.modelpage.specimen import (
    case_of,
    neuron,
    numbers,
    parameter_sections,
    specimen_of,
    varied,
    with_preset,
)

MODELS = registry.neuron_models()


def result(work: Generator[None, None, Any]) -> Any:
    """What a piece of work returns."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            return done.value


def case(name: str, current: float | None, **drive: Any) -> Case:
    return Case(MODELS[name], {}, {}, Drive(current, **drive))


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_a_response_and_a_current_that_rouses_it(name: str) -> None:
    model = MODELS[name]
    drive = usual_drive(model)
    current = result(rousing_current(Case(model, {}, {}, drive)))
    drawn = result(
        drawings.trace(
            Case(model, {}, {}, driven(drive, specimen_of(model), "drive/current", current))
        )
    )
    assert drawn["lanes"][0]["lines"][0]["name"] == model.membrane
    for lane in drawn["lanes"]:
        for line in lane["lines"]:
            values = [*line.get("values", ()), *line.get("low", ()), *line.get("high", ())]
            assert 0 < len(values) <= 2 * drawings.COLUMNS
            assert np.isfinite(values).all()
    if model.threshold:
        assert drawn["count"] > 0


def test_the_trace_is_the_response_of_the_engine() -> None:
    drive = Drive(300.0, duration=100.0)
    drawn = result(drawings.trace(case("lif", 300.0, duration=100.0)))
    found = engine.response("lif", drive.waveform(), 100.0, 0.1)
    assert drawn["count"] == len(found.spike_times)
    assert drawn["spikes"] == pytest.approx(found.spike_times, rel=1e-4)
    [line] = drawn["lanes"][0]["lines"]
    assert line["values"][0] == -65
    assert max(line["values"]) == drawn["threshold"] == -50  # drawn up to the threshold


def test_columns_keep_what_is_least_and_greatest() -> None:
    drawn = result(drawings.trace(case("hodgkin_huxley", 10.0, duration=500.0, dt=0.05)))
    [line] = drawn["lanes"][0]["lines"]
    drive = Drive(10.0, duration=500.0, dt=0.05)
    found = engine.response("hodgkin_huxley", drive.waveform(), 500, 0.05)
    assert max(line["high"]) == pytest.approx(found.states["v"].max(), rel=1e-4)
    assert min(line["low"]) == pytest.approx(found.states["v"].min(), rel=1e-4)
    assert [each["name"] for each in drawn["lanes"][1]["lines"]] == ["m", "h", "n"]


def test_the_curve_is_silent_below_the_rheobase_and_rises_above() -> None:
    drawn = result(drawings.curve(case("lif", 200.0)))
    pairs = dict(zip(drawn["current"], drawn["rate"], strict=True))
    assert all(rate == 0 for current, rate in pairs.items() if current < 149)
    above = [rate for current, rate in pairs.items() if current > 160]
    assert above == sorted(above)
    assert above[0] > 0


@pytest.mark.parametrize(
    ("name", "kind"),
    [("izhikevich", "plane"), ("adex", "plane"), ("lif", "line"), ("hindmarsh_rose", "plane"),
     ("lif_discrete", "none")],
)  # fmt: skip
def test_a_plane_is_drawn_of_equations_and_not_of_steps(name: str, kind: str) -> None:
    assert result(plane(case(name, 2.0), Shown()))["kind"] == kind


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [("plane/h", "0.8 - v", "cannot"), ("plane/h", "nobody", "nobody"), ("plane/v", "1", "held"),
     ("plane/x", "nobody", "held"), ("plane/h", "1 +", "ends too early")],
)  # fmt: skip
def test_what_a_variable_cannot_be_held_at_is_refused(path: str, value: str, words: str) -> None:
    with pytest.raises(engine.errors.WorkbenchError, match=words):
        shown_after(Shown(), case("hodgkin_huxley", 10.0), path, value)


def test_the_axes_of_a_plane_change_places_and_what_was_held_is_kept() -> None:
    neuron_case = case("hodgkin_huxley", 10.0)
    shown = shown_after(Shown(), neuron_case, "plane/h", "0.5")
    shown = shown_after(shown, neuron_case, "plane/x", "n")
    assert shown == Shown("n", "v", {"h": 0.5})
    assert shown_after(shown, neuron_case, "plane/h", "").held == {}


@pytest.mark.parametrize("kind", ["regular", "poisson"])
@pytest.mark.parametrize("name", [n for n, m in MODELS.items() if m.ports])
def test_spikes_at_a_port_move_every_model(name: str, kind: str) -> None:
    specimen = specimen_of(MODELS[name])
    drive = driven(usual_drive(MODELS[name]), specimen, "drive/kind", kind)
    case_ = case_of(specimen, drive)
    drive = result(rousing_drive(case_, drawings.threshold_value(case_)))
    assert drive.weight
    drawn = result(drawings.trace(case_of(specimen, drive)))
    assert len(drawn["arrivals"]) > 0
    [line] = drawn["lanes"][0]["lines"]
    values = [*line.get("values", ()), *line.get("low", ()), *line.get("high", ())]
    assert max(values) > min(values)


def test_the_conductance_of_a_port_jumps_by_the_weight_when_the_spike_is_due() -> None:
    specimen = specimen_of(MODELS["lif_cond_exp"])
    drive = driven(Drive(duration=100.0), specimen, "drive/kind", "regular")
    drive = driven(driven(drive, specimen, "drive/weight", "3 nS"), specimen, "drive/rate", 20)
    found = case_of(specimen, drive).respond(None, 100.0, None)
    first = round(drive.arrivals[0] / drive.dt)
    assert found.states["g_exc"][first - 1 : first + 1] == pytest.approx([0, 3])
    g, v = found.states["g_exc"], found.states["v"]
    assert v[:3] == pytest.approx([-65, -65, -65])
    states, current = synapse_of(case_of(specimen, drive), found.states)
    assert states == ["g_exc"]
    assert current == pytest.approx(g * (0 - v))


def test_a_ramp_rises_to_the_current() -> None:
    wave = Drive(100.0, duration=100.0, kind="ramp").waveform()
    assert wave.max() == pytest.approx(100, rel=1e-2)
    assert wave[450] == pytest.approx(44, abs=1)
    assert wave[-1] == 0


def test_the_plane_holds_nullclines_fixed_points_field_and_the_way_of_the_neuron() -> None:
    drawn = result(plane(case("izhikevich", 0.0), Shown()))
    assert [axis["name"] for axis in (drawn["x"], drawn["y"])] == ["v", "u"]
    assert all(drawn["nullclines"])
    assert {point["kind"] for point in drawn["points"]} >= {"saddle"}
    assert any(point["stable"] for point in drawn["points"])
    assert len(drawn["arrows"]) > 100
    fired = result(plane(case("izhikevich", 10.0), Shown()))
    assert len(fired["path"]) > 2  # from reset to reset


def test_a_preset_with_a_protocol_is_driven_as_published() -> None:
    specimen, drive = with_preset(specimen_of(MODELS["izhikevich"]), Drive(), "tonic bursting")
    protocol = MODELS["izhikevich"].protocols["tonic bursting"]
    assert numbers(specimen) == MODELS["izhikevich"].presets["tonic bursting"]
    assert (drive.duration, drive.solver) == (protocol.duration, protocol.solver)
    drawn = result(drawings.trace(case_of(specimen, drive)))
    found = engine.response("izhikevich", preset="tonic bursting")
    assert drawn["count"] == len(found.spike_times)
    stepped = driven(drive, specimen_of(MODELS["izhikevich"]), "drive/current", 5)
    assert stepped.protocol is None


def test_varied_parameters_are_checked_like_those_of_a_population() -> None:
    specimen = varied(specimen_of(MODELS["lif"]), "parameters/tau_m", "0.03 s")
    assert numbers(specimen) == {"tau_m": 30}
    for path, value in (
        ("parameters/tau_m", -1),
        ("parameters/tau_m", "5 mV"),
        ("parameters/nobody", 1),
        ("parameters/v_reset", 0),
        ("size", 5),
        ("parameters/tau_m/distribution", "normal"),
        ("solver", "magic"),
        ("initial/w", 1),
    ):
        with pytest.raises(DocumentError):
            varied(specimen, path, value)


@pytest.mark.parametrize(
    ("path", "value"),
    [("drive/kind", "magic"), ("drive/port", "nobody"), ("drive/rate", -1),
     ("drive/dt", 0), ("drive/dt", "nan"), ("drive/duration", 1e9), ("drive/current", "5 mV"),
     ("drive/nothing", 1), ("drive/duration", "soon")],
)  # fmt: skip
def test_a_drive_that_cannot_be_is_refused(path: str, value: Any) -> None:
    with pytest.raises(engine.errors.WorkbenchError):
        driven(Drive(1.0), specimen_of(MODELS["lif"]), path, value)


def test_a_drive_of_too_many_steps_is_refused_with_a_remedy() -> None:
    with pytest.raises(DocumentError, match="shorten the duration or lengthen dt"):
        driven(Drive(1.0, dt=0.001), specimen_of(MODELS["lif"]), "drive/duration", 10_000)


def test_rows_are_of_one_neuron() -> None:
    specimen = specimen_of(MODELS["lif"])
    rows = [row for part in parameter_sections(specimen, Drive()) for row in part["rows"]]
    rows += drive_rows(specimen, Drive(100.0))
    assert not any("spread" in row for row in rows if row["path"].startswith("parameters"))
    assert neuron(specimen)[1].name == "lif"
    paths = {row["path"] for row in rows}
    assert {"preset", "parameters/tau_m", "initial/v", "drive/current", "solver"} <= paths
