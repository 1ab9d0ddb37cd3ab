"""Pictures, recordings and tables from files, within stated limits, for sources that encode."""

from __future__ import annotations

import gzip
import io
import math
import re
import struct
import wave
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, BinaryIO

import numpy as np
from numpy.typing import NDArray

from engine.coding.draws import shuffled
from engine.errors import DataError
from engine.runtime.data_files import find
from engine.runtime.png import grey

MAX_BYTES = 256_000_000  # of a file, and of what it unpacks to
MAX_NUMBERS = 60_000_000  # in what is shown
SUFFIXES = (
    ".gz", ".idx", ".npy", ".npz", ".csv", ".txt", ".tsv", ".dat", ".pgm", ".png", ".wav", ".zip",
)  # fmt: skip
IDX_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
SIGNAL_DIMENSIONS, PICTURE_DIMENSIONS = 2, 2  # of one item, at most

Numbers = NDArray[np.generic]


@dataclass(frozen=True)
class Samples:
    """What a file holds: ``items``, each an array, and the ms between samples if it says so."""

    items: list[Numbers]
    interval: float | None = None
    places: tuple[int, ...] = (0,)  # of the items in the file, counted from 0


@dataclass(frozen=True)
class _Wanted:
    path: str  # as the document has it
    first: int
    count: int
    seed: int | None  # of the order of the items; None: as in the file

    def few(self, known: int) -> DataError:
        """There are not so many."""
        return DataError(
            f'"{self.path}" has {known:,} items, not {self.first + self.count:,}; '
            "count `item` from 0 and make `items` smaller"
        )

    def chosen(self, known: int) -> tuple[int, ...]:
        """Places of the items wanted."""
        last = self.first + self.count
        if last > known:
            raise self.few(known)
        if self.seed is None:
            return tuple(range(self.first, last))
        return tuple(shuffled(known, self.seed)[self.first : last].tolist())

    def unreadable(self, kind: str) -> DataError:
        """It is no such file."""
        return DataError(f'"{self.path}" cannot be read as {kind}; give another file')


def samples(
    path: str, first: int, count: int, folder: Path | None, seed: int | None = None
) -> Samples:
    """``count`` items of a file from item ``first`` on.

    An array or a table of up to two dimensions is one item (a picture [H, W], or a recording [T] or
    [T, channels]); of more dimensions, and in an idx file, the first counts items; a zip holds wav
    files, by name.  With a ``seed`` items stand in another order, the same for files of as many.
    Raises DataError when the file cannot be found or used.
    """
    found = find(path, folder, "file to encode", SUFFIXES)
    size = found.stat().st_size
    if size > MAX_BYTES:
        raise DataError(
            f'"{path}" has {size / 1e6:,.0f} MB, more than {MAX_BYTES // 10**6}; cut it'
        )
    wanted = _Wanted(path, first, count, seed)
    try:
        made = _read(found, found.stat().st_mtime_ns, wanted)
    except (OSError, EOFError, ValueError, IndexError, OverflowError, RuntimeError, struct.error,
            zlib.error, zipfile.BadZipFile) as error:  # fmt: skip
        raise wanted.unreadable(f"a {found.suffix} file") from error
    total = sum(item.size for item in made.items)
    if not total or total > MAX_NUMBERS:
        raise DataError(f'"{path}" gives {total:,} numbers; between 1 and {MAX_NUMBERS:,} fit')
    for item in made.items:
        if item.dtype.kind not in "biuf" or not np.isfinite(item).all():
            raise DataError(f'"{path}" holds something that is no finite number; remove it')
    return made


@lru_cache(maxsize=8)
def _read(found: Path, changed: int, wanted: _Wanted) -> Samples:
    """A file as it was at ``changed``, kept for a page that draws it at every edit."""
    made = _READERS[found.suffix.lower()](found, wanted)
    for item in made.items:
        item.flags.writeable = False
    return made


def _split(array: Numbers, wanted: _Wanted) -> Samples:
    """An array as items."""
    if array.ndim <= max(SIGNAL_DIMENSIONS, PICTURE_DIMENSIONS):
        wanted.chosen(1)
        return Samples([array])
    places = wanted.chosen(len(array))
    return Samples([array[place] for place in places], places=places)


def _idx(found: Path, wanted: _Wanted) -> Samples:
    if found.suffix.lower() != ".gz":
        with found.open("rb") as plain:
            return _idx_items(plain, wanted)
    with gzip.open(found, "rb") as packed:
        return _idx_items(packed, wanted)


def _idx_items(file: BinaryIO | gzip.GzipFile, wanted: _Wanted) -> Samples:
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in IDX_TYPES or not head[3]:
        raise wanted.unreadable("an idx file")
    shape = struct.unpack(f">{head[3]}I", file.read(4 * head[3]))
    kind = np.dtype(IDX_TYPES[head[2]])
    each = math.prod(shape[1:]) * kind.itemsize
    chosen = wanted.chosen(shape[0])
    first, last = min(chosen), max(chosen)
    if each * (last + 1) > MAX_BYTES:
        raise DataError(f'"{wanted.path}" unpacks to more than {MAX_BYTES // 10**6} MB; cut it')
    file.seek(each * first, 1)
    data = file.read(each * (last + 1 - first))
    if len(data) < each * (last + 1 - first):
        raise wanted.unreadable("a whole idx file")
    each_shape = shape[1:] or (1,)  # labels are items of one number
    read = np.frombuffer(data, kind).reshape(last + 1 - first, *each_shape)
    return Samples([read[place - first] for place in chosen], places=chosen)


