"""Building: the same for any number of threads, within its memory, with progress, and cancelled."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba import njit
from scipy import stats

from engine.connectivity import rules, work
from engine.connectivity.build import connect
from engine.connectivity.draws import BATCH, pick_members
from engine.connectivity.expected import bytes_per_synapse
from engine.connectivity.rules import Pattern
from engine.connectivity.work import Work
from engine.errors import RunStopped
from engine.runtime.plan import Connections

ROOT = Path(__file__).parents[3]
WEIGHT = {"distribution": "normal", "mean": 1.0, "std": 0.5}
DELAY = {"distribution": "uniform", "low": 0.1, "high": 20.0}
RULES = {
    "all_to_all": {},
    "probability": {"p": 0.2},
    "rare": {"kind": "probability", "p": 5e-5},
    "fixed_indegree": {"n": 90},
    "distinct_sources": {"kind": "fixed_indegree", "n": 90, "multapses": False},
    "fixed_outdegree": {"n": 90},
    "fixed_total": {"n": 63_000},
    "distinct_targets": {"kind": "fixed_outdegree", "n": 90, "multapses": False},
}


def build(
    name: str, size: int = 700, weight: Any = 1.0, delay: Any = 1.0, **options
) -> Connections:
    rule = {"kind": name, "self_connections": False, "multapses": True, **RULES[name]}
    pattern = Pattern("a-b", size, size, True, 1)
    return connect(pattern, rule, weight, delay, 0.1, np.float32, **options)


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work is cut as finely as that of a large network, and many cores are there."""
    monkeypatch.setattr(work, "PIECE", 5_000)
    monkeypatch.setattr(rules, "PIECE", 5_000)
    monkeypatch.setattr(work, "SHARE", 1_000)
    monkeypatch.setattr(rules, "FEWEST_PICKS", 2_000)
    monkeypatch.setattr(work, "allowed_cores", lambda: 8)


@pytest.mark.parametrize("name", RULES)
def test_threads_do_not_change_a_synapse(small_pieces, name: str) -> None:
    alone = build(name, weight=WEIGHT, delay=DELAY)
    for threads in (2, 3):
        shared = build(name, weight=WEIGHT, delay=DELAY, threads=threads)
        for field in ("row", "target", "weight", "delay"):
            np.testing.assert_array_equal(getattr(alone, field), getattr(shared, field))


def test_how_work_is_cut_does_not_change_a_synapse(small_pieces, monkeypatch) -> None:
    cut = [build(name, weight=WEIGHT, delay=DELAY) for name in RULES]
    monkeypatch.undo()
    for name, made in zip(RULES, cut, strict=True):
        whole = build(name, weight=WEIGHT, delay=DELAY)
        np.testing.assert_array_equal(made.target, whole.target)
        np.testing.assert_array_equal(made.weight, whole.weight)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("name", sorted(set(RULES) - {"rare"}))
def test_progress_is_smooth_and_ends_at_one(small_pieces, name: str, threads: int) -> None:
    heard: list[float] = []
    build(name, weight=WEIGHT, delay=DELAY, progress=heard.append, threads=threads)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    if threads == 1:  # with more it is looked at by the clock
        assert max(np.diff([0.0, *heard])) < 0.1


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("name", sorted(set(RULES) - {"rare"}))
def test_cancelled_building_keeps_no_memory(small_pieces, name: str, threads: int) -> None:
    build(name, weight=WEIGHT, delay=DELAY)  # so that what is compiled is in memory
    looks = iter(range(100))
    tracemalloc.start()
    try:
        with pytest.raises(RunStopped, match='cancelled while connecting "a-b"'):
            build(name, weight=WEIGHT, delay=DELAY, threads=threads, cancel=lambda: next(looks) > 1)
        kept = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert kept < 100_000


def test_an_error_on_a_thread_reaches_the_caller() -> None:
    def fail(value: int) -> None:
        raise MemoryError(value)

    with pytest.raises(MemoryError):
        Work("a-b", None, None, 2, 1).run(fail, [[(1,), (2,)], [(3,)]])


