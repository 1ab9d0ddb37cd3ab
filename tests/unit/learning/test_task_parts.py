"""Learning tasks: exactness of their parts, and what they say to bad input, trouble and stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine import learning
from engine.errors import DataError, LimitError, RunStopped
from engine.learning.course import follow
from engine.learning.draws import Draws
from engine.learning.spikeprop import psp


def on_a_grid(weights: np.ndarray, arrivals: np.ndarray, until: float, step: float) -> float:
    """The first spike by walking through time."""
    t = np.arange(0.0, until, step)
    potential = (weights[:, None] * psp(t - arrivals[:, None], 7.0)).sum(0)
    above = np.flatnonzero(potential >= 1.0)
    return float(t[above[0]]) if len(above) else np.inf


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), mean=st.floats(-0.2, 0.6))
def test_the_closed_form_of_a_first_spike_agrees_with_a_fine_grid(seed: int, mean: float) -> None:
    draws = Draws(seed, "crossing")
    weights, arrivals = mean + 0.4 * draws.normal(8), draws.uniform(8, high=20.0)
    found = learning.first_crossing(weights[None], arrivals[None], 7.0, 1.0, 40.0)
    time_, slope = float(found.time[0, 0]), float(found.slope[0, 0])
    walked = on_a_grid(weights, arrivals, 40.0, 0.01)
    if np.isfinite(time_):
        assert (weights * psp(time_ - arrivals, 7.0)).sum() == pytest.approx(1.0, abs=1e-9)
        assert slope >= -1e-9
        assert time_ <= walked + 1e-9
        # A peak that only just reaches the threshold may fall between two points of the grid.
        assert walked - time_ <= 0.0101 or slope < 0.01
    else:
        assert np.isinf(walked)


@pytest.mark.parametrize("seed", range(5))
def test_gradients_of_spikeprop_are_the_differences_of_its_error(seed: int) -> None:
    times, targets = learning.xor_times()
    net = learning.SpikeProp((3, 4, 2), least_slope=1e-6)
    targets = np.concatenate([targets, targets + 1.0], 1)
    weights = net.start(seed)
    _, gradients = net.gradient(weights, times, targets)
    draws = Draws(seed, "directions")
    for layer, weight in enumerate(weights):
        way = draws.normal(*weight.shape)
        errors = []
        for sign in (1.0, -1.0):
            moved = [w.copy() for w in weights]
            moved[layer] += sign * 1e-6 * way
            errors.append(net.gradient(moved, times, targets)[0])
        slope = 0.5 * (errors[0] - errors[1]) / 2e-6
        assert np.sum(gradients[layer] * way) == pytest.approx(slope, rel=1e-4)


def test_a_silent_output_is_woken() -> None:
    times, targets = learning.xor_times()
    net = learning.SpikeProp((3, 5, 1))
    silent = [0.02 * w for w in net.start(0)]
    assert np.isinf(net.fire(silent, times)[-1]).all()
    run = net.train(times, targets, epochs=300, weights=silent)
    assert np.isfinite(net.fire(run.state, times)[-1]).all()


def test_signs_of_spikeprop_stay() -> None:
    times, targets = learning.xor_times()
    net = learning.SpikeProp((3, 5, 1), inhibitory=2)
    run = net.train(times, targets, epochs=100)
    assert (run.state[0] >= 0).all()
    assert (run.state[1][:, :3] >= 0).all()
    assert (run.state[1][:, 3:] <= 0).all()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_peak_of_a_tempotron_is_the_highest_point_of_a_fine_grid(seed: int) -> None:
    draws = Draws(seed, "peak")
    neuron = learning.Tempotron(12)
    times, weights = draws.uniform(1, 12, high=80.0), draws.normal(12)
    if seed % 3 == 0:
        times[0, :4] = np.inf
    peak = neuron.peak(weights, neuron.spikes(times))
    t = np.append(np.arange(0.0, 200.0, 0.01), peak.time)
    since = np.where(np.isfinite(times[0]), t[:, None] - times[0], -1.0)
    potential = (weights * neuron.kernel(since)).sum(1)
    assert peak.potential[0] == pytest.approx(potential[-1], abs=1e-9)
    assert peak.potential[0] >= max(potential.max(), 0.0) - 1e-9


def test_a_spike_that_never_comes_leaves_a_tempotron_at_rest() -> None:
    neuron = learning.Tempotron(2)
    found = neuron.kernel(np.array([[1.0]]) - np.array([0.0, np.inf]))
    assert found[0, 0] > 0
    assert found[0, 1] == 0
    with pytest.raises(DataError, match="`since` holds nan"):
        neuron.kernel([np.nan])


def test_a_tempotron_takes_several_spikes_of_one_input() -> None:
    neuron = learning.Tempotron(2)
    twice = neuron.spikes([[10.0, 12.0]], [[1, 1]])
    both = learning.Tempotron(2).spikes([[10.0, 12.0]])
    assert neuron.peak([0.0, 0.5], twice) == neuron.peak([0.5, 0.5], both)


def test_an_evolving_network_of_more_inputs_than_fit_is_refused() -> None:
    with pytest.raises(LimitError, match="weights of a neuron take"):
        learning.Evolving(10**12)


def test_ranks_follow_times_and_what_is_silent_has_none() -> None:
    ranks = learning.rank_order([[0.3, np.inf, 0.1, 0.3]])
    assert ranks.tolist() == [[1, -1, 0, 2]]
    assert learning.rank_order([[0.3, 0.2]], until=0.25).tolist() == [[-1, 0]]


def test_an_evolving_network_classifies_what_it_has_seen_and_goes_on_growing() -> None:
    draws = Draws(0, "samples")
    ranks = np.array([draws.order(20) for _ in range(30)])
    classes = np.arange(30) % 3
    rule = learning.Evolving(20, modulation=0.8, similarity=0.95)
    run = rule.fit(ranks[:20], classes[:20])
    again = rule.fit(ranks[20:], classes[20:], run.state)
    whole = rule.fit(ranks, classes)
    assert again.state.size == whole.state.size == 30
    assert np.array_equal(again.state.weights, whole.state.weights)
    assert np.array_equal(rule.classify(whole.state, ranks), classes)


def test_a_repository_is_what_numbers_may_be_given_as() -> None:
    rule = learning.Evolving(2)
    lists = learning.Repository([[1.0, 0.9]], [1.0], [3], [1])  # type: ignore[arg-type]
    assert rule.classify(lists, [[0, 1]]).tolist() == [3]
    assert rule.fit([[1, 0]], [0], lists).state.classes.tolist() == [3, 0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weights": 1.0}, "weights a single number"),
        ({"weights": [["a", "b"]]}, "`weights` must be an array of numbers"),
        ({"weights": [[np.nan, 1.0]]}, "`weights` holds nan"),
        ({"thresholds": [0.0]}, "must be above 0"),
        ({"classes": [0.5]}, "`classes` must be whole numbers"),
        ({"merged": 1}, "must be for 2 inputs"),
    ],
)
def test_a_repository_that_nothing_made_is_refused(change: dict[str, Any], words: str) -> None:
    parts = {"weights": [[1.0, 0.9]], "thresholds": [1.0], "classes": [3], "merged": [1]}
    with pytest.raises(DataError, match=words):
        learning.Evolving(2).classify(learning.Repository(**{**parts, **change}), [[0, 1]])


def test_a_maze_knows_its_ways() -> None:
    world = learning.maze("""
        #####
        #S.G#
        #.#.#
        #####""")
    assert world.states == 4
    assert world.steps_to_goal().tolist() == [2, 1, 3, 1]
    assert world.values(0.5, 2.0).tolist() == [1.0, 2.0, 0.5, 2.0]
    assert world.moves[world.start].tolist() == [1, 2, 0, 0]