def _npy(found: Path, wanted: _Wanted) -> Samples:
    with found.open("rb") as file:
        return _split(_array(file, wanted), wanted)


def _npz(found: Path, wanted: _Wanted) -> Samples:
    with zipfile.ZipFile(found) as archive:
        names = [name for name in archive.namelist() if name.endswith(".npy")]
        if not names:
            raise wanted.unreadable("an npz file with an array")
        with archive.open(names[0]) as file:
            return _split(_array(file, wanted), wanted)


def _array(file: IO[bytes], wanted: _Wanted) -> Numbers:
    """A plain array, once its header has said that it fits: memory is taken before it is read."""
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else (
        np.lib.format.read_array_header_2_0
    )  # fmt: skip
    shape, _, kind = read(file)
    if math.prod(shape) * kind.itemsize > MAX_BYTES:
        raise DataError(f'"{wanted.path}" unpacks to more than {MAX_BYTES // 10**6} MB; cut it')
    file.seek(0)
    return np.lib.format.read_array(file, allow_pickle=False)


def _table(found: Path, wanted: _Wanted) -> Samples:
    lines = found.read_text(encoding="utf-8").splitlines()
    rows = [re.split(r"[,;\s]+", line.strip(" \t,;")) for line in lines if _has_numbers(line)]
    table = np.array([[float(cell) for cell in row] for row in rows], np.float64)
    return _split(table.ravel() if 1 in table.shape else table, wanted)


def _has_numbers(line: str) -> bool:
    """Whether a line is neither empty nor a comment nor a header."""
    words = line.strip()
    return bool(words) and (words[0].isdigit() or words[0] in "+-.")


def _pgm(found: Path, wanted: _Wanted) -> Samples:
    """A grey picture: plain (P2) or raw (P5)."""
    data = found.read_bytes()
    head = re.match(rb"(P[25])(?:\s|#[^\n]*\n)+(\d+)(?:\s|#[^\n]*\n)+(\d+)(?:\s|#[^\n]*\n)+(\d+)\s",
                    data)  # fmt: skip
    if head is None:
        raise wanted.unreadable("a grey pgm picture")
    wide, high, most = (int(number) for number in head.groups()[1:])
    kind = "u1" if most < 256 else ">u2"
    body = data[head.end() :]
    if head[1] == b"P5":
        found_values = np.frombuffer(body, kind, wide * high)
    else:
        found_values = np.array(body.split()[: wide * high], np.int64)
    picture = found_values.reshape(high, wide)
    wanted.chosen(1)
    return Samples([picture / most])


def _png(found: Path, wanted: _Wanted) -> Samples:
    wanted.chosen(1)
    return Samples([grey(found.read_bytes())])


def _wav(found: Path, wanted: _Wanted) -> Samples:
    wanted.chosen(1)
    with found.open("rb") as file:
        sound, interval = _sound(file, wanted)
    return Samples([sound], interval)


def _zip(found: Path, wanted: _Wanted) -> Samples:
    with zipfile.ZipFile(found) as archive:
        names = sorted(name for name in archive.namelist() if name.lower().endswith(".wav"))
        items, interval = [], None
        places = wanted.chosen(len(names))
        for place in places:
            if archive.getinfo(names[place]).file_size > MAX_BYTES:
                raise wanted.unreadable("a zip of short recordings")
            sound, apart = _sound(io.BytesIO(archive.read(names[place])), wanted)
            if apart != (interval or apart):
                raise wanted.unreadable("a zip of recordings of one sampling rate")
            interval = apart
            items.append(sound)
    return Samples(items, interval, places)


def _sound(file: BinaryIO, wanted: _Wanted) -> tuple[Numbers, float]:
    """The mean of the channels of a wav file, and the ms between its samples."""
    try:
        with wave.open(file, "rb") as sound:
            width, channels, rate = sound.getsampwidth(), sound.getnchannels(), sound.getframerate()
            data = sound.readframes(sound.getnframes())
    except wave.Error as error:
        raise wanted.unreadable("a wav file of plain samples") from error
    kind = {1: "u1", 2: "<i2", 4: "<i4"}.get(width)
    if kind is None or rate < 1:
        raise wanted.unreadable("a wav file of 8, 16 or 32 bits")
    values = np.frombuffer(data, kind).reshape(-1, channels)
    # Eight bits stand around 128; all become shares of the largest number there is.
    centred = values.astype(np.float64) - (128.0 if width == 1 else 0.0)
    return centred.mean(1) / 2.0 ** (8 * width - 1), 1000.0 / rate


_READERS: dict[str, Callable[[Path, _Wanted], Samples]] = {
    ".gz": _idx,
    ".idx": _idx,
    ".npy": _npy,
    ".npz": _npz,
    ".csv": _table,
    ".txt": _table,
    ".tsv": _table,
    ".dat": _table,
    ".pgm": _pgm,
    ".png": _png,
    ".wav": _wav,
    ".zip": _zip,
}
