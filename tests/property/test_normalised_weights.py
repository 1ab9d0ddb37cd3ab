"""Weights that are normalised keep their sums, on every backend and however a run is cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine.backends.registry import make_executor
from engine.document import Document
from engine.errors import DocumentError
from engine.rules import plasticity
from engine.runtime import Simulation
from engine.runtime.build import build
from engine.runtime.normalise import Normaliser

STEPS = 90


def network(
    delay: str = "axonal", every: float = 2.0, seed: int = 3, precision: str = "float64"
) -> engine.Network:
    """Thirty inputs that drive twelve neurons through synapses that learn quickly."""
    net = engine.Network("normalised", dt=0.1, seed=seed, precision=precision)
    drive = net.source("drive", "poisson", 30, rate=400)
    cells = net.population("cells", 12, "lif_cond_exp")
    rule = engine.plasticity("stdp", delay, A_plus=0.05, A_minus=0.2, w_max=60,
                             normalise={"sum": "150 nS", "every": every})  # fmt: skip
    sparse = engine.rules.probability(0.6)
    net.connect(drive, cells, sparse, weight=engine.uniform(2, 14), delay=0.3, port="exc",
                id="learn", plasticity=rule)  # fmt: skip
    return net


def sums(simulation: Simulation) -> np.ndarray:
    """The sum of the weights at every cell."""
    connections = simulation.plan.projections[0].connections
    assert connections is not None
    return np.bincount(connections.target, simulation.weights("learn"), 12)


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_sums_hold_at_the_start_and_after_every_period(precision: str) -> None:
    with Simulation(network(precision=precision).document) as simulation:
        assert np.allclose(sums(simulation), 150, atol=1e-3)
        before = simulation.weights("learn")
        simulation.advance(20 * 7)  # 14 ms, of 2 ms a period
        assert np.allclose(sums(simulation), 150, atol=1e-3)
        assert np.abs(simulation.weights("learn") - before).max() > 1
        simulation.advance(19)
        assert not np.allclose(sums(simulation), 150, atol=1e-3)  # they learn in between


@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(1, STEPS - 1), max_size=5, unique=True))
def test_weights_and_spikes_are_those_of_an_uncut_run(cuts: list[int]) -> None:
    def run(ends: list[int]) -> tuple[np.ndarray, list]:
        with Simulation(network().document) as simulation:
            chunks = [simulation.advance(end - simulation.step) for end in ends]
            spikes = [tuple(zip(*chunk.spikes[0], strict=True)) for chunk in chunks]
            return simulation.weights("learn"), [spike for part in spikes for spike in part]

    whole, cut = run([STEPS]), run([*sorted(cuts), STEPS])
    assert np.array_equal(whole[0], cut[0])
    assert whole[1] == cut[1]


@pytest.mark.parametrize("delay", ["axonal", "dendritic"])
@pytest.mark.parametrize("backend", ["torch_reference", "cuda_shim"])
@pytest.mark.slow
def test_backends_normalise_alike(delay: str, backend: str) -> None:
    def learnt(name: str) -> np.ndarray:
        document = network(delay).document
        built = build(document, [])
        executor = make_executor(built.plan, backend=name)
        Normaliser(document, built.plan, built.projections).advance(executor, STEPS)
        return executor.weights(0)

    assert np.allclose(learnt(backend), learnt("numba_cpu"), rtol=1e-12)


def test_weights_are_left_alone_while_learning_is_off_and_follow_bounds_that_change() -> None:
    with Simulation(network().document) as simulation:
        simulation.run(2)
        simulation.restore_weights("learn", np.full(simulation.weights("learn").size, 3.0))
        simulation.set_plasticity("learn", on=False)
        simulation.run(4)
        assert np.all(simulation.weights("learn") == 3)
        simulation.set_plasticity("learn", on=True, w_max=8)
        simulation.run(2)
        assert simulation.weights("learn").max() == 8  # some have too few synapses for the sum


@pytest.mark.parametrize("weight", [3, engine.uniform(1, 5)], ids=["one", "drawn"])
def test_new_weights_are_those_that_a_network_built_with_them_begins_with(weight) -> None:
    with Simulation(network().document) as simulation:
        simulation.advance(7)
        simulation.set_weight("learn", weight)
        assert np.allclose(sums(simulation), 150)
        with Simulation(simulation.document) as built:
            assert np.array_equal(simulation.weights("learn"), built.weights("learn"))


def test_a_checkpoint_goes_on_as_if_nothing_had_been() -> None:
    with Simulation(network().document) as simulation:
        simulation.advance(33)
        kept = simulation.checkpoint()
        simulation.advance(50)
        learnt = simulation.weights("learn")
        simulation.restore(kept)
        simulation.advance(50)
        assert np.array_equal(simulation.weights("learn"), learnt)


def test_a_document_keeps_what_its_edges_ask_for() -> None:
    document = network().document
    again = engine.document.from_json(engine.document.to_json(document))
    assert again == document
    assert again.edge("learn").plasticity["normalise"] == {"sum": "150 nS", "every": 2.0}
    usual = plasticity("stdp", normalise={"sum": 3})["normalise"]
    assert usual == {"sum": 3, "every": 500.0}


@pytest.mark.parametrize(
    ("normalise", "words"),
    [
        (78, "`normalise` is an object"),
        ({"every": 5}, "which sum the weights keep"),
        ({"sum": 1, "often": 5}, "is not a field of `normalise`"),
        ({"sum": -1}, "outside of its bounds"),
        ({"sum": 0}, "no weights add up to it"),
        ({"sum": "3 mV"}, "mV"),
        ({"sum": [1, 2]}, "one number"),
        ({"sum": float("nan")}, "nan is not something that JSON can hold"),
        ({"sum": 10, "every": 0.01}, "outside of its bounds"),
        ({"sum": 1e6}, "30 synapses of 40 nS at most cannot add up to 1e\\+06"),
    ],
)
def test_what_cannot_be_normalised_is_said_in_a_sentence(normalise: object, words: str) -> None:
    with pytest.raises(DocumentError, match=words) as caught:
        _with(normalise, "stdp")
    assert len(caught.value.problems) == 1


def test_a_rule_that_leaves_weights_alone_has_nothing_to_normalise() -> None:
    with pytest.raises(DocumentError, match="nothing to normalise"):
        _with({"sum": 100}, "tsodyks_markram")


def _with(normalise: object, model: str) -> Document:
    net = engine.Network("bad", dt=0.1)
    drive = net.source("drive", "poisson", 30)
    cells = net.population("cells", 12, "lif_cond_exp")
    rule = {"model": model, "normalise": normalise}
    rule |= {"parameters": {"w_max": 40}} if model == "stdp" else {}
    net.connect(drive, cells, weight=2, delay=0.3, port="exc", plasticity=rule)
    return net.document
