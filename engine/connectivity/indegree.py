"""A fixed number of sources for every target, written by source, compiled.

Every target draws its sources twice: once to count how long the rows become, once to fill them, so
no list of pairs is kept.  Written one by one, every synapse would go to another page of memory; so
the picks of some thousand targets are first put in order by groups of sources, and the rows of one
group are written together.
"""

from __future__ import annotations

import numpy as np
from numba import types

from engine.backends.numba_cpu.pointers import internal
from engine.connectivity.draws import BATCH, pick_members
from engine.connectivity.kernels import KEY, SPAN

_I64, _BOOL = types.int64, types.boolean
_CHOICE = (*SPAN, _I64, _I64, _BOOL, _BOOL, *KEY)
_COUNTS = types.Array(_I64, 1, "C")
GROUPS = 256  # of sources: as many places to write to as the first cache has room for
PACKED = 32  # bits of a place in a group and of a target in a batch, together


def _signatures(index: types.Type) -> dict[str, tuple[types.Type, ...]]:
    return {
        "indegree_count": (*_CHOICE, _COUNTS),
        "indegree_fill": (*_CHOICE, _I64, _COUNTS, types.Array(index, 1, "C")),
    }


# Type of the targets -> loop -> types of its arguments.
SIGNATURES = {"uint16": _signatures(types.uint16), "uint32": _signatures(types.uint32)}


def group_shift(sources: int) -> int:
    """Groups are 2**shift neighbouring sources, at most GROUPS of them."""
    shift = 0
    while (sources - 1) >> shift >= GROUPS:
        shift += 1
    return shift


@internal
def indegree_count(first, last, pool, n, multapses, skip_self, seed, stream, counts):
    """Add to ``counts[s]`` how often targets first..last draw the source s."""
    words, chosen = np.empty(BATCH, np.uint64), np.empty(n, np.uint32)
    stamps = np.zeros(0 if multapses else pool, np.uint32)
    for member in range(first, last):
        pick_members(
            member, pool, n, multapses, skip_self, stamps, words, chosen, 0, seed, stream
        )  # fmt: skip
        for k in range(n):
            counts[chosen[k]] += 1


@internal
def indegree_fill(first, last, pool, n, multapses, skip_self, seed, stream, shift, place, target):
    """Write targets first..last at ``place[s]`` of each source s they draw, and move it on.

    Targets come in ascending order, so every row comes out sorted.  A call may do at most
    2**(PACKED - shift) targets.
    """
    words, picks = np.empty(BATCH, np.uint64), np.empty((last - first) * n, np.uint32)
    stamps = np.zeros(0 if multapses else pool, np.uint32)
    for member in range(first, last):
        pick_members(
            member, pool, n, multapses, skip_self, stamps, words, picks, (member - first) * n,
            seed, stream,
        )  # fmt: skip
    groups = ((pool - 1) >> shift) + 1
    ends = np.zeros(groups + 1, np.int64)
    for k in range(picks.size):
        ends[(picks[k] >> shift) + 1] += 1
    for group in range(groups):
        ends[group + 1] += ends[group]
    packed = _by_group(picks, last - first, n, shift, ends)
    mask = (np.int64(1) << (PACKED - shift)) - 1
    begin = 0
    for group in range(groups):  # `_by_group` has moved the beginning of each to its end
        for k in range(begin, ends[group]):
            pair = np.int64(packed[k])
            source = (group << shift) + (pair >> (PACKED - shift))
            target[place[source]] = first + (pair & mask)
            place[source] += 1
        begin = ends[group]


@internal
def _by_group(picks, members, n, shift, ends):
    """Picks in order of their groups: the source within its group and the target's number."""
    packed = np.empty(picks.size, np.uint32)
    inside = (np.int64(1) << shift) - 1
    for member in range(members):
        for k in range(member * n, member * n + n):
            source = np.int64(picks[k])
            group = source >> shift
            packed[ends[group]] = ((source & inside) << (PACKED - shift)) | member
            ends[group] += 1
    return packed
