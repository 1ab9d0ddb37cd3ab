"""Spike files are read in any unit, within their folder, and refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import engine
from engine import DataError, Network, Simulation, rules
from engine.runtime.spike_files import MAX_BYTES, spike_times


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("WORKBENCH_DATA", raising=False)
    (tmp_path / "plain.txt").write_text("# spikes\n3000\n1000\n\n2500.5\n")
    (tmp_path / "table.csv").write_text("cell,time\n0,0.001\n1,0.004\n")
    np.savez(tmp_path / "arrays.npz", a=np.array([1.0, 2.0]), b=np.array([7]))
    return tmp_path


def test_text_csv_and_npz_give_ascending_times_in_ms(folder):
    assert spike_times("plain.txt", 0, "us", folder).tolist() == [1.0, 2.5005, 3.0]
    assert spike_times("table.csv", "time", "s", folder).tolist() == [1.0, 4.0]
    assert spike_times("table.csv", 1, "s", folder).tolist() == [1.0, 4.0]
    assert spike_times("arrays.npz", "b", "ms", folder).tolist() == [7.0]
    assert spike_times("arrays.npz", 0, "ms", folder).tolist() == [1.0, 2.0]


def test_the_data_folder_is_looked_into_as_well(folder, monkeypatch, tmp_path_factory):
    monkeypatch.setenv("WORKBENCH_DATA", str(folder))
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert spike_times("plain.txt", 0, "us", elsewhere).size == 3


@pytest.mark.parametrize("path", ["/etc/hosts.txt", "../plain.txt", "a/../../b.txt", "c:\\a.txt"])
def test_a_path_out_of_the_folder_is_refused(folder, path):
    with pytest.raises(DataError, match="must be given relative to the document"):
        spike_times(path, 0, "ms", folder)


def test_a_link_out_of_the_folder_is_not_followed(folder, tmp_path_factory):
    secret = tmp_path_factory.mktemp("secret") / "secret.txt"
    secret.write_text("1\n")
    (folder / "link.txt").symlink_to(secret)
    with pytest.raises(DataError, match="was not found beside the document"):
        spike_times("link.txt", 0, "ms", folder)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("words.txt", "one\ntwo\nthree\n", "line 2: `two` is not a number"),
        ("nan.txt", "1\nnan\n", "entry 1 is nan ms, not a spike time"),
        ("negative.txt", "-4\n", "entry 0 is -4 ms"),
        ("short.csv", "1,2\n3\n", "line 2: there is no column 1, only 1"),
        ("binary.txt", b"\xff\xfe\x00\x01", "cannot be read as text"),
        ("broken.npz", "not a zip", "cannot be read as an npz file"),
        ("program.py", "1\n", "must end in one of .txt"),
    ],
)
def test_a_bad_file_is_refused_naming_the_place(folder, name, content, said):
    path = folder / name
    path.write_bytes(content) if isinstance(content, bytes) else path.write_text(content)
    with pytest.raises(DataError, match=said):
        spike_times(name, 1 if name == "short.csv" else 0, "ms", folder)


def test_objects_in_an_npz_are_never_unpacked(folder):
    np.savez(folder / "objects.npz", a=np.array([{}], dtype=object))
    with pytest.raises(DataError, match="cannot be read as an npz file of plain arrays"):
        spike_times("objects.npz", 0, "ms", folder)


def test_an_unknown_column_is_refused_with_what_there_is(folder):
    with pytest.raises(DataError, match="no column `when`; it has cell, time"):
        spike_times("table.csv", "when", "s", folder)
    with pytest.raises(DataError, match="no array `c`; it has a, b"):
        spike_times("arrays.npz", "c", "s", folder)


def test_a_file_larger_than_the_limit_is_refused_unread(folder):
    with (folder / "large.txt").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(DataError, match="more than 64 MB"):
        spike_times("large.txt", 0, "ms", folder)


def test_a_file_drives_a_network_at_its_times(folder):
    network = Network("file", dt=0.1)
    network.source("file", "spike_file", path="plain.txt", unit="us", scale=2.0)
    network.population("cell", 1, "lif_psc_delta")
    network.connect("file", "cell", rules.all_to_all(), 1.0, 0.1, port="exc")
    network.record("file", "spikes")
    with Simulation(network.document, folder=folder) as simulation:
        run = simulation.run(10.0)
    assert run["file"].spikes.times.tolist() == [2.0, 5.0, 6.0]


def test_a_spike_after_the_end_of_time_is_no_spike(tmp_path):
    (tmp_path / "late.txt").write_text("5\n1e300\n")
    net = engine.Network("late", dt=0.1)
    net.record(net.source("file", "spike_file", path="late.txt"), "spikes")
    net.save(tmp_path / "late.json")
    run = engine.Network.load(tmp_path / "late.json").simulate(10.0)
    assert run["file"].spikes.times.tolist() == [5.0]
