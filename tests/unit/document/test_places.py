"""Populations that have places: what a document may say of them, what is refused, what follows."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine import dumps, loads, rules
from engine.backends.registry import make_executor
from engine.errors import DocumentError
from engine.runtime.estimate import estimate

FIELD = {"kind": "random", "width": 500, "height": "0.4 mm"}
RING = {"kind": "ring", "length": 800}


def network(here=FIELD, there=FIELD, size=60, **edge):
    net = engine.Network("places", seed=3)
    one = net.population("one", size, "lif_psc_exp", geometry=here)
    two = net.population("two", size, "lif_psc_exp", geometry=there)
    edge = {"rule": rules.distance(0.8, 80.0), "port": "exc", **edge}
    net.connect(one, two, **edge)
    return net


def test_places_survive_being_saved_and_run():
    net = network(delay=rules.distance_linear(0.5, 2.0), weight=rules.distance_gaussian(9.0, 50.0))
    again = loads(dumps(net.document))
    assert again == net.document
    assert all(problem.severity == "hint" for problem in engine.check(again))
    net.record("two", "v")
    assert np.isfinite(net.simulate(5.0)["two"].trace("v")[1]).all()


def test_neurons_that_have_places_are_neurons():
    net = network(size=700)
    assert net.document.float_type == "float32"
    spiking = engine.Network("spiking")
    spiking.population("cells", 3, "adex", geometry={"kind": "line"})  # it could not be a cable


def test_positions_are_told_and_depend_on_seed_and_name_alone():
    net, same = network(), network(there={"kind": "line"})
    np.testing.assert_array_equal(net.positions("one"), same.positions("one"))
    assert net.positions("one").shape == (60, 2)
    assert np.all(np.abs(net.positions("one")) <= [250.0, 200.0])
    assert not np.allclose(net.positions("one"), net.positions("two"))
    listed = engine.Network("listed")
    dots = listed.population("dots", None, "lif", geometry={"kind": "positions",
                             "positions": np.array([[0, 1], [2, 3], [4, 5]])})  # fmt: skip
    assert len(dots) == 3
    np.testing.assert_array_equal(listed.positions(dots), [[0, 1], [2, 3], [4, 5]])
    listed.population("nowhere", 3, "lif")
    with pytest.raises(DocumentError, match=r"\"nowhere\" have no places; give it a geometry"):
        listed.positions("nowhere")


def test_sources_have_places_and_reach_what_is_near():
    """A row of sources, each of which drives the cell beside it alone."""
    net = engine.Network("retina")
    dots = net.source("dots", "poisson", 10, rate=0.0, geometry={"kind": "line", "length": 100})
    cells = net.population("cells", 10, "lif_psc_exp", geometry={"kind": "line", "length": 100})
    (edge,) = net.connect(dots, cells, rules.distance(1.0, 1.0, "box"), port="exc")
    assert estimate(net.document).synapses_of[edge] == 10


def test_what_a_connection_is_expected_to_hold_is_about_what_it_holds():
    net = network(size=400)
    simulation = engine.Simulation(net.document)
    said = estimate(net.document).synapses_of["one-two"]
    assert simulation.built.synapses == pytest.approx(said, rel=0.1)


def test_weights_by_distance_change_while_it_runs():
    net = network(weight=rules.distance_gaussian(9.0, 50.0))
    simulation = engine.Simulation(net.document)
    before = simulation.plan.projections[0].connections.weight.copy()
    simulation.set_weight("one-two", rules.distance_gaussian(18.0, 50.0))
    np.testing.assert_allclose(simulation.plan.projections[0].connections.weight, 2 * before)


def test_the_first_row_of_a_grid_is_the_lowest_or_as_in_a_picture_the_uppermost():
    size = {"kind": "grid", "columns": 3, "width": 30, "height": 20}
    net = engine.Network("pictures")
    net.source("up", "poisson", 6, geometry=size)
    net.source("down", "poisson", 6, geometry={**size, "from_top": True})
    np.testing.assert_allclose(net.positions("up")[[0, 5]], [[-10, -5], [10, 5]])
    np.testing.assert_allclose(net.positions("down")[[0, 5]], [[-10, 5], [10, -5]])


# -- depth, spacing, periods ----------------------------------------------------------------------


def placed(geometry, size=None, seed=1):
    net = engine.Network("deep", seed=seed)
    net.population("cells", size, "lif_psc_exp", geometry=geometry)
    return net


def test_a_grid_has_columns_rows_and_layers_and_says_how_many_members_there_are():
    """The column of Maass et al. 2002: 15 x 3 x 3, sheet after sheet."""
    column = {"kind": "grid", "columns": 15, "rows": 3, "layers": 3, "spacing": "0.1 mm"}
    net = placed(column)
    assert net["cells"].size == 135
    found = net.positions("cells")
    np.testing.assert_allclose(found[[0, 1, 15, 45, 134]], [
        [-700, -100, -100], [-600, -100, -100], [-700, 0, -100], [-700, -100, 0], [700, 100, 100],
    ])  # fmt: skip
    assert loads(dumps(net.document)) == net.document


@pytest.mark.parametrize(("geometry", "size", "extent"), [
    ({"kind": "grid", "columns": 4, "spacing": 5}, 12, [15, 10]),
    ({"kind": "grid", "rows": 2, "width": 80, "height": 20}, 8, [60, 10]),
    ({"kind": "grid", "columns": 4, "layers": 2, "width": 80, "height": 20}, 16, [60, 10, 20]),
    ({"kind": "grid", "layers": 2, "depth": 8, "width": 80, "height": 20}, 8, [40, 10, 4]),
    ({"kind": "line", "spacing": 3, "z": 7}, 5, [12, 0, 0]),
    ({"kind": "ring", "spacing": 3}, 5, [12, 0]),
])  # fmt: skip
def test_places_are_as_far_apart_as_extent_or_spacing_say(geometry, size, extent):
    np.testing.assert_allclose(np.ptp(placed(geometry, size).positions("cells"), axis=0), extent)


def test_scattered_places_fill_a_box_a_disc_or_a_ball_evenly():
    field = {"kind": "random", "width": 200, "height": 200}
    flat = placed(field, 3000).positions("cells")
    deep = placed(field | {"depth": 200, "z": 50}, 3000).positions("cells")
    np.testing.assert_array_equal(deep[:, :2], flat)  # depth moves nobody aside
    assert deep.shape == (3000, 3)
    assert -50 <= deep[:, 2].min() < -49 < 149 < deep[:, 2].max() <= 150
    for geometry, axes in ((field, 2), (field | {"depth": 200}, 3)):
        found = placed(geometry | {"round": True}, 3000).positions("cells")
        far = np.linalg.norm(found, axis=1)
        assert far.max() <= 100
        # Within r lie (r / 100)^axes of all; 4 standard deviations of 3,000 draws.
        for r in (40, 70, 90):
            assert abs((far <= r).mean() - (r / 100) ** axes) < 4 * 0.5 / 3000**0.5
        assert np.abs(found.mean(axis=0)).max() < 4 * 58 / 3000**0.5
    assert not np.allclose(placed(field, 3000, seed=2).positions("cells"), flat)


def met(net) -> set[tuple[int, int]]:
    made = engine.Simulation(net.document).plan.projections[0].connections
    return set(zip(np.repeat(np.arange(made.sources), np.diff(made.row)).tolist(),
                   made.target.tolist(), strict=True))  # fmt: skip


def test_axes_close_one_by_one_also_around_listed_places():
    corners = {"kind": "positions", "positions": [[0, 0, 0], [95, 0, 0], [0, 95, 0], [0, 0, 95]],
               "width": 100, "height": 100, "depth": 100}  # fmt: skip
    for axes, partners in ((["x"], {1}), (["y", "z"], {2, 3}), (True, {1, 2, 3})):
        net = placed(corners | {"periodic": axes})
        near = rules.distance(1.0, 6.0, "box", self_connections=False)
        net.connect("cells", "cells", near, port="exc")
        assert {target for source, target in met(net) if source == 0} == partners


def test_what_is_flat_lies_at_no_depth_and_reaches_what_is_deep():
    net = placed({"kind": "positions", "positions": [[0, 0], [30, 0]]})
    there = {"kind": "positions", "positions": [[0, 0, 40], [30, 0, 0]]}
    net.population("deep", None, "lif_psc_exp", geometry=there)
    net.connect("cells", "deep", rules.distance(1.0, "0.045 mm", "box"), port="exc")
    assert met(net) == {(0, 0), (0, 1), (1, 1)}


def test_two_grids_that_close_alike_but_for_rounding_have_distances():
    one = {"kind": "grid", "columns": 3, "rows": 3, "spacing": 0.1, "periodic": True}
    other = {"kind": "grid", "columns": 1, "width": 0.3, "height": 0.3, "periodic": True}
    net = network(one, other, size=9)
    assert not [each for each in engine.check(net.document) if each.severity == "error"]


def test_the_same_network_with_depth_runs_alike_on_every_backend():
    net = engine.Network("deep", seed=3, dt=0.5)
    box = {"kind": "random", "width": 90, "height": 90, "depth": 90, "periodic": ["x", "z"]}
    net.source("dots", "poisson", 40, rate=300, geometry=box)
    net.population("cells", 40, "lif_psc_exp", geometry=box | {"round": False})
    rule = rules.distance(0.9, 25.0, "gamma", shape=2)
    net.connect("dots", "cells", rule, weight=rules.distance_gaussian(900, 60), port="exc",
                delay=rules.distance_linear(0.5, 30))  # fmt: skip
    net.connect("cells", "cells", rules.distance(1, 30, outdegree=5), weight=90, port="exc")
    plan = engine.Simulation(net.document).plan
    runs = [
        make_executor(plan, backend=backend).advance(120).spikes[0]
        for backend in ("numba_cpu", "torch_reference")
    ]
    assert len(runs[0][0]) > 20
    for one, other in zip(*runs, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("profile", ["gaussian", "exponential", "linear", "gamma"])
@pytest.mark.parametrize("depth", [None, 250.0])
def test_who_is_connected_follows_the_kernel(profile, depth):
    """Chi-square of pairs by distance over five seeds, through documents alone."""
    kernel = {
        "gaussian": lambda d: 0.8 * np.exp(-0.5 * (d / 60) ** 2),
        "exponential": lambda d: 0.8 * np.exp(-d / 60),
        "linear": lambda d: 0.8 * np.maximum(0, 1 - d / 60),
        "gamma": lambda d: 0.8 * (d / 60) * np.exp(1 - d / 60),
    }[profile]
    more = {"shape": 2} if profile == "gamma" else {}
    statistic, bins = 0.0, 0
    edges = np.arange(0, 200, 25)
    excess, spread = np.zeros(len(edges)), np.zeros(len(edges))
    for seed in range(1, 6):
        net = placed({"kind": "random", "width": 300, "height": 300, "depth": depth,
                      "periodic": ["x"]}, 250, seed)  # fmt: skip
        net.connect("cells", "cells", rules.distance(0.8, 60, profile, **more), port="exc")
        at = net.positions("cells")
        apart = np.abs(at[:, None] - at[None])
        apart[..., 0] = np.minimum(apart[..., 0], 300 - apart[..., 0])
        d, here = np.linalg.norm(apart, axis=2), np.zeros((250, 250))
        here[tuple(np.array(list(met(net))).T)] = 1
        place, p = np.searchsorted(edges, d, "right") - 1, kernel(d)
        excess += np.bincount(place.ravel(), (here - p).ravel(), 99)[: len(edges)]
        spread += np.bincount(place.ravel(), (p * (1 - p)).ravel(), 99)[: len(edges)]
    told = spread > 5
    statistic, bins = np.sum(excess[told] ** 2 / spread[told]), int(told.sum())
    assert bins >= 3
    assert statistic < bins + 3.3 * (2 * bins) ** 0.5 + 6  # beyond the 0.1 % point for 3 to 8


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        ({"kind": "ring", "length": 0}, "`length` is 0 um, outside of its bounds"),
        ({"kind": "ring", "width": 5}, "a ring has no field 'width'; it has `kind`, `length`"),
        ({"kind": "grid", "columns": 2.5}, "`columns` must be a whole number, not 2.5"),
        ({"kind": "grid", "columns": 0}, "`columns` is 0, outside of its bounds"),
        ({"kind": "grid", "periodic": 1}, "`periodic` must be true or false, not 1"),
        ({"kind": "grid", "from_top": 1}, "`from_top` must be true or false, not 1"),
        ({"kind": "random", "height": "5 ms"}, "given in ms, but is a value in um"),
        ({"kind": "positions"}, "`positions` must be a list of [x, y] in um, not nothing"),
        ({"kind": "positions", "positions": [[1, 2]]}, "1 positions stand for 60 members"),
        ({"kind": "positions", "positions": [[1, "a"]] * 60}, "`y` must be a number, not 'a'"),
        ({"kind": "positions", "positions": [[1]] * 60}, "position 0: it must be two numbers"),
        (
            {"kind": "positions", "positions": [[0, 0]] * 59 + [[0, -1e308]]},
            "position 59: `y` must lie between -1e+09 and 1e+09 um, not -1e+308",
        ),
        ({"kind": "gird"}, "did you mean `grid`?"),
        ({"kind": "grid", "spacing": 5, "depth": 5}, "`spacing` and `depth` both say how large"),
        ({"kind": "ring", "spacing": 5, "length": 5}, "`spacing` and `length` both say how large"),
        ({"kind": "grid", "columns": 4, "rows": 4}, "has 16 places for the 60 members"),
        ({"kind": "grid", "layers": 1.5}, "`layers` must be a whole number, not 1.5"),
        ({"kind": "grid", "periodic": ["x", "w"]}, "`periodic` must be true or false, not"),
        ({"kind": "grid", "periodic": ["z"]}, "cannot be periodic in z, where it has no extent"),
        ({"kind": "random", "depth": -5}, "`depth` is -5 um, outside of its bounds"),
        ({"kind": "random", "round": "yes"}, "`round` must be true or false, not 'yes'"),
        ({"kind": "random", "round": True, "periodic": True}, "what is round cannot be periodic"),
        ({"kind": "positions", "positions": [[1, 2]] * 59 + [[1, 2, 3]]}, "has 3 numbers, the"),
        ({"kind": "positions", "positions": [[1, 2, None]] * 60}, "`z` must be a number, not"),
        ({"kind": "positions", "positions": [[1, 2]] * 60, "periodic": True}, "give its `width`"),
    ],
)
def test_places_that_make_no_sense_are_refused(geometry, said):
    with pytest.raises(DocumentError) as error:
        network(geometry)
    assert said in str(error.value)
    assert "nodes/one/geometry" in str(error.value)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"there": None}, '`rule` goes by distance, and "two" has no places; give it a geometry'),
        ({"there": RING}, '"one" and "two" do not close alike, so that there is no distance'),
        ({"there": FIELD | {"periodic": True}}, "do not close alike"),
        ({"rule": None, "there": None, "weight": rules.distance_linear(1.0, 2.0)},
         '`weight` goes by distance, and "two" has no places'),
        ({"rule": None, "there": None, "delay": rules.distance_linear(1.0, 2.0)},
         '`delay` goes by distance, and "two" has no places'),
        ({"delay": rules.distance_linear(-1.0, 2.0)}, "a delay cannot be negative, it is -1 ms"),
        ({"rule": {"kind": "distance", "p": 0.5}}, "the rule distance needs `scale`"),
        ({"rule": {"kind": "distance", "p": 0.5, "scale": -5}}, "`scale` is a length of 0.001"),
        ({"rule": {"kind": "distance", "p": 2, "scale": 5}}, "probability between 0 and 1"),
        ({"rule": {"kind": "distance", "p": 1, "scale": 5, "profile": "sinc"}},
         "`profile` must be one of gaussian, exponential, box"),
        ({"rule": {"kind": "distance", "p": 1, "scale": "5 ms"}}, "given in ms, but is a value in"),
        ({"rule": {"kind": "distance", "p": 1, "scale": 5, "profile": "gamma"}},
         "`shape` belongs to the profile gamma"),
        ({"rule": {"kind": "distance", "p": 1, "scale": 5, "shape": 0.5}}, "1 to 100, not 0.5"),
        ({"rule": {"kind": "distance", "p": 1, "scale": 5, "beyond": 9, "reach": 9}},
         "nobody is farther than 9 um and nearer than 9 um"),
        ({"rule": {"kind": "distance", "p": 1, "scale": 5, "reach": [5]}}, "one for each of two"),
        ({"rule": {"kind": "distance", "p": 1, "scale": 5, "indegree": 1, "outdegree": 1}},
         "`indegree` and `outdegree` cannot both be fixed"),
        ({"rule": {"kind": "distance", "p": 1, "scale": 5, "indegree": 61}},
         'each target member would need 61 different partners, "one" has 60'),
    ],
)  # fmt: skip
def test_what_cannot_go_by_distance_is_refused_with_a_remedy(more, said):
    with pytest.raises(DocumentError) as error:
        network(**more)
    assert said in str(error.value)


def test_a_value_that_is_of_one_member_cannot_follow_a_distance():
    net = engine.Network("one")
    with pytest.raises(DocumentError, match="has no distance to follow"):
        net.population("cells", 3, "lif", geometry=RING, E_L=rules.distance_linear(1.0, 2.0))


def test_a_delay_that_grows_too_long_with_the_distance_is_refused_when_it_is_built():
    net = network({"kind": "line", "length": 1e6}, {"kind": "line", "length": 1e6},
                  rule=None, delay=rules.distance_linear(0.0, 10.0))  # fmt: skip
    with pytest.raises(DocumentError, match=r"edges/one-two/delay: a delay of .* 65,535"):
        net.simulate(1.0)
