"""Neurons that fire by chance: the same seed gives the same spikes, however they are computed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine.backends.registry import backends, make_executor
from engine.runtime.build import build

SIZE, STEPS = 37, 300
SEEDS = st.integers(0, 2**32 - 1)
NO_COMPILER = backends()["cuda_shim"].message


def plan(seed: int, recorded: bool = False):
    """Neurons that drive one another, and a steady current."""
    net = engine.Network("chance", dt=0.5, seed=seed, precision="float64")
    cells = net.population("cells", SIZE, "gif")
    net.connect(net.source("bias", "constant_current", amplitude=150), cells)
    net.connect(cells, cells, engine.rules.probability(0.2), 30.0, 1.5, "exc")
    if recorded:
        net.record(cells[:3], "v")
        net.record(cells, "theta1")
    return build(net.document).plan


def spikes(seed: int, cuts: list[int], recorded: bool = False, **how) -> list[list[int]]:
    executor = make_executor(plan(seed, recorded), **how)
    found = [executor.advance(steps).spikes[0] for steps in cuts]
    return [np.concatenate([chunk[k] for chunk in found]).tolist() for k in (0, 1)]


@settings(deadline=None, max_examples=15)
@given(
    SEEDS, st.lists(st.integers(1, STEPS - 1), max_size=3), st.sampled_from([1, 2, 3]),
    st.booleans(), st.sampled_from(["numba_cpu", "torch_reference"]),
)  # fmt: skip
def test_spikes_depend_on_the_seed_alone(seed, places, threads, recorded, backend) -> None:
    edges = [0, *sorted(set(places)), STEPS]
    expected = spikes(seed, [STEPS])
    assert len(expected[0]) > 20
    threads = 1 if backend == "torch_reference" else threads
    cuts = np.diff(edges).tolist()
    assert spikes(seed, cuts, recorded, threads=threads, backend=backend) == expected


@pytest.mark.skipif(bool(NO_COMPILER), reason=NO_COMPILER or "there is a compiler")
@settings(deadline=None, max_examples=5)
@given(SEEDS)
def test_the_cuda_source_draws_the_same(seed) -> None:
    cuts = [100, STEPS - 100]
    assert spikes(seed, cuts, backend="cuda_shim") == spikes(seed, [STEPS])


@settings(deadline=None, max_examples=10)
@given(SEEDS)
def test_a_run_goes_on_exactly_from_a_checkpoint(seed) -> None:
    executor = make_executor(plan(seed))
    executor.advance(100)
    kept = executor.checkpoint()
    first = executor.advance(STEPS - 100).spikes[0]
    executor.restore(kept)
    again = executor.advance(STEPS - 100).spikes[0]
    assert [found.tolist() for found in first] == [found.tolist() for found in again]
