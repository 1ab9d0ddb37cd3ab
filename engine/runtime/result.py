"""What a run leaves: spikes, traces, rates, timings, and the document it came from.

Saved as one npz of plain arrays: ``meta`` (JSON text), and for each node such as ``exc``
``exc/times`` [ms] and ``exc/senders`` of its spikes, ``exc/state/v`` [samples, members] with
``exc/state/v/times`` and ``exc/state/v/members``; ``exc/state/rate`` for a recorded rate; and for
each edge such as ``exc-inh`` that learned ``exc-inh/weights``, and with a recorder of weights
``exc-inh/course`` [samples, synapses] with ``exc-inh/course/times`` and ``exc-inh/course/members``.
"""

from __future__ import annotations

import io
import json
import math
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import analysis
from engine.document import Document, from_json, to_json
from engine.document.files import write_atomically
from engine.errors import DataError

FORMAT = "spiking-workbench-run"
VERSION = 1


@dataclass(frozen=True)
class Spikes:
    """Spikes in order of time: ``times`` [ms], ``senders`` (members of the node)."""

    times: NDArray[np.float64]
    senders: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.times)


@dataclass(frozen=True)
class Trace:
    """Samples of one variable: ``times`` [samples] in ms, ``values`` [samples, members]."""

    times: NDArray[np.float64]
    values: NDArray[np.floating]
    members: NDArray[np.int64]

    def __iter__(self) -> Iterator[NDArray[np.floating]]:
        """So that ``times, values = run["exc"].trace("v")`` works."""
        return iter((self.times, self.values))

    def __getitem__(self, place: int) -> NDArray[np.floating]:
        """0: the times, 1: the values."""
        return (self.times, self.values)[place]


@dataclass
class NodeResult:
    """What a run recorded of one node, and its rate and irregularity, which are always kept."""

    id: str
    size: int
    duration: float  # ms
    start: float = 0.0  # ms, where the run began (more than 0 if it went on from another)
    recorded: Spikes | None = None
    members: NDArray[np.int64] | None = None  # whose spikes were recorded; None: all
    traces: dict[str, Trace] = field(default_factory=dict)
    total: int | None = None  # spikes of all members, recorded or not; None: not counted
    cv: float = math.nan  # mean CV of intervals over cells with at least five spikes

    @property
    def spikes(self) -> Spikes:
        """The recorded spikes; DataError if they were not recorded."""
        if self.recorded is None:
            raise DataError(
                f'the spikes of "{self.id}" were not recorded; add a recorder of its spikes'
            )
        return self.recorded

    def rate_hz(self, start: float | None = None, stop: float | None = None) -> float:
        """Mean rate [Hz] over all members, or between ``start`` and ``stop`` ms.

        A part of the run needs recorded spikes, and is then the rate of the recorded members.
        """
        if start is None and stop is None and self.total is not None:
            if self.duration <= 0:
                return math.nan
            return 1000.0 * self.total / (self.size * self.duration)
        size = self.size if self.members is None else len(self.members)
        return analysis.mean_rate(self.spikes.times, size, *self._window(start, stop))

    def cv_isi(self, start: float | None = None, stop: float | None = None) -> float:
        """Mean coefficient of variation of inter-spike intervals; NaN with too few spikes.

        Over cells with at least five spikes; a part of the run needs recorded spikes.
        """
        if start is None and stop is None:
            return self.cv
        times, senders = self.spikes.times, self.spikes.senders
        first, last = self._window(start, stop)
        inside = (times > first) & (times <= last)
        return analysis.cv_isi(times[inside], senders[inside])

    def _window(self, start: float | None, stop: float | None) -> tuple[float, float]:
        end = self.start + self.duration
        return self.start if start is None else start, end if stop is None else stop

    def trace(self, variable: str) -> Trace:
        """The recorded ``variable``; unpacks into times [ms] and values [samples, members]."""
        if variable not in self.traces:
            known = ", ".join(self.traces) or "none"
            raise DataError(
                f'`{variable}` of "{self.id}" was not recorded (recorded: {known}); '
                "add a recorder of it"
            )
        return self.traces[variable]


