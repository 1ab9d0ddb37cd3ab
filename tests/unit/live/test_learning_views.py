"""Views of connections that learn: what is drawn is what the weights are."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

import engine
from engine.document import Node
from engine.runtime import Simulation
from engine.runtime.plan import Chunk
from workbench.live import learning, synapses
from workbench.live.learning import (
    ERRORS,
    FIELDS,
    HISTOGRAM,
    KINDS,
    LOOKS,
    MATRIX,
    REWARDS,
    WINDOW,
    Wish,
    kinds_of,
    learns,
    watch_of,
)
from workbench.live.pairs import PairHistory
from workbench.live.requests import learning_view_of, reward_of, view_of
from workbench.live.run import LiveRun
from workbench.live.tiles import FrameMaker
from workbench.session import Session

VIEW = {
    "id": 1,
    "window": 500,
    "raster": {"columns": 300, "rows": 200, "gap": 6},
    "traces": {"columns": 200},
    "rates": {"columns": 150},
}


def network(rule: dict | None = None, **geometry) -> engine.Network:
    """Twelve sources onto three cells through synapses that learn, and a wire that does not."""
    net = engine.Network(seed=2)
    place = {"kind": "grid", "columns": 4, **geometry} if geometry else None
    drive = net.source("drive", "poisson", 12, rate=80, label="Drive", geometry=place)
    cells = net.population("cells", 3, "lif_psc_exp", label="Cells")
    net.connect(drive, cells, rule=rule, weight=engine.uniform(20, 600), delay=1.5, port="exc",
                id="learns", plasticity=engine.plasticity("stdp", A_plus=0.05))  # fmt: skip
    net.connect(cells, cells, weight=-1, delay=2, port="inh", id="fixed")
    return net


@pytest.fixture
def simulation() -> Iterator[Simulation]:
    with Simulation(network().document) as made:
        yield made


def seen(simulation: Simulation, kind: str, columns: int = 300, rows: int = 200) -> learning.Look:
    watch = watch_of(simulation)
    watch.wish = Wish("learns", kind, columns, rows)
    watch.attend(simulation)
    assert watch.look is not None
    return watch.look


def test_a_matrix_has_each_weight_where_its_source_and_target_are(simulation: Simulation) -> None:
    look = seen(simulation, MATRIX)
    weights = simulation.weights("learns").reshape(12, 3)
    low, high = look.head["low"], look.head["high"]
    assert look.head["shape"] == [12, 3]
    drawn = low + (look.arrays["shades"].reshape(12, 3) - 1.0) / 254 * (high - low)
    np.testing.assert_allclose(drawn, weights, atol=1.01 * (high - low) / 254)


def test_a_large_matrix_is_cut_to_means() -> None:
    row = np.arange(101) * 60
    target = np.tile(np.arange(60), 100).astype(np.uint16)
    weights = np.arange(6000.0)
    connections = engine.runtime.plan.Connections(100, 60, row, target, weights, 1)
    found = synapses.matrix(connections, 10, 6).of(weights)
    means = weights.reshape(10, 10, 6, 10).mean(axis=(1, 3))
    np.testing.assert_allclose(found, means)


def test_an_even_share_of_many_synapses_meets_all_targets() -> None:
    chosen = synapses.share_of(1_000_000, 10_000)
    assert len(set(chosen.tolist())) == 10_000
    assert chosen.max() < 1_000_000
    assert len(set((chosen % 100).tolist())) == 100
    assert synapses.share_of(5, 10).tolist() == [0, 1, 2, 3, 4]


def test_fields_lie_on_the_grid_of_the_source_with_what_is_up_drawn_above() -> None:
    with Simulation(network(width=400, height=300).document) as simulation:
        look = seen(simulation, FIELDS)
        weights = simulation.weights("learns").reshape(12, 3)
    assert look.head["shape"] == [3, 3, 4]
    brightest = look.arrays["shades"].reshape(3, 12).argmax(axis=1)
    member = weights.argmax(axis=0)
    assert brightest.tolist() == [(2 - k // 4) * 4 + k % 4 for k in member]


@pytest.mark.parametrize(
    ("geometry", "shape"),
    [
        (None, (28, 28)),
        ({"kind": "ring", "length": 100}, (1, 64)),
        ({"kind": "grid", "columns": 98, "width": 10, "height": 10}, (8, 64)),
        ({"kind": "random", "width": 10, "height": 10}, (28, 28)),
        ({"kind": "grid", "columns": 28, "from_top": True}, (28, 28)),
        ({"kind": "grid", "columns": 14, "rows": 14, "layers": 4}, (14, 56)),
        ({"kind": "random", "depth": 10}, (28, 28)),
    ],
)
def test_a_field_has_the_form_of_its_source(geometry: dict | None, shape: tuple[int, int]) -> None:
    grid = synapses.grid_of(Node("pixels", "poisson", 784, "source", geometry=geometry), 1)
    assert (grid.rows, grid.columns) == shape
    assert 0 <= grid.pixel.min() <= grid.pixel.max() < shape[0] * shape[1]
    if geometry is None or "from_top" in geometry:  # read as a picture is, row by row
        assert grid.pixel.tolist() == list(range(784))


def test_pairs_without_a_synapse_are_empty() -> None:
    rule = engine.rules.explicit([(0, 0), (5, 2)])
    with Simulation(network(rule).document) as simulation:
        shades = seen(simulation, MATRIX).arrays["shades"].reshape(12, 3)
    assert np.argwhere(shades > 0).tolist() == [[0, 0], [5, 2]]


def test_the_histogram_compares_now_with_the_start(simulation: Simulation) -> None:
    before = seen(simulation, HISTOGRAM)
    np.testing.assert_array_equal(before.arrays["now"], before.arrays["start"])
    assert before.arrays["now"].sum() == pytest.approx(100)
    watch = watch_of(simulation)
    simulation.set_weight("learns", 300.0)
    watch.wish = Wish("learns", HISTOGRAM, 300, 200)
    watch.attend(simulation)
    assert watch.look is not None
    assert watch.look.head["bounds"] == (0.0, 600.0)  # twice the mean
    now, start = (watch.look.arrays[name] for name in ("now", "start"))
    low, high = watch.look.head["low"], watch.look.head["high"]
    assert (now.max(), now.argmax()) == (100, int((300 - low) * len(now) / (high - low)))
    np.testing.assert_allclose(start.sum(), 100, rtol=1e-5)


def test_a_range_grows_at_once_and_shrinks_late() -> None:
    extent = learning.Extent()
    extent.hold(0, 100)
    kept = (extent.low, extent.high)
    extent.hold(10, 80)
    assert (extent.low, extent.high) == kept
    extent.hold(0, 101 + kept[1])
    assert extent.high > 101 + kept[1]
    extent.hold(10, 20)
    assert extent.high < 21


def test_looking_takes_a_small_share_of_the_time(simulation, monkeypatch) -> None:
    watch = watch_of(simulation)
    watch.wish = Wish("learns", HISTOGRAM, 300, 200)
    monkeypatch.setattr(learning, "SHARE", 1e-9)  # the next look is due in years

    def attend(times: int) -> tuple[int, str]:
        for _ in range(times):
            time.sleep(2 / LOOKS)
            watch.attend(simulation, simulation.advance(10))
        assert watch.look is not None
        return watch.look.number, watch.look.wish.kind

    assert attend(4) == (2, HISTOGRAM)  # the second tells what a look takes
    watch.wish = Wish("learns", MATRIX, 300, 200)  # what is new is looked at all the same
    assert attend(1) == (3, MATRIX)


@pytest.mark.parametrize("kind", KINDS)
def test_a_connection_without_synapses_is_empty_and_no_run_ends_for_a_view(kind: str) -> None:
    with Simulation(network(engine.rules.explicit([])).document) as simulation:
        watch = watch_of(simulation)
        watch.wish = Wish("learns", kind, 200, 100)
        for _ in range(2):
            watch.attend(simulation, simulation.advance(10))
    if kind in (REWARDS, ERRORS):  # which this rule does not hear: what cannot be seen is left out
        assert watch.look is None
        return
    assert watch.look is not None
    assert all(np.isfinite(value) for value in watch.look.head.get("bounds", (0.0,)))
    assert np.isfinite(watch.look.head.get("high", 0.0))
    assert not watch.look.arrays.get("shades", np.zeros(1)).any()


def until(done, run: LiveRun) -> None:
    end = time.monotonic() + 30
    while not done():
        run.publish()
        time.sleep(0.002)
        assert time.monotonic() < end, run.message


def test_a_frame_shows_the_wire_that_is_selected_also_while_the_run_stands_still() -> None:
    net = network()
    net.connect("drive", "cells", weight=1.0, port="exc", id="other", plasticity="stdp")
    session = Session(net.document)
    run = LiveRun(session, speed=0.0)
    maker = FrameMaker(session, run)
    assert "learning" in maker.make()[0]["tiles"]["open"]  # before there is a run
    maker.view = view_of(VIEW)
    maker.learning = learning_view_of({"kind": MATRIX, "columns": 200, "rows": 100})
    try:
        run.step()
        until(lambda: run.state == "paused", run)
        found: dict = {}

        def shown() -> bool:
            found.update(maker.make()[0])
            return "learning" in found

        until(shown, run)
        assert found["learning"]["edge"] == "learns"
        layout = found["layout"]["learning"]
        assert [each["label"] for each in layout] == ["Drive → Cells"] * 2
        assert (layout[0]["unit"], layout[0]["synapses"]) == ("pA", 36)
        assert "learning" not in maker.make()[0]  # nothing is new
        found.clear()
        session.select(["other"])
        until(shown, run)
        assert found["learning"]["edge"] == "other"
    finally:
        run.close()


def test_networks_that_do_not_learn_show_no_learning() -> None:
    net = engine.Network()
    net.population("cells", 3, "lif_psc_exp")
    net.connect("cells", "cells", weight=1, port="exc", plasticity="tsodyks_markram")
    assert not learns(net.document)


@pytest.mark.parametrize(
    "wrong",
    [None, {}, {"kind": "eval", "columns": 5, "rows": 5},
     {"kind": MATRIX, "columns": 0, "rows": 5}, {"kind": MATRIX, "columns": 1e999, "rows": 5}],
)  # fmt: skip
def test_a_view_that_cannot_be_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="a view of learning"):
        learning_view_of(wrong)


def test_pairs_that_occurred_are_found_however_time_is_cut() -> None:
    pre, post = np.array([100, 400, 900]), np.array([130, 380, 700, 1600])
    expected = sorted((q - (p + 15)) * 0.1 for p in pre for q in post if abs(q - p - 15) <= 800)
    for cuts in ([], [131], [380, 400, 901], list(range(50, 2000, 50))):
        history = PairHistory((1, 0), np.array([2]), np.array([0]), (15, 0), 0.1)
        for start, stop in zip([0, *cuts], [*cuts, 2000], strict=True):
            spikes = {
                emitter: (steps[(steps >= start) & (steps < stop)],) * 2
                for emitter, steps in ((1, pre), (0, post))
            }
            members = {1: 2, 0: 0}
            chunk = Chunk(start, stop - start, {
                each: (steps, np.full(len(steps), members[each], np.uint32))
                for each, (steps, _) in spikes.items()
            }, [])  # fmt: skip
            history.feed(chunk)
        assert sorted(history.lags) == pytest.approx(expected)


def test_the_window_of_the_rule_follows_its_numbers_and_pairs_lie_on_it() -> None:
    with Simulation(network().document, recorders=False) as simulation:
        watch = watch_of(simulation)
        watch.wish = Wish("learns", WINDOW, 300, 200)
        for _ in range(10):
            watch.attend(simulation, simulation.advance(500))
        watch.attend(simulation)
        assert watch.look is not None
        first = watch.look.arrays
        assert len(first["pair.lag"]) > 20
        side = np.sign(first["pair.lag"])
        assert (np.sign(first["pair.change"]) == side).all()
        simulation.set_plasticity("learns", A_plus=0.1)
        watch.attend(simulation)
        np.testing.assert_allclose(watch.look.arrays["change"].max(), 2 * first["change"].max())


def test_rewards_and_what_they_leave_are_shown_in_time() -> None:
    net = network()
    rule = engine.plasticity("r_stdp", tau_d=50)
    net.connect("drive", "cells", weight=9.0, delay=1, port="exc", id="paid", plasticity=rule)
    with Simulation(net.document) as simulation:
        watch = watch_of(simulation)
        assert kinds_of(watch.learners["learns"])[-1] == WINDOW
        assert kinds_of(watch.learners["paid"])[-1] == REWARDS
        watch.wish = Wish("paid", REWARDS, 300, 200)
        watch.attend(simulation, simulation.advance(200))
        watch.reward(simulation, "paid", -2.0)
        for _ in range(5):
            watch.attend(simulation, simulation.advance(500))
        watch.wish = Wish("paid", REWARDS, 301, 200)  # asked anew
        watch.attend(simulation)
    assert watch.look is not None
    head, arrays = watch.look.head, watch.look.arrays
    assert (head["now"], head["names"]) == (270, ["d"])
    assert arrays["given.time"] + head["now"] == [20]
    assert arrays["given.amount"] == [-2]
    times = arrays["time"] + head["now"]
    assert times.tolist() == [20, 70, 120, 170, 220, 270]
    np.testing.assert_allclose(arrays["level"][:, 0][1:], -2 * np.exp(-(times[1:] - 20) / 50),
                               rtol=1e-5)  # fmt: skip


@pytest.mark.parametrize(
    "wrong", [None, {}, {"edge": "e"}, {"edge": 1, "amount": 1}, {"edge": "e", "amount": "nan"}]
)
def test_a_reward_that_cannot_be_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"a reward|could not convert"):
        reward_of(wrong)
