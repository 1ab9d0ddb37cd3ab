"""How far a population is from its teacher."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine import analysis
from engine.analysis.teaching import WINDOW
from engine.errors import DataError, LimitError

ONE = math.sqrt(0.5)  # of a spike too many or too few
NONE = ([], [])


def spikes(seed: int, size: int, count: int, duration: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(0, duration, count), rng.integers(0, size, count)


def test_the_distance_of_many_cells_is_that_of_each() -> None:
    first, second = spikes(1, 5, 60, 300.0), spikes(2, 5, 40, 300.0)
    second[0][:10], second[1][:10] = first[0][:10], first[1][:10]  # that both have
    found = analysis.van_rossum_of_cells(first, second, 6, 12.0)
    for cell in range(6):
        a, b = (times[senders == cell] for times, senders in (first, second))
        assert found[cell] == pytest.approx(analysis.van_rossum(a, b, 12.0), abs=1e-9)


def test_an_error_is_the_mean_over_cells_in_every_window_that_is_taught() -> None:
    taught = ([10.0, 30.0, 2 * WINDOW + 10.0], [0, 1, 1])
    found = analysis.teaching_error(([10.0, 30.0], [0, 1]), taught, 2, 3.5 * WINDOW)
    assert found[0] == 0
    assert np.isnan(found[1])  # no teacher spikes: nothing is asked
    assert found[2] == pytest.approx(ONE / 2)  # one of two cells misses a spike
    assert len(found) == 3  # the last window is not whole
    loud = analysis.teaching_error(([10.0, 30.0, 90.0], [0, 1, 0]), taught, 2, WINDOW)
    assert loud[0] == pytest.approx(ONE / 2)  # and one has a spike too many


def test_spikes_outside_of_all_windows_are_not_compared() -> None:
    far = ([5.0, 50.0, 95.0], [0, 0, 0])
    found = analysis.teaching_error(([50.0, 61.0], [0, 0]), far, 1, 80.0, 10.0, 50.0)
    assert found.tolist() == [0.0]
    of_two = analysis.teaching_error(far, ([75.0, 50.0], [0, 0]), 1, 110.0, 10.0, 50.0)
    assert of_two == pytest.approx([0.0, analysis.van_rossum([75.0], [95.0])])


def test_trains_that_are_equal_but_for_their_order_are_0_apart_however_long() -> None:
    times = np.random.default_rng(0).uniform(0, 100.0, 20_000)
    assert analysis.van_rossum(times, times[::-1]) == 0
    assert analysis.van_rossum([0.0, 1e300], [1e-300], 1e-20) == pytest.approx(math.sqrt(0.5))


def test_a_spike_at_the_end_of_a_window_belongs_to_it() -> None:
    end = 0.1 * (10 * WINDOW)  # as a clock of steps has it
    found = analysis.teaching_error(NONE, ([end, end + 0.1], [0, 0]), 1, 2 * WINDOW)
    assert found == pytest.approx([ONE, ONE])
    late = analysis.teaching_error(NONE, ([end, end + 0.1], [0, 0]), 1, 2 * WINDOW, WINDOW)
    assert late == pytest.approx([ONE])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((([1.0], [2]), NONE, 2, 300.0), "there is a spike of cell 2 and `size` is 2"),
        ((NONE, ([1.0, 2.0], [0]), 2, 300.0), "give one sender a spike"),
        ((([np.nan], [0]), NONE, 2, 300.0), "holds nan"),
        ((NONE, NONE, 2, 0.0), "holds no time"),
        ((NONE, NONE, 0, 300.0), "`size` must be at least 1"),
        ((NONE, NONE, 2, 300.0, 0.0, -1.0), "`length` must be more than 0 ms"),
        ((None, NONE, 2, 300.0), "`spikes` must be times and senders, not None"),
        ((NONE, ([1.0],), 2, 300.0), "`teacher` must be times and senders"),
        ((NONE, NONE, 10**12, 300.0), "`size` must be at most"),
        ((NONE, NONE, 2, 1e12), "more than are counted at once"),
        ((NONE, NONE, 2, 1000.0, 0.0, 1e-9), "more than are counted at once"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(arguments: tuple, said: str) -> None:
    with pytest.raises((DataError, LimitError), match=said):
        analysis.teaching_error(*arguments)
