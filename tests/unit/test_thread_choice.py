"""The choice of a number of threads, against made-up costs: it finds the best and stays with it."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import cores
from engine.backends.thread_choice import LONGEST_LOOK_S, ThreadChoice, candidates

US = 1e-6


def run(choice: ThreadChoice, cost: Callable[[int], float], seconds: float, call: int = 10**9):
    """Let a network run whose steps cost ``cost(threads)``; seconds by number of threads."""
    spent: dict[int, float] = {}
    while sum(spent.values()) < seconds:
        threads, steps = choice.next(call)
        taken = steps * cost(threads)
        choice.did(threads, steps, taken)
        spent[threads] = spent.get(threads, 0.0) + taken
    return spent


def test_candidates_share_the_parts_evenly() -> None:
    assert candidates(1) == [1]
    assert candidates(6) == [1, 2, 3, 6]


@given(st.sampled_from([2, 4, 6]), st.data())
def test_the_fastest_number_is_found_and_looking_costs_little(most: int, data) -> None:
    numbers = candidates(most)
    factors = data.draw(st.permutations([1.0, 1.3, 1.7, 40.0][: len(numbers)]))
    costs = {n: 20 * US * factor for n, factor in zip(numbers, factors, strict=True)}
    choice = ThreadChoice(most, data.draw(st.sampled_from(numbers)))
    run(choice, costs.__getitem__, 1.0)
    best = min(costs, key=costs.__getitem__)
    assert choice.kept == best
    spent = run(choice, costs.__getitem__, 20.0)
    assert spent[best] > 0.97 * sum(spent.values())


def test_short_calls_find_the_same() -> None:
    choice = ThreadChoice(2)
    run(choice, {1: 30 * US, 2: 20 * US}.__getitem__, 1.0, call=10)
    assert choice.kept == 2


def test_a_gain_too_small_to_measure_changes_nothing() -> None:
    choice = ThreadChoice(2, first=1)
    run(choice, {1: 20 * US, 2: 19.5 * US}.__getitem__, 3.0)
    assert choice.kept == 1


def test_a_core_that_is_taken_away_is_noticed() -> None:
    choice = ThreadChoice(2)
    run(choice, {1: 20 * US, 2: 12 * US}.__getitem__, 2 * LONGEST_LOOK_S)
    assert choice.kept == 2
    run(choice, {1: 20 * US, 2: 70 * US}.__getitem__, 1.0)
    assert choice.kept == 1
    run(choice, {1: 20 * US, 2: 12 * US}.__getitem__, 2 * LONGEST_LOOK_S)
    assert choice.kept == 2


def test_a_limit_is_kept_at_once_and_given_up_when_lifted() -> None:
    choice = ThreadChoice(4)
    costs = {n: 20 * US / n for n in (1, 2, 3, 4)}
    run(choice, costs.__getitem__, 1.0)
    choice.limit = 1
    assert set(run(choice, costs.__getitem__, 1.0, call=100)) == {1}
    choice.limit = 3
    assert max(run(choice, costs.__getitem__, 1.0)) <= 3
    choice.limit = 4
    run(choice, costs.__getitem__, 1.0)
    assert choice.kept == 4


def test_a_limit_below_the_first_number_is_kept_from_the_beginning() -> None:
    choice = ThreadChoice(3, first=3)
    choice.limit = 2
    assert set(run(choice, {1: 20 * US, 2: 10 * US, 3: 5 * US}.__getitem__, 1.0)) <= {1, 2}


@pytest.mark.parametrize(("said", "most"), [("1", 1), ("0", 1), ("99999", 99_999), ("x", 99_999)])
def test_no_more_cores_than_who_began_the_process_grants(
    monkeypatch: pytest.MonkeyPatch, said: str, most: int
) -> None:
    usual = cores.allowed_cores()
    monkeypatch.setenv(cores.CORES, said)
    assert cores.allowed_cores() == min(usual, most)


def test_no_more_cores_than_the_system_allows() -> None:
    assert 1 <= cores.allowed_cores() <= (os.cpu_count() or 1)
