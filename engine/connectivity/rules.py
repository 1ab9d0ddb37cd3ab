"""Who is connected with whom: every rule straight into compressed rows, in compiled code.

Nothing of the size of the network is made besides the rows themselves (the probability rule takes
about a hundredth more, fixed in-degree an eighth while it sorts).  What a rule draws depends on
the seed, the edge and the member that draws, so it is the same for any number of threads.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.backends import philox
from engine.connectivity.between import Between
from engine.connectivity.chosen import choose, turned
from engine.connectivity.compiled import loop
from engine.connectivity.draws import BATCH
from engine.connectivity.indegree import PACKED, group_shift
from engine.connectivity.spatial import rows_by_distance
from engine.connectivity.work import PIECE, Work, spans
from engine.document.values import DEGREES
from engine.errors import DocumentError, Problem
from engine.random import SOURCES, TARGETS, stream
from engine.runtime.plan import index_type

Rows = tuple[NDArray[np.int64], Any]  # row pointers; targets, uint16 or uint32

SPARE = 10.0  # standard deviations of room above a mean: too small once in 10^23 networks
FINE = 1e-4  # probabilities below take more random bits
# Fixed in-degree sorts so many picks at a time: enough for a run of targets in every row, and few
# enough for the second cache, or, in large networks, for a small part of the result's memory.
FEWEST_PICKS = 131_072
PICKS_OF_SOURCE = 8
SHARE_OF_RESULT = 16


@dataclass(frozen=True)
class Pattern:
    """Who may be connected with whom: the sizes, and whether both are the same population."""

    edge: str
    sources: int
    targets: int
    same: bool  # source and target are one node
    seed: int
    between: Between | None = None  # where both have places

    def key(self, purpose: str) -> tuple[np.uint64, np.uint64]:
        """The Philox key for one purpose."""
        return philox.key(self.seed, stream(self.edge, purpose))

    def refuse(self, message: str, remedy: str) -> DocumentError:
        """The error of a rule that these populations cannot meet."""
        return DocumentError(Problem(f"edges/{self.edge}/rule", "rule", message, remedy))

    def placed(self, what: str) -> Between:
        """Where both ends are; DocumentError if ``what`` goes by distance and there is none."""
        if self.between is None:
            message = f"`{what}` goes by distance, and a member has no place"
            where = f"edges/{self.edge}/{what}"
            raise DocumentError(Problem(where, "places", message, "give both ends a geometry"))
        return self.between

    def skips_self(self, rule: Mapping[str, Any]) -> bool:
        """Whether the pairs (i, i) are left out."""
        return self.same and not rule["self_connections"]


def all_to_all(pattern: Pattern, rule: Mapping[str, Any], work: Work) -> Rows:
    """Everybody with everybody."""
    skip_self = pattern.skips_self(rule)
    columns = pattern.targets - (1 if skip_self else 0)
    row = np.arange(pattern.sources + 1, dtype=np.int64) * columns
    target = np.empty(pattern.sources * columns, index_type(pattern.targets))
    fill = loop("kernels", "full_rows", target.dtype)
    work.rows(fill, pattern.sources, columns, pattern.targets, skip_self, target)
    return row, target


def one_to_one(pattern: Pattern, rule: Mapping[str, Any], work: Work) -> Rows:
    """Each with its own; DocumentError if the sizes differ."""
    del rule, work  # nothing to choose, nothing that takes time
    if pattern.sources != pattern.targets:
        sizes = f"{pattern.sources:,} and {pattern.targets:,}"
        raise pattern.refuse(f"one to one needs equal sizes, not {sizes}", "change a size")
    row = np.arange(pattern.sources + 1, dtype=np.int64)
    return row, np.arange(pattern.targets, dtype=index_type(pattern.targets))


def probability(
    pattern: Pattern, rule: Mapping[str, Any], work: Work, spare: float = SPARE
) -> Rows:
    """Every pair with probability ``p``, independently.

    Each range of rows has room for ``spare`` standard deviations more than it needs on average;
    afterwards the ranges are moved together.
    """
    p = float(rule["p"])
    if p >= 1:
        return all_to_all(pattern, rule, work)
    row = np.zeros(pattern.sources + 1, np.int64)
    if p <= 0:
        return row, np.empty(0, index_type(pattern.targets))
    mean = pattern.targets * p
    parts = spans(0, pattern.sources, PIECE / max(mean, 1.0))
    rooms = [_room((last - first) * mean, spare) for first, last in parts]
    begins = np.concatenate(([0], np.cumsum(rooms, dtype=np.int64)))
    target = np.empty(int(begins[-1]), index_type(pattern.targets))
    batch = min(BATCH // 2, 4 * math.ceil((mean + 1) / 4))
    law = pattern.targets, 1 / math.log1p(-p), batch, p < FINE, pattern.skips_self(rule)
    fill = loop("kernels", "bernoulli_rows", target.dtype)
    fixed = (*law, *pattern.key(TARGETS), row, target)
    tasks = [
        (*part, *fixed, begin, end)
        for part, (begin, end) in zip(parts, pairwise(begins.tolist()), strict=True)
    ]
    count = work.lanes(pattern.sources * mean)
    lanes = work.run(fill, [tasks[lane::count] for lane in range(count)])
    ends = [lanes[k % count][k // count] for k in range(len(tasks))]
    if min(ends) < 0:
        return probability(pattern, rule, work, 4 * spare)
    filled = 0
    for begin, end in zip(begins.tolist(), ends, strict=False):
        target[filled : filled + end - begin] = target[begin:end]
        filled += end - begin
    return np.cumsum(row, out=row), target[:filled]


def _room(mean: float, spare: float) -> int:
    return int(mean + spare * math.sqrt(mean)) + BATCH


def _degree(pattern: Pattern, rule: Mapping[str, Any], pool: int) -> int:
    n = int(rule["n"])
    available = pool - (1 if pattern.skips_self(rule) else 0)
    if n > 0 and available < 1:
        raise pattern.refuse("there is nobody to connect with", "allow self-connections")
    if n > available and not rule["multapses"]:
        message = f"{n:,} different partners are wanted, but only {available:,} are there"
        raise pattern.refuse(message, "lower `n` or allow multapses")
    return n


def fixed_indegree(pattern: Pattern, rule: Mapping[str, Any], work: Work) -> Rows:
    """``n`` sources for every target; see `indegree.py`."""
    n, skip_self = _degree(pattern, rule, pattern.sources), pattern.skips_self(rule)
    row = np.zeros(pattern.sources + 1, np.int64)
    synapses = pattern.targets * n
    target = np.empty(synapses, index_type(pattern.targets))
    if not synapses:
        return row, target
    choice = (pattern.sources, n, bool(rule["multapses"]), skip_self, *pattern.key(TARGETS))
    # A thread needs a count of its own for every source; they must stay small beside the result.
    lanes = min(work.lanes(synapses), 1 + target.nbytes // (32 * pattern.sources))
    shares = [k * pattern.targets // lanes for k in range(lanes + 1)]
    counts = np.zeros((lanes, pattern.sources), np.int64)
    count = loop("indegree", "indegree_count", target.dtype)
    pieces = [spans(*share, PIECE / n) for share in pairwise(shares)]
    work.run(count, _with(pieces, choice, [(counts[k],) for k in range(lanes)]))
    np.cumsum(counts.sum(0), out=row[1:])
    place = _places(row, counts)
    shift = group_shift(pattern.sources)
    picks = min(
        max(FEWEST_PICKS, PICKS_OF_SOURCE * pattern.sources), 4096 + synapses // SHARE_OF_RESULT
    )
    size = min(picks // n, 1 << (PACKED - shift))
    fill = loop("indegree", "indegree_fill", target.dtype)
    pieces = [spans(*share, size) for share in pairwise(shares)]
    work.run(fill, _with(pieces, choice, [(shift, place[k], target) for k in range(lanes)]))
    return row, target


def _with(
    pieces: list[list[tuple[int, int]]], choice: tuple[Any, ...], own: list[tuple[Any, ...]]
) -> list[list[tuple[Any, ...]]]:
    """Arguments of the calls of every lane: a range, the rule, and what is the lane's own."""
    return [
        [(*span, *choice, *mine) for span in lane] for lane, mine in zip(pieces, own, strict=True)
    ]


