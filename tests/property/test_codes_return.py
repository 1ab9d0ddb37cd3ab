"""What must hold of every code: values return within its resolution, order is kept, nothing is
lost, and draws depend on their place alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine import coding

UNIT = st.floats(0, 1, allow_subnormal=False)
VALUES = arrays(np.float64, st.integers(1, 12), elements=UNIT)
SAMPLES = arrays(
    np.float64, st.tuples(st.integers(2, 40), st.integers(1, 3)), elements=st.floats(-2, 2)
)


@given(VALUES, st.sampled_from(["linear", "log"]), st.booleans())
def test_latencies_return_their_values(x: Any, curve: str, on_grid: bool) -> None:
    steps, dt = 40, 0.5
    spikes = coding.latency(x, curve, threshold=0.05, tau=5.0, steps=steps, dt=dt)
    spikes = spikes.on_grid() if on_grid else spikes
    back = coding.decode_latency(spikes, curve, threshold=0.05, tau=5.0)
    heard = np.isfinite(spikes.first())
    # As the equations have it: T (1 - x), or tau ln(x / (x - threshold)), up to T.
    clear = np.abs(x - 0.05) > 1e-6
    driven = np.where(x > 0.05, x, 1.0)
    late = 5.0 * np.log(driven / (driven - 0.05)) if curve == "log" else 19.5 * (1.0 - driven)
    clear &= np.abs(late - 19.5) > 1e-6
    np.testing.assert_array_equal(heard[clear], ((x > 0.05) & (late <= 19.5))[clear])
    np.testing.assert_array_equal(back[~heard], 0.0)
    if not on_grid:
        np.testing.assert_allclose(back[heard], x[heard], atol=1e-9)
        return
    nearest = coding.latencies(x, curve, threshold=0.05, tau=5.0, steps=steps, dt=dt)
    assert (np.abs(spikes.first()[heard] - nearest[heard]) <= 0.5 * dt + 1e-9).all()


@given(VALUES, st.sampled_from(["linear", "log"]),
       st.sampled_from(["unnormalised", "snntorch", "spikingjelly"]))  # fmt: skip
def test_latency_keeps_the_order(x: Any, curve: str, convention: str) -> None:
    time = coding.latencies(x, curve, convention, steps=20)
    larger = x[:, None] > x[None, :]
    assert ((time[:, None] <= time[None, :] + 1e-12) | ~larger).all()
    # One that has a latency of its own is earlier than all that are clearly smaller.
    if convention == "spikingjelly":  # whole steps: values that are more than one apart
        a = np.expm1(19.0)
        steps = np.log1p(a * x) if curve == "log" else 19.0 * x
        clearly = steps[:, None] > steps[None, :] + 1.001
    else:
        clearly = (x[:, None] > x[None, :] + 1e-6) & (x[:, None] > 0.01 + 1e-6)
    assert (time[:, None] < time[None, :])[clearly].all()


@given(VALUES, st.integers(1, 16), st.integers(1, 3))
def test_phases_return_values_to_half_a_digit(x: Any, phases: int, periods: int) -> None:
    back = coding.decode_phase(coding.phase(x, phases, periods), phases)
    level = 2.0**-phases
    assert (np.abs(back - np.minimum(x, 1 - level)) <= 0.5 * level + 1e-12).all()


@given(VALUES, st.integers(1, 8))
def test_bursts_return_values_within_their_step(x: Any, most: int) -> None:
    steps = 100
    back = coding.decode_burst(coding.burst(x, most, steps=steps), most)
    assert (np.abs(back - x) <= 0.5 / most + 1e-6).all()
    count, _ = coding.burst_of(x, most)
    assert len(coding.burst(x, most, steps=steps)) == count.sum()


@given(arrays(np.float64, st.integers(1, 6), elements=st.floats(-3, 5)), st.integers(4, 20))
def test_populations_return_their_values(x: Any, fields: int) -> None:
    width = 8.0 / (fields - 2) / 1.5
    spikes = coding.population(x, fields, -3.0, 5.0, steps=10)
    exact = coding.decode_population(spikes, -3.0, 5.0, read="gaussian")
    np.testing.assert_allclose(exact, x, atol=1e-6)
    vector = coding.decode_population(spikes, -3.0, 5.0)
    assert (np.abs(vector - x) <= width).all()


@given(VALUES)
def test_rank_order_keeps_the_order_and_forgets_the_size(x: Any) -> None:
    spikes = coding.rank_order(x)
    weight = coding.decode_rank_order(spikes)
    assert len(spikes) == np.count_nonzero(x > 0)
    larger = (x[:, None] > x[None, :]) & (x[None, :] > 0)
    assert (weight[:, None] > weight[None, :])[larger].all()
    np.testing.assert_array_equal(coding.rank_order(2 * x + (x > 0)).times, spikes.times)


@given(VALUES)
def test_a_regular_train_returns_its_value_to_one_spike(x: Any) -> None:
    spikes = coding.rate(x, "regular", rate_max=200.0, steps=100)
    back = coding.decode_rate(spikes, "regular", rate_max=200.0)
    assert ((x - back >= -1e-9) & (x - back <= 1 / 20 + 1e-9)).all()


@settings(max_examples=25)
@given(VALUES, st.sampled_from(["poisson", "bernoulli", "regular"]), st.integers(0, 2**40),
       st.data())  # fmt: skip
def test_a_draw_depends_on_its_place_alone(x: Any, make: str, seed: int, data: Any) -> None:
    """A part of the batch, or of the time, has the spikes it has in the whole."""
    x, steps = np.append(x, [0.0, 1.0]), 30
    whole = coding.rate(x, make, 300.0, steps, seed=seed).dense(int)
    assert not whole[:, x == 0].any()
    if make != "poisson":  # which may be silent
        assert (whole[:, x == 1].sum(0) == (9 if make == "regular" else steps)).all()
    first = data.draw(st.integers(0, len(x) - 1))
    start = data.draw(st.integers(0, steps - 1))
    part = coding.rate(x[first:], make, 300.0, steps - start, seed=seed, first=first, start=start)
    np.testing.assert_array_equal(part.dense(int), whole[start:, first:])


@given(SAMPLES, st.floats(0.05, 1.0))
def test_step_forward_follows_a_signal_that_is_slow_enough(x: Any, threshold: float) -> None:
    """Where no sample moves by more than a threshold, the base is never further than that away,
    plus what one sample moved."""
    limit = 0.99 * threshold
    slow = x[:1] + np.concatenate(
        [np.zeros_like(x[:1]), np.cumsum(np.clip(np.diff(x, axis=0), -limit, limit), 0)]
    )
    spikes = coding.step_forward(slow, threshold)
    back = coding.decode_step_forward(spikes, threshold, begin=slow[0])
    assert (np.abs(back - slow) <= threshold * (1 + 1e-9)).all()


@given(SAMPLES, st.floats(0.05, 1.0))
def test_codes_of_change_have_a_spike_for_every_change(x: Any, threshold: float) -> None:
    fired = coding.delta(x, threshold, before="first").dense(int)
    change = np.diff(x, axis=0, prepend=x[:1])
    clear = np.abs(np.abs(change) - threshold) > 1e-6
    expected = np.sign(change) * (np.abs(change) > threshold)
    np.testing.assert_array_equal(fired[clear], expected[clear])
    mirrored = coding.delta(-x, threshold, before="first").dense(int)
    np.testing.assert_array_equal(mirrored, -fired)
    np.testing.assert_array_equal(
        coding.moving_window(x, threshold, window=1).dense(int)[clear], fired[clear]
    )


@given(st.floats(0.02, 0.12), st.floats(0.1, 0.4), st.floats(0, 6))
def test_bsa_returns_a_slow_signal(frequency: float, size: float, phase: float) -> None:
    t = np.arange(160)
    x = 0.5 + size * np.sin(frequency * t + phase)
    back = coding.decode_bsa(coding.bsa(x))
    inner = slice(25, -25)  # the filter needs room at both ends
    # A spike is worth the filter's largest value, 0.2: what comes back ripples by half of that.
    assert np.sqrt(np.mean((back - x)[inner] ** 2)) < 0.1


@given(arrays(np.int64, st.tuples(st.integers(1, 9), st.integers(1, 5)),
              elements=st.integers(-1, 1)))  # fmt: skip
def test_dense_and_sparse_are_the_same_spikes(array: Any) -> None:
    spikes = coding.from_dense(array, dt=0.5, signed=True)
    np.testing.assert_array_equal(spikes.dense(int), array)
    np.testing.assert_array_equal(spikes.on_off().signed().dense(int), array)
    assert len(spikes) == np.abs(array).sum() == spikes.counts().sum()


TIMES = st.lists(st.integers(0, 990), max_size=12)  # tenths of a ms


@given(TIMES, TIMES)
def test_a_pattern_is_nearest_to_itself(first: list[int], second: list[int]) -> None:
    one, other = (coding.temporal(np.array(times) / 10) for times in (first, second))
    np.testing.assert_array_equal(one.times, np.sort(first) / 10)
    assert coding.nearest_pattern(one, [other, one]) == (0 if coding.matches(one, other) else 1)
