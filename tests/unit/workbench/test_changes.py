"""What a run takes at once and what it must be built anew for."""

import pytest

import engine
from engine.document import Document, Edge, Layout, Node, Recorder, RunSettings, replace
from workbench.session import what_changed

BASE = Document(
    nodes=(
        Node("exc", "lif", 80, parameters={"C": 200}),
        Node("drive", "poisson", 80, "source", parameters={"rate": 10}),
        Node("train", "spike_times", 1, "source", parameters={"times": [1.0]}),
    ),
    edges=(Edge("e", "drive", "exc", "exc", {"kind": "one_to_one"}, 6.0, 1.5),),
)


def changed(section, place, **fields):
    parts = list(getattr(BASE, section))
    parts[place] = replace(parts[place], **fields)
    return what_changed(BASE, replace(BASE, **{section: tuple(parts)}))


def test_nothing_changed_is_nothing():
    assert what_changed(BASE, replace(BASE, name="other", description="words")).nothing


def test_parameters_and_weights_are_taken_at_once():
    change = changed("nodes", 0, parameters={"tau_m": 30})
    assert change.parameters == [("exc", "tau_m", 30), ("exc", "C", None)]
    assert changed("nodes", 1, parameters={"rate": 20}).parameters == [("drive", "rate", 20)]
    assert changed("edges", 0, weight="7 pA").weights == ["e"]
    assert not change.rebuild


def test_a_run_takes_numbers_of_a_learning_rule_and_its_end_but_no_other_rule():
    rule = {"model": "stdp", "parameters": {"A_plus": 0.1, "tau_plus": 30}, "delay": "axonal"}
    learns = replace(BASE, edges=(replace(BASE.edges[0], plasticity=rule),))

    def after(**fields):
        return what_changed(
            learns, replace(learns, edges=(replace(learns.edges[0], plasticity=rule | fields),))
        )

    change = after(parameters={"A_plus": 0.2, "w_max": 9})
    assert change.learning == ["e"]
    assert not change.rebuild
    assert not change.nothing
    said = ['another learning rule of "drive → exc"']
    assert after(model="stdp_nearest").reasons == after(delay="dendritic").reasons == said
    assert after(model="r_stdp", reward="drive").reasons == said
    assert what_changed(BASE, learns).reasons == said
    off = what_changed(learns, BASE)
    assert off.learning == ["e"]
    assert not off.rebuild


@pytest.mark.parametrize(
    ("section", "place", "fields"),
    [
        ("nodes", 0, {"size": 90}),
        ("nodes", 0, {"model": "izhikevich"}),
        ("nodes", 0, {"ports": {"exc": "delta"}}),
        ("nodes", 0, {"solver": "rk4"}),
        ("nodes", 0, {"initial": {"v": -60}}),
        ("nodes", 2, {"parameters": {"times": [2.0]}}),
        ("edges", 0, {"rule": {"kind": "all_to_all"}}),
        ("edges", 0, {"delay": 2.0}),
        ("edges", 0, {"port": "inh"}),
        ("edges", 0, {"weight": {"distribution": "normal", "mean": 6, "std": 1}}),
    ],
)
def test_what_shapes_the_network_needs_building_anew_and_says_why(section, place, fields):
    change = changed(section, place, **fields)
    assert change.rebuild
    assert len(change.reasons) == 1
    called = {"nodes": ("exc", "drive", "train"), "edges": ("drive → exc",)}[section][place]
    assert f'"{called}"' in change.reasons[0]


@pytest.mark.parametrize("fields", [{"dt": 0.2}, {"seed": 2}, {"precision": "float64"}])
def test_run_settings_need_building_anew(fields):
    assert what_changed(BASE, replace(BASE, simulation=RunSettings(**fields))).rebuild


def test_drawing_recorders_and_duration_mean_nothing_to_a_run():
    other = replace(
        BASE,
        layout=Layout({"exc": [1, 2]}),
        recorders=(Recorder("r", "exc", "v"),),
        simulation=RunSettings(duration=5.0),
    )
    assert what_changed(BASE, other).nothing


def test_parts_that_came_or_went_are_named():
    gone = what_changed(BASE, replace(BASE, edges=(), nodes=BASE.nodes[:2]))
    assert gone.reasons == ['the node "train" is gone', 'the connection "drive → exc" is gone']
    assert what_changed(replace(BASE, edges=()), BASE).reasons == [
        'the new connection "drive → exc"'
    ]


def test_another_choice_of_equations_builds_anew():
    node = Node("n", "if_discrete")
    before = Document(nodes=(node,))
    for name, rebuilt in (("v_th", False), ("soft_reset", True)):
        after = Document(nodes=(replace(node, parameters={name: 1}),))
        change = what_changed(before, after)
        assert change.rebuild is rebuilt
        assert bool(change.parameters) is not rebuilt


@pytest.mark.parametrize(("before", "after"), [(None, 2.0), ("2 ms", "0 us"), (1, 2)])
def test_a_dead_time_may_come_and_go_in_a_run(before, after) -> None:
    def network(dead_time):
        net = engine.Network()
        net.source("drive", "poisson", 3, **({} if dead_time is None else {"dead_time": dead_time}))
        return net.document

    change = what_changed(network(before), network(after))
    assert change.parameters == [("drive", "dead_time", after)]
    assert not change.rebuild


def test_lists_are_read_at_once_and_other_parameters_of_a_source_live() -> None:
    def network(**params):
        net = engine.Network()
        net.source("drive", "poisson_table", 3, times=[0.0, 5.0], rates=[1.0, 2.0], **params)
        return net.document

    old = network(dead_time=1.0)
    assert not what_changed(old, network(dead_time=2.0)).rebuild
    assert what_changed(old, network(dead_time=1.0, between="line")).rebuild