def _places(row: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each lane begins to write in every row, from how much each writes; made in place."""
    before = row[:-1].copy()
    for lane in range(len(counts)):
        before += counts[lane]
        np.subtract(before, counts[lane], out=counts[lane])
    return counts


def fixed_outdegree(pattern: Pattern, rule: Mapping[str, Any], work: Work) -> Rows:
    """``n`` targets for every source."""
    n, skip_self = _degree(pattern, rule, pattern.targets), pattern.skips_self(rule)
    choice = (pattern.targets, n, bool(rule["multapses"]), skip_self, *pattern.key(TARGETS))
    row = np.arange(pattern.sources + 1, dtype=np.int64) * n
    target = np.empty(int(row[-1]), index_type(pattern.targets))
    if n:
        fill = loop("kernels", "outdegree_rows", target.dtype)
        work.rows(fill, pattern.sources, n, *choice, target)
    return row, target


def fixed_total(pattern: Pattern, rule: Mapping[str, Any], work: Work) -> Rows:
    """``n`` synapses in all, both ends of each drawn independently."""
    n, skip_self = int(rule["n"]), pattern.skips_self(rule)
    if n and pattern.targets - skip_self < 1:
        raise pattern.refuse("there is nobody to connect with", "allow self-connections")
    row = np.zeros(pattern.sources + 1, np.int64)
    batches = math.ceil(n / BATCH)
    lanes = work.lanes(n)
    counts = np.zeros((lanes, pattern.sources), np.int64)
    count = loop("kernels", "count_total", index_type(pattern.targets))
    choice = (n, pattern.sources, *pattern.key(SOURCES))
    shares = pairwise([k * batches // lanes for k in range(lanes + 1)])
    pieces = [spans(*share, PIECE / BATCH) for share in shares]
    work.run(count, _with(pieces, choice, [(counts[k],) for k in range(lanes)]))
    np.cumsum(counts.sum(0), out=row[1:])
    target = np.empty(n, index_type(pattern.targets))
    fill = loop("kernels", "total_rows", target.dtype)
    drawn = pattern.targets, skip_self, *pattern.key(TARGETS), row, target
    work.rows(fill, pattern.sources, n / pattern.sources, *drawn)
    return row, target


def distance(pattern: Pattern, rule: Mapping[str, Any], work: Work) -> Rows:
    """Every pair with a probability that falls with its distance, independently; or a fixed
    number of partners for each target or source, the near ones likelier."""
    between, skip_self = pattern.placed("rule"), pattern.skips_self(rule)
    sources, targets = index_type(pattern.sources), index_type(pattern.targets)
    if rule.get("indegree") is not None:
        drawn = between.turned(), rule, int(rule["indegree"]), skip_self, pattern.key(SOURCES)
        chosen, found = choose(*drawn, sources, work)
        _require_near(pattern, found, chosen.shape[1])
        return turned(chosen, pattern.sources, targets)
    if rule.get("outdegree") is not None:
        drawn = between, rule, int(rule["outdegree"]), skip_self, pattern.key(TARGETS)
        chosen, found = choose(*drawn, targets, work)
        _require_near(pattern, found, chosen.shape[1])
        row = np.arange(pattern.sources + 1, dtype=np.int64) * chosen.shape[1]
        return row, np.sort(chosen, axis=1).ravel()
    return rows_by_distance(between, rule, skip_self, pattern.key(TARGETS), targets, work)


def _require_near(pattern: Pattern, found: NDArray[np.int64], n: int) -> None:
    lacking = int(np.argmin(found))
    if found[lacking] < n:
        message = f"member {lacking:,} wants {n:,} partners, and {found[lacking]:,} are near enough"
        raise pattern.refuse(message, "lower the number, or let `reach` or `scale` be longer")


BUILDERS: dict[str, Callable[[Pattern, Mapping[str, Any], Work], Rows]] = {
    "all_to_all": all_to_all,
    "one_to_one": one_to_one,
    "probability": probability,
    "fixed_indegree": fixed_indegree,
    "fixed_outdegree": fixed_outdegree,
    "fixed_total": fixed_total,
    "distance": distance,
}
# Calls of `Work.run`; 1 where nothing is said.
_PASSES = {"one_to_one": 0, "fixed_indegree": 2, "fixed_total": 2, "distance": 2}


def passes(rule: Mapping[str, Any]) -> int:
    """How often ``rule`` goes through the members to find its pairs."""
    if any(rule.get(name) is not None for name in DEGREES):
        return 1
    return _PASSES.get(rule["kind"], 1)
