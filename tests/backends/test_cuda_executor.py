"""What the CUDA executor promises beyond the common battery; its source runs on the CPU here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from executors import on_shim
from small_networks import DT, delta_lif, lif_constants, one_of_everything

from engine.backends.cuda import frame, shim
from engine.backends.cuda.populations import shifted
from engine.backends.registry import make_executor
from engine.errors import BackendError
from engine.runtime.plan import (
    Chunk,
    Connections,
    MonitorPlan,
    NetworkPlan,
    PopulationPlan,
    ProjectionPlan,
    SourcePlan,
)

if shim.obstacle():
    pytest.skip(shim.obstacle(), allow_module_level=True)

STEPS = 300


def same(mine: Chunk, theirs: Chunk) -> None:
    """The very same spikes and samples."""
    for emitter, (steps, senders) in theirs.spikes.items():
        np.testing.assert_array_equal(mine.spikes[emitter][0], steps)
        np.testing.assert_array_equal(mine.spikes[emitter][1], senders)
    for found, expected in zip(mine.monitors, theirs.monitors, strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.fixture(scope="module")
def whole() -> Chunk:
    return on_shim(one_of_everything()).advance(STEPS)


# -- order ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3, 7), (64, 1), (None, None)], ids=["odd", "wide", "own"])
def test_no_bit_depends_on_the_grid(whole: Chunk, shape: tuple[int | None, int | None]) -> None:
    same(on_shim(one_of_everything(), *shape).advance(STEPS), whole)


def test_no_bit_depends_on_slices(whole: Chunk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "SLICE_ENTRIES", 1)
    short = on_shim(one_of_everything())
    assert short._frame.slice == short._frame.block == 3
    same(short.advance(STEPS), whole)


def test_no_bit_depends_on_the_length_of_a_block(
    whole: Chunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame, "LONGEST_BLOCK", 2)
    same(on_shim(one_of_everything()).advance(STEPS), whole)


def test_sources_do_not_shorten_a_block() -> None:
    """Their spikes are delivered before the neurons of the block look."""
    target = PopulationPlan("n", 4, delta_lif(), lif_constants(delta_lif()), np.zeros((2, 4)), 1)
    drive = SourcePlan("p", 4, "poisson", 2, rate=0.4)
    pairs = ProjectionPlan("e", 1, 0, 0, None, True, 0.5, 1)
    plan = NetworkPlan(DT, 1, np.dtype(float), [target], [drive], [pairs],
                       [MonitorPlan(0, 0, 1, "state")])  # fmt: skip
    mine = on_shim(plan)
    assert mine._frame.block == frame.LONGEST_BLOCK
    expected = make_executor(plan, backend="torch_reference").advance(200)
    np.testing.assert_allclose(mine.advance(200).monitors[0], expected.monitors[0], rtol=1e-13)


# -- drives as whole numbers ----------------------------------------------------------------------


def sums_of(weights: np.ndarray, dtype: str = "float64") -> tuple[float, float]:
    """What one volley over all ``weights`` adds to a neuron at rest: here, and exactly."""
    count = weights.size
    rows = Connections(count, 1, np.arange(count + 1), np.zeros(count, np.uint16), weights, 1)
    constants = lif_constants(delta_lif(), E_L=0.0, v_th=np.inf)
    target = PopulationPlan("n", 1, delta_lif(), constants, np.zeros((2, 1), dtype), 1)
    volley = SourcePlan("s", count, "spikes", 2, steps=np.zeros(count, np.int64),
                        senders=np.arange(count, dtype=np.uint32))  # fmt: skip
    plan = NetworkPlan(DT, 1, np.dtype(dtype), [target], [volley],
                       [ProjectionPlan("e", 1, 0, 0, rows)], [MonitorPlan(0, 0)])  # fmt: skip
    found = on_shim(plan).advance(2).monitors[0][1, 0]
    return float(found), float(np.sum(weights.astype(dtype).astype(np.longdouble)))


@pytest.mark.parametrize("spread", [0.0, 3.0])
def test_a_drive_is_exact_to_rounding(spread: float) -> None:
    rng = np.random.default_rng(2)
    weights = rng.lognormal(0.0, spread, 2000) * rng.choice([-1.0, 1.0], 2000)
    found, exact = sums_of(weights)
    # Half a count for every weight; a count is 2**-58 of the largest sum possible, or less.
    count = np.abs(weights).sum() * 2.0**-58
    assert abs(found - exact) <= 2000 * 0.5 * count + abs(exact) * 2.0**-52


def test_in_single_precision_only_the_sum_is_rounded() -> None:
    weights = np.random.default_rng(3).uniform(0.0, 1.0, 5000)
    found, exact = sums_of(weights, "float32")
    assert found == float(np.float32(exact))


@pytest.mark.parametrize("factor", [2.0**20, 2.0**-30])
def test_weights_may_change_by_orders_of_magnitude(factor: float) -> None:
    """The unit of a drive is chosen anew, and what is on its way keeps its weight."""
    plan = one_of_everything(seed=4)
    mine, theirs = on_shim(plan), make_executor(plan, backend="torch_reference")
    for each in (mine, theirs):
        each.advance(77)
        each.set_weight(4, 0.3 * factor if factor < 1.0 else 0.3)
        each.set_weight(6, np.full(plan.projections[6].connections.synapses, 7.0 * factor))
    found, expected = mine.advance(60), theirs.advance(60)
    for emitter in (0, 1, 2):
        assert found.spikes[emitter][0].tolist() == expected.spikes[emitter][0].tolist()
    for samples, others in zip(found.monitors, expected.monitors, strict=True):
        np.testing.assert_allclose(samples, others, rtol=1e-9, atol=1e-9)


def test_a_checkpoint_may_meet_other_units() -> None:
    plan = one_of_everything()
    first, other = on_shim(plan), on_shim(plan)
    first.advance(50)
    other.set_weight(0, 15.0 * 2.0**12)
    other.set_weight(0, 15.0)
    other.restore(first.checkpoint())
    assert other._populations[0].exponents != first._populations[0].exponents
    mine, theirs = other.advance(100), first.advance(100)
    for emitter in (0, 1, 2):
        assert mine.spikes[emitter][1].tolist() == theirs.spikes[emitter][1].tolist()


def test_shifted_counts_round_to_the_nearest() -> None:
    counts = np.array([-9, -8, -7, 0, 7, 8, 9, 2**61])
    assert shifted(counts, -2).tolist() == [-2, -2, -2, 0, 2, 2, 2, 2**59]
    assert shifted(counts[:-1], 3).tolist() == [-72, -64, -56, 0, 56, 64, 72]


@pytest.mark.parametrize("weight", [np.nan, np.inf])
def test_a_weight_that_cannot_be_summed_is_refused(weight: float) -> None:
    plan = one_of_everything()
    with pytest.raises(BackendError, match='projection "exc-exc-0": a weight is not a finite'):
        on_shim(plan).set_weight(0, weight)
    with pytest.raises(BackendError, match="cannot be summed; use smaller weights"):
        on_shim(plan).set_weight(0, 1.7e308)


# -- forms of connections -------------------------------------------------------------------------


@pytest.mark.parametrize("index", [np.uint16, np.uint32])
@pytest.mark.parametrize("longest", [20, 255, 256, 700])
def test_delays_of_one_byte_and_of_two_arrive_alike(index: type, longest: int) -> None:
    rng = np.random.default_rng(longest)
    delays = np.sort(rng.integers(1, longest + 1, 40)).astype(np.uint16)
    delays[-1] = longest
    rows = Connections(1, 40, np.array([0, 40]), rng.permutation(40).astype(index), 1.0, delays)
    constants = lif_constants(delta_lif(), E_L=0.0, P_v=1.0, v_th=np.inf)
    target = PopulationPlan("n", 40, delta_lif(), constants, np.zeros((2, 40)), 1)
    volley = SourcePlan("s", 1, "spikes", 2, steps=np.array([2]), senders=np.zeros(1, np.uint32))
    plan = NetworkPlan(DT, 1, np.dtype(float), [target], [volley],
                       [ProjectionPlan("e", 1, 0, 0, rows)], [MonitorPlan(0, 0)])  # fmt: skip
    v = on_shim(plan).advance(longest + 10).monitors[0]
    arrived = np.argmax(v > 0.5, axis=0)
    np.testing.assert_array_equal(arrived[rows.target.astype(int)], 2 + delays)
    np.testing.assert_array_equal(v[-1], np.ones(40))


def test_single_precision_keeps_its_type_and_its_spikes_for_a_while(whole: Chunk) -> None:
    chunk = on_shim(one_of_everything(dtype="float32")).advance(STEPS)
    compiled = make_executor(one_of_everything(dtype="float32")).advance(STEPS)
    assert {samples.dtype for samples in chunk.monitors} == {np.dtype(np.float32)}
    np.testing.assert_allclose(chunk.monitors[0][:30], whole.monitors[0][:30], rtol=2e-6)
    for emitter in (0, 1, 2):
        mine, theirs = len(chunk.spikes[emitter][0]), len(compiled.spikes[emitter][0])
        assert mine == pytest.approx(theirs, rel=0.1, abs=5)


def test_half_precision_has_no_kernels() -> None:
    plan = replace(one_of_everything(), dtype=np.dtype(np.float16))
    with pytest.raises(BackendError, match="float16 has no CUDA kernels; use float32 or float64"):
        on_shim(plan)


# -- what is missing here -------------------------------------------------------------------------


def test_a_machine_without_a_compiler_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BackendError, match=r"no C\+\+ compiler was found on this machine; install"):
        shim.ShimDevice()
