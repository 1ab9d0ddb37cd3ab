"""Recorded spike trains from files: text, CSV or npz, within stated limits."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.runtime.data_files import find

MAX_BYTES = 64_000_000
MAX_SPIKES = 10_000_000
MS = {"us": 1e-3, "ms": 1.0, "s": 1e3}  # one of the unit in ms
SUFFIXES = (".txt", ".csv", ".tsv", ".dat", ".npz")

_SEPARATOR = re.compile(r"[,;\t ]+")


def spike_times(
    path: str, column: int | str = 0, unit: str = "ms", folder: Path | None = None
) -> NDArray[np.float64]:
    """Spike times [ms], ascending, from one column of a file.

    ``column`` is a place counted from 0, the name of a column of a text file with a header, or the
    name of an array in an npz file.  Raises DataError when the file cannot be found or used.
    """
    if unit not in MS:
        raise DataError(f'"{path}": `{unit}` is not a unit of a spike file; use us, ms or s')
    found = find(path, folder, "spike file", SUFFIXES)
    size = found.stat().st_size
    if size > MAX_BYTES:
        limit = f"{MAX_BYTES // 1_000_000} MB"
        raise DataError(f'"{path}" has {size / 1e6:,.0f} MB, more than {limit}; cut it')
    read = _read_npz if found.suffix.lower() == ".npz" else _read_text
    times = read(found, path, column) * MS[unit]
    if times.size > MAX_SPIKES:
        raise DataError(f'"{path}" has {times.size:,} spikes, more than {MAX_SPIKES:,}; cut it')
    bad = ~np.isfinite(times) | (times < 0)
    if bad.any():
        place = int(np.argmax(bad))
        raise DataError(
            f'"{path}": entry {place} is {times[place]:g} ms, not a spike time; '
            "spike times are finite and not negative"
        )
    return np.sort(times)


def _read_npz(found: Path, path: str, column: int | str) -> NDArray[np.float64]:
    try:
        with np.load(found, allow_pickle=False) as arrays:
            names = list(arrays.files)
            name = names[column] if isinstance(column, int) and column < len(names) else column
            if name not in names:
                raise DataError(f'"{path}" has no array `{column}`; it has {", ".join(names)}')
            _check_declared_size(found, path, str(name))
            array = np.asarray(arrays[str(name)])
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f'"{path}" cannot be read as an npz file of plain arrays') from error
    if array.dtype.kind not in "iuf":
        raise DataError(f'"{path}": the array `{name}` holds no numbers')
    return array.astype(np.float64).ravel()


def _check_declared_size(found: Path, path: str, name: str) -> None:
    """Refuse an array that would unpack to far more than the file has."""
    with zipfile.ZipFile(found) as archive:
        declared = archive.getinfo(f"{name}.npy").file_size
    if declared > 8 * MAX_SPIKES + 4096:
        raise DataError(f'"{path}" unpacks to {declared / 1e6:,.0f} MB; cut it')


def _read_text(found: Path, path: str, column: int | str) -> NDArray[np.float64]:
    try:
        lines = found.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f'"{path}" cannot be read as text') from error
    rows = [
        (number, _SEPARATOR.split(line.strip()))
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.lstrip().startswith(("#", "%"))
    ]
    if rows and not _is_number(rows[0][1][0]):
        header = [name.strip('"') for name in rows.pop(0)[1]]
    else:
        header = []
    place = _place(column, header, path)
    return np.array([_entry(row, place, path) for row in rows], np.float64)


def _place(column: int | str, header: list[str], path: str) -> int:
    if isinstance(column, int):
        return column
    if column in header:
        return header.index(column)
    if column.isdecimal():
        return int(column)
    known = f"it has {', '.join(header)}" if header else "it has no header: give a number from 0"
    raise DataError(f'"{path}" has no column `{column}`; {known}')


def _entry(row: tuple[int, list[str]], place: int, path: str) -> float:
    number, cells = row
    if place >= len(cells):
        raise DataError(f'"{path}", line {number}: there is no column {place}, only {len(cells)}')
    if not _is_number(cells[place]):
        raise DataError(f'"{path}", line {number}: `{cells[place]:.40}` is not a number')
    return float(cells[place])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