def test_an_agent_knows_which_trials_came_to_the_goal() -> None:
    agent = learning.ActorCritic(cells=1, critics=2, group=2)  # which hardly knows where it is
    run = agent.train(learning.track(3), 12, longest=3)
    assert run.state.found.dtype == np.bool_
    assert 0 < run.state.found.sum() < len(run.state.found) == run.rounds
    assert (run.error[~run.state.found] == 3).all()
    with pytest.raises(DataError, match="3 moves away and `longest` is 2; give at least 3"):
        agent.train(learning.track(3), longest=2)


def test_the_same_seed_learns_the_same() -> None:
    def run(seed: int) -> np.ndarray:
        return learning.ActorCritic(critics=5, group=5).train(learning.track(2), 3, seed=seed).error

    assert np.array_equal(run(1), run(1))
    a, b = Draws(1, "x").normal(5), Draws(2, "x").normal(5)
    assert not np.array_equal(a, b)


def slowly(rounds: int, seconds: float, bad: int | None = None) -> Any:
    """A course of one number that counts its rounds."""
    for n in range(rounds):
        time.sleep(seconds)
        yield np.array([np.nan if n == bad else float(n)]), 1.0 / (n + 1)


def test_a_course_tells_how_far_it_is() -> None:
    told: list[tuple[float, str]] = []
    run = follow(slowly(6, 0.06), np.zeros(1), 6, progress=lambda *said: told.append(said))
    assert run.complete
    assert run.rounds == 6
    assert told
    assert all(0 < share < 1 and "error" in text for share, text in told)


