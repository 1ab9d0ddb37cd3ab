"""One battery for all executors: what an executor promises, whatever runs it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from executors import MAKERS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_networks import DT, current_lif, delta_lif, lif_constants, one_of_everything, population

from engine.backends.registry import backends, make_executor
from engine.equations.stepmap import Input, StepMap
from engine.equations.tree import Assign, Binary, Name, Number
from engine.errors import BackendError
from engine.runtime.plan import (
    Chunk,
    Connections,
    Executor,
    MonitorPlan,
    NetworkPlan,
    PopulationPlan,
    ProjectionPlan,
    SourcePlan,
)

STEPS = 600


@pytest.fixture(scope="module")
def truth() -> Chunk:
    """The reference's account of the network that has one of everything."""
    return MAKERS["torch"](one_of_everything()).advance(STEPS)


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


# -- against the reference ------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_compiled_spikes_are_those_of_the_reference(truth: Chunk, threads: int) -> None:
    chunk = make_executor(one_of_everything(), threads=threads).advance(STEPS)
    assert spikes_of(chunk) == spikes_of(truth)
    assert min(len(steps) for steps, _ in truth.spikes.values()) > 20
    for mine, theirs in zip(chunk.monitors, truth.monitors, strict=True):
        assert mine.shape == theirs.shape
        np.testing.assert_allclose(mine, theirs, rtol=1e-11, atol=1e-9)


@pytest.mark.parametrize("seed", [2, 3])
def test_other_random_networks_agree_as_well(seed: int) -> None:
    plan = one_of_everything(seed)
    mine, theirs = (MAKERS[name](plan).advance(300) for name in ("numba", "torch"))
    assert spikes_of(mine) == spikes_of(theirs)


def test_single_precision_follows_double_until_rounding_shows(truth: Chunk) -> None:
    chunk = make_executor(one_of_everything(dtype="float32")).advance(STEPS)
    assert chunk.monitors[0].dtype == np.float32
    early = 30
    np.testing.assert_allclose(chunk.monitors[0][:early], truth.monitors[0][:early], rtol=2e-6)
    for emitter in (0, 1, 2):
        mine, theirs = len(chunk.spikes[emitter][0]), len(truth.spikes[emitter][0])
        assert mine == pytest.approx(theirs, rel=0.1, abs=5)
    # Sources know no rounding: theirs are the very same.
    assert [list(part) for part in chunk.spikes[5]] == spikes_of(truth)[5]


# -- determinism ----------------------------------------------------------------------------------


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cuts=st.lists(st.integers(1, 250), min_size=1, max_size=12), threads=st.sampled_from([1, 2]))
def test_spikes_do_not_depend_on_how_a_duration_is_cut(
    truth: Chunk, cuts: list[int], threads: int
) -> None:
    parts = []
    for cut in cuts:
        parts.append(min(cut, STEPS - sum(parts)))
        if sum(parts) == STEPS:
            break
    if sum(parts) < STEPS:
        parts.append(STEPS - sum(parts))
    chunk = in_parts(make_executor(one_of_everything(), threads=threads), parts)
    assert spikes_of(chunk) == spikes_of(truth)
    assert [len(kept) for kept in chunk.monitors] == [len(kept) for kept in truth.monitors]


def test_reference_does_not_depend_on_how_a_duration_is_cut(truth: Chunk) -> None:
    chunk = in_parts(MAKERS["torch"](one_of_everything()), [1, 13, 86, 500])
    assert spikes_of(chunk) == spikes_of(truth)


def test_monitors_change_no_spike(make, truth: Chunk) -> None:
    plan = replace(one_of_everything(), monitors=[], record_sources=())
    chunk = make(plan).advance(STEPS)
    assert chunk.monitors == []
    expected = {k: pair for k, pair in spikes_of(truth).items() if k < 3}
    assert spikes_of(chunk) == expected


