"""Errors of what a teacher teaches: the tile shows the numbers that a script finds."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analysis import teaching_error
from engine.analysis.teaching import WINDOW
from engine.runtime import Simulation
from engine.runtime.plan import Chunk
from workbench.live import error_history
from workbench.live.error_history import ErrorHistory
from workbench.live.learning import ERRORS, Wish, kinds_of, watch_of
from workbench.store.files import load_example

DT = 0.1
STEPS = round(20.5 * WINDOW / DT)


def fed(cuts: list[int]) -> tuple[ErrorHistory, np.ndarray]:
    """A history of invented spikes cut at ``cuts``, and what a script finds."""
    rng = np.random.default_rng(3)
    spikes = [(rng.integers(0, STEPS, 300), rng.integers(0, 4, 300)) for _ in range(2)]
    taught = spikes[1][0] // round(WINDOW / DT) % 3 != 1  # nothing in every third window
    spikes[1] = (spikes[1][0][taught], spikes[1][1][taught])
    history = ErrorHistory((0, 5), 4, DT)
    for start, stop in zip([0, *cuts], [*cuts, STEPS], strict=True):
        there = [(steps >= start) & (steps < stop) for steps, _ in spikes]
        parts = [(s[k], m[k]) for k, (s, m) in zip(there, spikes, strict=True)]
        history.feed(Chunk(start, stop - start, dict(zip((0, 5), parts, strict=True)), []))
    both = [((steps + 1) * DT, members) for steps, members in spikes]
    return history, teaching_error(both[0], both[1], 4, STEPS * DT)


@pytest.mark.parametrize("cuts", [[], [1, 2000, 2001, 9000], list(range(700, STEPS, 700))])
def test_errors_are_those_of_a_script_however_the_run_is_cut(cuts: list[int]) -> None:
    history, expected = fed(cuts)
    assert len(history.errors) == 20
    assert np.isnan(expected).any()
    np.testing.assert_allclose(history.errors, expected, atol=1e-9)
    head, arrays = history.seen()
    assert (head["every"], head["heard"]) == (WINDOW, True)
    np.testing.assert_allclose(arrays["error"], expected, atol=1e-6)


def test_a_long_run_joins_its_windows_to_means(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(error_history, "MOST_KEPT", 6)
    history, expected = fed(list(range(700, STEPS, 700)))
    assert history.every == 4
    means = [np.nanmean(expected[k : k + 4]) for k in range(0, 20, 4)]
    np.testing.assert_allclose(history.errors, means)
    monkeypatch.setattr(error_history, "MOST_SENT", 2)
    assert history.seen()[0]["every"] == 3 * 4 * WINDOW


def test_a_source_with_too_many_spikes_is_said_to_be_unheard() -> None:
    history = ErrorHistory((0, 1), 2, DT)
    history.feed(Chunk(0, 9000, {0: (np.array([5]), np.array([0]))}, []))
    assert history.seen()[0]["heard"] is False
    late, _ = fed([])
    late.feed(Chunk(STEPS, 5000, {0: (np.zeros(0), np.zeros(0, np.int64))}, []))
    head, arrays = late.seen()
    assert (head["heard"], arrays["error"].size) == (False, 0)  # no line under that sentence
    assert history.seen()[1]["error"].size == 0


def test_what_a_teacher_teaches_is_seen_to_be_learnt() -> None:
    document = load_example("resume")
    with Simulation(document, recorders=False) as simulation:
        watch = watch_of(simulation)
        assert kinds_of(watch.learners["synapses"])[-1] == ERRORS
        watch.wish = Wish("synapses", ERRORS, 300, 200)
        for _ in range(30):
            watch.attend(simulation, simulation.advance(400))
        learner = watch.learners["synapses"]
    assert watch.look is not None
    assert learner.errors is not None
    errors = learner.errors.errors
    assert len(errors) == 30
    assert errors[0] > 5  # some seventy spikes that nobody asked for
    assert errors[-1] < 0.3