def test_a_cancelled_course_keeps_what_it_has() -> None:
    asked: list[float] = []

    def cancel() -> bool:
        asked.append(time.monotonic())
        return len(asked) == 3

    run = follow(slowly(100, 0.0), np.zeros(1), 100, cancel=cancel)
    assert not run.complete
    assert run.rounds == 3
    assert run.state.tolist() == [2.0]


def test_weights_that_explode_stop_the_course_and_those_before_are_kept() -> None:
    with pytest.raises(RunStopped, match=r"exploded in round 4; take a smaller") as stopped:
        follow(slowly(10, 0.0, bad=3), np.zeros(1), 10)
    kept = stopped.value.run
    assert isinstance(kept, learning.Trained)
    assert kept.state.tolist() == [2.0]
    assert kept.rounds == 3
    samples = Draws(0, "samples").normal(50, 3)
    start = learning.random_weights(3)
    with pytest.raises(RunStopped, match="smaller learning rate"):
        learning.train(partial(learning.oja, rate=50.0), start, samples)


def tempotron(**told: Any) -> learning.Trained:
    neuron = learning.Tempotron(8)
    times, wanted = learning.latency_patterns(12, 8)
    return neuron.train(neuron.spikes(times), wanted, cycles=5, **told)


# Every driver, on something small.
DRIVERS: dict[str, Callable[..., learning.Trained]] = {
    "SpikeProp": lambda **told: learning.SpikeProp((3, 3, 1)).train(
        *learning.xor_times(), epochs=5, **told
    ),
    "tempotron": tempotron,
    "rates": lambda **told: learning.train(
        learning.oja, np.ones(3), np.ones((5, 3)), epochs=4, **told
    ),
    "LEABRA": lambda **told: learning.Leabra((3, 4, 3), (2, 1)).train(
        np.eye(3), np.eye(3), epochs=3, **told
    ),
    "evolving": lambda **told: learning.Evolving(3).fit(
        [[0, 1, 2], [2, 1, 0], [1, 0, 2]], [0, 1, 0], **told
    ),
    "actor and critic": lambda **told: learning.ActorCritic(critics=4, group=4).train(
        learning.track(2), 2, **told
    ),
}


@pytest.mark.parametrize("name", DRIVERS)
def test_a_driver_tells_who_watches_what_it_knows(name: str) -> None:
    seen: list[list[float]] = []
    newest: list[Any] = []

    def watch(state: Any, errors: Any) -> None:
        seen.append(list(errors))
        newest[:] = [state]

    run = DRIVERS[name](watch=watch)
    ends = [one for one, before in zip(seen, [[], *seen], strict=False) if len(one) > len(before)]
    assert [len(one) for one in ends] == list(range(1, run.rounds + 1))
    assert ends[-1] == run.error.tolist()
    assert newest[0] is run.state


def test_an_evolving_network_tells_how_many_of_its_samples_it_has_seen() -> None:
    draws = Draws(0, "samples")
    ranks = np.array([draws.order(20) for _ in range(40)])
    shares: list[float] = []

    def slowly_watched(*_: object) -> None:
        time.sleep(0.02)  # so that there are looks

    run = learning.Evolving(20).fit(
        ranks, np.arange(40) % 2, watch=slowly_watched,
        progress=lambda share, _: shares.append(share),
    )  # fmt: skip
    assert run.rounds == 40
    assert run.error[0] == 1.0  # the first sample always makes a neuron
    assert run.error[-1] == run.state.size / 40
    assert shares == sorted(shares)
    assert len(set(shares)) > 2
    assert 0 < shares[0] < shares[-1] < 1


