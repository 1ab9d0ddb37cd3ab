"""What the gallery's examples of learning rules say, held over five seeds each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import engine
from engine.document import replace
from workbench.store.files import load_example

SEEDS = range(1, 6)


@dataclass(frozen=True)
class Shown:
    """A run of an example, and its weights before and after."""

    run: engine.Run
    before: dict[str, np.ndarray]
    after: dict[str, np.ndarray]

    def times(self, node: str, start: float = 0.0, stop: float = np.inf) -> np.ndarray:
        """Spikes of a node between two times [ms]."""
        found = self.run[node].spikes.times
        return found[(found >= start) & (found < stop)]


def shown(name: str, seconds: float, seed: int) -> Shown:
    """The example, run for a while."""
    document = load_example(name)
    document = replace(document, simulation=replace(document.simulation, seed=seed))
    learning = [edge.id for edge in document.edges if edge.plasticity is not None]
    with engine.Simulation(document) as simulation:
        before = {edge: simulation.weights(edge) for edge in learning}
        run = simulation.run(1000.0 * seconds)
        after = {edge: simulation.weights(edge) for edge in learning}
    return Shown(run, before, after)


def test_under_nearest_stdp_a_neuron_answers_a_volley_earlier_and_earlier() -> None:
    for seed in SEEDS:
        times = shown("stdp_nearest", 15, seed).times("cell") % 200.0
        assert times[:3].mean() > 33.0
        assert times[-10:].max() < 12.0


def test_weights_gather_where_gain_and_loss_are_equal() -> None:
    for seed in SEEDS:
        found = shown("stdp_multiplicative", 20, seed)
        assert found.before["synapses"].std() > 0.13  # spread over all of 0 to 0.5 mV
        assert found.after["synapses"].std() < 0.03
        assert found.after["synapses"].mean() == pytest.approx(0.5 / 3, rel=0.1)


def test_noise_keeps_weights_spread_around_where_gain_and_loss_are_equal() -> None:
    for seed in SEEDS:
        found = shown("stdp_van_rossum", 20, seed)
        assert found.before["synapses"].std() > 0.13
        assert found.after["synapses"].mean() == pytest.approx(0.25, rel=0.06)
        assert 0.05 < found.after["synapses"].std() < 0.08
        low, *_, middle, _, _, high = np.histogram(found.after["synapses"], 7, (0.0, 0.5))[0]
        assert middle > 10 * max(low, high)  # one mode


def test_the_same_pairs_depress_when_rare_and_potentiate_when_frequent() -> None:
    for seed in SEEDS:
        found = shown("stdp_triplet", 6, seed).after
        assert found["rare-synapses"].max() < 0.14  # it was 0.2 mV
        assert found["often-synapses"].min() > 0.3


@pytest.mark.parametrize(
    ("name", "seconds"), [("stdp_triplet_nearest", 10.0), ("stdp_centred", 20.0)]
)
def test_inputs_of_a_fast_neuron_gain_and_those_of_a_slow_one_lose(
    name: str, seconds: float
) -> None:
    for seed in SEEDS:
        after = shown(name, seconds, seed).after
        assert after["slow-synapses"].mean() < 0.13 < 0.15 < 0.19 < after["fast-synapses"].mean()


def test_two_thresholds_part_what_is_left_alone_what_loses_and_what_gains() -> None:
    for seed in SEEDS:
        after = shown("two_thresholds", 10, seed).after
        assert np.abs(after["quiet-synapses"] - 0.15).mean() < 0.005
        assert after["middle-synapses"].mean() < 0.03
        assert after["fast-synapses"].mean() > 0.45


def test_a_bcm_neuron_chooses_one_of_two_groups_and_not_always_the_same() -> None:
    chosen = []
    for seed in SEEDS:
        found = shown("bcm", 40, seed)
        first, second = (found.after[f"{name}-synapses"].mean() for name in ("first", "second"))
        chosen.append(first > second)
        assert max(first, second) > 4 * min(first, second)
        phase = found.times("cell", 30_000.0) % 1000.0
        counts = np.sum(phase < 500.0), np.sum(phase >= 500.0)
        assert max(counts) > 2.5 * min(counts)
    assert 0 < sum(chosen) < len(chosen)


@pytest.mark.slow
def test_ojas_weights_lean_towards_the_inputs_that_vary() -> None:
    """The direction is the main axis of the inputs as the rule sees them, smoothed over 100 ms."""
    per_ms = 2 * np.pi / 1000.0
    rate = np.maximum(0.0, 63.0 * np.sin(per_ms * np.arange(1000))) / 20.0
    trace = np.fft.fft(rate) / (1 + 1j * 100.0 * 2 * np.pi * np.fft.fftfreq(1000))
    smooth = np.fft.ifft(trace).real
    rates = np.stack([smooth, np.ones(1000)])
    axis = np.linalg.eigh(rates @ rates.T / 1000.0)[1][:, 1]
    for seed in SEEDS:
        after = shown("oja", 30, seed).after
        means = np.array([after[f"{name}-synapses"].mean() for name in ("together", "steady")])
        assert means[0] > 0.2 > 0.15 > means[1]
        assert np.abs(means / np.linalg.norm(means) - np.abs(axis)).max() < 0.06


@pytest.mark.slow
def test_the_rewarded_choice_is_made_more_and_more_often() -> None:
    early, late = [], []
    for seed in SEEDS:
        found = shown("r_stdp", 60, seed)
        trials = np.arange(150.0, 60_000.0, 500.0)
        left, right = (np.histogram(found.times(name), trials)[0] for name in ("left", "right"))
        early.append(np.mean(left[:20] > right[:20]))
        late.append(np.mean(left[-40:] > right[-40:]))
        assert found.after["cue-left"].mean() > found.after["cue-right"].mean() + 0.15
    assert np.mean(early) < 0.75
    assert min(late) > 0.85


@pytest.mark.slow
def test_only_the_group_that_is_active_while_rewards_come_is_learnt() -> None:
    for seed in SEEDS:
        after = shown("mstdp", 20, seed).after
        gained = {name: after[f"{name}-synapses"].mean() - 0.3 for name in ("first", "second")}
        assert gained["first"] > 0.12
        assert abs(gained["second"]) < 0.3 * gained["first"]


@pytest.mark.slow
def test_a_cue_that_is_followed_by_a_reward_gains_the_other_one_does_not() -> None:
    for seed in SEEDS:
        found = shown("mstdpet", 30, seed)
        assert found.after["red-synapses"].mean() > 0.5
        assert np.abs(found.after["green-synapses"] - 0.3).max() < 0.01
        phase = found.times("cells", 20_000.0) % 1000.0
        red, green = np.sum((phase > 85) & (phase < 130)), np.sum((phase > 585) & (phase < 630))
        assert red > 1.15 * green


def test_resume_teaches_a_neuron_to_spike_with_its_teacher() -> None:
    found = shown("resume", 20, 1)  # nothing in it is random
    assert len(found.times("cell", 0, 2000)) > 60
    late = found.times("cell", 18_000.0), found.times("teacher", 18_000.0)
    assert len(late[0]) == len(late[1])
    assert np.abs(late[0] - late[1]).max() < 1.5


def test_after_ten_rounds_with_a_teacher_the_letters_are_named_without() -> None:
    for seed in SEEDS:
        found = shown("supervised_hebb", 18, seed)
        assert found.times("teacher").max() < 9_000.0
        spikes = found.run["names"].spikes
        later = spikes.times > 9_000.0
        shown_first = (spikes.times[later] - 95.0) % 900.0 // 300.0
        assert np.array_equal(shown_first, spikes.senders[later])
        assert later.sum() == 30


def test_one_synapse_tires_and_the_other_warms_up() -> None:
    found = shown("tsodyks_markram", 1.0, 1)
    starts = found.times("spikes", 0.0, 450.0) + 1.0  # the delay
    assert len(starts) == 8
    heights = {}
    for name in ("tiring", "warming"):
        trace = found.run[name].trace("v")
        volts, time = np.asarray(trace.values)[:, 0], np.asarray(trace.times)
        heights[name] = [np.ptp(volts[(time >= at) & (time < at + 10)]) for at in starts]
    tiring, warming = heights["tiring"], heights["warming"]
    assert tiring[0] > 3 * tiring[-1]
    assert np.all(np.diff(tiring[:4]) < 0)
    assert warming[-1] > 3 * warming[0]
    assert np.all(np.diff(warming) > 0)
