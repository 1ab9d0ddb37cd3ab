"""Populations that have places: what a document may say of them, what is refused, what follows."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine import dumps, loads, rules
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
        ({"kind": "gird"}, "did you mean `grid`?"),
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
        ({"rule": {"kind": "distance", "p": 0.5, "scale": -5}}, "`scale` is a length in um above"),
        ({"rule": {"kind": "distance", "p": 2, "scale": 5}}, "probability between 0 and 1"),
        ({"rule": {"kind": "distance", "p": 1, "scale": 5, "profile": "sinc"}},
         "`profile` must be one of gaussian, exponential, box"),
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
