"""From a connection rule to synapses: straight into compressed rows, in compiled code.

Nothing of the size of the network is made besides the network itself, so building needs at most
about twice the memory of the result (the probability rule some sixty-fourth more, the others less).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.backends import philox
from engine.connectivity.compiled import loop
from engine.connectivity.distributions import draw_rows
from engine.errors import DocumentError, Problem, RunStopped
from engine.random import DELAYS, TARGETS, WEIGHTS, stream
from engine.runtime.plan import Connections

Progress = Callable[[float], None]
Cancel = Callable[[], bool]
Value = float | Mapping[str, Any] | list[float]

CHUNK = 2_000_000  # synapses (or pairs visited) between two looks at progress and cancel
MAX_DELAY = 65_535  # steps; delays are kept in 16 bits


@dataclass(frozen=True)
class Pattern:
    """Who may be connected with whom: the sizes, and whether both are the same population."""

    edge: str
    sources: int
    targets: int
    same: bool  # source and target are one node
    seed: int

    def key(self, purpose: str) -> tuple[np.uint64, np.uint64]:
        """The Philox key for one purpose."""
        return philox.key(self.seed, stream(self.edge, purpose))

    def index_type(self) -> type[np.uint16] | type[np.uint32]:
        """The smallest type that holds every target."""
        return np.uint16 if self.targets <= 65_536 else np.uint32


class Chunks:
    """Ranges of rows small enough to answer progress and cancel between them."""

    def __init__(self, edge: str, progress: Progress | None, cancel: Cancel | None) -> None:
        self.edge, self.progress, self.cancel = edge, progress, cancel
        self.done, self.passes = 0.0, 1

    def report(self, share: float) -> None:
        """Say that ``share`` of this pass is done; stop if the user wants to."""
        if self.cancel is not None and self.cancel():
            raise RunStopped(
                f'building was cancelled while connecting "{self.edge}"; nothing was kept'
            )
        if self.progress is not None:
            self.progress(min(1.0, (self.done + share) / self.passes))

    def of(self, rows: int, row_cost: float):
        """Pairs (first, last) that cover ``rows`` rows of about ``row_cost`` synapses each."""
        size = max(1, int(CHUNK / max(row_cost, 1.0)))
        for first in range(0, rows, size):
            self.report(first / max(rows, 1))
            yield first, min(first + size, rows)
        self.done += 1.0


def connect(
    pattern: Pattern,
    rule: Mapping[str, Any],
    weight: Value,
    delay: Value,
    dt: float,
    dtype: np.dtype | type = np.float64,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Connections:
    """The synapses of one edge.

    ``rule`` is complete (every field written out), weights are in the unit of the port, delays and
    ``dt`` in ms.  Raises DocumentError if the rule cannot be met by these populations or a delay is
    longer than can be kept, RunStopped if ``cancel`` answers true.
    """
    chunks = Chunks(pattern.edge, progress, cancel)
    chunks.passes += isinstance(delay, Mapping)
    if rule["kind"] == "explicit":
        return _explicit(pattern, rule, weight, delay, dt, dtype)
    row, target = _BUILDERS[rule["kind"]](pattern, rule, chunks)
    steps = _delays(pattern, delay, dt, row)
    if isinstance(steps, np.ndarray):
        sort = loop("kernels", "sort_rows_by_delay", target.dtype)
        for first, last in chunks.of(pattern.sources, 10 * len(steps) / pattern.sources):
            sort(first, last, row, target, steps)
    weights = weight_values(pattern.edge, pattern.seed, weight, row, dtype)
    if progress is not None:
        progress(1.0)
    return Connections(pattern.sources, pattern.targets, row, target, weights, steps)


def weight_values(
    edge: str, seed: int, weight: Value, row: NDArray[np.int64], dtype: np.dtype | type
) -> float | NDArray[np.floating]:
    """Weights in the order of the connections: a number, or one a synapse."""
    if not isinstance(weight, Mapping):
        return float(weight)  # type: ignore[arg-type]
    return draw_rows(row, weight, seed, stream(edge, WEIGHTS), dtype)


def delay_steps(delay: float, dt: float, where: str) -> int:
    """``delay`` in whole steps of ``dt`` (both ms), at least one; DocumentError if too long."""
    steps = max(1, math.floor(delay / dt + 0.5))
    if steps > MAX_DELAY:
        raise DocumentError(_too_long(delay, dt, where))
    return steps


def _too_long(delay: float, dt: float, where: str) -> Problem:
    return Problem(
        where,
        "delay",
        f"a delay of {delay:g} ms is {delay / dt:,.0f} steps, more than {MAX_DELAY:,}",
        f"use a delay of at most {MAX_DELAY * dt:g} ms or a longer dt",
    )


def _delays(
    pattern: Pattern, delay: Value, dt: float, row: NDArray[np.int64]
) -> int | NDArray[np.uint16]:
    where = f"edges/{pattern.edge}/delay"
    if not isinstance(delay, Mapping):
        return delay_steps(float(delay), dt, where)  # type: ignore[arg-type]
    drawn = draw_rows(row, delay, pattern.seed, stream(pattern.edge, DELAYS), np.float32)
    return _to_steps(drawn, dt, where)


def _to_steps(delay: NDArray[np.floating], dt: float, where: str) -> NDArray[np.uint16]:
    longest = float(delay.max(initial=0.0))
    delay_steps(longest, dt, where)
    np.divide(delay, dt, out=delay)
    delay += 0.5
    np.floor(delay, out=delay)
    np.maximum(delay, 1, out=delay)
    return delay.astype(np.uint16)


def _refuse(pattern: Pattern, message: str, remedy: str) -> DocumentError:
    return DocumentError(Problem(f"edges/{pattern.edge}/rule", "rule", message, remedy))


def _all_to_all(pattern: Pattern, rule: Mapping[str, Any], chunks: Chunks):
    skip_self = pattern.same and not rule["self_connections"]
    columns = pattern.targets - (1 if skip_self else 0)
    row = np.zeros(pattern.sources + 1, np.int64)
    target = np.empty(pattern.sources * columns, pattern.index_type())
    fill = loop("kernels", "full_rows", target.dtype)
    for first, last in chunks.of(pattern.sources, pattern.targets):
        fill(first, last, pattern.targets, skip_self, row, target)
    return row, target


def _one_to_one(pattern: Pattern, rule: Mapping[str, Any], chunks: Chunks):
    del rule, chunks  # nothing to choose, nothing that takes time
    if pattern.sources != pattern.targets:
        sizes = f"{pattern.sources:,} and {pattern.targets:,}"
        raise _refuse(pattern, f"one to one needs equal sizes, not {sizes}", "change a size")
    row = np.arange(pattern.sources + 1, dtype=np.int64)
    return row, np.arange(pattern.targets, dtype=pattern.index_type())


def _probability(pattern: Pattern, rule: Mapping[str, Any], chunks: Chunks):
    p = float(rule["p"])
    if p >= 1:
        return _all_to_all(pattern, rule, chunks)
    row = np.zeros(pattern.sources + 1, np.int64)
    if p <= 0:
        return row, np.empty(0, pattern.index_type())
    skip_self = pattern.same and not rule["self_connections"]
    seed, key = pattern.key(TARGETS)
    mean = pattern.sources * pattern.targets * p
    # Ten standard deviations above the mean: too small once in 10^23 networks, and grown then.
    target = np.empty(int(mean + 10 * math.sqrt(mean)) + 16, pattern.index_type())
    filled, log_q = 0, math.log1p(-p)
    fill = loop("kernels", "bernoulli_rows", target.dtype)
    for first, last in chunks.of(pattern.sources, pattern.targets * p):
        while first < last:
            filled, first = fill(
                first, last, pattern.targets, log_q, skip_self, seed, key, row, target, filled
            )
            if first < last:
                target = np.resize(target, target.size + target.size // 8 + pattern.targets)
    return row, target[:filled]


def _degree(pattern: Pattern, rule: Mapping[str, Any], pool: int, skip_self: bool) -> int:
    n = int(rule["n"])
    available = pool - (1 if skip_self else 0)
    if n > 0 and available < 1:
        raise _refuse(pattern, "there is nobody to connect with", "allow self-connections")
    if n > available and not rule["multapses"]:
        message = f"{n:,} different partners are wanted, but only {available:,} are there"
        raise _refuse(pattern, message, "lower `n` or allow multapses")
    return n


def _fixed_indegree(pattern: Pattern, rule: Mapping[str, Any], chunks: Chunks):
    skip_self = pattern.same and not rule["self_connections"]
    n = _degree(pattern, rule, pattern.sources, skip_self)
    choice = (pattern.sources, n, bool(rule["multapses"]), skip_self, *pattern.key(TARGETS))
    row = np.zeros(pattern.sources + 1, np.int64)
    chunks.passes += 1
    count = loop("kernels", "indegree_count", pattern.index_type())
    for first, last in chunks.of(pattern.targets, n):
        count(first, last, *choice, row)
    np.cumsum(row, out=row)
    place = row[:-1].copy()
    target = np.empty(int(row[-1]), pattern.index_type())
    fill = loop("kernels", "indegree_fill", target.dtype)
    for first, last in chunks.of(pattern.targets, n):
        fill(first, last, *choice, place, target)
    return row, target


def _fixed_outdegree(pattern: Pattern, rule: Mapping[str, Any], chunks: Chunks):
    skip_self = pattern.same and not rule["self_connections"]
    n = _degree(pattern, rule, pattern.targets, skip_self)
    choice = (pattern.targets, n, bool(rule["multapses"]), skip_self, *pattern.key(TARGETS))
    row = np.arange(pattern.sources + 1, dtype=np.int64) * n
    target = np.empty(int(row[-1]), pattern.index_type())
    fill = loop("kernels", "outdegree_rows", target.dtype)
    for first, last in chunks.of(pattern.sources, n):
        fill(first, last, *choice, target)
    return row, target


_BUILDERS: dict[str, Callable[..., tuple[NDArray[np.int64], Any]]] = {
    "all_to_all": _all_to_all,
    "one_to_one": _one_to_one,
    "probability": _probability,
    "fixed_indegree": _fixed_indegree,
    "fixed_outdegree": _fixed_outdegree,
}


def _explicit(
    pattern: Pattern,
    rule: Mapping[str, Any],
    weight: Value,
    delay: Value,
    dt: float,
    dtype: np.dtype | type,
) -> Connections:
    """Listed pairs; weights and delays may be lists in the order of the pairs."""
    pairs = np.asarray(rule["pairs"], np.int64).reshape(-1, 2)
    for column, size, side in ((0, pattern.sources, "source"), (1, pattern.targets, "target")):
        outside = (pairs[:, column] < 0) | (pairs[:, column] >= size)
        if outside.any():
            place = int(np.argmax(outside))
            message = f"pair {place} names {side} {pairs[place, column]}, of {size:,} members"
            raise _refuse(pattern, message, f"members are counted from 0 to {size - 1}")
    where = f"edges/{pattern.edge}/delay"
    flat = np.array([0, len(pairs)], np.int64)
    if isinstance(delay, list):
        steps = _to_steps(_listed(pattern, "delay", delay, len(pairs)), dt, where)
    else:
        steps = _delays(pattern, delay, dt, flat)
    if isinstance(weight, list):
        weights = _listed(pattern, "weight", weight, len(pairs)).astype(dtype)
    else:
        weights = weight_values(pattern.edge, pattern.seed, weight, flat, dtype)
    by_delay = steps if isinstance(steps, np.ndarray) else np.zeros(len(pairs), np.uint16)
    order = np.lexsort((pairs[:, 1], by_delay, pairs[:, 0]))
    row = np.zeros(pattern.sources + 1, np.int64)
    np.add.at(row, pairs[:, 0] + 1, 1)
    return Connections(
        pattern.sources,
        pattern.targets,
        np.cumsum(row),
        pairs[order, 1].astype(pattern.index_type()),
        weights[order] if isinstance(weights, np.ndarray) else weights,
        steps[order] if isinstance(steps, np.ndarray) else steps,
    )


def _listed(pattern: Pattern, name: str, values: list[float], pairs: int) -> NDArray[np.float64]:
    if len(values) != pairs:
        message = f"{len(values):,} values of {name} stand beside {pairs:,} pairs"
        raise _refuse(pattern, message, f"give one {name} a pair, or one for all")
    return np.asarray(values, np.float64)
