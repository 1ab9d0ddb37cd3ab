"""The script's way to a document: each call checked at once, nothing half done."""

import numpy as np
import pytest

import engine
from engine import rules
from engine.document import Document
from engine.errors import DocumentError, LimitError


@pytest.fixture
def net():
    net = engine.Network("balanced", dt=0.1, seed=3)
    net.population("exc", 80, "lif_cond_exp", v_th=-50, tau_m="20 ms")
    net.population("inh", 20, "lif_cond_exp", label="Inhibitory")
    return net


def test_the_documented_calls_make_the_documented_document(net):
    exc, inh = net["exc"], net["inh"]
    rule = engine.rules.probability(0.02)
    net.connect(exc, [exc, inh], rule=rule, weight=6.0, delay=1.5, port="exc")
    net.record(exc, "spikes")
    net.record(exc[:5], "v", interval=0.5)
    document = net.document
    assert [(e.id, e.target, e.weight) for e in document.edges] == [
        ("exc-exc", "exc", 6.0),
        ("exc-inh", "inh", 6.0),
    ]
    assert document.nodes[0].parameters == {"v_th": -50, "tau_m": "20 ms"}
    assert document.recorders[1].members == {"start": 0, "stop": 5}
    assert (document.name, document.simulation.seed) == ("balanced", 3)
    assert [problem for problem in net.check() if problem.severity == "error"] == []


def test_a_network_comes_back_from_its_file(net, tmp_path):
    net.connect("exc", "inh", port="exc")
    net.save(tmp_path / "net.json")
    assert engine.Network.load(tmp_path / "net.json").document == net.document


def test_handles_slice_like_lists(net):
    exc = net["exc"]
    assert (len(exc), exc.id) == (80, "exc")
    assert exc[-2:].members == {"start": 78, "stop": 80}
    assert exc[::40].members == [0, 40]
    assert exc[-1].members == [79]
    assert exc[np.array([3, 1])].members == [3, 1]


@pytest.mark.parametrize("place", [80, -81, slice(5, 5), [0, 80]])
def test_members_that_do_not_exist_are_refused(net, place):
    with pytest.raises(DocumentError):
        net["exc"][place]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda n: n.population("x", 10, "lif", tua=3), "did you mean `tau_m`?"),
        (lambda n: n.population("x", -1, "lif"), "at least 1, not -1"),
        (lambda n: n.population("exc", 1, "lif"), 'the id "exc" is taken'),
        (lambda n: n.population("a b", 1, "lif"), "cannot be an id"),
        (lambda n: n.population("x", 2, "lif", C=np.array([1.0, 2.0, 3.0])), "3 values for 2"),
        (lambda n: n.population("x", 1, "lif", C=lambda: 3), "is not something that JSON can hold"),
        (lambda n: n.connect("exc", "nobody"), "there is no node 'nobody'"),
        (lambda n: n.connect("exc", "inh"), 'say port="exc" or port="inh"'),
        (lambda n: n.connect("exc", "inh", port="exc", rule=3), "must be an object"),
        (lambda n: n.connect(n["exc"][:3], "inh", port="exc"), "can be recorded but not connected"),
        (lambda n: n.record("exc", "w"), "has no `w` to record"),
        (lambda n: engine.Network(dt=0), "dt must be more than 0"),
    ],
)
def test_a_mistake_is_said_at_once_and_leaves_nothing(net, call, said):
    before = net.document
    with pytest.raises(DocumentError) as caught:
        call(net)
    assert said in str(caught.value)
    assert net.document is before


def test_connecting_several_targets_is_all_or_nothing(net):
    before = net.document
    with pytest.raises(DocumentError):
        net.connect("exc", ["inh", "nobody"], port="exc")
    assert net.document is before


