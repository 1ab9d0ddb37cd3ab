"""SWC files: what is read, what is refused, and the compartments that follow."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import DataError, LimitError
from engine.geometry import load_swc, straight
from engine.geometry.swc import MOST_POINTS, parse_swc

DATA = Path(os.environ.get("WORKBENCH_DATA", "")) / "morphology"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the data folder is not here")

SOMA_AND_TWO = """# a sphere with two neurites
1 1 0 0 0 10 -1
2 3 0 12 0 1 1   # begins 2 um outside
3 3 0 42 0 1 2

4 2 8 0 0 0.5 1
5 2 108 0 0 0.5 4
"""

# Points, trees, branches, length [um], surface [um^2]; the sums were made by an awk script of its
# own: frusta, and from a soma's surface on.  Of retina the radius is not in the file.
CELLS = {
    "morph_allen_485574832": (1.0, None, 3573, 1, 98, 4206.9838, 6706.5115),
    "morph_ca1_n120": (1.0, None, 2630, 1, 155, 11899.6993, 32410.1840),
    "morph_l5pc_with_axon": (1.0, None, 10617, 1, 324, 29344.8104, 65950.9075),
    "morph_retina_20161028_1": (1.0, 0.3, 7213, 1, 154, 6540.9988, None),
    "hemibrain_DA1_PN_754538881": (1.0, None, 4881, 2, 1268, 290779.0802, None),
    "hemibrain_DA1_PN_1734350788": (0.008, None, 4465, 1, 1217, None, None),
    "hemibrain_DA1_PN_1734350908": (0.008, None, 4847, 1, 1496, None, None),
    "hemibrain_DA1_PN_722817260": (0.008, None, 4332, 1, 1289, None, None),
    "hemibrain_DA1_PN_754534424": (0.008, None, 4696, 1, 1422, None, None),
}


def test_a_soma_of_one_point_is_a_sphere_and_neurites_begin_at_its_surface():
    cell = parse_swc(SOMA_AND_TWO)
    assert cell.length == pytest.approx(2 + 30 + 100)  # the second begins inside: at its own point
    surface = 4 * math.pi * 100 + 2 * math.pi * 32 + math.pi * 100
    assert cell.area == pytest.approx(surface)
    assert [list(line) for line in cell.branches] == [[0, 1, 2], [0, 3, 4]]
    assert cell.trees == 1


def test_compartments_keep_the_surface_and_the_resistance_of_the_cable():
    cut = parse_swc(SOMA_AND_TWO).compartments(longest=10.0)
    assert len(cut) == 1 + 4 + 10
    assert cut.area.sum() == pytest.approx(4 * math.pi * 100 + 2 * math.pi * 32 + math.pi * 100)
    assert cut.area[0] == pytest.approx(4 * math.pi * 100 + 2 * math.pi * 4 + math.pi * 5)
    assert cut.path.sum() == pytest.approx(32 / math.pi + 100 / (math.pi * 0.25))
    assert cut.distance.max() == pytest.approx(100.0)
    assert list(cut.parent[:6]) == [-1, 0, 1, 2, 3, 0]


def test_three_points_of_a_soma_have_the_surface_of_a_sphere():
    cell = parse_swc("1 1 0 0 0 7 -1\n2 1 0 -7 0 7 1\n3 1 0 7 0 7 1\n")
    assert cell.area == pytest.approx(4 * math.pi * 49)
    assert cell.compartments(100.0).area.sum() == pytest.approx(4 * math.pi * 49)


def test_a_cone_has_the_resistance_of_a_cone():
    cell = parse_swc("1 3 0 0 0 4 -1\n2 3 30 0 0 1 1\n")
    for longest in (100.0, 3.0):
        cut = cell.compartments(longest)
        assert cut.path.sum() == pytest.approx(30 / (math.pi * 4))
        assert cut.area.sum() == pytest.approx(math.pi * 5 * math.hypot(30, 3))
    half = cell.compartments(15.0)  # its radius is 2.5 in the middle
    assert half.path[1] == pytest.approx(15 / (math.pi * 4 * 2.5))
    assert half.radius[1] == pytest.approx(2.5)


def test_a_straight_morphology_is_the_cable_of_that_length():
    cell = parse_swc("1 3 0 0 0 1 -1\n2 3 0 400 0 1 1\n3 3 0 1000 0 1 2\n")
    ours, cable = cell.compartments(10.0), straight(1000.0, 2.0, 101)
    for name in ("area", "path", "distance", "radius"):
        assert np.allclose(getattr(ours, name), getattr(cable, name), rtol=1e-12, atol=1e-9)
    assert np.array_equal(ours.parent, cable.parent)
    assert list(ours.ends()) == [0, 100]


def test_parents_may_come_later_and_several_trees_are_kept():
    cell = parse_swc("7 3 0 0 5 1 2\n2 3 0 0 0 1 -1\n9 3 50 0 0 2 -1\n")
    assert list(cell.parent) == [-1, 0, -1]
    assert cell.trees == 2
    cut = cell.compartments(10.0)
    assert sorted(cut.parent) == [-1, -1, 0]
    assert cut.area.min() > 0  # a point alone is a ball


def test_points_on_one_another_are_one_place():
    cell = parse_swc("1 3 0 0 0 1 -1\n2 3 0 9 0 1 1\n3 3 0 9 0 1 2\n4 3 0 9 0 1 2\n5 3 5 9 0 1 4\n")
    cut = cell.compartments(100.0)
    assert len(cut) == 3
    assert np.all(np.isfinite(cut.conductance(100.0)))
    assert cut.area.sum() == pytest.approx(2 * math.pi * 14)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no points"),
        ("# only a remark\n", "has no points"),
        ("1 1 0 0 0 1\n", r"line 1: there are 6 numbers, not the 7"),
        ("1 1 0 0 zero 1 -1\n", r"line 1: `1 1 0 0 zero 1 -1` is not 7 numbers"),
        ("1 1 0 0 nan 1 -1\n", r"line 1: a number is not finite"),
        ("1 1 0 0 1e9 1 -1\n", r"line 1: a number is not finite or beyond"),
        ("1 1 0 0 0 1 -1\n2 3 0 0 1 1 5\n", r"line 2: its parent 5 is nowhere in the file"),
        ("1 1 0 0 0 1 -1\n\n1 3 0 0 1 1 1\n", r"line 3: point 1 stands in line 1 already"),
        ("1 1 0 0 0 1 -1\n2 3 0 0 1 0 1\n", r"line 2: the radius is 0; correct it, or say with"),
        ("1 1 0 0 0 1 -1\n2 3 0 0 1 -1 1\n3 3 0 0 2 0 2", r"line 2: the radius is -1 \(and 1 more"),
        ("1 1 0 0 0 1 1\n", r"line 1: point 1 is its own parent"),
        ("1 1 0 0 0 1 -1\n2 3 0 0 1 1 3\n3 3 0 0 2 1 2\n", r"line 2: following parents .* circle"),
        ("1.5 1 0 0 0 1 -1\n", r"line 1: the number 1.5 is no whole number"),
        ("PK\x03\x04 \x00\n", r"line 1: there are 2 numbers"),
    ],
)
def test_a_file_that_is_no_tree_is_refused_with_the_line(text, said):
    with pytest.raises(DataError, match=said):
        parse_swc(text)


def test_too_many_points_and_compartments_are_refused():
    line = "\n".join(f"{k} 3 0 {k} 0 1 {k - 1 if k else -1}" for k in range(MOST_POINTS + 1))
    with pytest.raises(DataError, match="more than 100,000 points"):
        parse_swc(line)
    cell = parse_swc("1 3 0 0 0 1 -1\n2 3 0 5000 0 1 1\n")
    with pytest.raises(LimitError, match=r"would have 1,000,001 compartments of at most 0.005 um"):
        cell.compartments(0.005)
    for longest in (0.0, -1.0, math.nan):
        with pytest.raises(DataError, match="must be more than 0 um"):
            cell.compartments(longest)


def test_a_missing_file_and_a_wrong_scale_are_refused(tmp_path):
    with pytest.raises(DataError, match=r'"none.swc" cannot be opened: .*check the path'):
        load_swc(tmp_path / "none.swc")
    with pytest.raises(DataError, match="scale of a morphology must be more than 0"):
        load_swc(tmp_path / "none.swc", scale=0.0)
    with pytest.raises(DataError, match="radius of a morphology must be more than 0"):
        load_swc(tmp_path / "none.swc", radius=-1.0)


@settings(max_examples=60, deadline=None)
@given(
    parents=st.lists(st.integers(0, 1_000_000), min_size=1, max_size=25),
    seed=st.integers(0, 1000),
    longest=st.floats(0.5, 200),
)
def test_any_tree_keeps_its_surface_and_length_however_it_is_cut(parents, seed, longest):
    rng = np.random.default_rng(seed)
    rows = ["1 1 0 0 0 3 -1"]
    for k, parent in enumerate(parents, 2):
        x, y, z = rng.integers(-20, 20, 3)
        rows.append(
            f"{k} {rng.integers(1, 4)} {x} {y} {z} {rng.uniform(0.1, 4)} {1 + parent % (k - 1)}"
        )
    cell = parse_swc("\n".join(rows))
    cut = cell.compartments(longest)
    assert cut.area.sum() == pytest.approx(cell.area)
    assert np.all(cut.parent < np.arange(len(cut)))
    assert np.all(cut.path[cut.parent >= 0] > 0)
    length, first, last = cell.pieces
    assert cut.path.sum() == pytest.approx((length / (np.pi * first * last)).sum())
    assert sum(len(line) - 1 for line in cell.branches) == len(parents)


@needs_data
@pytest.mark.parametrize("name", CELLS)
def test_measured_cells_load(name):
    scale, radius, points, trees, branches, length, area = CELLS[name]
    cell = load_swc(DATA / f"{name}.swc", scale, radius)
    assert (len(cell.parent), cell.trees, len(cell.branches)) == (points, trees, branches)
    if length is not None:
        assert cell.length == pytest.approx(length, rel=1e-7)
    if area is not None:
        assert cell.area == pytest.approx(area, rel=1e-7)
    cut = cell.compartments(20.0 * scale if scale == 1.0 else 20.0)
    assert cut.area.sum() == pytest.approx(cell.area, rel=1e-9)
    assert cut.area.min() > 0


@needs_data
def test_a_cell_without_radii_is_refused_with_the_line():
    with pytest.raises(DataError, match=r"line 1: the radius is 0 \(and 7,212 more\)"):
        load_swc(DATA / "morph_retina_20161028_1.swc")
