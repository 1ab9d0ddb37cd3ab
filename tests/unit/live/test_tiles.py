"""Frames of a run for one browser: everything once, then only what is new."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import engine
from engine.runtime.plan import Chunk
from workbench.live.describe import short_labels
from workbench.live.requests import tiles_chosen, view_of
from workbench.live.run import LiveRun
from workbench.live.shades import FADE, Activity
from workbench.live.tiles import FrameMaker
from workbench.session import Session

VIEW: dict[str, Any] = {
    "id": 1,
    "window": 500,
    "raster": {"columns": 300, "rows": 200, "gap": 6},
    "traces": {"columns": 200},
    "rates": {"columns": 150},
}


def network() -> engine.Network:
    net = engine.Network("two", dt=0.1, seed=1)
    step = net.source("step", "step_current", amplitude=400.0, start=20.0, stop=60.0)
    lif = net.population("lif", 5, "lif_psc_exp", label="Cells", v_th="-52 mV")
    net.population("hh", 2, "hodgkin_huxley", label="Axons")
    net.connect(step, lif, rule=engine.rules.all_to_all(), port="current", weight=1.0)
    return net


@pytest.fixture
def session() -> Session:
    made = Session(network().document)
    made.do("set_node", id="hh", field="label", value="Giant axons")
    return made


@pytest.fixture
def run(session: Session) -> Iterator[LiveRun]:
    made = LiveRun(session, speed=0.0)
    yield made
    made.close()


@pytest.fixture
def maker(session: Session, run: LiveRun) -> FrameMaker:
    made = FrameMaker(session, run)
    made.view = view_of(VIEW)
    return made


def advance(run: LiveRun, ms: float) -> None:
    """Step until ``ms`` are simulated."""
    end = time.monotonic() + 30
    while run.recording is None or run.recording.time < ms - 1e-6:
        if run.state != "running":
            run.step()
        time.sleep(0.001)
        run.publish()
        assert time.monotonic() < end, run.message
    while run.state != "paused":
        run.publish()
        time.sleep(0.001)


def test_the_layout_names_what_runs(run: LiveRun, maker: FrameMaker, session: Session) -> None:
    advance(run, 1.0)
    header, _ = maker.make()
    layout = header["layout"]
    assert [(item["label"], item["short"], item["size"]) for item in layout["populations"]] == [
        ("Cells", "C", 5),
        ("Giant axons", "G", 2),
    ]
    assert layout["populations"][0]["colour"] == session.colour_of("lif")
    assert {item["id"]: item["kind"] for item in layout["nodes"]} == {
        "lif": "trace",
        "hh": "trace",
        "step": "trace",
    }
    assert layout["traced"]["threshold"] == pytest.approx(-52.0)
    assert (layout["traced"]["unit"], layout["traced"]["bars"]) == ("mV", True)
    assert "layout" not in maker.make()[0]


def test_selecting_a_population_shows_its_potential(
    run: LiveRun, maker: FrameMaker, session: Session
) -> None:
    advance(run, 3.0)
    maker.make()
    session.select(["hh"])
    header, _ = maker.make()
    assert header["layout"]["traced"]["label"] == "Giant axons"
    assert header["layout"]["traced"]["bars"] is False
    assert header["traces"]["first"] == 0
    assert header["traces"]["count"] == 2
    session.select([])
    header, _ = maker.make()
    assert "layout" not in header
    assert header["traces"]["count"] == 2


def test_a_selected_cell_sends_the_potential_of_every_compartment() -> None:
    net = engine.Network("axon", dt=0.05)
    shape = {"kind": "cable", "length": 500, "diameter": 2}
    axon = net.population("axon", 11, "hodgkin_huxley", geometry=shape)
    step = net.source("step", "step_current", amplitude=3000.0, start=0.0, stop=1.0)
    net.connect(step, axon, engine.rules.explicit([(0, 0)]))
    session = Session(net.document)
    run = LiveRun(session, speed=0.0)
    maker = FrameMaker(session, run)
    maker.view = view_of(VIEW)
    try:
        advance(run, 1.0)
        assert "drawn" not in maker.make()[0]  # nothing is selected
        session.select(["axon"])
        header, body = maker.make()
    finally:
        run.close()
    kind, offset, length = header["arrays"]["drawn.shades"]
    shades = np.frombuffer(body, kind, length, offset).astype(int)
    assert header["drawn"]["id"] == "axon"
    low, _, high, unit = header["drawn"]["words"].split()
    assert float(low) < -60 < -20 < float(high)
    assert unit == "mV"
    assert length == 11
    assert shades[0] > shades[10] >= 0  # the action potential is on its way


def test_neurons_that_have_places_light_up_as_they_fire_and_fade() -> None:
    net = engine.Network("line", dt=0.1)
    times = {"times": [5.0, 5.0, 9.0], "senders": [0, 2, 2]}
    spots = net.source("spots", "spike_times", 4, geometry={"kind": "line"}, **times)
    row = net.population("row", 4, "lif_psc_exp", geometry={"kind": "line"})
    net.connect(spots, row, engine.rules.distance(1.0, 1.0, "box"), weight=9000.0, port="exc")
    session = Session(net.document)
    run = LiveRun(session, speed=0.0)
    maker = FrameMaker(session, run)
    maker.view = view_of(VIEW)

    def lights(time_ms: float, node: str) -> list[int]:
        advance(run, time_ms)
        session.select([node])
        header, body = maker.make()
        assert header["drawn"] == {"id": node, "words": ""}
        kind, offset, length = header["arrays"]["drawn.shades"]
        return np.frombuffer(body, kind, length, offset).astype(int).tolist()

    try:
        early = lights(8.0, "row")
        late = lights(200.0, "row")
    finally:
        run.close()
    assert early[0] == early[2] > 50
    assert early[1] == early[3] == 0
    assert late == [0, 0, 0, 0]


def test_the_fade_that_is_told_is_the_one_by_which_a_fast_run_fades() -> None:
    activity = Activity(0, 2, 0.1)
    spike = {0: (np.array([0]), np.array([1]))}
    activity.feed(Chunk(0, 10_000, spike, []), dict)
    shades = activity.take()
    assert shades is not None
    assert activity.fade == 2000  # two stretches of 1000 ms
    assert shades[0].tolist() == [0, int(255 * np.exp(-1000 / activity.fade))]
    activity.feed(Chunk(10_000, 10, {}, []), dict)
    assert activity.fade == FADE


def test_a_map_has_the_places_once_and_the_light_in_every_frame() -> None:
    net = engine.Network("ring", dt=0.1)
    times = {"times": [5.0, 9.0], "senders": [1, 1]}
    spots = net.source("spots", "spike_times", 3, geometry={"kind": "line"}, **times)
    ring = net.population("ring", 8, "lif_psc_exp", geometry={"kind": "ring", "length": 800})
    net.population("nowhere", 2, "lif_psc_exp")
    net.connect(spots, ring, weight=9000.0, port="exc")
    session = Session(net.document)
    run = LiveRun(session, speed=0.0)
    maker = FrameMaker(session, run)
    maker.view = view_of({**VIEW, "raster": None, "traces": None})

    def seen() -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        header, body = maker.make()
        arrays = {
            name: np.frombuffer(body, kind, length, offset)
            for name, (kind, offset, length) in header["arrays"].items()
        }
        return header, arrays

    try:
        advance(run, 7.0)
        header, _ = seen()
        assert [each["label"] for each in header["layout"]["maps"]] == ["ring", "spots"]
        assert "map" not in header  # nobody looks at it
        maker.maps = True
        header, arrays = seen()
        assert header["map"]["id"] == "ring"
        assert run.recording is not None
        assert header["map"]["fade"] == run.recording.fade_of("ring") >= FADE
        radius = np.hypot(*arrays["map.places"].reshape(8, 2).T)
        np.testing.assert_allclose(radius, 400 / np.pi, rtol=1e-5)
        assert (arrays["map.shades"] > 50).all()
        assert not {"raster", "traces"} & set(header)  # these tiles are closed
        advance(run, 9.0)
        assert "map.places" not in seen()[1]
        session.select(["spots"])  # which the inspector draws as well
        header, arrays = seen()
        fade = run.recording.fade_of("spots")
        known = {"id": "spots", "shades": "drawn.shades", "fade": fade, "axes": 2}
        assert header["map"] == known
        assert arrays["drawn.shades"].argmax() == 1
        assert arrays["map.places"].size == 6
    finally:
        run.close()


def test_tiles_are_those_chosen_that_there_is_something_for(
    maker: FrameMaker, session: Session
) -> None:
    plain = ["raster", "traces", "rates"]
    assert maker.make()[0]["tiles"] == {"there": plain, "open": plain}
    assert session.do("set_tiles", tiles=["map", "rates", "raster"])
    assert maker.make()[0]["tiles"]["open"] == ["rates", "raster"]
    assert session.do("set_tiles", tiles=["learning"])
    assert maker.make()[0]["tiles"]["open"] == plain
    session.do("set_node", id="lif", field="geometry", value={"kind": "line"})
    session.do("connect", source="lif", target="lif", port="exc", id="learns")
    session.do("set_edge", id="learns", field="plasticity", value="stdp")
    assert maker.make()[0]["tiles"]["open"] == ["learning"]
    session.do("set_tiles", tiles=[])
    # As many as fit: traces wait in the menu.
    assert maker.make()[0]["tiles"]["open"] == ["raster", "rates", "learning", "map"]


@pytest.mark.parametrize("wrong", [None, "map", [1], [["map"]]])
def test_a_choice_of_tiles_that_cannot_be_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="no list of names"):
        tiles_chosen(wrong)


def test_a_second_frame_begins_where_the_first_ended(run: LiveRun, maker: FrameMaker) -> None:
    advance(run, 20.0)
    first, _ = maker.make()
    advance(run, 40.0)
    second, _ = maker.make()
    for tile in ("raster", "traces", "nodes"):
        assert second[tile]["first"] == first[tile]["settled"] > 0
        assert second[tile]["stop"] >= first[tile]["stop"]
    maker.forget()
    assert maker.make()[0]["raster"]["first"] == 0


def test_a_current_source_has_its_current_as_line(run: LiveRun, maker: FrameMaker) -> None:
    advance(run, 100.0)
    header, body = maker.make()
    kind, offset, length = header["arrays"]["nodes.line"]
    line = np.frombuffer(body, kind, length, offset).reshape(3, -1)[2]
    assert set(line.tolist()) == {0.0, 400.0}
    assert (line == 400.0).sum() == pytest.approx(40 / 500 * 80, abs=1)
    assert header["nodes"]["rates"][2] is None


def test_a_node_that_is_no_longer_drawn_runs_on_under_its_name(
    run: LiveRun, maker: FrameMaker, session: Session
) -> None:
    advance(run, 2.0)
    maker.make()
    session.do("remove", ids=["hh"])
    header, _ = maker.make()
    assert "layout" not in header
    assert header["state"] == "paused"


def test_after_a_reset_a_frame_is_empty_and_of_a_new_epoch(run: LiveRun, maker: FrameMaker) -> None:
    advance(run, 2.0)
    before, _ = maker.make()
    run.reset()
    header, body = maker.make()
    assert header["epoch"] != before["epoch"]
    assert (header["state"], header["time"], header["arrays"], body) == ("ready", 0.0, {}, b"")


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {"id": 1},
        {**VIEW, "window": 1e9},
        {**VIEW, "window": "wide"},
        {**VIEW, "raster": {"columns": 10**9, "rows": 200, "gap": 6}},
        {**VIEW, "raster": {"columns": 300, "rows": 200, "gap": -1}},
        {**VIEW, "traces": {"columns": float("inf")}},
        {**VIEW, "rates": {"columns": 0}},
    ],
)
def test_a_view_that_cannot_be_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"view|side|window|could not convert"):
        view_of(wrong)


def test_short_labels_tell_populations_apart() -> None:
    assert short_labels({"a": "Excitatory", "b": "Inhibitory"}) == {"a": "E", "b": "I"}
    assert short_labels({"a": "Layer 4", "b": "Lateral"}) == {"a": "L4", "b": "L"}
    assert short_labels({"a": "Layer 4 exc", "b": "Layer 4 inh"}) == {"a": "L4e", "b": "L4i"}
    groups = short_labels({str(k): f"Group {k}" for k in range(1, 12)})
    assert list(groups.values()) == [f"G{k}" for k in range(1, 12)]
    assert short_labels({"a": "Cells", "b": "Cones"}) == {"a": "Ce", "b": "Co"}
    assert short_labels({"a": "Neurons", "b": "Neurons"}) == {"a": "Neuro", "b": "Neuro"}
    assert short_labels({"a": "L2/3e", "b": "L2/3i"}) == {"a": "L2/3e", "b": "L2/3i"}
    assert short_labels({}) == {}