def test_numpy_values_become_plain_data(net):
    weights = np.linspace(1, 2, 3)
    pairs = np.array([[0, 1], [1, 2], [2, 3]])
    net.connect("exc", "inh", engine.rules.explicit(pairs), weights, np.float64(1.5), "exc")
    edge = net.document.edges[0]
    assert (edge.weight, edge.delay) == ([1.0, 1.5, 2.0], 1.5)
    assert type(edge.rule["pairs"][0][0]) is int


def test_an_empty_network_is_not_run():
    with pytest.raises(DocumentError, match="the network is empty"):
        engine.Network().simulate(10.0)
    assert engine.Network().document == Document()


def test_a_model_of_ones_own_goes_into_the_document(tmp_path):
    own = engine.define(
        "leak",
        "dv/dt = (E - v)/tau + I/C : mV",
        threshold="v > v_th",
        reset="v = E",
        parameters={"E": "-65 mV", "tau": "20 ms", "C": "200 pF", "v_th": "-50 mV"},
        ports={"exc": "exp_current"},
    )
    net = engine.Network("own")
    net.population("a", 10, own, tau=10)
    net.population("b", 10, own)
    net.connect("a", "b", weight=20.0)
    net.save(tmp_path / "own.json")
    again = engine.Network.load(tmp_path / "own.json")
    assert len(net.document.models) == 1
    assert again.document == net.document
    assert [problem for problem in again.check() if problem.severity == "error"] == []


def test_two_models_of_one_name_are_refused():
    net = engine.Network("own")
    for slope, name in ((1, "a"), (2, "b")):
        model = engine.define("ramp", f"dv/dt = {slope}/ms", "v > 1", "v = 0")
        if name == "a":
            net.population(name, 1, model)
    with pytest.raises(DocumentError, match='another model called "ramp"'):
        net.population("b", 1, model)


def test_numpy_numbers_and_times_with_a_unit_are_taken_everywhere():
    net = engine.Network("numbers", dt="100 us", seed=np.int64(3))
    a, b = (
        net.population("a", np.int64(10), "lif", tau_m=np.float32(20)),
        net.population("b", 10.0, "lif"),
    )
    rule = engine.rules.fixed_indegree(np.int64(3))
    net.connect(a, b, rule, weight=np.float32(3), delay=np.int64(2), port="exc")
    pairs = engine.rules.explicit(np.array([[0, 1], [1, 2]]))
    net.connect(a, b, pairs, weight=np.array([1.0, 2.0]), port="exc")
    net.connect(a, b, engine.rules.explicit(zip([0], [1], strict=True)), port="exc")
    net.record(a[np.int64(2)], "v", interval="1 ms")
    assert net.document == engine.loads(engine.dumps(net.document))
    assert net.document.simulation.dt == 0.1
    assert net.simulate("0.01 s")["a"].trace("v").times.tolist() == list(range(1, 11))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda n: engine.Network("x", dt="0.1 mV"), "`dt`: it is given in mV"),
        (lambda n: n.simulate("1 pA"), "`duration`: it is given in pA"),
        (lambda n: n.record("exc", "v", interval="1 pA"), "`interval`: it is given in pA"),
        (lambda n: n.population("x", 5, None), "a model is a name or what engine.define"),
        (lambda n: n.connect("exc", None), "there is no node nothing"),
        (lambda n: n.connect("exc", 3), "there is no node 3"),
        (lambda n: n["exc"]["a"], "chosen by whole numbers, not by 'a'"),
        (lambda n: n["exc"][1.5], "chosen by whole numbers, not by 1.5"),
        (lambda n: engine.rules.explicit(3), "`pairs` must be a list"),
        (lambda n: engine.loads(3), "read from a text, not from 3"),
    ],
)
def test_a_wrong_type_is_a_sentence(net, call, said):
    with pytest.raises(DocumentError) as caught:
        call(net)
    assert said in str(caught.value)


