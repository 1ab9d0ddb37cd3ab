"""What the gallery's examples of codes hand on is, decoded, what they were given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import engine
from engine import coding
from engine.document import Node, replace
from engine.models.registry import get
from workbench.store.files import load_example

SEEDS = range(1, 6)
LATER = 0.5  # ms: the delay to the neurons that hand spikes on


class Sent:
    """An example of codes, run once; what arrives at the neurons behind a source."""

    def __init__(self, name: str, duration: float = 600.0, seed: int = 1) -> None:
        document = load_example(name)
        document = replace(document, simulation=replace(document.simulation, seed=seed))
        self.run = engine.simulate(document, duration)
        self.codes = {
            node.id: node
            for node in document.nodes
            if node.model.removesuffix("_code") != node.model
        }

    def given(self, node: str) -> np.ndarray:
        """The values that a source encodes."""
        found = self.codes[node]
        return np.array(
            found.parameters.get("values", get(found.model).parameters["values"].default)
        )

    def read(self, node: str, steps: int, shape: tuple[int, ...] | None = None) -> np.ndarray:
        """What the first showing, of so many steps, is read as from the neurons behind it."""
        found = self.codes[node]
        code, parameters = self._code(found)
        spikes = self.run[f"{node}-cells"].spikes
        dt = float(parameters.get("dt", 1.0))
        seen = coding.recorded(
            spikes.times - LATER, spikes.senders, shape or found.size, steps * dt, 0.5, 0.0, dt
        )
        return np.asarray(coding.decode(code, seen, **parameters))

    @staticmethod
    def _code(node: Node) -> tuple[str, dict[str, Any]]:
        code = node.model.removesuffix("_code")
        known = coding.codes()[code]["parameters"]
        return code, {name: value for name, value in node.parameters.items() if name in known}


@pytest.mark.parametrize(
    ("name", "node", "steps", "error"),
    [
        ("code_latency", "linear", 60, 0.5 / 59),  # half a step of the run
        ("code_latency", "log", 60, 0.03),
        ("code_phase", "values", 8, 2**-9),
        ("code_burst", "values", 20, 0.1),  # five levels
        ("code_rate", "regular", 500, 1e-12),
    ],
)
def test_values_come_back_from_the_spikes(name: str, node: str, steps: int, error: float) -> None:
    sent = Sent(name)
    # What is below the threshold of a latency is silent, and read as 0.
    assert np.abs(sent.read(node, steps) - sent.given(node)).max() <= error


def test_pixels_of_a_half_or_more_are_black_the_others_white() -> None:
    sent = Sent("code_binary")
    assert np.array_equal(sent.read("picture", 1), sent.given("picture") >= 0.5)


def test_random_rates_scatter_around_their_values() -> None:
    """Poisson: 50 x spikes in half a second; Bernoulli: 50 draws of chance x."""
    for node, steps in (("poisson", 500), ("bernoulli", 50)):
        found = []
        for seed in SEEDS:
            sent = Sent("code_rate", seed=seed)
            found.append(sent.read(node, steps))
        x = sent.given(node)
        spread = np.sqrt(x / 50 / len(found))
        # Spikes within a step of the decoder count as one, so rates at random read a little low.
        assert np.all(np.abs(np.mean(found, 0) - x) < 4 * spread + 0.1 * x)
        assert np.std(found, 0).max() > 0.02


def test_contrast_does_not_change_an_order() -> None:
    sent = Sent("code_rank_order")
    full, faint = sent.read("full", 64), sent.read("faint", 64)
    assert np.array_equal(full, faint)
    assert full.max() == 1.0
    assert np.unique(full[full > 0]).size == np.sum(sent.given("full") > 0)


def test_a_population_says_a_value_more_finely_than_its_fields_lie_apart() -> None:
    sent = Sent("code_population")
    assert sent.read("values", 60, (3, 8)) == pytest.approx(sent.given("values"), abs=0.03)


def test_step_forward_follows_the_signal_and_the_others_its_changes() -> None:
    sent = Sent("codes_change")
    signal = sent.given("step_forward")

    def net(node: str) -> np.ndarray:
        return sent.read(node, 80).reshape(80, 2) @ [1.0, -1.0]  # up, down

    assert np.abs(net("step_forward") + signal[0] - signal).max() < 0.2
    for node in ("delta", "moving_window", "threshold_based"):
        assert np.corrcoef(net(node), signal)[0, 1] > 0.9


def test_spikes_of_bsa_filter_back_to_the_signal() -> None:
    sent = Sent("code_bsa")
    signal, found = sent.given("signal"), sent.read("signal", 80).ravel()
    assert np.corrcoef(found[5:60], signal[5:60])[0, 1] > 0.95


def test_only_the_order_that_the_delays_expect_fires_the_reader() -> None:
    run = engine.simulate(load_example("code_temporal"), 2_000.0)
    fired = run["cell"].spikes.times % 500.0
    assert len(fired) == 4
    assert np.all((fired > 130) & (fired < 140))
    assert len(run["inputs"].spikes) == 40
