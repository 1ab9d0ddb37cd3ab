"""The window of a rule: what one pair of spikes changes, found by the rule itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import engine
from engine import analysis
from engine.errors import DataError
from engine.models.registry import plasticity_models

LAGS = [-40.0, -10.0, -0.1, 0.0, 0.1, 10.0, 40.0]


def network(rule: str | dict, weight: float = 1.0, delay: float = 1.5) -> engine.Network:
    """One synapse that learns by ``rule``."""
    net = engine.Network(dt=0.1)
    net.source("pre", "spike_times", times=[60.0])
    net.population("cell", 1, "lif_psc_delta", t_ref=1, v_th=100, v_reset=0, E_L=0)
    net.connect("pre", "cell", weight=weight, delay=delay, port="exc", id="s", plasticity=rule)
    return net


def song(lag: np.ndarray) -> np.ndarray:
    """Pair STDP with A+ 0.1, A- 0.2, both windows of 20 ms, weights between 0 and 2."""
    window = np.where(lag > 0, 0.1, -0.2) * np.exp(-np.abs(lag) / 20)
    return 2 * np.where(lag == 0, 0, window)


@pytest.mark.parametrize("side", ["axonal", "dendritic"])
def test_the_window_of_pair_stdp_is_that_of_the_paper(side: str) -> None:
    rule = engine.plasticity("stdp", side, A_plus=0.1, A_minus=0.2, w_min=0, w_max=2)
    found = analysis.pair_window(network(rule).document, "s", LAGS)
    assert found.lag.tolist() == pytest.approx(LAGS)
    np.testing.assert_allclose(found.change, song(found.lag), rtol=1e-12)
    assert (found.weight, found.marks, found.rewarded) == (1.0, False, False)
    whole = analysis.pair_window(network(rule).document, "s")
    assert (whole.lag[0], whole.lag[-1], len(whole.lag)) == (-80, 80, 321)
    np.testing.assert_allclose(whole.change, song(whole.lag), rtol=1e-9)


@pytest.mark.parametrize(
    ("name", "given"),
    [("stdp_multiplicative", {}), ("stdp_van_rossum", {"sigma": 0}), ("stdp_centred", {})],
)
@pytest.mark.parametrize("lag", [-8.0, 12.0])
def test_the_window_is_what_a_run_with_that_pair_does(name: str, given, lag: float) -> None:
    net = network(engine.plasticity(name, w_min=0, w_max=2, **given), weight=0.7)
    post = net.source("post", "spike_times", times=[round(60 + 1.5 + lag - 1, 1)])
    net.connect(post, "cell", weight=1e5, delay=1, port="exc")
    change = float(net.simulate(150.0).weights("s")[0]) - 0.7
    found = analysis.pair_window(net.document, "s", [lag])
    assert abs(change) > 1e-4
    assert found.change[0] == pytest.approx(change, rel=1e-9)


def test_weights_that_matter_are_those_that_are_said() -> None:
    rule = engine.plasticity("stdp_multiplicative", A_plus=0.1, w_min=0, w_max=2)
    document = network(rule).document
    low, high = (analysis.pair_window(document, "s", [0.1], weight=w).change[0] for w in (0.5, 1.5))
    assert low / high == pytest.approx(3)


def test_a_rule_with_rewards_shows_its_mark_or_the_change_at_a_reward() -> None:
    document = network(engine.plasticity("r_stdp", A_plus=0.1, A_minus=0.2)).document
    marked = analysis.pair_window(document, "s", LAGS)
    assert marked.marks
    np.testing.assert_allclose(marked.change, song(marked.lag) / 2, rtol=1e-9)
    rule = engine.plasticity("mstdp", A_plus=1, A_minus=2, gamma=0.1, w_min=0, w_max=2)
    rewarded = analysis.pair_window(network(rule).document, "s", LAGS)
    assert rewarded.rewarded
    np.testing.assert_allclose(rewarded.change, song(rewarded.lag), rtol=1e-9)


def test_the_window_of_a_rule_with_chance_is_the_mean_and_says_so() -> None:
    given = {"A_plus": 0.01, "A_minus": 0.02, "w_min": 0, "w_max": 2}
    noisy, silent = (
        analysis.pair_window(
            network(engine.plasticity("stdp_van_rossum", **given, sigma=sigma)).document, "s", LAGS
        )
        for sigma in (0.1, 0)
    )
    assert noisy.chance
    assert not analysis.pair_window(network("stdp").document, "s", LAGS).chance
    np.testing.assert_allclose(noisy.change, silent.change, rtol=1e-12, atol=1e-16)
    assert silent.change[-2] == pytest.approx(0.02 * np.exp(-0.5))


def test_what_happens_by_chance_is_in_the_window_by_its_share(monkeypatch) -> None:
    rule = replace(
        plasticity_models()["stdp"],
        on_pre="w = clip(w - where(uniform < 0.5, A_minus*(w_max - w_min), 0)*y, w_min, w_max)",
    )
    monkeypatch.setitem(plasticity_models(), "stdp", rule)
    chosen = engine.plasticity("stdp", A_plus=0.1, A_minus=0.4, w_min=0, w_max=2)
    found = analysis.pair_window(network(chosen).document, "s", LAGS)
    np.testing.assert_allclose(found.change, song(found.lag), rtol=1e-12)


def test_what_has_no_window_says_so() -> None:
    document = network("tsodyks_markram").document
    with pytest.raises(DataError, match='"s" is not a connection whose weights change; give it a'):
        analysis.pair_window(document, "s")
    with pytest.raises(DataError, match=r'"S" is not a connection .*; did you mean `s`'):
        analysis.pair_window(document, "S")
    with pytest.raises(DataError, match="`lags` holds nan at place 0"):
        analysis.pair_window(network("stdp").document, "s", [np.nan])
    with pytest.raises(DataError, match="lags are finite times of up to"):
        analysis.pair_window(network("stdp").document, "s", [1e9])


def test_numbers_drawn_together_are_independent_in_the_mean(monkeypatch) -> None:
    rule = replace(
        plasticity_models()["stdp"],
        on_pre="w = w + w_max*y*(normal*(uniform - 0.5) + normal*normal*normal)",
        on_post="w = w + normal*w",  # after `on_pre` has changed w by its own number
    )
    monkeypatch.setitem(plasticity_models(), "stdp", rule)
    found = analysis.pair_window(network(engine.plasticity("stdp", w_max=2)).document, "s", LAGS)
    np.testing.assert_allclose(found.change, 0, atol=1e-12)
