"""Weights under STDP with noise: the stationary distribution that the equations promise."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.analysis import weight_density
from engine.errors import DataError

PUBLISHED = {"A_plus": 0.001, "A_minus": 0.003, "sigma": 0.015}  # of a range of 7 nS
RATE, TAU = 60.0, 20.0  # Hz at both ends, ms
MS, SIZE = 30_000.0, 1000
W = np.linspace(0.0, 1.0, 2001)
SEEDS = range(1, 6)


def settled(seed: int, dt: float = 1.0, **parameters: float) -> np.ndarray:
    """A thousand weights between 0 and 1 after half a minute between independent trains."""
    net = engine.Network(dt=dt, seed=seed)
    pre, post = (net.source(name, "poisson", SIZE, rate=RATE) for name in ("pre", "post"))
    cells = net.population("cells", SIZE, "lif_psc_delta", t_ref=0, v_th=100, v_reset=0, E_L=0)
    rule = engine.plasticity("stdp_van_rossum", w_min=0, w_max=1, **parameters)
    straight = engine.rules.one_to_one()
    net.connect(post, cells, straight, weight=1e5, delay=dt, port="exc")
    net.connect(pre, cells, straight, weight=0.4, delay=dt, port="exc", id="e", plasticity=rule)
    return net.simulate(MS).weights("e").astype(np.float64)


def by_hand(seed: int, A_plus: float, A_minus: float, sigma: float) -> np.ndarray:
    """The same jumps in plain NumPy, millisecond by millisecond, with numbers of its own."""
    rng = np.random.default_rng(seed)
    w, x, y = np.full(SIZE, 0.4), np.zeros(SIZE), np.zeros(SIZE)
    for _ in range(int(MS)):
        x, y = x * np.exp(-1 / TAU), y * np.exp(-1 / TAU)
        sent, fired = rng.random((2, SIZE)) < RATE / 1000
        scatter = sigma * rng.standard_normal((2, SIZE))
        w = np.clip(w + sent * (scatter[0] - A_minus) * w * y, 0, 1)
        w = np.clip(w + fired * (A_plus + scatter[1] * w) * x, 0, 1)
        x, y = x + sent, y + fired
    return w


def theory(**parameters: float) -> np.ndarray:
    """The density of the weights, on W."""
    windows = {"tau_plus": TAU, "tau_minus": TAU}
    return weight_density(W, RATE, RATE, **(windows | parameters))


def moments(density: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation of a density on W."""
    mean = float(np.trapezoid(density * W, W))
    return mean, float(np.sqrt(np.trapezoid(density * (W - mean) ** 2, W)))


@pytest.mark.slow
def test_published_noise_spreads_weights_around_the_balance_as_fokker_planck_says() -> None:
    found, jumped = ([run(seed, **PUBLISHED) for seed in SEEDS] for run in (settled, by_hand))
    mean, std = moments(theory(**PUBLISHED))
    assert mean == pytest.approx(1 / 3, rel=0.01)  # c_p / c_d, of the range
    for weights in found:  # statistical errors are 0.0037 and 0.003
        assert weights.mean() == pytest.approx(mean, abs=0.013)
        assert weights.std() == pytest.approx(std, rel=0.12)
    pooled, plain = np.concatenate(found), np.concatenate(jumped)
    assert pooled.mean() == pytest.approx(plain.mean(), abs=0.008)
    assert pooled.std() == pytest.approx(plain.std(), rel=0.06)
    assert pooled.std() == pytest.approx(std, rel=0.06)
    counts = np.histogram(pooled, 10, (0.0, 1.0))[0]
    peak = int(10 * W[theory(**PUBLISHED).argmax()])
    assert np.all(np.diff(counts[: peak + 1]) > 0)  # one mode, where it should be
    assert np.all(np.diff(counts[peak:]) <= 0)
    assert counts[0] + counts[-1] < 0.01 * counts.sum()


@pytest.mark.slow
def test_without_noise_the_same_weights_are_nearly_equal() -> None:
    weights = settled(1, **(PUBLISHED | {"sigma": 0.0}))
    assert weights.mean() == pytest.approx(1 / 3, rel=0.05)
    assert weights.std() < 0.03


def test_the_density_of_weights_is_one_peak_of_area_one() -> None:
    density = theory(**PUBLISHED)
    assert np.trapezoid(density, W) == pytest.approx(1, abs=1e-6)
    assert np.sum(np.diff(np.sign(np.diff(density))) < 0) == 1
    assert np.all(theory(**(PUBLISHED | {"sigma": 0.005}))[W > 0.6] < 1e-3)
    narrow, broad = (moments(theory(**(PUBLISHED | {"sigma": s})))[1] for s in (0.004, 0.008))
    assert broad / narrow == pytest.approx(2, rel=0.2)
    windows = {"tau_plus": TAU, "tau_minus": TAU}
    assert weight_density([-0.1, 1.1], RATE, RATE, **windows, **PUBLISHED).sum() == 0
    for wrong in ({"sigma": 0}, {"A_minus": -1}, {"A_plus": np.nan}, {"tau_plus": "x"}):
        with pytest.raises(DataError, match=next(iter(wrong))):
            theory(**(PUBLISHED | wrong))
    with pytest.raises(DataError, match="give numbers near 1"):
        theory(A_plus=1e-200, A_minus=1e-200, sigma=1e-200)
    with pytest.raises(DataError, match="weight"):
        weight_density("x", RATE, RATE, **windows, **PUBLISHED)
