"""Populations under voltage clamp: every executor holds v, and gives the current it takes."""

from __future__ import annotations

import numpy as np
import pytest
from executors import MAKERS, NO_COMPILER

import engine
from engine.analysis import voltage_clamp
from engine.errors import DocumentError
from engine.runtime.build import build

DT, STEPS = 0.05, 500
LEVELS, TIMES = [-65.0, 0.0, -70.0], [0.0, 5.0, 20.0]


def network(model: str = "hodgkin_huxley", size: int = 3, **settings) -> engine.Network:
    """A clamped population that is fed by neighbours, joined to them, and feeds others."""
    net = engine.Network("clamp", dt=DT, seed=1, precision="float64", **settings)
    held = net.population("held", size, model)
    net.population("free", 2, model)
    clamp = net.source("clamp", "voltage_clamp", levels=LEVELS, times=TIMES)
    net.connect(clamp, held)
    return net


def run(net: engine.Network, make, variables: dict[str, list[str]]) -> dict[str, np.ndarray]:
    """State -> [steps, members], of "population/state"."""
    wanted = [(node, name) for node, names in variables.items() for name in names]
    sizes = {node.id: node.size for node in net.document.nodes}
    monitors = [(node, name, list(range(sizes[node])), 1) for node, name in wanted]
    chunk = make(build(net.document, monitors).plan).advance(STEPS)
    keys = [f"{node}/{name}" for node, name in wanted]
    return dict(zip(keys, chunk.monitors, strict=True)) | {"spikes": chunk.spikes}


def makers() -> list:
    skipped = pytest.mark.skipif(bool(NO_COMPILER), reason=NO_COMPILER or "there is a compiler")
    return [pytest.param(make, id=name, marks=[skipped] * (name == "CUDA source"))
            for name, make in MAKERS.items()]  # fmt: skip


@pytest.mark.parametrize("make", makers())
def test_v_follows_the_command_and_the_current_is_that_of_the_analysis(make) -> None:
    found = run(network(), make, {"held": ["v", "I_clamp", "m", "n"], "free": ["v"]})
    begins = np.array([round(t / DT) for t in TIMES])
    command = np.array(LEVELS)[np.searchsorted(begins, np.arange(STEPS), "right") - 1]
    np.testing.assert_array_equal(found["held/v"], np.repeat(command[:, None], 3, 1))
    alone = voltage_clamp("hodgkin_huxley", LEVELS, STEPS * DT, DT, times=TIMES,
                          initial={"v": -64.99637933})  # fmt: skip
    for name, expected in (("I_clamp", alone.current), ("m", alone.states["m"])):
        for member in range(3):
            mine = found[f"held/{name}"][:, member]
            np.testing.assert_allclose(mine, expected[1:], rtol=1e-6, atol=1e-6)
    assert not len(found["spikes"][0][0])


@pytest.mark.parametrize("make", makers())
def test_neighbours_are_not_touched(make) -> None:
    """A free population, to which nothing leads, is the one of a network without a clamp."""
    net = network()
    net.connect(net.source("drive", "constant_current", amplitude=10), net["free"])
    bare = engine.Network("bare", dt=DT, seed=1, precision="float64")
    free = bare.population("free", 2, "hodgkin_huxley")
    bare.connect(bare.source("drive", "constant_current", amplitude=10), free)
    with_clamp = run(net, make, {"free": ["v", "h"]})
    without = run(bare, make, {"free": ["v", "h"]})
    for name in ("free/v", "free/h"):
        np.testing.assert_array_equal(with_clamp[name], without[name])
    assert len(with_clamp["spikes"][1][0]) == len(without["spikes"][0][0]) > 0


@pytest.mark.parametrize("make", makers())
def test_the_amplifier_gives_what_synapses_and_junctions_take_away(make) -> None:
    """A pulse of conductance g (v - E) and a junction g (v - v_other) appear in the current."""
    net = network("passive", 1)
    spikes = net.source("spikes", "spike_times", times=[10.0])
    net.connect(spikes, net["held"], weight=0.5, delay=DT, port="exc")
    net.connect(net["free"], net["held"], weight=0.1, port="gap")
    found = run(net, make, {"held": ["v", "I_clamp", "g_exc"], "free": ["v"]})
    v, g = found["held/v"][:, 0], found["held/g_exc"][:, 0]
    defaults = engine.models()["passive"]["parameters"]
    leak = defaults["g_L"]["default"] * (v - defaults["E_L"]["default"])
    before = np.vstack([np.full((1, 2), defaults["E_L"]["default"]), found["free/v"][:-1]])
    held_before = np.concatenate([[defaults["E_L"]["default"]], v[:-1]])
    joined = 0.1 * (2 * held_before - before.sum(1))
    # What arrives at the end of a step acts from the next one on.
    decayed = np.where(np.arange(STEPS) == round(10.0 / DT), 0.0, g)
    expected = leak + decayed * (v - defaults["E_exc"]["default"]) + joined
    assert g.max() > 0.1
    np.testing.assert_allclose(found["held/I_clamp"][:, 0], expected, rtol=1e-9, atol=1e-9)


def test_a_script_records_the_current_by_its_name() -> None:
    net = network()
    net.record(net["held"], "I_clamp")
    net.record(net["held"], "v")
    found = net.simulate(10.0)["held"]
    assert found.trace("v").values[-1] == pytest.approx(0.0)
    assert found.trace("I_clamp").values[-1] == pytest.approx(1660.0, rel=0.05)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda net: net.connect(net["clamp"], net.population("steps", 1, "lif_discrete")),
         "lif_discrete cannot be clamped: its equations are steps and no rates"),
        (lambda net: net.connect(net["clamp"], net["free"], engine.rules.probability(0.5)),
         "a clamp holds every member of \"free\""),
        (lambda net: net.connect(net["clamp"], net.population("one", 1, "lif"),
                                 engine.rules.probability(0.0)),
         "a clamp holds every member of \"one\""),
        (lambda net: net.connect(net["clamp"], net["free"], weight=2.0),
         "a command is followed as it is, so the weight is 1"),
        (lambda net: net.connect(net.source("second", "voltage_clamp"), net["held"]),
         "is held by `clamp-held` already"),
        (lambda net: net.connect(net.source("many", "voltage_clamp", 2), net["free"]),
         "has 2 members, and one command holds a membrane"),
        (lambda net: net.connect(net["clamp"], net["free"], port="exc"),
         "gives a command of the potential, the port `exc` takes spikes"),
        (lambda net: net.connect(net["held"], net["free"], port="clamp"),
         "sends spikes, the port `clamp` takes that of a voltage clamp"),
        (lambda net: net.record(net["free"], "I_clamp"), "has no `I_clamp` to record"),
    ],
)  # fmt: skip
def test_a_clamp_that_cannot_be_is_refused_in_a_sentence(change, sentence: str) -> None:
    with pytest.raises(DocumentError) as caught:
        change(network())
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("levels", "times", "sentence"),
    [
        ([0.0], [0.0, 1.0], "2 `times` stand beside 1 `levels`"),
        ([], [], "`times` has no entry"),
        ([0.0], [5.0], "the first level begins at 5 ms; let it begin at 0"),
        ([0.0, 1.0, 2.0], [0.0, 4.0, 4.0], "`times` must rise, and 4 follows on 4"),
    ],
)
def test_a_command_that_cannot_be_is_refused_in_a_sentence(levels, times, sentence: str) -> None:
    net = engine.Network("clamp", dt=DT)
    with pytest.raises(DocumentError) as caught:
        net.source("clamp", "voltage_clamp", levels=levels, times=times)
    assert sentence in str(caught.value)
