"""Reservoirs and read-outs: which item was shown when, and one sentence for what cannot be used."""

from __future__ import annotations

import io
import struct
import wave
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import engine
from engine import learning
from engine.coding.draws import shuffled
from engine.errors import DataError, WorkbenchError
from engine.runtime.sample_files import samples
from workbench.store.files import load_example

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 4))
U = RNG.normal(size=300)


def sounds(path: Path, lengths: list[int]) -> str:
    """A zip of as many recordings, the n-th of n + 1 times 1,000."""
    with zipfile.ZipFile(path / "sounds.zip", "w") as archive:
        for place, length in enumerate(lengths):
            data = io.BytesIO()
            with wave.open(data, "wb") as sound:
                sound.setnchannels(1)
                sound.setsampwidth(2)
                sound.setframerate(1000)
                sound.writeframes(np.full(length, 1000 * (place + 1), "<i2").tobytes())
            archive.writestr(f"{place}.wav", data.getvalue())
    return "sounds.zip"


def listening(path: Path, lengths: list[int], **given: object) -> engine.Network:
    """A source that encodes recordings, and nothing else."""
    file = sounds(path, lengths)
    empty = engine.Network.of(engine.Document(), path)
    empty.source("ear", "delta_code", 2, path=file, items=len(lengths), threshold=0.01,
                 repeats=1, **given)  # fmt: skip
    empty.record("ear", "spikes")
    return empty


def test_items_are_shown_one_after_another_with_pauses(tmp_path: Path) -> None:
    net = listening(tmp_path, [20, 30, 10], pause=5)
    found = learning.shown(net.document, "ear", tmp_path)
    assert found.place.tolist() == [0, 1, 2]
    assert found.begin == pytest.approx([0, 25, 60])
    assert found.length == pytest.approx([20, 30, 10])
    assert found.end == pytest.approx(75)


def test_shuffled_items_are_those_of_the_file_in_the_order_that_is_told(tmp_path: Path) -> None:
    lengths = [10 * (n + 1) for n in range(8)]
    net = listening(tmp_path, lengths, order="shuffled")
    found = learning.shown(net.document, "ear", tmp_path)
    order = shuffled(8, net.document.simulation.seed)
    assert found.place.tolist() == order.tolist() != list(range(8))
    assert sorted(found.place.tolist()) == list(range(8))
    assert found.length == pytest.approx([lengths[place] for place in order])


@pytest.mark.parametrize("suffix", ["idx", "npy"])
def test_shuffled_pictures_are_those_at_the_places_that_are_told(
    tmp_path: Path, suffix: str
) -> None:
    pictures = np.arange(9 * 4, dtype=np.uint8).reshape(9, 2, 2)
    if suffix == "idx":
        head = b"\0\0\x08\x03" + struct.pack(">3I", *pictures.shape)
        (tmp_path / "some.idx").write_bytes(head + pictures.tobytes())
    else:
        np.save(tmp_path / "some.npy", pictures)
    read = samples(f"some.{suffix}", 2, 5, tmp_path, seed=4)
    assert list(read.places) == shuffled(9, 4)[2:7].tolist()
    assert np.array_equal(read.items, pictures[list(read.places)])


def test_states_of_items_are_the_filtered_spikes_at_the_ends_of_their_parts(tmp_path: Path) -> None:
    net = listening(tmp_path, [20, 30], pause=10)
    run = net.simulate(55.0)  # the second ends at 60 ms
    states = learning.item_states(run, "ear", "ear", samples=2, tau=10.0, folder=tmp_path)
    assert states.shape == (1, 2, 2)
    spikes = run["ear"].spikes
    expected = learning.filtered_spikes(spikes.times, spikes.senders, 2, [10.0, 20.0], 10.0)
    assert states[0] == pytest.approx(expected)
    assert states.max() > 0
    whole = learning.item_states(net.simulate(70.0), ["ear", "ear"], "ear", folder=tmp_path)
    assert whole.shape == (2, 1, 4)


def test_who_listens_moment_by_moment_hears_what_a_whole_run_recorded(tmp_path: Path) -> None:
    net = listening(tmp_path, [20, 30], pause=10)
    spikes, at = net.simulate(55.0)["ear"].spikes, [0.0, 7.3, 20.0, 20.0, 54.9]
    heard = list(learning.listen(net.document, ["ear"], at, 10.0, tmp_path))
    states = np.array([moment.states["ear"] for moment in heard])
    whole = learning.filtered_spikes(spikes.times, spikes.senders, 2, at, 10.0)
    assert np.array_equal(states, whole)
    assert states.max() > 0
    before = spikes.times <= 54.9
    times = np.concatenate([moment.times["ear"] for moment in heard])
    senders = np.concatenate([moment.senders["ear"] for moment in heard])
    assert times.tolist() == pytest.approx(spikes.times[before].tolist())
    assert senders.tolist() == spikes.senders[before].tolist()


