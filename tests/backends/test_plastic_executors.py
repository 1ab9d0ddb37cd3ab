"""Synapses that learn: compiled against the reference, to the last bit."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from executors import MAKERS, NO_COMPILER, ONE_EACH, check_refusals
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marks import slow_but
from numba import cfunc
from plastic_networks import LEARNING, REWARDED, RULES, all_dendritic, learning, rule
from small_networks import DT, delta_lif, lif_constants

from engine.backends import cache
from engine.backends.numba_cpu import kernels, plastic_events
from engine.backends.numba_cpu.plastic_events import EVENT
from engine.backends.numba_cpu.plastic_printer import event_source
from engine.backends.registry import make_executor
from engine.equations.plastic import plastic_constants
from engine.errors import BackendError
from engine.models.declaration import Parameter, PlasticityModel
from engine.models.plastic import plastic_map
from engine.models.registry import plasticity_models
from engine.runtime.plan import (
    Connections,
    Executor,
    NetworkPlan,
    PlasticityPlan,
    PopulationPlan,
    ProjectionPlan,
    SourcePlan,
)

STEPS = 300


def account(executor: Executor, parts: list[int]) -> tuple[list[list[int]], list[np.ndarray]]:
    """Spikes of all populations and the weights after advancing by ``parts``."""
    chunks = [executor.advance(part) for part in parts]
    spikes = [
        np.concatenate([chunk.spikes[emitter][k] for chunk in chunks]).tolist()
        for emitter in (0, 1)
        for k in (0, 1)
    ]
    return spikes, [executor.weights(place) for place in LEARNING]


def same(mine, theirs) -> None:
    assert mine[0] == theirs[0]
    for weights, expected in zip(mine[1], theirs[1], strict=True):
        np.testing.assert_array_equal(weights, expected)


# -- against the reference ------------------------------------------------------------------------


COMPILED = ["numba", "CUDA source"]


@pytest.mark.parametrize("make", COMPILED, indirect=True)
@pytest.mark.parametrize("name", slow_but(["bcm", "r_stdp", "stdp", "stdp_triplet"], RULES))
def test_weights_and_spikes_are_those_of_the_reference_to_the_bit(make, name: str) -> None:
    plan = learning(name=name)
    truth = account(MAKERS["torch"](plan), [STEPS])
    assert min(len(truth[0][0]), len(truth[0][2])) > 50
    for place, weights in zip(LEARNING, truth[1], strict=True):
        start = plan.projections[place].connections.weight
        assert np.mean(weights != start) > 0.5
    same(account(make(plan), [STEPS]), truth)


@pytest.mark.parametrize("make", COMPILED, indirect=True)
def test_a_rule_may_use_every_function_of_the_language(make) -> None:
    model = PlasticityModel(
        name="everything",
        pre="dx/dt = -x/tau - 0.01*x**3/tau",
        post="dy/dt = -y/tau",
        on_pre="w = w + A*where(y > 0.5 and x < 3, exp(-y)/exprel(x - 0.5), sinh(y) - floor(x))"
        " - 0.1*w*(tanh(y)*cos(x) + sqrt(abs(y)))",
        on_post="w = min(max(w + A*(log(1 + x) + cosh(x) - sin(y) + x**2.5), 0*A), 20*A)",
        pre_spike="x += 1/(1 + x)",
        post_spike="y = clip(y + 1, 0, 2)",
        parameters={"tau": Parameter(15, "ms"), "A": Parameter(0.5, "weight")},
    )
    made = plastic_map(model)
    numbers = plastic_constants(made, {}, DT)
    plan = learning()
    for place in LEARNING:
        each = plan.projections[place]
        side = each.plasticity.dendritic
        plan.projections[place] = replace(each, plasticity=PlasticityPlan(made, numbers, side))
    mine, theirs = make(plan), MAKERS["torch"](plan)
    assert account(mine, [80])[0] == account(theirs, [80])[0]
    for place in LEARNING:
        np.testing.assert_allclose(mine.weights(place), theirs.weights(place), rtol=1e-10)
        assert np.std(mine.weights(place)) > 0


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 1000),
    name=st.sampled_from(RULES),
    delays=st.tuples(*[st.integers(1, 12)] * 3),
    maker=st.sampled_from(["numba", "numba, 2 threads", "numba, 3 threads", "CUDA source"]),
    cuts=st.lists(st.integers(1, 60), max_size=5),
    behind=st.booleans(),
)
def test_learning_depends_on_no_delay_thread_block_or_cut(
    seed: int, name: str, delays, maker: str, cuts: list[int], behind: bool
) -> None:
    if NO_COMPILER and maker == "CUDA source":
        maker = "numba"
    plan = learning(seed, name, delays)
    plan = all_dendritic(plan) if behind else plan
    parts = [*cuts, max(1, 120 - sum(cuts))]
    truth = account(MAKERS["torch"](plan), [sum(parts)])
    same(account(MAKERS[maker](plan), parts), truth)


@pytest.mark.parametrize("make", COMPILED, indirect=True)
def test_single_precision_learns_the_same_until_rounding_shows(make) -> None:
    double, single = (make(learning(dtype=dtype)) for dtype in ("float64", "float32"))
    for executor in (double, single):
        executor.advance(60)
    for place in LEARNING:
        weights = single.weights(place)
        assert weights.dtype == np.float32
        np.testing.assert_allclose(weights, double.weights(place), rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_depression_along_a_row_is_vectorised(dtype: str) -> None:
    made = plastic_map(plasticity_models()["stdp"])
    source = event_source(made, np.dtype(dtype), np.uint16, np.uint16)
    program = cache.load("plastic", source, kernels.EVENT_SUPPORT).on_pre
    compiled = cfunc(EVENT, error_model="numpy")(program.__wrapped__)
    text = compiled._library.get_llvm_str()
    real = {"float64": "double", "float32": "float"}[dtype]
    assert re.search(rf"fmul <\d+ x {real}>", text)
    assert re.search(rf"store <\d+ x {real}>", text)
    assert "vector.memcheck" not in text


def test_the_places_of_a_record_have_the_names_by_which_they_are_written() -> None:
    for name, place in plastic_events.FIELD.items():
        assert getattr(plastic_events, name.upper()) == place


# -- one pair -------------------------------------------------------------------------------------

RELAYED = 30.0  # mV, enough for a spike whatever v was


def pair(pre: list[int], post: list[int], delay: int, dendritic: bool, **changed) -> NetworkPlan:
    """One synapse of 0.5 in [0, 1]: sources spike at steps ``pre``, its target at ``post``."""
    state = np.zeros((2, 1))
    state[0] = -65.0
    constants = lif_constants(delta_lif(), E_L=-65.0, n_ref=0.0)
    target = PopulationPlan("target", 1, delta_lif(), constants, state, 1)

    def volley(name: str, steps: list[int]) -> SourcePlan:
        return SourcePlan(name, 1, "spikes", 2, steps=np.array(steps, np.int64),
                          senders=np.zeros(len(steps), np.uint32))  # fmt: skip

    def row(weight: float, steps: int) -> Connections:
        return Connections(1, 1, np.array([0, 1]), np.zeros(1, np.uint16), weight, steps)

    given = {"w_max": 1.0, "A_plus": 0.1, "A_minus": 0.07, "tau_plus": 20.0, **changed}
    learns = rule("stdp", dendritic, **given)
    projections = [
        ProjectionPlan("learns", 1, 0, 0, row(0.5, delay), plasticity=learns),
        ProjectionPlan("relay", 2, 0, 0, row(RELAYED, 1)),
    ]
    sources = [volley("pre", pre), volley("post", [step - 1 for step in post])]
    return NetworkPlan(DT, 1, np.dtype(float), [target], sources, projections)


@pytest.mark.parametrize(
    ("dendritic", "delay", "lag"), [(False, 1, 1), (False, 7, 7), (True, 1, -1), (True, 9, -9)]
)
def test_a_pair_counts_by_when_its_spikes_meet_at_the_synapse(
    make, dendritic: bool, delay: int, lag: int
) -> None:
    """``lag``: by how much the delay brings the pre-synaptic spike behind the other."""
    for distance in (-30, -2, -1, 0, 1, 2, 30):
        plan = pair([100], [100 + lag + distance], delay, dendritic)
        executor = make(plan)
        executor.advance(200)
        expected = 0.0
        if distance > 0:
            expected = 0.1 * np.exp(-distance * DT / 20.0)
        elif distance < 0:
            expected = -0.07 * np.exp(distance * DT / 20.0)
        assert executor.weights(0)[0] == pytest.approx(0.5 + expected, abs=1e-14)


def test_spikes_of_one_instant_pair_with_earlier_ones_only(make) -> None:
    executor = make(pair([99, 109], [100, 110], 1, False))
    executor.advance(150)
    # The second spikes meet at step 110: each pairs with the other's spike of step 100.
    expected = 0.5 - 0.07 * np.exp(-10 * DT / 20.0) + 0.1 * np.exp(-10 * DT / 20.0)
    assert executor.weights(0)[0] == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("dendritic", [False, True])
def test_an_arriving_spike_delivers_the_weight_from_before_its_own_effect(
    make, dendritic: bool
) -> None:
    plan = pair([120], [60], 4, dendritic)
    executor = make(plan)
    arrival = 124
    executor.advance(arrival)
    before = executor.states()[0][0, 0]
    executor.advance(1)
    gain = lif_constants(delta_lif())["P_v"]
    relaxed = -65.0 + gain * (before + 65.0)
    assert executor.states()[0][0, 0] == pytest.approx(relaxed + 0.5, abs=1e-12)
    assert executor.weights(0)[0] < 0.5


def test_weights_stay_between_their_bounds(make) -> None:
    first, second = list(range(100, 900, 20)), list(range(105, 905, 20))
    executor = make(pair(first, second, 1, False, A_minus=0.0))
    executor.advance(1000)
    assert executor.weights(0)[0] == 1.0
    executor = make(pair(second, first, 1, False, A_plus=0.0))
    executor.advance(1000)
    assert executor.weights(0)[0] == 0.0


def test_a_source_that_spikes_twice_in_a_step_does_so_twice_to_the_synapse(make) -> None:
    executor = make(pair([100, 100], [111], 1, False))
    executor.advance(150)
    assert executor.weights(0)[0] == pytest.approx(0.5 + 0.2 * np.exp(-10 * DT / 20.0), abs=1e-14)


# -- changes while running ------------------------------------------------------------------------


def test_learning_can_be_switched_off_and_on_while_traces_go_on(make) -> None:
    plan = learning()
    executor, other = make(plan), MAKERS["torch"](plan)
    for each in (executor, other):
        each.advance(60)
        before = [each.weights(place) for place in LEARNING]
        for place in LEARNING:
            off = replace(plan.projections[place].plasticity, on=False)
            each.set_plasticity(place, off)
        each.advance(60)
        for place, weights in zip(LEARNING, before, strict=True):
            np.testing.assert_array_equal(each.weights(place), weights)
        for place in LEARNING:
            each.set_plasticity(place, plan.projections[place].plasticity)
    same(account(executor, [60]), account(other, [60]))


def test_new_weights_and_parameters_act_from_the_next_step(make) -> None:
    plan = learning()
    executor, other = make(plan), MAKERS["torch"](plan)
    for each in (executor, other):
        each.advance(50)
        each.set_weight(0, 4.0)
        count = plan.projections[3].connections.synapses
        each.set_weight(3, np.linspace(1.0, 11.0, count))
        each.set_plasticity(4, rule("stdp", A_plus=0.2, tau_minus=5.0))
    np.testing.assert_array_equal(executor.weights(0), 4.0)
    same(account(executor, [70]), account(other, [70]))


def test_the_plan_keeps_the_weights_that_it_was_given(make) -> None:
    plan = learning()
    kept = plan.projections[0].connections.weight.copy()
    executor = make(plan)
    executor.advance(100)
    executor.weights(0)[:] = 0.0
    np.testing.assert_array_equal(plan.projections[0].connections.weight, kept)
    assert executor.weights(0).max() > 0.0


def test_a_checkpoint_goes_on_exactly_with_its_weights(make) -> None:
    plan = learning()
    executor = make(plan)
    executor.advance(77)
    saved = executor.checkpoint()
    expected = account(executor, [100])
    executor.restore(saved)
    same(account(executor, [100]), expected)
    fresh = make(plan)
    fresh.restore(saved)
    same(account(fresh, [40, 60]), expected)


def test_threads_may_come_and_go_between_calls() -> None:
    plan = learning()
    executor, other = make_executor(plan, threads=3), make_executor(plan)
    for most in (3, 1, 2, 1, 3):
        executor.limit_threads(most)
        same(account(executor, [25]), account(other, [25]))


@pytest.mark.parametrize("name", ["stdp", "mstdpet"])
@pytest.mark.parametrize("make", ONE_EACH, indirect=True)
def test_a_refused_checkpoint_leaves_no_trace_in_synapses_that_learn(make, name: str) -> None:
    plan = learning(name=name)
    plan.record_sources = (0,)
    check_refusals(make, plan)


def test_a_compiled_checkpoint_with_weights_does_not_depend_on_threads() -> None:
    plan = learning()
    one, two = make_executor(plan), make_executor(plan, threads=2)
    one.advance(90)
    two.restore(one.checkpoint())
    same(account(two, [100]), account(one, [100]))


# -- third factors --------------------------------------------------------------------------------


def by_small_steps(c0: float, amount: float, wait: int, steps: int, given: dict) -> float:
    """What a synapse marked with ``c0`` earns if a reward comes ``wait`` steps later: Euler's rule
    in thousands of a step, so that nothing of the closed form is shared."""
    h, c, d, earned = DT / 1000, c0, 0.0, 0.0
    for k in range(1000 * steps):
        d += amount if k == 1000 * wait else 0.0
        earned += h * given["eta"] / 1000 * (given["w_max"] - given["w_min"]) * c * d
        c, d = c * (1 - h / given["tau_c"]), d * (1 - h / given["tau_d"])
    return earned


@pytest.mark.parametrize("dendritic", [False, True])
def test_a_mark_and_a_later_reward_change_the_weight_by_their_overlap(
    make, dendritic: bool
) -> None:
    given = {"w_min": 0.0, "w_max": 1.0, "tau_c": 20.0, "tau_d": 7.0, "eta": 30.0, "A_plus": 1.0}
    learns = rule("r_stdp", dendritic, **given)
    plan = pair([100], [101 + (0 if dendritic else 3)], 3, dendritic)
    plan.projections[0] = replace(plan.projections[0], plasticity=learns)
    executor = make(plan)
    # Post follows pre by one step, or, over the dendrite, reaches the synapse 4 steps after it.
    lag = 4 if dendritic else 1
    marked = 101 + (3 if not dendritic else 0) + 1 + (3 if dendritic else 0)
    mark = np.exp(-lag * DT / given.get("tau_plus", 12.0))
    executor.advance(marked + 40)
    assert executor.weights(0)[0] == 0.5  # marks alone change nothing
    executor.reward(0, 0.5)
    executor.advance(120)
    seen = 120 - (3 if dendritic else 0)
    expected = by_small_steps(mark, 0.5, 40, 40 + seen, given)
    assert executor.weights(0)[0] - 0.5 == pytest.approx(expected, rel=1e-3)
    assert expected > 1e-3


@pytest.mark.parametrize("make", COMPILED, indirect=True)
@pytest.mark.parametrize("name", REWARDED)
@pytest.mark.parametrize("behind", [False, True])
def test_rewards_from_outside_act_alike_everywhere(make, name: str, behind: bool) -> None:
    plan = learning(name=name)
    plan = all_dendritic(plan) if behind else plan
    accounts, left = [], []
    for executor in (make(plan), MAKERS["torch"](plan)):
        found = [account(executor, [50])]
        for place in LEARNING:
            executor.reward(place, 0.7)
            executor.reward(place, -0.3)
        found.append(account(executor, [2]))
        levels = [executor.modulators(place) for place in LEARNING]
        executor.reward(0, 2.0)
        found.append(account(executor, [3, 60]))
        accounts.append(found)
        left.append(levels)
    for mine, theirs in zip(*accounts, strict=True):
        same(mine, theirs)
    assert left[0] == left[1]
    assert all(left[0][0].values())
    spoilt = MAKERS["torch"](plan)
    spoilt.advance(115)
    assert not np.array_equal(spoilt.weights(0), accounts[1][-1][1][0])


@pytest.mark.parametrize("make", COMPILED, indirect=True)
@pytest.mark.parametrize("name", [*REWARDED, "resume", "stdp_centred"])
def test_what_a_rule_has_of_its_own_is_switched_kept_and_restored(make, name: str) -> None:
    plan = learning(name=name)
    executor, other = make(plan), MAKERS["torch"](plan)
    for each in (executor, other):
        each.advance(60)
        for place in LEARNING:
            each.set_plasticity(place, replace(plan.projections[place].plasticity, on=False))
        held = [each.weights(place) for place in LEARNING]
        each.advance(70)
        for place, weights in zip(LEARNING, held, strict=True):
            np.testing.assert_array_equal(each.weights(place), weights)
        for place in LEARNING:
            each.set_plasticity(place, plan.projections[place].plasticity)
        if name in REWARDED:
            each.reward(3, 1.5)
        each.set_weight(4, 6.0)
    saved = executor.checkpoint()
    expected = account(other, [90])
    same(account(executor, [90]), expected)
    executor.advance(17)
    executor.restore(saved)
    same(account(executor, [40, 50]), expected)
    fresh = make(plan)
    fresh.restore(saved)
    same(account(fresh, [90]), expected)


def test_looking_at_weights_changes_nothing(make) -> None:
    watched, left = make(learning(name="r_stdp")), make(learning(name="r_stdp"))
    for _ in range(40):
        watched.advance(4)
        for place in LEARNING:
            watched.weights(place)
    left.advance(160)
    same(account(watched, [20]), account(left, [20]))


def test_a_rule_without_rewards_takes_none(make) -> None:
    executor = make(learning())
    with pytest.raises(BackendError, match='"0-0": its synapses learn from no reward; give it'):
        executor.reward(0, 1.0)


# -- what cannot be -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "changes", "said"),
    [
        (2, {"plasticity": rule("stdp")}, "one delay for all its synapses"),
        (6, {"plasticity": rule("stdp")}, "as connections"),
        (0, {"plasticity": rule("resume", teacher=1)}, "its teacher has 130 members, not 70"),
        (0, {"plasticity": rule("resume", teacher=9)}, "its teacher is no emitter"),
        (0, {"plasticity": rule("r_stdp", reward=-1)}, "its reward is no emitter"),
    ],
)
def test_a_projection_that_cannot_learn_is_refused(place: int, changes, said: str) -> None:
    plan = learning()
    plan.projections[place] = replace(plan.projections[place], **changes)
    with pytest.raises(BackendError, match=said):
        make_executor(plan)


def test_a_current_cannot_teach() -> None:
    plan = learning()
    plan.sources[0] = replace(plan.sources[0], kind="current")
    with pytest.raises(BackendError, match="no spikes to learn from"):
        make_executor(plan)