PROGRAM = """
import json, resource, sys
import numpy as np
from engine.connectivity.build import connect
from engine.connectivity.rules import Pattern

def peak():
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

rule, weight, delay = json.loads(sys.argv[1])
def build(size, degree):
    asked = {"p": degree / size, "n": degree, **rule}
    return connect(Pattern("a-b", size, size, False, 1), asked, weight, delay, 0.1, np.float32)

build(500, 20)  # compiles or loads
before = peak()
made = build(20_000, 500)
print(json.dumps([peak() - before, made.nbytes, made.synapses]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the system does not tell a peak of memory")
@pytest.mark.parametrize("own", [False, True], ids=["one weight", "own weights and delays"])
@pytest.mark.parametrize("kind", ["probability", "fixed_indegree"])
def test_ten_million_synapses_take_at_most_twice_their_memory(kind: str, own: bool) -> None:
    rule = {"kind": kind, "self_connections": True, "multapses": True}
    asked = json.dumps([rule, WEIGHT if own else 1.0, DELAY if own else 1.0])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, asked], capture_output=True, text=True, check=True, cwd=ROOT
    )
    grown, size, synapses = json.loads(done.stdout)
    assert abs(synapses - 10_000_000) < 50_000
    assert grown < 2 * size


@pytest.mark.parametrize(("targets", "index"), [(60_000, 2), (70_000, 4)])
@pytest.mark.parametrize("weight", [1.0, WEIGHT], ids=["one", "drawn"])
@pytest.mark.parametrize("delay", [1.0, DELAY], ids=["one", "drawn"])
def test_bytes_of_a_synapse(targets: int, index: int, weight: Any, delay: Any) -> None:
    rule = {"kind": "fixed_outdegree", "n": 1000, "self_connections": True, "multapses": True}
    made = connect(Pattern("a-b", 200, targets, False, 1), rule, weight, delay, 0.1, np.float32)
    wanted = index + 4 * (weight is WEIGHT) + (delay is DELAY)
    assert wanted <= made.nbytes / made.synapses < wanted + 0.01  # the rest are the row pointers
    assert wanted <= bytes_per_synapse(targets, weight is WEIGHT, delay is DELAY, 4) <= wanted + 1


def test_long_delays_take_two_bytes_and_sort_the_rows() -> None:
    made = build("fixed_outdegree", delay={"distribution": "exponential", "mean": 300.0})
    assert made.delay.dtype == np.uint16
    assert 2900 < made.delay.mean() < 3100
    for source in range(0, 700, 100):
        row = slice(made.row[source], made.row[source + 1])
        key = made.delay[row].astype(np.int64) << 32 | made.target[row]
        assert (np.diff(key) >= 0).all()


def test_rows_longer_than_there_is_room_for_are_drawn_again() -> None:
    pattern = Pattern("a-b", 300, 300, False, 1)
    rule = {"kind": "probability", "p": 0.5, "self_connections": True}

    def drawn(spare: float):
        return rules.probability(pattern, rule, Work("a-b", None, None, 1, 1), spare)

    for short, enough in zip(drawn(0.001), drawn(10.0), strict=True):
        np.testing.assert_array_equal(short, enough)


@njit
def picked(pool, n, multapses, members):
    words, chosen = np.empty(BATCH, np.uint64), np.empty(members * n, np.uint32)
    stamps = np.zeros(0 if multapses else pool, np.uint32)
    for member in range(members):
        pick_members(
            member, pool, n, multapses, False, stamps, words, chosen, member * n,
            np.uint64(1), np.uint64(2),
        )  # fmt: skip
    return chosen


@pytest.mark.parametrize("pool", [3, 1000, 3_000_000_000])
def test_picks_are_even_also_where_most_words_would_be_unfair(pool: int) -> None:
    drawn = picked(pool, 5000, True, 4)
    if pool > 1000:
        assert stats.kstest(drawn / pool, "uniform").pvalue > 1e-4
    else:
        assert stats.chisquare(np.bincount(drawn, minlength=pool)).pvalue > 1e-4


def test_independent_targets_in_order_follow_the_even_law() -> None:
    made = build("fixed_outdegree", 2000)
    inner = np.bincount(made.target, minlength=2000)
    assert stats.chisquare(inner).pvalue > 1e-4
    # Pairs that are drawn twice: 90 * 89 / 2 / 1999 a row are expected.
    twice = (np.diff(made.target.reshape(2000, 90).astype(np.int64)) == 0).sum()
    expected = 2000 * 90 * 89 / 2 / 1999
    assert abs(twice - expected) < 5 * np.sqrt(expected)
