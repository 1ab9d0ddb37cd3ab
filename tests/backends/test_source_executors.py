"""Sources that change with time or remember: the same numbers on every backend, for any cut."""

from __future__ import annotations

import numpy as np
import pytest
from executors import MAKERS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import engine
from engine import rules
from engine.backends.ahead import PIECE
from engine.backends.registry import make_executor
from engine.document import replace
from engine.errors import BackendError
from engine.runtime.build import Built, build
from engine.runtime.plan import Chunk, Executor
from engine.runtime.sources import source_plan

STEPS = PIECE + 150  # beyond what is known ahead at first
SIZE = 70  # no whole tile


def network(precision: str = "float64") -> engine.Network:
    """Every source that changes with time or remembers, on leaky integrators."""
    net = engine.Network("sources", dt=0.1, seed=8, precision=precision)
    cells = net.population("cells", SIZE, "lif_psc_exp", v_th=-55, t_ref=1)
    everyone, pairs = rules.all_to_all(), rules.one_to_one()
    for model, changed in (
        ("ramp_current", {"stop": 120, "start": 20, "final": 90}),
        ("sine_current", {"frequency": 40}),
        ("pulse_current", {"period": 15, "width": 4.05}),
        ("table_current", {"times": [0, 50, 90.02], "values": [5, 90, -20], "between": "line"}),
    ):
        net.connect(net.source(model, model, **changed), cells, everyone, port="current", weight=1)
    private = net.source("private", "ou_current", SIZE, tau=5)
    shared = net.source("shared", "ou_current", 1, mean=20)
    mixed = net.source("mixed", "ou_current", 9, tau=0.5)
    net.connect(private, cells, pairs, port="current", weight=1)
    net.connect(shared, cells, everyone, port="current", weight=1)
    net.connect(mixed, cells, rules.probability(0.4), port="current", weight=0.5)
    rates = [100.0 + member for member in range(SIZE)]
    for model, changed in (
        ("poisson", {"rate": rates, "dead_time": 2}),
        ("poisson_sine", {"rate": 300, "amplitude": 400}),
        ("poisson_table", {"rates": [50, 900, 20], "times": [0, 30, 60], "dead_time": 0.04}),
        ("regular", {"rate": 200, "jitter": 3, "start": 2}),
        ("pulse_packets", {"times": [20, 21, 80], "std": 2}),
    ):
        source = net.source(model, model, SIZE, **changed)
        net.connect(source, cells, pairs, port="exc", weight=20, delay=0.3)
        net.connect(source, cells, rules.probability(0.1), port="exc", weight=10, delay=1.1)
    return net


def built(precision: str = "float64", every: int = 1) -> Built:
    """The plan, every member's potential and every source's spikes kept."""
    document = network(precision).document
    made = build(document, [("cells", "v", range(SIZE), every)])
    made.plan.record_sources = tuple(
        place for place, plan in enumerate(made.plan.sources) if plan.kind != "current"
    )
    return made


def spikes_of(chunk: Chunk) -> dict[int, list[list[int]]]:
    return {emitter: [list(part) for part in pair] for emitter, pair in chunk.spikes.items()}


def in_parts(executor: Executor, parts: list[int]) -> Chunk:
    chunks = [executor.advance(part) for part in parts]
    spikes = {
        emitter: tuple(np.concatenate([c.spikes[emitter][k] for c in chunks]) for k in (0, 1))
        for emitter in chunks[0].spikes
    }
    monitors = [np.concatenate(kept) for kept in zip(*(c.monitors for c in chunks), strict=True)]
    return Chunk(chunks[0].start, sum(parts), spikes, monitors)


@pytest.fixture(scope="module")
def truth() -> Chunk:
    """The reference's account."""
    return MAKERS["torch"](built().plan).advance(STEPS)


def test_every_source_has_spiked_and_every_backend_agrees(truth, make) -> None:
    chunk = make(built().plan).advance(STEPS)
    assert spikes_of(chunk) == spikes_of(truth)
    assert min(len(steps) for steps, _ in truth.spikes.values()) > SIZE
    np.testing.assert_allclose(chunk.monitors[0], truth.monitors[0], rtol=1e-9)


def test_single_precision_has_the_same_spikes_of_sources_and_follows(truth, make) -> None:
    chunk = make(built("float32").plan).advance(STEPS)
    for emitter in range(1, max(truth.spikes) + 1):
        if emitter in truth.spikes:
            assert spikes_of(chunk)[emitter] == spikes_of(truth)[emitter]
    np.testing.assert_allclose(chunk.monitors[0][:40], truth.monitors[0][:40], rtol=3e-6)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cuts=st.lists(st.integers(1, STEPS - 1), max_size=6, unique=True),
    threads=st.integers(1, 3),
    precision=st.sampled_from(["float64", "float32"]),
)
def test_cuts_and_threads_change_no_bit(cuts, threads, precision) -> None:
    whole = make_executor(built(precision).plan).advance(STEPS)
    edges = [0, *sorted(cuts), STEPS]
    executor = make_executor(built(precision).plan, threads=threads)
    parts = in_parts(executor, np.diff(edges).tolist())
    assert spikes_of(parts) == spikes_of(whole)
    np.testing.assert_array_equal(parts.monitors[0], whole.monitors[0])