def test_samples_are_the_same_for_any_threads_and_cuts() -> None:
    whole = make_executor(one_of_everything()).advance(200)
    other = in_parts(make_executor(one_of_everything(), threads=3), [9, 1, 190])
    for mine, theirs in zip(whole.monitors, other.monitors, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_two_networks_built_alike_run_alike_and_apart(make) -> None:
    first, second = make(one_of_everything()), make(one_of_everything())
    first.advance(100)
    assert spikes_of(second.advance(100)) == spikes_of(make(one_of_everything()).advance(100))


# -- time, delays, ports --------------------------------------------------------------------------


def one_neuron(step_map: StepMap, size: int = 1, **changed) -> PopulationPlan:
    state = np.zeros((len(step_map.states), size))
    state[0] = -49.0
    constants = lif_constants(step_map, v_th=0.0, **changed)
    return PopulationPlan("neuron", size, step_map, constants, state, 1)


def volley(steps: list[int], senders: list[int], size: int = 1) -> SourcePlan:
    at, who = np.array(steps, np.int64), np.array(senders, np.uint32)
    return SourcePlan("volley", size, "spikes", 2, steps=at, senders=who)


@pytest.mark.parametrize("delay", [1, 2, 7, 65])
@pytest.mark.parametrize("form", ["pairs", "shared", "own"])
def test_a_spike_arrives_exactly_its_delay_after_it_happened(make, delay: int, form: str) -> None:
    own = np.array([delay], np.uint16) if form == "own" else delay
    rows = Connections(1, 1, np.array([0, 1]), np.zeros(1, np.uint16), 3.0, own)
    projection = ProjectionPlan("p", 1, 0, 0, rows)
    if form == "pairs":
        projection = ProjectionPlan("p", 1, 0, 0, None, True, 3.0, delay)
    monitor = MonitorPlan(0, 0, 1, "state", np.array([0]))
    plan = NetworkPlan(
        DT, 1, np.dtype(float), [one_neuron(delta_lif())], [volley([4], [0])], [projection],
        [monitor],
    )  # fmt: skip
    v = make(plan).advance(80).monitors[0][:, 0]
    # The spike of step 4 is stamped 5 dt; v jumps `delay` steps later, at the end of 4 + delay.
    assert (v[: 4 + delay] == -49.0).all()
    assert v[4 + delay] == pytest.approx(-46.0, abs=1e-12)


def test_a_spike_sent_twice_in_a_step_counts_twice(make) -> None:
    rows = Connections(2, 1, np.array([0, 2, 2]), np.zeros(2, np.uint16), 1.5, 1)
    plan = NetworkPlan(
        DT, 1, np.dtype(float), [one_neuron(delta_lif())], [volley([0, 0, 3], [0, 0, 1], 2)],
        [ProjectionPlan("p", 1, 0, 0, rows)], [MonitorPlan(0, 0, 1, "state", None)],
        record_sources=(0,),
    )  # fmt: skip
    chunk = make(plan).advance(5)
    assert chunk.monitors[0][1, 0] == pytest.approx(-49.0 + 2 * 2 * 1.5)
    assert spikes_of(chunk)[1] == [[0, 0, 3], [0, 0, 1]]


def test_refractoriness_lasts_a_whole_number_of_steps(make) -> None:
    step_map = delta_lif()
    state = np.zeros((2, 1))
    state[0] = -55.0
    constants = lif_constants(step_map, E_L=0.0, n_ref=5.0)
    plan = NetworkPlan(
        DT, 1, np.dtype(float), [PopulationPlan("n", 1, step_map, constants, state, 1)],
        monitors=[MonitorPlan(0, 0, 1, "state", None)],
    )  # fmt: skip
    chunk = make(plan).advance(400)
    steps, v = chunk.spikes[0][0], chunk.monitors[0][:, 0]
    assert len(steps) > 3
    for step in steps[:-1]:
        assert (v[step : step + 6] == -60.0).all()
        assert v[step + 6] > -60.0


def test_a_current_acts_in_the_step_it_is_on(make) -> None:
    source = SourcePlan("c", 1, "current", 1, amplitude=100.0, start=3, stop=5,
                        trace=np.array([0.0, 10.0]))  # fmt: skip
    rows = Connections(1, 2, np.array([0, 2]), np.array([0, 1], np.uint16), 1.0, 1)
    plan = NetworkPlan(
        DT, 1, np.dtype(float), [one_neuron(delta_lif(), 2)], [source],
        [ProjectionPlan("p", 1, 0, 2, rows)], [MonitorPlan(0, 0, 1, "state", None)],
    )  # fmt: skip
    v = make(plan).advance(8).monitors[0]
    gain = lif_constants(delta_lif())["P_I"]
    assert v[0, 0] == -49.0
    np.testing.assert_allclose(v[1], -49.0 + 10.0 * gain, rtol=1e-14)
    assert (np.diff(v[1:3, 0]) < 0).all()  # relaxes in step 2
    assert (np.diff(v[2:5, 1]) > 0).all()  # on during steps 3 and 4
    assert (np.diff(v[4:, 0]) < 0).all()


def test_a_population_without_a_threshold_never_spikes(make) -> None:
    leak = Assign("x", Binary("*", Name("decay"), Name("x")))
    take = Assign("x", Binary("+", Name("x"), Name("in_exc")))
    inputs = (Input("exc", "in_exc", "jump"),)
    step_map = StepMap("leaky", "exact", ("x",), inputs, ("decay",), (leak,), (take,))
    part = PopulationPlan("r", 70, step_map, {"decay": 0.5}, np.ones((1, 70)), 1)
    executor = make(NetworkPlan(DT, 1, np.dtype(float), [part]))
    assert spikes_of(executor.advance(3)) == {0: [[], []]}
    np.testing.assert_array_equal(executor.states()[0], np.full((1, 70), 0.125))


def test_time_and_step_width_can_be_read(make) -> None:
    now = Assign("x", Binary("+", Name("t"), Binary("*", Name("dt"), Number(0.5))))
    step_map = StepMap("clock", "none", ("x",), (), (), (now,))
    part = PopulationPlan("c", 1, step_map, {}, np.zeros((1, 1)), 1)
    plan = NetworkPlan(
        DT, 1, np.dtype(float), [part], monitors=[MonitorPlan(0, 0, 1, "state", None)]
    )
    executor = make(plan)
    x = np.concatenate([executor.advance(k).monitors[0][:, 0] for k in (2, 3)])
    np.testing.assert_allclose(x, (np.arange(5) + 0.5) * DT, rtol=1e-14)


def test_a_mean_leaves_out_the_padding(make) -> None:
    rng = np.random.default_rng(0)
    part = population("p", 67, current_lif(), rng)
    plan = NetworkPlan(
        DT, 1, np.dtype(float), [part],
        monitors=[MonitorPlan(0, 0, 3, "mean"), MonitorPlan(0, 0, 3, "state", None)],
    )  # fmt: skip
    mean, every = make(plan).advance(10).monitors
    assert mean.shape == (3,)
    np.testing.assert_allclose(mean, every.mean(1), rtol=1e-13)


# -- changes while running ------------------------------------------------------------------------


def test_changed_parameters_act_from_the_next_step(make) -> None:
    plan = one_of_everything()
    executor, other = make(plan), MAKERS["torch"](plan)
    for each in (executor, other):
        each.advance(101)
        each.set_constants(0, lif_constants(current_lif(), E_L=-45.0))
        varied = np.linspace(-50.0, -44.0, 40)
        each.set_constants(1, lif_constants(current_lif(noise=True), E_L=varied))
        each.set_weight(0, 1.0)
        each.set_weight(1, np.linspace(0.0, 9.0, plan.projections[1].connections.synapses))
        each.set_weight(12, np.linspace(0.0, 0.1, 60))
        each.set_weight(14, 0.25)
    assert spikes_of(executor.advance(200)) == spikes_of(other.advance(200))


def test_changed_sources_leave_spikes_on_their_way_alone(make) -> None:
    plan = one_of_everything()
    changes = {
        0: {"rate": np.linspace(0.0, 1.0, 150)},
        1: {"rate": 0.02},
        2: {"steps": np.array([130, 140]), "senders": np.array([1, 2], np.uint32)},
        3: {"mean": -3.0, "trace": None, "noise_std": 4.0},
        4: {"noise_std": 0.0},
        5: {"mean": 3.0, "noise_std": 0.0},
    }
    executor, other = make(plan), MAKERS["torch"](plan)
    for each in (executor, other):
        each.advance(119)
        for place, values in changes.items():
            each.set_source(place, replace(plan.sources[place], **values))
    mine, theirs = executor.advance(100), other.advance(100)
    assert spikes_of(mine) == spikes_of(theirs)
    np.testing.assert_allclose(mine.monitors[0], theirs.monitors[0], rtol=1e-11)


# -- checkpoints ----------------------------------------------------------------------------------


def test_a_checkpoint_goes_on_exactly(make) -> None:
    plan = one_of_everything()
    executor = make(plan)
    executor.advance(137)
    saved = executor.checkpoint()
    assert all(isinstance(array, np.ndarray) for array in saved.values())
    expected = executor.advance(250)
    executor.restore(saved)
    again = executor.advance(250)
    fresh = make(plan)
    fresh.restore(saved)
    for chunk in (again, fresh.advance(250)):
        assert chunk.start == 137
        assert spikes_of(chunk) == spikes_of(expected)
        for mine, theirs in zip(chunk.monitors, expected.monitors, strict=True):
            np.testing.assert_array_equal(mine, theirs)


def test_a_compiled_checkpoint_does_not_depend_on_threads() -> None:
    plan = one_of_everything()
    one, two = make_executor(plan), make_executor(plan, threads=2)
    one.advance(90)
    two.restore(one.checkpoint())
    assert spikes_of(two.advance(200)) == spikes_of(one.advance(200))


def test_a_checkpoint_of_another_network_is_refused(make) -> None:
    executor = make(one_of_everything())
    small = NetworkPlan(DT, 1, np.dtype(float), [one_neuron(delta_lif())])
    with pytest.raises(BackendError, match="another network"):
        executor.restore(make(small).checkpoint())


# -- room -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2])
def test_a_full_spike_list_loses_nothing(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    from engine.backends.numba_cpu import executor, spike_lists

    expected = make_executor(one_of_everything(), threads=threads).advance(300)
    monkeypatch.setattr(spike_lists, "FIRST_CAPACITY", 1)
    monkeypatch.setattr(executor, "SLICE", 128)
    chunk = make_executor(one_of_everything(), threads=threads).advance(300)
    assert spikes_of(chunk) == spikes_of(expected)
    for mine, theirs in zip(chunk.monitors, expected.monitors, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_every_neuron_may_spike_in_every_step(make) -> None:
    step_map = replace(delta_lif(), threshold=Binary(">", Name("v"), Number(-1e9)), reset=())
    part = PopulationPlan("mad", 300, step_map, lif_constants(step_map), np.zeros((2, 300)), 1)
    chunk = make(NetworkPlan(DT, 1, np.dtype(float), [part])).advance(100)
    steps, senders = chunk.spikes[0]
    np.testing.assert_array_equal(steps, np.repeat(np.arange(100), 300))
    np.testing.assert_array_equal(senders, np.tile(np.arange(300), 100))


# -- what cannot be -------------------------------------------------------------------------------


def test_zero_steps_are_refused(make) -> None:
    with pytest.raises(BackendError, match="at least 1"):
        make(one_of_everything()).advance(0)


BROKEN = {
    "a target outside": {"target": np.array([5], np.uint16)},
    "descending rows": {"row": np.array([1, 0])},
    "short rows": {"row": np.array([0])},
    "signed targets": {"target": np.array([0], np.int32)},
    "no delay": {"delay": 0},
    "delays missing": {"delay": np.array([1, 1], np.uint16)},
    "weights missing": {"weight": np.array([1.0, 1.0])},
    "other sizes": {"targets": 4},
}


@pytest.mark.parametrize("backend", ["numba_cpu", "cuda_shim"])
@pytest.mark.parametrize("change", BROKEN)
def test_compiled_code_is_never_given_rows_that_leave_its_memory(change: str, backend) -> None:
    if not backends()[backend].available:
        pytest.skip(backends()[backend].message)
    good = Connections(1, 1, np.array([0, 1]), np.zeros(1, np.uint16), 1.0, 1)
    rows = replace(good, **BROKEN[change])
    plan = NetworkPlan(
        DT, 1, np.dtype(float), [one_neuron(delta_lif())], [volley([4], [0])],
        [ProjectionPlan("p", 1, 0, 0, rows)],
    )  # fmt: skip
    with pytest.raises(BackendError):
        make_executor(plan, backend=backend)


def test_a_wrong_constant_names_population_and_constant() -> None:
    part = one_neuron(delta_lif(), size=3, E_L=np.zeros(2))
    with pytest.raises(BackendError, match=r'population "neuron": constant `E_L`.*\(3,\)'):
        make_executor(NetworkPlan(DT, 1, np.dtype(float), [part]))
    del part.constants["E_L"]
    with pytest.raises(BackendError, match="no value for constant `E_L`"):
        make_executor(NetworkPlan(DT, 1, np.dtype(float), [part]))
