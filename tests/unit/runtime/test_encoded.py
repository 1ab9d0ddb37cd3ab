"""Sources that encode: what is typed or lies in a file becomes spikes of a run, and returns."""

from __future__ import annotations

import gzip
import io
import struct
import wave
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine import coding
from engine.coding.nodes import source_models
from engine.errors import DataError, DocumentError
from engine.runtime.encoded import EncodedTrain, encoded
from engine.runtime.sample_files import samples

PICTURE = (np.arange(64, dtype=np.uint8).reshape(8, 8) * 4).astype(np.uint8)


def shown(model: str, folder: Path | None = None, **given: Any) -> Any:
    """What a source of ``model`` shows, with its defaults where nothing is given."""
    declared = {entry.name: entry for entry in source_models()}[model].parameters
    values = {name: entry.default for name, entry in declared.items()} | given
    return encoded(model, values, folder, 0.1, 1, 2, given)


@pytest.mark.parametrize("name", [entry.name for entry in source_models()])
def test_every_code_runs_as_a_source_and_decodes_from_the_run(name: str) -> None:
    net = engine.Network(dt=0.1, seed=4)
    source = net.source("input", name)
    net.record(source, "spikes")
    run = net.simulate(100.0)["input"].spikes
    show = shown(name)
    made = show.spikes(0)
    shape = made.on_off().shape
    seen = coding.recorded(run.times, run.senders, shape, made.duration, dt=0.1, code_dt=made.dt)
    assert len(seen) > 0
    if name == "rate_code":  # its draws are of the node's own stream
        assert abs(len(seen) - len(made)) < 6 * np.sqrt(len(made))
        return
    seen = seen if made.signs is None else seen.signed()
    np.testing.assert_allclose(show.decoded(seen), show.decoded(made), atol=0.02)


def test_a_source_has_as_many_members_as_its_code_needs() -> None:
    net = engine.Network()
    assert net.source("a", "latency_code").size == 5
    assert net.source("b", "population_code", fields=6, values=[0.5, 0.2]).size == 12
    assert net.source("c", "step_forward_code").size == 2  # up and down
    assert net.source("d", "delta_code", polarity="on").size == 1
    net.source("e", "latency_code", size=3)
    with pytest.raises(DocumentError, match=r"has 3 members and needs 5.*set its size to 5"):
        net.simulate(10.0)


def test_a_check_tells_what_a_run_would(tmp_path: Path) -> None:
    net = engine.Network()
    net.source("a", "latency_code", size=3)
    (first,) = [each for each in engine.check(net.document) if each.severity == "error"]
    assert (first.path, first.code) == ("nodes/a/size", "size")
    net = engine.Network()
    net.source("a", "latency_code", size=3, path="none.npy")
    (first,) = [each for each in engine.check(net.document, tmp_path) if each.severity == "error"]
    assert "was not found" in str(first)


def test_a_source_that_cannot_encode_is_not_added() -> None:
    net = engine.Network()
    with pytest.raises(DocumentError, match=r"nodes/a: `values` holds 2 at place 1"):
        net.source("a", "latency_code", values=[0.5, 2.0])
    assert not net.document.nodes


def test_rounds_follow_one_another_and_end_when_they_should() -> None:
    net = engine.Network(dt=0.1)
    net.source("ever", "latency_code", values=[1.0], steps=10, pause=5)
    net.source("twice", "latency_code", values=[1.0], steps=10, pause=5, repeats=2)
    net.record("ever", "spikes")
    net.record("twice", "spikes")
    run = net.simulate(60.0)
    np.testing.assert_allclose(run["ever"].spikes.times, [0.1, 15.1, 30.1, 45.1])
    np.testing.assert_allclose(run["twice"].spikes.times, [0.1, 15.1])


def test_every_showing_of_a_random_code_is_drawn_afresh() -> None:
    show = shown("rate_code", values=[0.5] * 50)
    first, second = show.spikes(0), show.spikes(1)
    assert first.dense().tolist() != second.dense().tolist()
    np.testing.assert_array_equal(show.spikes(0).dense(), first.dense())


