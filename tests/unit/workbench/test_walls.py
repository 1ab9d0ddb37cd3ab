"""Walls of pictures in a drawing."""

from __future__ import annotations

from base64 import b64decode

import numpy as np

from engine.runtime.png import grey, of_grey
from workbench.curves import Curve, Panel, Wall, panels


def test_a_grey_picture_is_read_as_it_was_written() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (5, 7)) / 255
    assert np.array_equal(grey(of_grey(picture)), picture)


def test_a_wall_without_pictures_and_one_without_numbers_are_empty() -> None:
    for pictures in (np.zeros((0, 2, 3)), np.full((2, 2, 3), np.nan)):
        drawn = panels([Wall(pictures, "weights", across=2)], "a title")
        found = grey(b64decode(drawn.split("data:image/png;base64,")[1].split('"')[0]))
        assert found.shape == (3, 8)
        assert not found.any()


def test_every_picture_of_a_wall_has_its_place() -> None:
    pictures = np.zeros((5, 2, 3))
    pictures[3, 1, 2] = 4.0
    wall = Wall(pictures, "weights <1>", across=2)
    drawn = panels([wall, Panel([Curve([0, 1], [0, 1])], "x", "y")], "a title")
    packed = drawn.split("data:image/png;base64,")[1].split('"')[0]
    found = grey(b64decode(packed))
    assert found.shape == (9, 8)  # three lines of two, a pixel between them
    assert np.argwhere(found).tolist() == [[3 + 1, 4 + 2]]
    assert "weights &lt;1&gt;" in drawn
    assert "<polyline" in drawn
