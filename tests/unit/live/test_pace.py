"""The pace of a run, over invented clocks."""

from __future__ import annotations

import pytest

from workbench.live.pace import Pace


def drive(pace: Pace, cost: float, seconds: float, budget: float = 0.01) -> tuple[int, float]:
    """Run against a clock on which a step costs ``cost`` seconds; (steps done, time passed)."""
    now, step, end = 100.0, 0, 100.0 + seconds
    while now < end:
        steps = pace.steps(now, step, budget)
        if steps:
            now += steps * cost
            step += steps
            pace.did(now, step, steps, steps * cost)
        now += max(pace.delay(now, step), 1e-6)
    return step, now - 100.0


@pytest.mark.parametrize("speed", [0.1, 1.0, 3.0])
def test_a_run_that_can_keep_up_keeps_its_speed(speed: float) -> None:
    step, passed = drive(Pace(0.1, speed), cost=5e-6, seconds=5.0)
    assert step * 0.1e-3 / passed == pytest.approx(speed, rel=0.01)


def test_full_speed_does_slices_as_long_as_asked() -> None:
    pace = Pace(0.1, 0.0)
    drive(pace, cost=20e-6, seconds=1.0)
    assert pace.steps(200.0, 0, 0.01) == pytest.approx(500, rel=0.01)
    assert pace.possible == pytest.approx(5.0)


def test_a_slow_network_runs_without_pause_and_without_later_burst() -> None:
    pace = Pace(0.1, 1.0)
    step, passed = drive(pace, cost=400e-6, seconds=4.0)
    assert step * 0.1e-3 / passed == pytest.approx(0.25, rel=0.05)
    # It gets cheap: no more than its patience is made up for.
    cheap, _ = drive(pace, cost=1e-6, seconds=0.5)
    assert cheap * 0.1e-3 < 0.5 + 0.3


def test_a_step_that_takes_longer_than_a_slice_still_goes_on() -> None:
    pace = Pace(0.1, 0.0)
    pace.did(1.0, 1, 1, 0.5)
    assert pace.steps(1.0, 1, 0.01) == 1


def test_a_very_slow_speed_waits_between_single_steps() -> None:
    pace = Pace(0.1, 0.001)
    assert pace.steps(0.0, 0, 0.01) == 0
    assert 0.05 < pace.delay(0.0, 0) <= 0.1
    assert pace.steps(0.1001, 0, 0.01) == 1


def test_after_a_pause_the_time_that_passed_is_not_owed() -> None:
    pace = Pace(0.1, 1.0)
    drive(pace, cost=1e-6, seconds=1.0)
    pace.restart()
    assert pace.steps(1000.0, 10_000, 0.01) == 0
    assert pace.achieved == 0.0
