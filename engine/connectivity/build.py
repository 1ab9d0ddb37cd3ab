"""From a connection rule to synapses: straight into compressed rows, in compiled code.

Nothing of the size of the network is made besides the network itself, so building needs at most
about twice the memory of the result.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.connectivity.compiled import loop
from engine.connectivity.distributions import draw_rows, draw_steps
from engine.connectivity.rules import BUILDERS, Pattern, passes
from engine.connectivity.spatial import draw_by_distance
from engine.connectivity.work import Cancel, Progress, Work
from engine.document.values import is_spatial
from engine.errors import DocumentError, Problem
from engine.random import DELAYS, WEIGHTS, stream
from engine.runtime.plan import Connections, index_type

Value = float | Mapping[str, Any] | list[float]
Steps = Any  # uint8 or uint16 [synapses]

MAX_DELAY = 65_535  # steps; delays are kept in 16 bits, or in 8 where they fit


def connect(
    pattern: Pattern,
    rule: Mapping[str, Any],
    weight: Value,
    delay: Value,
    dt: float,
    dtype: np.dtype | type = np.float64,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    threads: int = 1,
) -> Connections:
    """The synapses of one edge, the same for any number of ``threads``.

    ``rule`` is complete (every field written out), weights are in the unit of the port, delays and
    ``dt`` in ms.  Raises DocumentError if the rule cannot be met by these populations or a delay is
    longer than can be kept, RunStopped if ``cancel`` answers true.
    """
    kind, drawn = rule["kind"], isinstance(delay, Mapping)
    calls = passes(rule) + 2 * drawn + isinstance(weight, Mapping)
    work = Work(pattern.edge, progress, cancel, threads, calls)
    if isinstance(weight, list) or isinstance(delay, list):
        if kind == "one_to_one":
            kind, rule = "explicit", {"pairs": np.arange(pattern.sources)[:, None].repeat(2, 1)}
    if kind == "explicit":
        return _explicit(pattern, rule, weight, delay, dt, dtype, work)
    row, target = BUILDERS[kind](pattern, rule, work)
    steps = _delays(pattern, delay, dt, row, target, work)
    if isinstance(steps, np.ndarray):
        sort = loop("kernels", "sort_rows_by_delay", target.dtype, steps.dtype)
        work.rows(sort, pattern.sources, steps.size / pattern.sources, row, target, steps)
    weights = weight_values(pattern, weight, row, target, dtype, work)
    if progress is not None:
        progress(1.0)
    return Connections(pattern.sources, pattern.targets, row, target, weights, steps)


def weight_values(
    pattern: Pattern,
    weight: Value,
    row: NDArray[np.int64],
    target: NDArray[np.integer],
    dtype: np.dtype | type,
    work: Work | None = None,
) -> float | NDArray[np.floating]:
    """Weights in the order of the connections: a number, or one a synapse."""
    if not isinstance(weight, Mapping):
        return float(weight)  # type: ignore[arg-type]
    if is_spatial(weight):
        return draw_by_distance(pattern.placed("weight"), weight, row, target, dtype, work)
    return draw_rows(row, weight, pattern.seed, stream(pattern.edge, WEIGHTS), dtype, work)


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
    pattern: Pattern,
    delay: Value,
    dt: float,
    row: NDArray[np.int64],
    target: NDArray[np.integer],
    work: Work,
) -> int | Steps:
    where = f"edges/{pattern.edge}/delay"
    if not isinstance(delay, Mapping):
        return delay_steps(float(delay), dt, where)  # type: ignore[arg-type]
    if is_spatial(delay):
        between = pattern.placed("delay")
        return _to_steps(draw_by_distance(between, delay, row, target, np.float64, work), dt, where)
    steps, longest = draw_steps(row, delay, pattern.seed, stream(pattern.edge, DELAYS), dt, work)
    return _narrowed(steps, delay_steps(longest, dt, where))


def _narrowed(steps: Steps, longest: int) -> Steps:
    """``steps`` in 8 bits if the longest of them fits."""
    return steps if longest > 255 else steps.astype(np.uint8, copy=False)


def _to_steps(delay: NDArray[np.floating], dt: float, where: str) -> Steps:
    longest = delay_steps(float(delay.max(initial=0.0)), dt, where)
    return _narrowed(np.maximum(np.floor(delay / dt + 0.5), 1).astype(np.uint16), longest)


def _explicit(
    pattern: Pattern,
    rule: Mapping[str, Any],
    weight: Value,
    delay: Value,
    dt: float,
    dtype: np.dtype | type,
    work: Work,
) -> Connections:
    """Listed pairs; weights and delays may be lists in the order of the pairs."""
    pairs = np.asarray(rule["pairs"], np.int64).reshape(-1, 2)
    for column, size, side in ((0, pattern.sources, "source"), (1, pattern.targets, "target")):
        outside = (pairs[:, column] < 0) | (pairs[:, column] >= size)
        if outside.any():
            place = int(np.argmax(outside))
            message = f"pair {place} names {side} {pairs[place, column]}, of {size:,} members"
            raise pattern.refuse(message, f"members are counted from 0 to {size - 1}")
    where = f"edges/{pattern.edge}/delay"
    flat = np.array([0, len(pairs)], np.int64)
    if isinstance(delay, list) or is_spatial(delay):
        steps = _to_steps(_by_pair(pattern, "delay", delay, pairs), dt, where)
    else:
        steps = _delays(pattern, delay, dt, flat, pairs[:, 1], work)
    if isinstance(weight, list) or is_spatial(weight):
        weights = _by_pair(pattern, "weight", weight, pairs).astype(dtype)
    else:
        weights = weight_values(pattern, weight, flat, pairs[:, 1], dtype, work)
    by_delay = steps if isinstance(steps, np.ndarray) else np.zeros(len(pairs), np.uint8)
    order = np.lexsort((pairs[:, 1], by_delay, pairs[:, 0]))
    row = np.zeros(pattern.sources + 1, np.int64)
    np.add.at(row, pairs[:, 0] + 1, 1)
    targets: Any = pairs[order, 1].astype(index_type(pattern.targets))
    return Connections(
        pattern.sources,
        pattern.targets,
        np.cumsum(row),
        targets,
        weights[order] if isinstance(weights, np.ndarray) else weights,
        steps[order] if isinstance(steps, np.ndarray) else steps,
    )


def _by_pair(
    pattern: Pattern, name: str, value: Value, pairs: NDArray[np.int64]
) -> NDArray[np.float64]:
    """One number a pair, in the order of the list: listed as well, or by distance."""
    if isinstance(value, Mapping):
        order = np.argsort(pairs[:, 0], kind="stable")
        row = np.searchsorted(pairs[order, 0], np.arange(pattern.sources + 1))
        target = pairs[order, 1].astype(index_type(pattern.targets))
        found = np.empty(len(pairs))
        found[order] = draw_by_distance(pattern.placed(name), value, row, target, np.float64)
        return found
    values = np.asarray(value, np.float64)
    if len(values) != len(pairs):
        message = f"{len(values):,} values of {name} stand beside {len(pairs):,} pairs"
        raise pattern.refuse(message, f"give one {name} a pair, or one for all")
    return values
