"""What is a number and what is an array of numbers, for every function that is given them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import checked
from engine.errors import DataError


@pytest.mark.parametrize("value", [3, 3.0, np.float32(3), np.int8(3), 10**20])
def test_python_and_numpy_have_numbers(value: Any) -> None:
    assert checked.finite(value, "x") == float(value)


@pytest.mark.parametrize(
    "value", [True, np.True_, "3", None, 3j, np.complex128(3), np.nan, -np.inf, 10**400, 10**5000,
              [3], np.array([3]), {}],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_is_no_number_is_told_on_one_line(value: Any) -> None:
    with pytest.raises(DataError, match="`x` must be a") as caught:
        checked.finite(value, "x", "ms")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 120


def test_bounds_are_named() -> None:
    assert checked.number(1, "x", 0, 1) == 1.0
    for value, low, words in ((0, 0, "more than 0 and at most 1"), (2, 0, "it is 2")):
        with pytest.raises(DataError, match=words):
            checked.number(value, "x", low, 1)
    with pytest.raises(DataError, match="`x` must be at least 2, it is 1; give a larger one"):
        checked.whole(1, "x", 2)
    with pytest.raises(DataError, match="`x` must be at most 5, not 6; give a smaller one"):
        checked.whole(6, "x", 2, 5)
    with pytest.raises(DataError, match="did you mean `linear`"):
        checked.choice("linaer", "x", ("linear", "log"))


def test_arrays_are_of_numbers_and_of_a_shape() -> None:
    np.testing.assert_array_equal(checked.array([[True, False]], "x", (1, None)), [[1.0, 0.0]])
    np.testing.assert_array_equal(checked.array([2**70, 1], "x"), [2.0**70, 1.0])
    np.testing.assert_array_equal(checked.array([np.inf], "x", silent=True), [np.inf])
    np.testing.assert_array_equal(checked.integers([2.0, 3], "x"), [2, 3])
    with pytest.raises(DataError, match="`x` must be any x 3 numbers, not 1 x 2; give it"):
        checked.array([[1, 2]], "x", (None, 3))
    with pytest.raises(DataError, match="holds inf at place 0, 1; remove or replace it"):
        checked.array([[1, 10**400]], "x")
    with pytest.raises(DataError, match="`a`, `b` are 2, 3, which do not go together"):
        checked.arrays(a=[1, 2], b=[1, 2, 3])


@pytest.mark.parametrize(
    "values", ["12", ["1", "2"], [None], [1j], [[1], [1, 2]], {1, 2}, True, [object()],
               np.array(["2020"], "datetime64[D]"), [b"1"]],
)  # fmt: skip
def test_what_is_no_array_of_numbers_is_refused(values: Any) -> None:
    with pytest.raises(DataError, match="`x` must be an array of numbers"):
        checked.array(values, "x")


def test_a_rule_may_be_given_numbers_that_exploded_and_only_numbers() -> None:
    given = np.array([np.inf, np.nan])
    assert checked.real(given, "x") is given
    with pytest.raises(DataError, match="must be an array of numbers"):
        checked.real(["a"], "x")
