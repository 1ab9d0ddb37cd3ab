"""Random numbers in learning rules: the same everywhere, and each the one that is promised."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from executors import COMPILED, MAKERS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marks import slow_but
from plastic_networks import LEARNING, MARKED, ONE, PLAIN, all_dendritic, learning, rule
from small_networks import DT, delta_lif, lif_constants

from engine.backends import philox
from engine.backends.cuda.plastic_printer import kernels
from engine.backends.numba_cpu.plastic_printer import event_source
from engine.backends.registry import backends, make_executor
from engine.equations.plastic import plastic_constants
from engine.models.declaration import PlasticityModel
from engine.models.plastic import plastic_map
from engine.models.registry import plasticity_models
from engine.runtime.plan import (
    Connections,
    NetworkPlan,
    PlasticityPlan,
    PopulationPlan,
    ProjectionPlan,
    SourcePlan,
)

SEED, STREAM = 7, 21


def drawing(model: PlasticityModel, dtype: str = "float64", behind: bool = False) -> NetworkPlan:
    """The network of `learning` with this rule, each projection with numbers of its own.

    Sources send twice in a step now and then, and the teachers are Poisson sources.
    """
    plan, made = learning(dtype=dtype), plastic_map(model)
    plan.sources[0] = replace(plan.sources[0], rate=0.3)
    for place in LEARNING:
        each = plan.projections[place]
        old = each.plasticity
        learnt = PlasticityPlan(
            made, plastic_constants(made, {}, DT), old.dendritic, stream=STREAM + place,
            reward=3 if model.on_reward else None, teacher=(4, 5)[each.target],
        )  # fmt: skip
        plan.projections[place] = replace(each, plasticity=learnt)
    plan.sources[3] = replace(plan.sources[3], rate=0.4)
    return all_dendritic(plan) if behind else plan


def weights(maker: str, plan: NetworkPlan, *parts: int) -> list[np.ndarray]:
    """The learnt weights after advancing by ``parts``."""
    executor = MAKERS[maker](plan)
    for part in parts:
        executor.advance(part)
    return [executor.weights(place) for place in LEARNING]


def available(maker: str) -> str:
    """``maker``, or the usual backend where this machine cannot make it."""
    return "numba" if maker == "CUDA source" and backends()["cuda_shim"].message else maker


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    model=st.sampled_from([PLAIN, MARKED]),
    maker=st.sampled_from(COMPILED),
    cuts=st.lists(st.integers(1, 40), max_size=4),
    behind=st.booleans(),
)
def test_weights_are_the_references_whatever_the_backend_threads_blocks_and_cuts(
    model: PlasticityModel, maker: str, cuts: list[int], behind: bool
) -> None:
    plan, parts = drawing(model, behind=behind), [*cuts, max(1, 90 - sum(cuts))]
    truth = weights("torch", plan, sum(parts))
    for mine, theirs in zip(weights(available(maker), plan, *parts), truth, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("model", slow_but([MARKED], [PLAIN, MARKED]), ids=lambda each: each.name)
def test_single_precision_draws_the_same_numbers(model: PlasticityModel) -> None:
    double, single = (weights("numba", drawing(model, each), 60) for each in ("float64", "float32"))
    shim = weights(available("CUDA source"), drawing(model, "float32"), 60)
    starts = [drawing(model).projections[place].connections.weight for place in LEARNING]
    for mine, theirs, device, start in zip(single, double, shim, starts, strict=True):
        assert np.abs(theirs - start).max() > 0.1
        np.testing.assert_allclose(mine, theirs, atol=2e-5)
        np.testing.assert_allclose(mine, device, atol=2e-5)


def test_another_seed_or_stream_is_another_course() -> None:
    plan = drawing(PLAIN)
    first = weights("numba", plan, 40)
    np.testing.assert_array_equal(first[0], weights("numba", plan, 40)[0])
    learnt = plan.projections[0].plasticity
    plan.projections[0] = replace(plan.projections[0], plasticity=replace(learnt, stream=1))
    assert not np.array_equal(first[0], weights("numba", plan, 40)[0])
    other = replace(drawing(PLAIN), seed=2)
    assert not np.array_equal(first[0], weights("numba", other, 40)[0])


# -- which numbers --------------------------------------------------------------------------------

SYNAPSES, AT = 50, 11  # one source, and the step at whose end its spikes come


def volley(on_pre: str, on_post: str, sent: int = 1, dtype: str = "float64") -> NetworkPlan:
    """A source that sends ``sent`` times in a step to fifty neurons, which fire as it arrives."""
    made = plastic_map(
        PlasticityModel(name="v", on_pre=on_pre, on_post=on_post, parameters=ONE, bounds=())
    )
    learnt = PlasticityPlan(made, plastic_constants(made, {}, DT), stream=STREAM)
    constants = lif_constants(delta_lif(), n_ref=0.0)
    cells = PopulationPlan("cells", SYNAPSES, delta_lif(), constants, np.zeros((2, SYNAPSES)), 1)
    cells.state[0] = -65.0
    steps = [np.full(sent, AT - 3), np.array([AT - 3])]  # over a delay of three steps
    sources = [
        SourcePlan(name, 1, "spikes", 2, steps=each, senders=np.zeros(len(each), np.uint32))
        for name, each in zip(("pre", "drive"), steps, strict=True)
    ]
    targets = np.arange(SYNAPSES, dtype=np.uint16)
    rows = [
        Connections(1, SYNAPSES, np.array([0, SYNAPSES]), targets, weight, 3)
        for weight in (np.zeros(SYNAPSES), 200.0)
    ]
    projections = [
        ProjectionPlan("learns", 1, 0, 0, rows[0], plasticity=learnt),
        ProjectionPlan("drives", 2, 0, 0, rows[1]),
    ]
    return NetworkPlan(DT, SEED, np.dtype(dtype), [cells], sources, projections)


def learnt(maker: str, plan: NetworkPlan) -> np.ndarray:
    """The weights after the volley; the neurons have fired if anything learns by that."""
    executor = MAKERS[available(maker)](plan)
    chunk = executor.advance(AT + 3)
    assert len(chunk.spikes[0][0]) == SYNAPSES
    assert set(chunk.spikes[0][0].tolist()) == {AT}
    return executor.weights(0)


def promised(purpose: int, word: str) -> np.ndarray:
    """The numbers of fifty members by the functions that all others use."""
    where = (SEED, STREAM, AT, SYNAPSES)
    if word == "uniform":
        return philox.uniforms(*where, philox.LEARNT + purpose)
    return philox.normals(*where, philox.LEARNT + purpose - philox.NORMAL)


@pytest.mark.parametrize("maker", MAKERS)
def test_a_number_depends_on_synapse_step_program_and_nothing_else(maker: str) -> None:
    for word, place in (("normal", 0), ("uniform", 1)):
        pre = learnt(maker, volley(f"w = {word}*one", ""))
        np.testing.assert_array_equal(pre, promised(place, word))
        post = learnt(maker, volley("", f"w = {word}*one"))
        np.testing.assert_array_equal(post, promised(2 + place, word))
        both = learnt(maker, volley(f"w = w + {word}*one", f"w = w + {word}*one"))
        np.testing.assert_allclose(both, pre + post, rtol=1e-14)


@pytest.mark.parametrize("maker", MAKERS)
def test_a_source_that_sends_thrice_in_a_step_draws_thrice(maker: str) -> None:
    found = learnt(maker, volley("w = 3*w + normal*one", "", 3))
    each = [promised(8 * again, "normal") for again in range(3)]
    np.testing.assert_allclose(found, 9 * each[0] + 3 * each[1] + each[2], rtol=1e-13)


def test_two_uses_of_a_word_are_one_number() -> None:
    np.testing.assert_array_equal(learnt("numba", volley("w = (normal - normal)*one", "")), 0.0)


def test_uniform_numbers_of_single_precision_are_never_one() -> None:
    words = np.array([0, 1, 2**31, 2**32 - 2, 2**32 - 1], np.uint64)
    found = (philox.single(words >> philox.NINE) + philox.F_HALF) * philox.F_STEP_23
    assert found.dtype == np.float32
    assert 0 < found.min() < found.max() < 1
    np.testing.assert_allclose(found, (words + 0.5) * 2.0**-32, atol=1e-7)
    single = learnt("numba", volley("w = uniform*one", "", dtype="float32"))
    np.testing.assert_allclose(single, promised(1, "uniform"), atol=1e-7)


# -- the shipped rule, and all others -------------------------------------------------------------

BEFORE = replace(
    plasticity_models()["stdp"],
    name="by_weight",
    on_pre="w = clip(w - A_minus*(w - w_min)*y, w_min, w_max)",
)


@pytest.mark.parametrize("maker", slow_but(["numba", "torch"], MAKERS))
def test_van_rossums_rule_without_noise_is_pair_stdp_with_depression_by_weight(maker: str) -> None:
    plan, made = learning(name="stdp_van_rossum"), plastic_map(BEFORE)
    given = {"A_plus": 0.05, "A_minus": 0.06, "tau_plus": 12.0, "w_min": 0.0, "w_max": 12.0}
    silent = rule("stdp_van_rossum", **given, sigma=0.0)
    plain = replace(silent, rule=made, constants=plastic_constants(made, given, DT))
    found = []
    for learnt in (silent, plain):
        for place in LEARNING:
            each = plan.projections[place]
            kept = replace(learnt, dendritic=each.plasticity.dendritic)
            plan.projections[place] = replace(each, plasticity=kept)
        found.append(weights(available(maker), plan, 120))
    for mine, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(mine.view(np.uint64), theirs.view(np.uint64))


def test_a_rule_without_chance_is_printed_without_it() -> None:
    chancy = []
    for name, model in plasticity_models().items():
        if model.release:
            continue
        made = plastic_map(model)
        text = event_source(made, np.dtype(float), np.uint16, np.uint16)
        text += kernels(made, np.uint16, np.uint16)
        drawn = any(word in text for word in ("seed", "normal", "uniform", "again"))
        assert drawn == made.chance
        chancy += [name] if drawn else []
    assert chancy == ["stdp_van_rossum"]


def test_noise_goes_on_from_a_checkpoint_as_if_nothing_had_happened() -> None:
    plan = drawing(PLAIN)
    one, two = make_executor(plan), make_executor(plan, threads=2)
    one.advance(33)
    two.restore(one.checkpoint())
    for each in (one, two):
        each.advance(40)
    for place in LEARNING:
        np.testing.assert_array_equal(one.weights(place), two.weights(place))
