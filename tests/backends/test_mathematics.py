"""Elementary functions of kernels against NumPy, over their whole range."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numba import njit

from engine.backends.numba_cpu import mathematics

RNG = np.random.default_rng(3)
WIDE = np.concatenate(
    [
        RNG.uniform(-700.0, 700.0, 5000),
        RNG.uniform(-4.0, 4.0, 5000),
        10.0 ** RNG.uniform(-300.0, 0.0, 500),
        -(10.0 ** RNG.uniform(-300.0, 0.0, 500)),
        np.arange(-20, 21) * (math.log(2.0) / 2.0),  # where the reduction changes its integer
    ]
)
SPECIAL = np.array([0.0, -0.0, 1e4, -1e4, 1e300, -1e300, math.inf, -math.inf, math.nan])


def exprel(x: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.where(x == 0.0, 1.0, np.expm1(x) / x)


ORACLES = {
    "exp": np.exp,
    "expm1": np.expm1,
    "exprel": exprel,
    "tanh": np.tanh,
    "sinh": np.sinh,
    "cosh": np.cosh,
}


def mapped(name: str, x: np.ndarray) -> np.ndarray:
    function = getattr(mathematics, name)

    @njit(error_model="numpy")
    def fill(x, out):
        for k in range(x.size):
            out[k] = function(x[k])

    out = np.empty_like(x)
    fill(x, out)
    return out


@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.parametrize(
    ("dtype", "limit", "error"), [(np.float64, 700.0, 5e-15), (np.float32, 85.0, 3e-7)]
)
def test_relative_error_is_a_few_units_of_the_last_place(name, dtype, limit, error) -> None:
    x = np.clip(WIDE, -limit, limit).astype(dtype)
    x = x[(x == 0) | (np.abs(x) > np.finfo(dtype).tiny)]
    np.testing.assert_allclose(mapped(name, x), ORACLES[name](x.astype(float)), rtol=error)


@pytest.mark.parametrize("name", ORACLES)
def test_large_and_special_arguments_give_what_numpy_gives(name) -> None:
    with np.errstate(all="ignore"):
        expected = ORACLES[name](SPECIAL)
    if name == "exprel":  # NumPy's form of it has inf / inf there
        expected[[4, 6, 5, 7]] = [math.inf, math.inf, 0.0, 0.0]
    np.testing.assert_allclose(mapped(name, SPECIAL), expected, rtol=1e-14, atol=1e-299)


def test_log_covers_all_floats() -> None:
    x = np.concatenate([10.0 ** RNG.uniform(-307, 308, 2000), [5e-324, 1e-310, 1.0, math.inf]])
    np.testing.assert_allclose(mapped("log", x), np.log(x), rtol=5e-16, atol=1e-16)
    special = mapped("log", np.array([0.0, -1.0, -math.inf, math.nan]))
    assert special[0] == -math.inf
    assert np.isnan(special[1:]).all()


@pytest.mark.parametrize(
    ("base", "exponent"),
    [(2.0, 3.3), (-2.0, 3.0), (-2.0, 2.0), (-2.0, 0.5), (0.0, 2.0), (0.0, 0.0), (2.0, -1.5),
     (1.5, 100.0), (0.0, -1.0), (-1.5, -3.0), (7.0, 0.0)],
)  # fmt: skip
def test_power_is_the_c_librarys(base: float, exponent: float) -> None:
    function = mathematics.power

    @njit(error_model="numpy")
    def power(x, y):
        return function(x, y)

    with np.errstate(all="ignore"):
        expected = float(np.power(base, exponent))
    assert power(base, exponent) == pytest.approx(expected, rel=1e-13, nan_ok=True)