def test_a_network_of_sources_alone_can_be_recorded():
    net = engine.Network("Poisson", dt=0.1, seed=5)
    drive = net.source("drive", "poisson", 100, rate=50)
    net.record(drive, "spikes")
    result = net.simulate(2000.0)["drive"]
    assert result.rate_hz() == pytest.approx(50, abs=2)
    assert result.cv_isi() == pytest.approx(result.cv_isi(0.0, 2000.0))
    assert result.cv_isi() == pytest.approx(1.0, abs=0.05)


def test_times_of_a_document_may_have_a_unit():
    net = engine.Network("times")
    net.record(net.population("a", 1, "lif"), "v", interval=0.5)
    text = engine.dumps(net.document)
    changed = text.replace('"dt": 0.1', '"dt": "100 us"').replace(
        '"interval": 0.5', '"interval": "500 us"'
    )
    assert changed != text
    assert engine.loads(changed) == net.document
    with pytest.raises(DocumentError, match="simulation/dt: `dt`: it is given in mV"):
        engine.loads(text.replace('"dt": 0.1', '"dt": "0.1 mV"'))


@pytest.mark.parametrize("name", ["lif", "poisson", "exp_current"])
def test_an_own_model_cannot_take_the_name_of_a_shipped_one(net, name):
    own = engine.define(name, "dv/dt = -v", "v > 1", "v = 0")
    with pytest.raises(DocumentError, match="comes with the engine; rename yours"):
        net.population("own", 3, own)
    assert net.document.models == ()


def test_a_sender_that_is_no_whole_number_is_refused(net):
    source = net.source("list", "spike_times", 2, times=[1.0, 2.0], senders=[0, 0.5])
    net.connect(source, "exc", port="exc")
    with pytest.raises(DocumentError, match="a sender is no whole number"):
        net.simulate(1.0)


def test_members_to_record_are_given_in_any_form_and_once() -> None:
    net = engine.Network()
    cells = net.population("cells", 5, "lif")
    for members, kept in (
        (3, [3]),
        (np.array([1, 2]), [1, 2]),
        ((k for k in (4, 0)), [4, 0]),
        ((np.int64(k) for k in (2, 3)), [2, 3]),
    ):
        recorder = net.record(cells, "v", members=members)
        found = next(each for each in net.document.recorders if each.id == recorder)
        assert found.members == kept
    for members in (1.5, "abc", b"ab", np.zeros((2, 2)), 9):
        with pytest.raises(DocumentError, match="member"):
            net.record(cells, "v", members=members)
    with pytest.raises(DocumentError, match="are chosen twice; leave `members` out"):
        net.record(cells[:2], "v", members=[3])


def test_a_grid_without_layers_has_as_many_members_as_places() -> None:
    grid = {"kind": "grid", "columns": 4, "rows": 3, "layers": None}
    net = engine.Network()
    net.population("cells", None, "lif", geometry=grid)
    assert net.document.nodes[0].size == 12


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            lambda: {"rule": rules.distance(0.5, 50, "gamma", shape=200)},
            "`shape` of a gamma profile",
        ),
        (
            lambda: {"rule": rules.distance(0.5, 1e160)},
            "`scale` is a length of 0.001",
        ),
        (
            lambda: {"rule": rules.distance(1, 100, "box", beyond=200)},
            "within the `scale`",
        ),
        (lambda: {"weight": rules.distance_gaussian(2, 1e-200)}, "`scale` is a length of 0.001"),
    ],
)
def test_a_distance_that_means_nothing_is_one_sentence(given, said: str) -> None:
    net = engine.Network()
    cells = net.population("cells", 9, "lif", geometry={"kind": "grid"})
    with pytest.raises(DocumentError, match=said):
        net.connect(cells, cells, port="exc", **given())


def test_more_places_than_memory_holds_are_not_laid_out() -> None:
    net = engine.Network()
    cells = net.population("cells", 4_000_000_000, "lif", geometry={"kind": "grid"})
    net.connect(cells, cells, rules.distance(0.5, 50), port="exc")
    with pytest.raises(LimitError, match="cells"):
        engine.Simulation(net.document)
