"""Rules whose changes depend on rates: triplets, sliding and fixed thresholds, nearest pairs."""

from __future__ import annotations

import numpy as np
import pytest
from trains import changed

import engine
from engine.analysis.learning import bcm_threshold, stdp_drift
from engine.errors import DataError
from engine.models.registry import plasticity_models

# -- triplets -------------------------------------------------------------------------------------


def sixty_pairs(rate: float, distance: float, name: str = "stdp_triplet", **parameters) -> float:
    """The change by 60 pairs at ``rate`` [Hz], the target's spike ``distance`` ms later."""
    pre = 1000.0 + np.arange(60) * 1000.0 / rate
    rule = engine.plasticity(name, **parameters)
    dt = 0.1 if rate > 5 else 1.0
    return changed(rule, pre, pre + distance, 0.9 if distance < 0 else 0.1, dt)


@pytest.mark.parametrize(
    ("rate", "distance", "expected"),
    [
        (10, 10, 0.118641296),
        (20, 10, 0.227795172),
        (40, 10, 0.532111928),
        (50, 10, 0.762730566),
        (20, -10, -0.341734578),
    ],
)
def test_sixty_pairs_change_a_weight_as_their_rate_says(
    rate: float, distance: float, expected: float
) -> None:
    assert sixty_pairs(rate, distance) == pytest.approx(expected, abs=2e-9)


def test_frequent_pairs_potentiate_in_either_order() -> None:
    rule = engine.plasticity("stdp_triplet")
    pre = 1000.0 + np.arange(60) * 20.0
    assert changed(rule, pre, pre - 10.0, 0.1) == pytest.approx(0.749, abs=5e-4)


@pytest.mark.slow
def test_rare_pairs_do_next_to_nothing_in_one_order_and_depress_in_the_other() -> None:
    assert sixty_pairs(1, 10) == pytest.approx(3.28e-5, abs=1e-7)
    assert sixty_pairs(0.1, -10) == pytest.approx(-0.316620356, abs=2e-9)


def plain_triplet(pre, post, nearest: bool, **p: float) -> float:
    """Pfister & Gerstner's rule spike by spike, of a weight without bounds."""
    r1 = r2 = o1 = o2 = 0.0
    last, change = 0.0, 0.0
    for time, of_source in sorted([(t, True) for t in pre] + [(t, False) for t in post]):
        gap, last = time - last, time
        r1, r2 = r1 * np.exp(-gap / p["tau_plus"]), r2 * np.exp(-gap / p["tau_x"])
        o1, o2 = o1 * np.exp(-gap / p["tau_minus"]), o2 * np.exp(-gap / p["tau_y"])
        if of_source:
            change -= o1 * (p["A2_minus"] + p["A3_minus"] * r2)
            r1, r2 = (1.0, 1.0) if nearest else (r1 + 1.0, r2 + 1.0)
        else:
            change += r1 * (p["A2_plus"] + p["A3_plus"] * o2)
            o1, o2 = (1.0, 1.0) if nearest else (o1 + 1.0, o2 + 1.0)
    return change


CASES = [
    (name, preset)
    for name in ("stdp_triplet", "stdp_triplet_nearest")
    for preset in (None, *plasticity_models()[name].presets)
]


@pytest.mark.parametrize(("name", "preset"), CASES)
def test_every_set_of_parameters_changes_as_written_in_the_paper(name: str, preset) -> None:
    model = plasticity_models()[name]
    defaults = {key: each.default for key, each in model.parameters.items() if key[0] != "w"}
    values = defaults | (dict(model.presets[preset]) if preset else {})
    rng = np.random.default_rng(4)
    pre, post = (np.sort(rng.choice(np.arange(1, 3000), 40, False)) * 0.5 for _ in range(2))
    post = np.setdiff1d(post, pre)
    expected = plain_triplet(pre, post, "nearest" in name, **values)  # type: ignore[arg-type]
    found = changed(engine.plasticity(name, preset=preset), pre, post)
    assert found == pytest.approx(expected, abs=1e-12)
    assert abs(expected) > 1e-3


# -- nearest pairs are a BCM rule -----------------------------------------------------------------

THRESHOLD = 11.79703  # Hz, of PAIRS
PAIRS = {"A_plus": 0.0103, "A_minus": 0.0051, "tau_plus": 14.0, "tau_minus": 34.0}


def test_the_threshold_of_nearest_pairs_and_the_drift_around_it() -> None:
    assert bcm_threshold(**PAIRS) == pytest.approx(THRESHOLD, abs=1e-5)
    drift = stdp_drift([5.0, THRESHOLD, 20.0], **PAIRS)
    np.testing.assert_allclose(drift, [-6.719e-5, 0.0, 1.888e-4], atol=5e-8)


def test_pairs_that_all_count_have_no_threshold() -> None:
    drift = stdp_drift([1.0, 5.0, 20.0, 80.0], **PAIRS, nearest=False)
    assert len(set(np.sign(drift))) == 1
    with pytest.raises(DataError, match="only if A_plus > A_minus"):
        bcm_threshold(0.005, 20.0, 0.01, 20.0)


# -- two thresholds -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spikes", "expected"), [(0, 0.0), (1, -0.01), (2, 0.02)], ids=["rest", "some", "much"]
)
def test_activity_of_the_target_decides_between_nothing_depression_and_potentiation(
    spikes: int, expected: float
) -> None:
    given = {"theta_minus": 5, "theta_plus": 15, "A_plus": 0.02, "A_minus": 0.01, "tau_y": 100}
    rule = engine.plasticity("two_thresholds", **given)
    post = [10.0, 11.0][:spikes]  # each is worth 10 Hz
    assert changed(rule, [15.0], post) == pytest.approx(expected, abs=1e-12)
    assert changed(rule, [], post) == 0.0  # a silent source keeps its weight