def test_cuts_change_no_bit_on_any_backend(make) -> None:
    whole = make(built().plan).advance(STEPS)
    parts = in_parts(make(built().plan), [1, 2, 5, 300, PIECE - 308, 1, STEPS - PIECE - 1])
    assert spikes_of(parts) == spikes_of(whole)
    np.testing.assert_array_equal(parts.monitors[0], whole.monitors[0])


def test_the_number_of_threads_may_change_while_noise_remembers() -> None:
    whole = make_executor(built().plan).advance(STEPS)
    executor = make_executor(built().plan, threads=3)
    chunks = []
    for most in (1, 3, 2):
        executor.limit_threads(most)
        chunks.append(executor.advance(200))
    found = np.concatenate([chunk.monitors[0] for chunk in chunks])
    np.testing.assert_array_equal(found, whole.monitors[0][:600])


def test_who_looks_changes_nothing(truth, make) -> None:
    chunk = make(built(every=10).plan).advance(STEPS)
    assert spikes_of(chunk) == spikes_of(truth)


@pytest.mark.parametrize("at", [137, PIECE, PIECE + 60])
def test_a_checkpoint_goes_on_exactly(make, at) -> None:
    plan = built().plan
    executor = make(plan)
    executor.advance(at)
    saved = executor.checkpoint()
    expected = executor.advance(90)
    executor.restore(saved)
    fresh = make(built().plan)
    fresh.restore(saved)
    for again in (executor.advance(90), fresh.advance(90)):
        assert spikes_of(again) == spikes_of(expected)
        np.testing.assert_array_equal(again.monitors[0], expected.monitors[0])


def test_rates_of_many_spikes_a_step_agree(make) -> None:
    net = engine.Network("loud", dt=0.2, seed=2)
    cells = net.population("cells", SIZE, "lif_psc_delta")
    params = {"rate": 1e5, "amplitude": 1e5, "frequency": 30}  # up to 40 a step: three parts
    drive = net.source("drive", "poisson_sine", SIZE, **params)
    net.connect(drive, cells, rules.one_to_one(), port="exc", weight=1e-3, delay=1)
    net.connect(drive, cells, rules.probability(0.2), port="inh", weight=-1e-3, delay=0.2)
    plans = [build(net.document, [("cells", "v", range(SIZE), 1)]).plan for _ in range(2)]
    for plan in plans:
        plan.record_sources = (0,)
    mine, theirs = make(plans[0]).advance(300), MAKERS["torch"](plans[1]).advance(300)
    assert spikes_of(mine) == spikes_of(theirs)
    np.testing.assert_allclose(mine.monitors[0], theirs.monitors[0], rtol=1e-9)
    expected = SIZE * 20 * (1 + np.sin(2e-3 * np.pi * 30 * 0.2 * (np.arange(300) + 0.5)))
    counts = np.bincount(theirs.spikes[1][0], minlength=300)
    assert np.mean((counts - expected) ** 2 / (expected + 1)) == pytest.approx(1.0, abs=0.4)


def test_a_rate_beyond_what_can_be_counted_stops_with_a_sentence(make) -> None:
    net = engine.Network("too loud", dt=5.0)
    cells = net.population("cells", 1, "lif_psc_delta")
    drive = net.source("drive", "poisson_sine", 1, rate=1e5, amplitude=0)
    net.connect(drive, cells, port="exc", weight=1e-3, delay=5)
    with pytest.raises(BackendError, match="use a smaller dt"):
        make(build(net.document).plan).advance(3)


def test_changes_of_all_sources_while_they_run_agree(make) -> None:
    changes = {
        "ramp_current": {"final": 30.0},
        "sine_current": {"frequency": 90.0},
        "pulse_current": {"amplitude": 20.0},
        "private": {"tau": 1.0, "std": 90.0},
        "mixed": {"mean": 20.0},
        "poisson": {"rate": 400.0, "dead_time": 1.0},
        "poisson_sine": {"amplitude": 10.0},
        "regular": {"rate": 90.0},
    }
    made, document = built(), network().document
    mine, theirs = make(made.plan), MAKERS["torch"](built().plan)
    mine.advance(201), theirs.advance(150), theirs.advance(51)
    for node in document.sources:
        if node.id in changes:
            node = replace(node, parameters={**node.parameters, **changes[node.id]})
            plan = source_plan(document, node)
            for executor in (mine, theirs):
                executor.set_source(made.sources[node.id], plan)
    saved = mine.checkpoint()
    one, other = mine.advance(300), theirs.advance(300)
    assert spikes_of(one) == spikes_of(other)
    np.testing.assert_allclose(one.monitors[0], other.monitors[0], rtol=1e-9)
    mine.restore(saved)
    assert spikes_of(mine.advance(300)) == spikes_of(one)