@dataclass
class Run:
    """A finished run, or what there is of one that was stopped."""

    document: Document
    nodes: dict[str, NodeResult]
    bio_s: float  # simulated
    build_s: float
    run_s: float
    device: str = "cpu"
    synapses: int = 0
    complete: bool = True  # False: cancelled or stopped before the asked duration
    learned: dict[str, NDArray[np.floating]] = field(default_factory=dict)  # edge -> weights
    courses: dict[str, Trace] = field(default_factory=dict)  # edge -> recorded weights

    def __getitem__(self, node: str) -> NodeResult:
        if node not in self.nodes:
            raise DataError(f'there is no node "{node}"; there are {", ".join(self.nodes)}')
        return self.nodes[node]

    def weights(self, edge: str) -> NDArray[np.floating]:
        """The weights [synapses] at the end of an edge that learns, by source, there by target.

        DataError for any other edge.
        """
        if edge not in self.learned:
            known = ", ".join(self.learned) or "none"
            raise DataError(f'"{edge}" is not a connection that learns (those that do: {known})')
        return self.learned[edge]

    def weight_trace(self, edge: str) -> Trace:
        """The recorded weights of an edge; unpacks into times [ms] and values [samples, synapses].

        ``members`` are the synapses that were recorded.  DataError if none were.
        """
        if edge not in self.courses:
            known = ", ".join(self.courses) or "none"
            raise DataError(
                f'the weights of "{edge}" were not recorded (recorded: {known}); '
                "add a recorder of its weights"
            )
        return self.courses[edge]

    @property
    def neurons(self) -> int:
        """Neurons of all populations."""
        return sum(node.size for node in self.document.populations)

    def summary(self) -> dict[str, Any]:
        """Timings, sizes, rates and CVs as plain data (None where there is nothing to say)."""
        populations = [self.nodes[node.id] for node in self.document.populations]
        return {
            "name": self.document.name,
            "build_s": round(self.build_s, 6),
            "run_s": round(self.run_s, 6),
            "bio_s": round(self.bio_s, 9),
            "neurons": self.neurons,
            "synapses": self.synapses,
            "device": self.device,
            "complete": self.complete,
            "rates_hz": {node.id: _finite(node.rate_hz()) for node in populations},
            "cv_isi": {node.id: _finite(node.cv_isi()) for node in populations},
        }

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the run as an npz file, whole or not at all; DataError if that fails."""
        target = Path(path)
        arrays: dict[str, Any] = {"meta": np.array(json.dumps(self._meta()))}
        for node in self.nodes.values():
            arrays |= _arrays_of(node)
        arrays |= {f"{edge}/weights": weights for edge, weights in self.learned.items()}
        for edge, course in self.courses.items():
            arrays |= _arrays_of_trace(f"{edge}/course", course)
        content = io.BytesIO()
        np.savez(content, **arrays)
        write_atomically(target, content.getvalue())
        return target

    def _meta(self) -> dict[str, Any]:
        nodes = {
            node.id: {
                "size": node.size,
                "duration": node.duration,
                "start": node.start,
                "total": node.total,
                "cv": _finite(node.cv),
                "traces": list(node.traces),
            }
            for node in self.nodes.values()
        }
        return {
            "format": FORMAT,
            "version": VERSION,
            "document": to_json(self.document),
            "nodes": nodes,
            "bio_s": self.bio_s,
            "build_s": self.build_s,
            "run_s": self.run_s,
            "device": self.device,
            "synapses": self.synapses,
            "complete": self.complete,
            "learned": list(self.learned),
            "courses": list(self.courses),
        }


def load_run(path: str | os.PathLike[str]) -> Run:
    """Read a run that ``Run.save`` wrote; DataError if it is something else."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            meta = json.loads(str(arrays["meta"]))
            if meta.get("format") != FORMAT or meta.get("version") != VERSION:
                raise DataError(f'"{path}" is not a run of this version of Spiking Workbench')
            nodes = {name: _node_from(name, entry, arrays) for name, entry in meta["nodes"].items()}
            learned = {edge: arrays[f"{edge}/weights"] for edge in meta.get("learned", ())}
            courses = {e: _trace_from(f"{e}/course", arrays) for e in meta.get("courses", ())}
    except FileNotFoundError as error:
        raise DataError(f'"{path}" is not there; check the name') from error
    except (OSError, KeyError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f'"{path}" is not a saved run; save one with --out or run.save') from error
    fields = ("bio_s", "build_s", "run_s", "device", "synapses", "complete")
    kept = {name: meta[name] for name in fields}
    return Run(from_json(meta["document"]), nodes, **kept, learned=learned, courses=courses)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _arrays_of(node: NodeResult) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    if node.recorded is not None:
        arrays[f"{node.id}/times"] = node.recorded.times
        arrays[f"{node.id}/senders"] = node.recorded.senders
    if node.members is not None:
        arrays[f"{node.id}/members"] = node.members
    for name, trace in node.traces.items():
        arrays |= _arrays_of_trace(f"{node.id}/state/{name}", trace)
    return arrays


def _arrays_of_trace(path: str, trace: Trace) -> dict[str, NDArray[Any]]:
    return {path: trace.values, f"{path}/times": trace.times, f"{path}/members": trace.members}


def _trace_from(path: str, arrays: Any) -> Trace:
    return Trace(arrays[f"{path}/times"], arrays[path], arrays[f"{path}/members"])


def _node_from(name: str, entry: dict[str, Any], arrays: Any) -> NodeResult:
    recorded = None
    if f"{name}/times" in arrays:
        recorded = Spikes(arrays[f"{name}/times"], arrays[f"{name}/senders"])
    traces = {
        variable: _trace_from(f"{name}/state/{variable}", arrays) for variable in entry["traces"]
    }
    members = arrays[f"{name}/members"] if f"{name}/members" in arrays else None
    cv = math.nan if entry["cv"] is None else entry["cv"]
    given = {key: entry[key] for key in ("size", "duration", "start", "total")}
    return NodeResult(name, recorded=recorded, members=members, traces=traces, cv=cv, **given)
