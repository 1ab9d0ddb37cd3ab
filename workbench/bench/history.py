"""The record of a measurement: the machine, when, which version, every figure with all its values.

``bench.json`` keeps it.  Measuring into a folder that has one already replaces the measures made
anew and keeps the others, as long as the machine is the same.
"""

from __future__ import annotations

import importlib.metadata
import json
import math
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.child import ROOT
from engine.cores import allowed_cores
from engine.errors import DataError
from workbench.bench.measures import Figure

FORMAT, VERSION = "spiking-workbench-bench", 1
FILE = "bench.json"
DIGITS = 4  # significant, of a value in the file: more than any of them is worth
LIBRARIES = ("numpy", "scipy", "numba", "llvmlite", "torch", "cupy-cuda12x", "panel")
LARGEST = 5_000_000  # bytes of a record that is read
_FIELDS = {"machine": dict, "measures": list, "figures": list}


def new_record() -> dict[str, Any]:
    """A record without figures."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "machine": machine(),
        "measures": [],
        "figures": [],
    }


def machine() -> dict[str, Any]:
    """What the figures depend on: processor, cores, memory, system, versions."""
    return {
        "processor": _processor(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "cores_allowed": allowed_cores(),
        "memory_gb": _memory_gb(),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": dict(_versions()),
    }


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def _memory_gb() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (AttributeError, OSError, ValueError):
        return None


def _versions() -> Iterable[tuple[str, str]]:
    from engine import __version__

    yield "spiking-workbench", __version__
    for name in LIBRARIES:
        with suppress(importlib.metadata.PackageNotFoundError):
            yield name, importlib.metadata.version(name)


def commit() -> str | None:
    """The commit that is measured; None outside a checkout, "+" where files were changed."""
    if not (ROOT / ".git").exists():
        return None
    command = ["git", "-C", str(ROOT), "describe", "--always", "--abbrev=12", "--dirty=+"]
    command.append("--exclude=*")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def measured(
    name: str, figures: Iterable[Figure], missing: str = "", **conditions: Any
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What a record keeps of a measure: the conditions, and its figures as plain data."""
    head = {"name": name, "date": datetime.now(UTC).isoformat(timespec="seconds"), **conditions}
    head |= {"commit": commit(), "load": _load(), "missing": missing}
    kept = [_finite(figure) for figure in figures]
    return head, [{"measure": name, **_rounded(figure.plain())} for figure in kept if figure.values]


def _finite(figure: Figure) -> Figure:
    return replace(figure, values=[value for value in figure.values if math.isfinite(value)])


def _load() -> float | None:
    """Programs that wanted a core during the last minute, ours among them."""
    try:
        return round(os.getloadavg()[0], 2)
    except (AttributeError, OSError):
        return None


def _rounded(value: Any) -> Any:
    """Plain data with few digits and without what JSON has no word for."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): _rounded(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(entry) for entry in value]
    if hasattr(value, "tolist"):  # an array or a number of NumPy's
        return _rounded(value.tolist())
    return value


def put(record: dict[str, Any], head: dict[str, Any], figures: list[dict[str, Any]]) -> None:
    """Add a measure to a record in place of an earlier one of its name."""
    name = head["name"]
    record["measures"] = [old for old in record["measures"] if old["name"] != name] + [head]
    kept = [old for old in record["figures"] if old["measure"] != name]
    record["figures"] = kept + figures


def opened(folder: Path | None) -> dict[str, Any]:
    """The record to measure into: the folder's own if it is of this machine, else a new one."""
    fresh = new_record()
    path = None if folder is None else folder / FILE
    if path is None or not path.exists():
        return fresh
    found = load(path)
    same = all(
        found["machine"].get(name) == fresh["machine"][name] for name in ("processor", "cores")
    )
    if not same:
        raise DataError(
            f'"{path}" is a record of another machine; choose another folder or remove it'
        )
    return found | {"machine": fresh["machine"]}


def load(path: Path) -> dict[str, Any]:
    """A record from a file.  Raises DataError with one sentence where it is none."""
    try:
        if path.stat().st_size > LARGEST:
            raise DataError(f'"{path}" is too large for a record of measurements; choose another')
        found = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise DataError(f'"{path}" cannot be read: {error.strerror}; check the name') from error
    except ValueError as error:
        raise DataError(f'"{path}" is not JSON; measure into another folder') from error
    problem = _problem(found)
    if problem:
        raise DataError(f'"{path}": {problem}; measure into another folder')
    return found


def _problem(found: Any) -> str:
    """What keeps ``found`` from being a record; empty if nothing does."""
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        return "this is not a record of measurements"
    if found.get("version") != VERSION:
        return f"this record has version {found.get('version')!r}, not {VERSION}"
    for field, kind in _FIELDS.items():
        if not isinstance(found.get(field), kind):
            return f"the field {field} is missing or wrong"
    for figure in found["figures"]:
        if not _is_figure(figure):
            return "a figure lacks measure, name, unit or values"
    if not all(isinstance(head, dict) and "name" in head for head in found["measures"]):
        return "a measure has no name"
    if not {"processor", "architecture", "cores", "system", "python"} <= found["machine"].keys():
        return "the machine is not described"
    return ""


def _is_figure(figure: Any) -> Any:
    texts = ("measure", "name", "unit", "note")
    return (
        isinstance(figure, dict)
        and all(isinstance(figure.get(name), str) for name in texts)
        and isinstance(figure.get("values"), list)
        and figure["values"]
        and all(isinstance(value, (int, float)) for value in figure["values"])
        and isinstance(figure.get("extra"), dict)
        and all(map(_is_series, figure["extra"].get("series", ())))
    )


def _is_series(line: Any) -> bool:
    return (
        isinstance(line, dict)
        and all(isinstance(line.get(name), str) for name in ("label", "x_label", "y_label"))
        and isinstance(line.get("x"), list)
        and isinstance(line.get("y"), list)
        and len(line["x"]) == len(line["y"]) == len(line.get("fit") or line["x"])
    )


def text(record: Mapping[str, Any]) -> str:
    """The record as JSON, a figure a line, so that versions of it can be compared by line."""
    parts = []
    for name, value in record.items():
        if name in ("measures", "figures"):
            lines = ",\n".join(f"  {json.dumps(entry, ensure_ascii=False)}" for entry in value)
            parts.append(f' "{name}": [\n{lines}\n ]')
        else:
            parts.append(f' "{name}": {json.dumps(value, ensure_ascii=False)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"
