"""Fixed points, nullclines and spectra of stability hold for whole families of models."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import analysis

CURRENTS = st.floats(-2, 2)
OSCILLATORS = st.fixed_dictionaries(
    {"a": st.floats(-1, 1), "b": st.floats(0.2, 2), "eps": st.floats(0.01, 1)}
)


@settings(max_examples=30, deadline=None)
@given(CURRENTS, OSCILLATORS)
def test_all_crossings_of_the_nullclines_are_fixed_points_and_no_others(current, params) -> None:
    plane = analysis.phase_plane(
        "fitzhugh_nagumo", current, x_range=(-6, 6), y_range=(-80, 80), params=params
    )
    a, b = params["a"], params["b"]
    # v - v^3/3 - (v + a)/b + I = 0
    roots = np.roots([-1 / 3, 0, 1 - 1 / b, current - a / b])
    real = np.sort(roots[np.abs(roots.imag) < 1e-4].real)
    found = np.array([point.values["v"] for point in plane.fixed_points])
    if len(found) != len(real):  # two of them as good as one
        assert np.diff(np.sort(roots.real)).min() < 0.02
        return
    np.testing.assert_allclose(found, real, atol=2e-3)
    for point in plane.fixed_points:
        v = point.values["v"]
        trace = 1 - v * v - params["eps"] * b
        assert point.eigenvalues.sum().real == pytest.approx(trace, abs=1e-8)
        if abs(trace) > 1e-6 and point.kind.endswith("focus"):
            assert point.stable == (trace < 0)


@settings(max_examples=15, deadline=None)
@given(st.floats(0.01, 0.15), st.floats(0.15, 0.26))
def test_izhikevichs_neuron_loses_its_rest_where_the_formulas_say(a: float, b: float) -> None:
    scan = analysis.bifurcation_scan("izhikevich", -30, 10, params={"a": a, "b": b})
    (fold,) = scan.of("saddle-node")
    assert fold.value == pytest.approx((5 - b) ** 2 / 0.16 - 140, abs=1e-6)
    if a < 0.9 * b:
        (hopf,) = scan.of("Hopf")
        v = (a - 5) / 0.08
        assert hopf.value == pytest.approx(b * v - 0.04 * v * v - 5 * v - 140, abs=1e-6)
        assert hopf.value < fold.value