def test_a_spike_stamped_a_rounding_after_its_moment_is_heard_at_it() -> None:
    net, at = engine.Network("Clock", dt=0.1), np.arange(1, 11) / 10  # 3 * 0.1 is more than 0.3
    net.source("ear", "spike_times", 1, times=at.tolist(), senders=[0] * 10)
    net.record("ear", "spikes")
    spikes = net.simulate(1.0)["ear"].spikes
    heard = list(learning.listen(net.document, ["ear"], at, 10.0))
    states = np.array([moment.states["ear"] for moment in heard])
    whole = learning.filtered_spikes(spikes.times, spikes.senders, 1, at + 1e-9, 10.0)
    assert states == pytest.approx(whole)
    assert [len(moment.times["ear"]) for moment in heard] == [1] * 10


def test_no_spikes_are_a_state_of_zeros() -> None:
    assert not learning.filtered_spikes([], [], 3, [1.0, 2.0]).any()


def test_a_liquid_without_synapses_has_none() -> None:
    ends = {edge.source for edge in learning.liquid(strength=0).document.edges}
    assert ends == {"background"}


WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: learning.listen(learning.liquid().document, ["ext"], [1.0]), "did you mean `exc`"),
    (lambda: learning.listen(learning.liquid().document, ["exc"], [2.0, 1.0]), "in order"),
    (lambda: learning.listen(learning.liquid().document, ["exc"], [1.0], 0.0), "`tau` must be"),
    (lambda: learning.listen(None, ["exc"], [1.0]), "must be a Document"),  # type: ignore[arg-type]
    (lambda: learning.listen(learning.liquid().document, "exc", [1.0]), "a list of ids"),
    (lambda: learning.listen(learning.liquid().document, ["exc"], [1e300]), "no run comes"),
    (lambda: learning.ridge(X[:1], X[:1]), "at least 2 samples"),
    (lambda: learning.ridge(X, X[:7]), "must be 30"),
    (lambda: learning.ridge(np.full((4, 2), np.nan), X[:4]), "holds nan"),
    (lambda: learning.ridge(X, X, []), "empty"),
    (lambda: learning.ridge(X, X, [0, 1]), "more than 0"),
    (lambda: learning.ridge(X, X, -1.0), "at least 0"),
    (lambda: learning.ridge(X, X, groups=np.zeros(30, int)), "2 groups"),
    (lambda: learning.ridge(X, X).predict(X[:, :2]), "any x 4"),
    (lambda: learning.one_hot([1, 1, 1]), "at least 2 classes"),
    (lambda: learning.one_hot([0, 3], 2), "with 2 classes"),
    (lambda: learning.one_hot([0.5, 1]), "whole numbers"),
    (lambda: learning.memory_capacity(U[:40], U[:40, None]), "too few"),
    (lambda: learning.memory_capacity(0 * U, U[:, None]), "never changes"),
    (lambda: learning.memory_capacity(U[:9], U[:, None]), "must be 300"),
    (lambda: learning.filtered_spikes([1.0], [3], 3, [2.0]), "0 to 2"),
    (lambda: learning.filtered_spikes([1.0], [0, 1], 3, [2.0]), "must be 1 numbers, not 2"),
    (lambda: learning.filtered_spikes([1.0], [0], 3, [2.0, 1.0]), "in order"),
    (lambda: learning.filtered_spikes([np.nan], [0], 3, [2.0]), "holds nan"),
    (lambda: learning.filtered_spikes([1.0], [0], 3, [2.0], tau=0), "more than 0"),
    (lambda: learning.separation(X, X[:3]), "two of one shape"),
    (lambda: learning.kernel_rank(X, 2.0), "at most 1"),
    (lambda: learning.tell([0.5, 1.5]), "scale them"),
    (lambda: learning.liquid(strength=-1), "at least 0"),
    (lambda: learning.shown(learning.liquid().document, "exc"), "no source that encodes"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "words"), WRONG)
def test_what_cannot_be_used_is_said_in_one_sentence(
    call: Callable[[], object], words: str
) -> None:
    with pytest.raises(DataError, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_recordings_that_are_missing_empty_or_too_few_are_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WORKBENCH_DATA", raising=False)
    with pytest.raises(WorkbenchError, match=r"was not found.*WORKBENCH_DATA") as missing:
        learning.shown(load_example("reservoir"), "input")
    with pytest.raises(WorkbenchError, match="nothing to encode in item 1") as empty:
        learning.shown(listening(tmp_path, [10, 0]).document, "ear", tmp_path)
    net = listening(tmp_path, [10, 10], order="shuffled", item=1)
    with pytest.raises(WorkbenchError, match="has 2 items, not 3") as few:
        learning.shown(net.document, "ear", tmp_path)
    net = listening(tmp_path, [20, 20])
    run = net.simulate(5.0)
    with pytest.raises(DataError, match="shown to its end") as short:
        learning.item_states(run, "ear", "ear", folder=tmp_path)
    assert not any("\n" in str(each.value) for each in (missing, empty, few, short))