@pytest.mark.parametrize("model", ["rate_code", "phase_code", "bsa_code", "population_code"])
@pytest.mark.parametrize("piece", [1, 7, 1024])
def test_a_train_is_the_same_however_the_time_is_cut(model: str, piece: int) -> None:
    train = EncodedTrain(shown(model, pause=0.7), 0)
    state = train.begin(train.encoded.size)
    whole = train.advance(state, 0, 1500)
    parts = [train.advance(state, k, min(k + piece, 1500)) for k in range(0, 1500, piece)]
    for place in (0, 1):
        np.testing.assert_array_equal(np.concatenate([p[place] for p in parts]), whole[place])
    assert (np.diff(whole[0]) >= 0).all()


def test_threads_cuts_and_recorders_do_not_change_the_spikes() -> None:
    def times(cuts: int, threads: int) -> Any:
        net = engine.Network(dt=0.1, seed=3)
        net.source("in", "rate_code", values=[0.2, 0.9])
        net.population("out", 2, "lif_psc_delta")
        net.connect("in", "out", weight=16.0, delay=0.1)
        net.record("out", "spikes")
        with engine.Simulation(net.document, threads=threads) as simulation:
            runs = [simulation.run(120.0 / cuts)["out"].spikes for _ in range(cuts)]
        return np.concatenate([np.stack([run.times, run.senders]) for run in runs], 1)

    whole = times(1, 1)
    np.testing.assert_allclose(times(3, 2), whole)
    assert whole.shape[1] > 3


def test_a_code_is_changed_while_it_runs() -> None:
    net = engine.Network(dt=0.1)
    net.source("in", "latency_code", values=[0.5], steps=11)
    net.record("in", "spikes")
    with engine.Simulation(net.document) as simulation:
        first = simulation.run(22.0)["in"].spikes.times
        simulation.set_parameter("in", "steps", 21)
        second = simulation.run(42.0)["in"].spikes.times
    np.testing.assert_allclose(first, [5.1, 16.1])  # 5 ms into windows of 11
    np.testing.assert_allclose(second, [31.1, 52.1])  # 10 ms into windows of 21, from 0 on


def png(pixels: Any, filters: list[int], kind: int, palette: bytes = b"") -> bytes:
    """A PNG file of uint8 pixels [H, W, channels], its rows filtered as ISO/IEC 15948 says."""

    def chunk(name: bytes, body: bytes) -> bytes:
        code = zlib.crc32(name + body)
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", code)

    high, wide, step = pixels.shape
    padded = np.zeros((high + 1, (wide + 1) * step), np.int64)
    padded[1:, step:] = pixels.reshape(high, -1)
    rows = b""
    for row, rule in zip(range(1, high + 1), filters, strict=True):
        left, up = padded[row, :-step], padded[row - 1, step:]
        corner = padded[row - 1, :-step]
        near = left + up - corner
        apart = np.abs(np.stack([left, up, corner]) - near)
        paeth = np.stack([left, up, corner])[apart.argmin(0), np.arange(left.size)]
        guess = [0 * left, left, up, (left + up) // 2, paeth][rule]
        rows += bytes([rule]) + ((padded[row, step:] - guess) % 256).astype(np.uint8).tobytes()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, kind, 0, 0, 0))
    extra = chunk(b"PLTE", palette) if palette else b""
    return (b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b""))  # fmt: skip


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png_pictures_of_every_filter_become_grey(tmp_path: Path, channels: int) -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (10, 7, channels), np.uint8)
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    (tmp_path / "picture.png").write_bytes(png(pixels, [0, 1, 2, 3, 4, 4, 3, 2, 1, 0], kind))
    light = pixels[..., 0] / 255.0
    if channels > 2:
        light = pixels[..., :3] @ [0.299, 0.587, 0.114] / 255.0
    if channels in (2, 4):
        light = light * pixels[..., -1] / 255.0
    found = samples("picture.png", 0, 1, tmp_path).items[0]
    np.testing.assert_allclose(found, light, atol=1e-12)


