"""Diehl & Cook 2015: digits learnt without labels (catalogue E7)."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from engine import learning
from engine.errors import DataError, DocumentError, RunStopped
from engine.learning import DiehlCook, Features, assign_classes, read_classes
from engine.learning.diehl_cook import LEARNT
from engine.runtime import Simulation
from engine.runtime.sample_files import samples

MNIST = Path(os.environ.get("WORKBENCH_DATA", "")) / "mnist"
needs_mnist = pytest.mark.skipif(not MNIST.is_dir(), reason="WORKBENCH_DATA has no MNIST")
SMALL = {"neurons": 8, "rows": 8, "columns": 8, "weight_sum": 20.0, "rate_max": 120.0}


def bars(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Pictures [count, 8, 8] of one of four bars, each two rows thick, and which it is."""
    which = np.random.default_rng(seed).integers(0, 4, count)
    pictures = np.zeros((count, 4, 2, 8))
    pictures[np.arange(count), which] = 1.0
    return pictures.reshape(count, 8, 8), which


@pytest.mark.parametrize("seed", range(5))
def test_the_neuron_with_the_stronger_input_silences_the_other(seed: int) -> None:
    rule = DiehlCook(neurons=2, rows=8, columns=8, rate_max=120, seed=seed)
    weights = np.tile([0.5, 0.2], (64, 1))
    start = Features(weights, np.full(2, -52.0), np.zeros((0, 2), np.int32))
    spikes = rule.respond(start, np.ones((2, 8, 8))).state
    assert spikes[:, 0].min() > 10
    assert spikes[:, 1].max() == 0


def test_neurons_find_the_bars_and_keep_the_sum_of_their_weights() -> None:
    pictures, which = bars(120)
    rule = DiehlCook(**SMALL)
    run = rule.train(pictures, which)
    features = run.state
    assert features.spikes.shape == (120, 8)
    assert np.allclose(features.weights.sum(0), 20, atol=1e-3)
    assert features.threshold.max() > -52  # a neuron that fired is harder to fire
    assigned = assign_classes(features.spikes[60:], which[60:])
    tests, answers = bars(20, seed=1)
    found = rule.respond(features, tests)
    assert np.mean(read_classes(found.state, assigned) == answers) > 0.9
    fields = features.weights[:, assigned >= 0].reshape(4, 16, -1).sum(1)  # of every bar
    assert np.all(fields.argmax(0) == assigned[assigned >= 0])
    assert np.median(fields.max(0)) > 12  # of 20, and 5 at the start


def test_what_is_cancelled_is_kept_and_goes_on() -> None:
    pictures, which = bars(400)
    rule, asked = DiehlCook(**SMALL), []

    def cancel() -> bool:
        asked.append(time.monotonic())
        return len(asked) == 3

    run = rule.train(pictures, which, cancel=cancel)
    assert time.monotonic() - asked[-1] < 0.5
    done = len(run.state.spikes)
    assert not run.complete
    assert 0 < done < 400
    again = rule.train(pictures[: done + 5], which[: done + 5], run.state)
    assert again.complete
    assert len(again.state.spikes) == done + 5
    assert np.array_equal(again.state.spikes[:done], run.state.spikes)
    assert np.corrcoef(again.state.weights.ravel(), run.state.weights.ravel())[0, 1] > 0.9