BAD: dict[str, tuple[Any, str]] = {
    "NaN times": (
        lambda: learning.SpikeProp((3, 5, 1)).train(np.full((4, 3), np.nan), np.ones((4, 1))),
        "`inputs` holds nan",
    ),
    "wrong shape": (
        lambda: learning.SpikeProp((3, 5, 1)).train(np.ones((4, 2)), np.ones((4, 1))),
        "any x 3 numbers, not 4 x 2",
    ),
    "rate": (
        lambda: learning.SpikeProp((3, 5, 1)).train(*learning.xor_times(), rate=-1),
        "`rate` must be more than 0",
    ),
    "no layers": (lambda: learning.SpikeProp((3,)), "`layers` needs"),
    "tempotron inputs": (
        lambda: learning.Tempotron(3).spikes([[1.0, 2.0]]),
        "2 spikes a pattern for 3 inputs",
    ),
    "tempotron senders": (
        lambda: learning.Tempotron(3).spikes([[1.0, 2.0]], [[1, 3]]),
        "`senders` must be 0 to 2",
    ),
    "long pattern": (
        lambda: learning.Tempotron(2).spikes([[0.0, 1e5]]),
        "cut the patterns",
    ),
    "tempotron labels": (
        lambda: learning.Tempotron(2).train(learning.Tempotron(2).spikes([[0.0, 1.0]]), [2]),
        "true or false",
    ),
    "samples": (
        lambda: learning.train(learning.oja, np.ones(3), np.ones((5, 2))),
        "2 inputs and the weights 3",
    ),
    "update": (
        lambda: learning.train(lambda w, x: np.zeros(2), np.ones(3), np.ones((5, 3)), epochs=1),
        "`state` must be 3 numbers, not 2",
    ),
    "kwta": (lambda: learning.kwta([1.0, 2.0], 2), "`k` must be 1 to 1"),
    "leabra rates": (
        lambda: learning.Leabra((2, 3), (1,)).train([[2.0, 0.0]], [[1.0, 0.0, 0.0]]),
        "rates of 0 to 1",
    ),
    "modulation": (lambda: learning.Evolving(4, modulation=1.0), "`modulation` must be less"),
    "ranks": (
        lambda: learning.Evolving(4).fit([[0.5, 1, 2, 3]], [0]),
        "make them with `rank_order`",
    ),
    "classes": (lambda: learning.Evolving(4).fit([[0, 1, 2, 3]], [0, 1]), "one a sample"),
    "no spikes": (lambda: learning.Evolving(2).fit([[-1, -1]], [0]), "a sample has no spikes"),
    "repository": (
        lambda: learning.Evolving(2).classify(
            learning.Evolving(3).fit([[0, 1, 2]], [0]).state, [[0, 1]]
        ),
        "must be for 2 inputs, it has weights 1 x 3",
    ),
    "another repository": (
        lambda: learning.Evolving(2).fit(
            [[0, 1]], [0], learning.Evolving(3).fit([[0, 1, 2]], [0]).state
        ),
        "must be for 2 inputs",
    ),
    "maze": (lambda: learning.maze("#S.#"), "one S .start. and one G"),
    "closed maze": (lambda: learning.maze("S.#G"), "no way to the goal"),
    "world": (
        lambda: learning.World(np.array([[5]]), 0, np.zeros((1, 2), int)),
        "must be states 0 to 0",
    ),
    "reward": (
        lambda: learning.ActorCritic().train(learning.track(2), 1, reward=np.nan),
        "`reward` must be a finite",
    ),
    "settle": (lambda: learning.ActorCritic(settle=200.0), "`settle` must be shorter"),
    "seed": (lambda: learning.random_weights(3, seed=-1), "`seed` must be at least 0"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_said_in_one_sentence(name: str) -> None:
    call, words = BAD[name]
    with pytest.raises(DataError, match=words) as error:
        call()
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 160


def test_every_name_is_there() -> None:
    for name in learning.__all__:
        assert getattr(learning, name).__doc__, name
    assert engine.learning is learning