def test_png_pictures_of_a_palette_are_read_through_it(tmp_path: Path) -> None:
    places = np.array([[[0], [1]], [[1], [1]]], np.uint8)
    data = png(places, [0, 0], 3, bytes([0, 0, 0, 255, 255, 255]))
    (tmp_path / "picture.png").write_bytes(data)
    found = samples("picture.png", 0, 1, tmp_path).items[0]
    np.testing.assert_allclose(found, [[0, 1], [1, 1]])
    (tmp_path / "cut.png").write_bytes(data[:-30])
    with pytest.raises(DataError, match=r"cannot be read as a \.png file"):
        samples("cut.png", 0, 1, tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file of every sort."""
    head = b"\0\0\x08\x03" + struct.pack(">3I", 2, 8, 8)
    (tmp_path / "two.idx").write_bytes(head + PICTURE.tobytes() * 2)
    with gzip.open(tmp_path / "two.gz", "wb") as packed:
        packed.write(head + PICTURE.tobytes() * 2)
    np.save(tmp_path / "one.npy", PICTURE)
    np.savez(tmp_path / "two.npz", pictures=np.stack([PICTURE, PICTURE]))
    np.savetxt(tmp_path / "one.csv", PICTURE, fmt="%d", delimiter=",", header="a,b")
    (tmp_path / "one.pgm").write_bytes(b"P5\n# grey\n8 8\n255\n" + PICTURE.tobytes())
    (tmp_path / "plain.pgm").write_text("P2 2 1 9\n0 9\n")
    for name in ("b.wav", "a.wav"):
        with wave.open(str(tmp_path / name), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            tone = 16384 * np.sin(2 * np.pi * 1000 * np.arange(1600) / 8000)
            sound.writeframes(tone.astype("<i2").tobytes())
    with zipfile.ZipFile(tmp_path / "sounds.zip", "w") as archive:
        for name in ("b.wav", "a.wav"):
            archive.write(tmp_path / name, name)
    return tmp_path


@pytest.mark.parametrize("name", ["two.idx", "two.gz", "one.npy", "two.npz", "one.csv", "one.pgm"])
def test_a_picture_is_read_from_every_sort_of_file(folder: Path, name: str) -> None:
    show = shown("latency_code", folder, path=name)
    assert show.items[0].shape == (8, 8)
    # A table has no type of its own, so its numbers are taken as they are.
    expected = PICTURE / (1.0 if name == "one.csv" else 255.0)
    if name == "one.csv":
        show = shown("latency_code", folder, path=name, scale="range")
        expected = expected / expected.max()
    np.testing.assert_allclose(show.item(0), expected, atol=1e-12)


def test_labels_are_items_of_one_number(tmp_path: Path) -> None:
    head = b"\0\0\x08\x01" + struct.pack(">I", 4)
    (tmp_path / "labels.idx").write_bytes(head + bytes([5, 0, 4, 1]))
    assert np.array(samples("labels.idx", 1, 3, tmp_path).items).tolist() == [[0], [4], [1]]


def test_an_item_that_two_pieces_of_a_run_share_is_encoded_once() -> None:
    show = shown("rate_code", values=(0.5, 0.9), steps=400)
    first = show.spikes(7)
    assert show.spikes(7) is first
    show.spikes(8)
    assert show.spikes(7) is first
    show.spikes(9)
    again = show.spikes(7)  # forgotten by now, and the same when it is drawn anew
    assert again is not first
    assert np.array_equal(again.times, first.times)


def test_a_recording_brings_the_time_between_its_samples(folder: Path) -> None:
    show = shown("bsa_code", folder, path="sounds.zip", items=2, scale="range")
    assert show.spikes(0).dt == pytest.approx(0.125)
    assert show.lengths.tolist() == [2000, 2000]
    slow = shown("bsa_code", folder, path="a.wav", scale="range", dt=1.0)
    assert slow.spikes(0).dt == 1.0


def test_the_band_of_a_tone_is_the_loudest(folder: Path) -> None:
    show = shown("bsa_code", folder, path="a.wav", bands=16)
    assert show.items[0].shape == (20, 16)
    assert show.size == 16
    middle = show.item(0)[2:-2].mean(0)
    # In mel, 1000 Hz lies at (1000 - 150)/(2146 - 150) of 17 steps: band 7 or 6 from 0.
    assert middle.argmax() in (6, 7)
    assert middle.max() > 0.95
    assert middle.min() < 0.3


def test_a_large_set_is_encoded_as_it_is_shown() -> None:
    show = shown("rate_code", path="mnist/train-images-idx3-ubyte.gz", items=55_000, steps=350)
    assert show.tried().size == 784
    train = EncodedTrain(show, 0)
    assert 0 < train.rate < 0.1
    begins = 54_999 * 3500
    steps, senders, _ = train.advance(train.begin(784), begins, begins + 3500)
    counts = np.bincount(senders, minlength=784)
    assert np.corrcoef(counts, show.item(54_999).ravel())[0, 1] > 0.9
    assert steps.min() >= begins


def test_one_value_out_of_range_among_many_items_is_found_before_the_run(tmp_path: Path) -> None:
    many = np.full((40, 3, 3), 0.5)
    many[37, 1, 1] = 1.5
    np.save(tmp_path / "many.npy", many)
    with pytest.raises(DataError, match=r"1\.5 at place 4"):
        shown("latency_code", tmp_path, path="many.npy", items=40).tried()
    assert shown("latency_code", tmp_path, path="many.npy", items=40, outside="clip").tried()


def test_a_large_set_is_read_from_the_data_folder() -> None:
    path = "mnist/t10k-images-idx3-ubyte.gz"
    found = samples(path, 9_999, 1, None)
    assert found.items[0].shape == (28, 28)
    with pytest.raises(DataError, match="has 10,000 items, not 10,001"):
        samples(path, 10_000, 1, None)


BAD = {
    "../secret.npy": "without `..`",
    "/etc/passwd": "given relative",
    "none.npy": "was not found",
    "program.exe": "must end in one of",
    "broken.gz": "cannot be read as a .gz file",
    "broken.npy": "cannot be read as a .npy file",
    "objects.npy": "cannot be read as a .npy file",
    "broken.pgm": "as a grey pgm picture",
    "broken.wav": "as a wav file of plain samples",
    "cut.idx": "as a whole idx file",
    "short.idx": "as an idx file",
    "nan.csv": "no finite number",
    "huge.npy": "unpacks to more than 256 MB",
    "words.csv": "between 1 and",
    "empty.zip": "has 0 items",
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_used_is_answered_in_one_sentence(tmp_path: Path, name: str) -> None:
    head = b"\0\0\x08\x03" + struct.pack(">3I", 2, 8, 8)
    for broken in ("broken.gz", "broken.npy", "broken.pgm", "broken.wav", "short.idx"):
        (tmp_path / broken).write_bytes(b"not at all")
    (tmp_path / "cut.idx").write_bytes(head + b"123")
    (tmp_path / "nan.csv").write_text("1, 2\n3, nan\n")
    (tmp_path / "words.csv").write_text("a, b\n")
    np.save(tmp_path / "objects.npy", np.array([{}, 1], dtype=object), allow_pickle=True)
    with (tmp_path / "huge.npy").open("wb") as huge:
        said = {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
        np.lib.format.write_array_header_1_0(huge, said)
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    with pytest.raises(DataError, match=BAD[name]) as caught:
        samples(name, 0, 1, tmp_path)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_shown_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nothing to encode"):
        shown("latency_code", values=[])
    np.save(tmp_path / "two.npy", np.zeros((30, 2)))
    with pytest.raises(DataError, match="only a sound of one channel"):
        shown("bsa_code", tmp_path, path="two.npy", bands=4)


def test_recordings_of_two_rates_and_sizes_beyond_all_are_one_sentence(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        for rate in (8000, 16_000):
            content = io.BytesIO()
            with wave.open(content, "wb") as sound:
                sound.setparams((1, 2, rate, 0, "NONE", ""))
                sound.writeframes(b"\1\0" * 50)
            archive.writestr(f"{rate}.wav", content.getvalue())
    with pytest.raises(DataError, match=r"two\.zip.*recordings of one sampling rate"):
        samples("two.zip", 0, 2, tmp_path)
    (tmp_path / "wide.pgm").write_bytes(b"P5 99999999999999999999 1 255\n....")
    with pytest.raises(DataError, match=r'"wide\.pgm" cannot be read'):
        samples("wide.pgm", 0, 1, tmp_path)