def test_a_file_keeps_what_was_learnt(tmp_path: Path) -> None:
    start = Features(np.full((64, 8), 0.3), np.full(8, -50.0), np.ones((3, 8), np.int32))
    start.save(tmp_path / "kept.npz")
    again = Features.load(tmp_path / "kept.npz")
    assert all(np.array_equal(one, two) for one, two in zip(start, again, strict=True))
    (tmp_path / "bad.npz").write_bytes(b"nothing")
    np.save(tmp_path / "bad.npy", np.zeros(3))
    for name in ("bad.npz", "bad.npy"):
        with pytest.raises(DataError, match=rf'"{name}" holds no features'):
            Features.load(tmp_path / name)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x, y: (x[:, :5], y), "`images` must be any x 8 x 8 numbers, not 9 x 5 x 8"),
        (lambda x, y: (x, y[:3]), "`labels` must be 9 whole numbers"),
        (lambda x, y: (x * 3, y), "numbers from 0 to 1"),
        (lambda x, y: (np.where(x > 0, np.nan, x), y), "holds nan"),
        (lambda x, y: (x[:0], y[:0]), "`images`"),
    ],
)
def test_pictures_that_do_not_fit_are_refused_in_a_sentence(change: object, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        DiehlCook(**SMALL).train(*change(*bars(9)))
    assert "\n" not in str(caught.value)


def test_numbers_that_cannot_be_are_refused_in_a_sentence() -> None:
    with pytest.raises(DataError, match="`rate` must be at least 0 and at most 1, it is 3"):
        DiehlCook(**SMALL, rate=3.0)
    with pytest.raises(DocumentError, match="64 synapses of 1 nS at most cannot add up to 78"):
        DiehlCook(**{**SMALL, "weight_sum": 78.0}).train(*bars(4))
    with pytest.raises(DataError, match="`dt` must be more than 0"):
        DiehlCook(dt=0)
    other = Features(np.ones((10, 8)), np.ones(8), np.zeros((0, 8), np.int32))
    with pytest.raises(DataError, match="not of 8 neurons that see 64 pixels"):
        DiehlCook(**SMALL).respond(other, bars(3)[0])
    pictures, which = bars(300)
    with pytest.raises(DataError, match="number the classes from 0 to 9,999"):
        DiehlCook(**SMALL).train(
            pictures, [10**6, *which[1:]], watch=lambda *_: pytest.fail("a look")
        )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"spikes": 5}, "not of 8 neurons"),
        ({"spikes": np.full((3, 8), 0.5)}, "`spikes` must be whole numbers"),
        ({"spikes": np.full((3, 8), -1)}, "counted from 0 on"),
        ({"weights": np.full((64, 8), -5.0)}, "at least 0 nS"),
        ({"weights": "many"}, "`weights` must be an array of numbers"),
        ({"threshold": np.full(8, np.nan)}, "`threshold` holds nan"),
    ],
)
def test_features_that_no_network_learnt_are_refused_in_a_sentence(
    change: dict[str, object], words: str
) -> None:
    good = Features(np.full((64, 8), 0.3), np.full(8, -50.0), np.ones((3, 8), np.int32))
    with pytest.raises(DataError, match=words):
        DiehlCook(**SMALL).require_fitting(good._replace(**change))
    lists = Features(*(part.tolist() for part in good))  # type: ignore[arg-type]
    assert DiehlCook(**SMALL).require_fitting(lists).spikes.dtype == np.int32


def test_a_network_that_explodes_is_stopped_and_what_it_had_learnt_is_kept() -> None:
    wild = Features(np.full((64, 8), 1e12), np.full(8, -52.0), np.zeros((0, 8), np.int32))
    with pytest.raises(RunStopped, match="exc") as caught:
        DiehlCook(**SMALL).respond(wild, bars(3)[0])
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value.run, learning.Trained)
    assert not caught.value.run.complete


def test_classes_are_those_that_a_neuron_answers_most_on_average() -> None:
    spikes = np.array([[4, 0, 0], [5, 1, 0], [0, 2, 0], [0, 0, 0]])
    assigned = assign_classes(spikes, np.array([1, 1, 0, 1]), classes=2)
    assert assigned.tolist() == [1, 0, -1]
    assert read_classes(spikes, assigned).tolist() == [1, 1, 0, -1]
    assert read_classes([[0, 3]], [0, 12]).tolist() == [12]
    with pytest.raises(DataError, match="2 neurons have a class and 3 have spikes"):
        read_classes(spikes, [0, 1])


def test_the_gallery_shows_the_network_that_learns() -> None:
    document = DiehlCook().network({"values": [0.5] * 784}).document
    assert [(node.id, node.size) for node in document.nodes] == [
        ("pixels", 784), ("exc", 100), ("inh", 100),
    ]  # fmt: skip
    with Simulation(document) as simulation:
        assert simulation.weights(LEARNT).reshape(784, 100).sum(0) == pytest.approx(78, abs=1e-3)
        simulation.run(10)


@pytest.mark.slow
@needs_mnist
def test_digits_are_learnt_far_above_chance_and_seen_in_the_weights() -> None:
    tests, answers = mnist("t10k", 0, 300)
    right = []
    for seed in range(5):
        images, labels = mnist("train", 1500 * seed, 1500)
        rule = DiehlCook(neurons=40, seed=seed)
        features = rule.train(images, labels).state
        assigned = assign_classes(features.spikes[500:], labels[500:])
        found = read_classes(rule.respond(features, tests).state, assigned)
        right.append(np.mean(found == answers))
        means = np.array([images[labels == k].mean(0).ravel() for k in range(10)])
        alike = np.corrcoef(features.weights.T, means)[:40, 40:]  # neurons x digits
        assert np.mean(alike.argmax(1) == assigned) > 0.7
        assert np.median(alike.max(1)) > 0.8
    assert min(right) > 0.45
    assert np.mean(right) > 0.55


def mnist(part: str, first: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """``count`` pictures [count, 28, 28] and digits, from number ``first`` on."""
    pictures, digits = (
        np.array(samples(f"mnist/{part}-{name}-ubyte.gz", first, count, None).items)
        for name in ("images-idx3", "labels-idx1")
    )
    return pictures, digits.ravel()
