"""Saving is whole or not at all, and says what was in the way."""

import errno
import os
import resource
import subprocess
import sys

import pytest

from engine.document import Document, load, save
from engine.document.files import read_bytes, write_atomically
from engine.errors import DataError, DocumentError

OLD, NEW = Document(name="old"), Document(name="new")


def test_what_was_saved_is_loaded(tmp_path):
    save(NEW, tmp_path / "a.json")
    assert load(tmp_path / "a.json") == NEW
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_full_disk_leaves_the_old_file_and_no_rubbish(tmp_path):
    path = tmp_path / "a.json"
    save(OLD, path)
    # A limit on the size of files makes the system refuse the write half way, as a full disk does.
    script = (
        "import resource, signal, sys\n"
        "from engine.document import Document, save\n"
        "from engine.errors import DataError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n"
        "    save(Document(description='x' * 9000), sys.argv[1])\n"
        "except DataError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith('cannot save "a.json": the file would be too large for this disk')
    assert "unchanged" in done.stdout
    assert load(path) == OLD
    assert os.listdir(tmp_path) == ["a.json"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 4096


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_a_failing_disk_is_told_in_a_sentence(tmp_path, monkeypatch, number):
    def fail(handle):
        raise OSError(number, os.strerror(number))

    save(OLD, tmp_path / "a.json")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(DataError, match=r'cannot save "a.json": .*; .*unchanged'):
        save(NEW, tmp_path / "a.json")
    monkeypatch.undo()
    assert load(tmp_path / "a.json") == OLD
    assert os.listdir(tmp_path) == ["a.json"]


@pytest.mark.parametrize(
    "place", ["absent/a.json", ".", "x" * 300, "a\0b"], ids=["folder", "is-folder", "long", "nul"]
)
def test_a_place_that_cannot_be_written_is_told_in_a_sentence(tmp_path, place):
    with pytest.raises(DataError, match=r"; "):
        write_atomically(f"{tmp_path}/{place}", b"x")


def test_a_link_stays_a_link(tmp_path):
    save(OLD, tmp_path / "real.json")
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    save(NEW, tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert load(tmp_path / "real.json") == NEW


def test_permissions_of_the_old_file_are_kept(tmp_path):
    path = tmp_path / "a.json"
    save(OLD, path)
    path.chmod(0o640)
    save(NEW, path)
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_file_too_large_is_not_read(tmp_path):
    path = tmp_path / "big.json"
    path.write_bytes(b" " * 100)
    with pytest.raises(DataError, match=r'"big.json" is larger than'):
        read_bytes(path, limit=99)


def test_an_absent_file_and_a_picture_are_told_apart(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        load(tmp_path / "absent.json")
    (tmp_path / "picture.json").write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    with pytest.raises(DocumentError, match="not text"):
        load(tmp_path / "picture.json")
