"""Curves that grow: nothing to be seen yet, numbers that explode, lines of very many points."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.curves import NEAR, Curve, Panel, panels, reduced, ticks
from workbench.svg import WIDTH


def drawn(*curves: Curve, zero: bool = False) -> str:
    return panels([Panel(curves, "x", "y", zero=zero)], "a title", standalone=False)


def points(drawing: str) -> np.ndarray:
    """Of the only line, [N, 2]."""
    (found,) = re.findall(r'<polyline points="([^"]*)"', drawing)
    return np.array([[float(number) for number in pair.split(",")] for pair in found.split()])


def labels(drawing: str, end: str = "(?:end|middle)") -> list[str]:
    """Those of the ticks; of the axis upwards if they ``end`` there."""
    return re.findall(rf'class="tick" text-anchor="{end}">([^<]*)<', drawing)


def test_a_panel_has_its_axes_before_there_is_anything_to_be_seen() -> None:
    empty = drawn(Curve([], [], "nothing yet"), zero=True)
    assert "<polyline" not in empty
    assert "nothing yet" in empty
    assert {"0", "0.5", "1"} <= set(labels(empty))


@pytest.mark.parametrize("value", [16.0, -16.0, 0.0, 1e-12, 1e-15, 1e-28, 1e12])
def test_one_value_has_an_axis_with_numbers_that_differ(value: float) -> None:
    found = labels(drawn(Curve([0, 1, 2], [value] * 3)), "end")
    assert 2 < len(found) < 7
    assert len(set(found)) == len(found)
    assert float(found[0]) <= value <= float(found[-1])


def test_what_exploded_is_left_out_and_the_rest_is_drawn() -> None:
    y = [1.0, 2.0, np.nan, 3.0, np.inf, 1e300, -1e300]
    found = drawn(Curve(np.arange(7), y), Curve(np.arange(7), y, kind="dots"))
    assert len(points(found)) == 3
    assert found.count('r="3"') == 3
    assert not re.search(r"nan|inf", found)


def test_a_line_of_very_many_points_keeps_its_peaks_and_a_bounded_size() -> None:
    y = np.random.default_rng(0).random(50_000)
    y[31_234] = 5.0
    found = points(drawn(Curve(np.arange(50_000), y)))
    assert len(found) <= 2 * WIDTH
    assert np.all(np.diff(found[:, 0]) >= 0)
    peak = found[np.argmin(found[:, 1])]
    assert peak[1] == pytest.approx(26.0)
    assert peak[0] == pytest.approx(64 + 656 * 31_234 / 49_999, abs=0.1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=60))
def test_a_reduced_line_stays_near_all_points_and_keeps_its_ends(
    given_points: list[tuple[float, float]],
) -> None:
    whole = np.array(given_points)
    few = reduced(whole)
    assert np.array_equal(few[0], whole[0])
    assert np.array_equal(few[-1], whole[-1])
    begin, way = few[:-1, None], np.diff(few, axis=0)[:, None]
    if len(few) == 1:
        return
    apart = whole[None] - begin
    along = np.sum(apart * way, 2) / np.maximum(np.sum(way * way, 2), 1e-12)
    near = np.linalg.norm(apart - np.clip(along, 0, 1)[:, :, None] * way, axis=2).min(0)
    assert near.max() <= NEAR + 1e-6


@pytest.mark.parametrize("span", [1e-27, 3e-13, 1e-9, 0.3, 1.0, 7.0, 99.0, 1e25])
def test_ticks_are_few_and_inside(span: float) -> None:
    found = ticks(0.0, span, 4)
    assert 2 <= len(set(found)) == len(found) <= 5
    assert 0 <= min(found) <= max(found) <= span * (1 + 1e-9)
