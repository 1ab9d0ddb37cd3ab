"""What learning on a device promises beyond the common battery; its source runs on the CPU here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from executors import on_shim
from plastic_networks import LEARNING, all_dendritic, learning, rule
from small_networks import DT, delta_lif, lif_constants

from engine.backends.cuda import frame, shim
from engine.backends.cuda.executor import CudaExecutor
from engine.backends.registry import make_executor
from engine.equations.plastic import plastic_constants
from engine.errors import BackendError
from engine.models.declaration import Parameter, PlasticityModel
from engine.models.plastic import plastic_map
from engine.runtime.plan import (
    Connections,
    NetworkPlan,
    PlasticityPlan,
    PopulationPlan,
    ProjectionPlan,
    SourcePlan,
)

if shim.obstacle():
    pytest.skip(shim.obstacle(), allow_module_level=True)

STEPS = 200


def account(mine: CudaExecutor, steps: int = STEPS) -> list[np.ndarray]:
    """All spikes of the populations, then all weights."""
    chunk = mine.advance(steps)
    parts = [part for emitter in (0, 1) for part in chunk.spikes[emitter]]
    return parts + [mine.weights(place) for place in LEARNING]


def same(found: list[np.ndarray], expected: list[np.ndarray]) -> None:
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("behind", [False, True], ids=["block of one", "long blocks"])
@pytest.mark.parametrize("shape", [(3, 7), (64, 1), (None, None)], ids=["odd", "wide", "own"])
def test_no_bit_of_a_weight_depends_on_the_grid(shape, behind: bool) -> None:
    plan = all_dendritic(learning()) if behind else learning()
    same(account(on_shim(plan, *shape)), account(on_shim(plan)))


def test_no_bit_of_a_weight_depends_on_block_or_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = all_dendritic(learning())
    whole = on_shim(plan)
    assert whole._frame.block == 2
    monkeypatch.setattr(frame, "LONGEST_BLOCK", 1)
    monkeypatch.setattr(frame, "SLICE_ENTRIES", 1)
    short = on_shim(plan)
    assert short._frame.slice == 1
    same(account(short), account(whole))


def test_an_axonal_delay_makes_blocks_of_one_step() -> None:
    assert on_shim(learning())._frame.block == 1


def test_single_precision_weights_are_those_of_the_compiled_backend_for_a_while() -> None:
    plan = learning(dtype="float32")
    mine, theirs = on_shim(plan), make_executor(plan)
    for each in (mine, theirs):
        each.advance(60)
    for place in LEARNING:
        assert mine.weights(place).dtype == np.float32
        np.testing.assert_allclose(mine.weights(place), theirs.weights(place), rtol=2e-6)


# -- room for what is learnt ----------------------------------------------------------------------


def one_synapse(learns: PlasticityPlan, weight: float, spikes: int) -> NetworkPlan:
    """A source that spikes in every step onto a neuron that does not."""
    constants = lif_constants(delta_lif(), v_th=1e30)
    target = PopulationPlan("target", 1, delta_lif(), constants, np.zeros((2, 1)), 1)
    steps, senders = np.arange(spikes), np.zeros(spikes, np.uint32)
    source = SourcePlan("pre", 1, "spikes", 2, steps=steps, senders=senders)
    row = Connections(1, 1, np.array([0, 1]), np.zeros(1, np.uint16), weight, 1)
    learnt = ProjectionPlan("grows", 1, 0, 0, row, plasticity=learns)
    return NetworkPlan(DT, 1, np.dtype(float), [target], [source], [learnt])


ONE = {"one": Parameter(1, "weight")}


def growing(on_pre: str) -> PlasticityPlan:
    made = plastic_map(PlasticityModel(name="growing", on_pre=on_pre, parameters=ONE))
    return PlasticityPlan(made, plastic_constants(made, {}, DT))


def test_a_weight_may_grow_to_its_bound_from_nothing() -> None:
    plan = one_synapse(growing("w = clip(w + 2e4*one, 0*one, 1e6*one)"), 0.0, 90)
    mine, theirs = on_shim(plan), make_executor(plan, backend="torch_reference")
    for each in (mine, theirs):
        each.advance(100)
    assert mine.weights(0)[0] == 1e6
    np.testing.assert_allclose(mine.states()[0], theirs.states()[0], rtol=1e-12)


def test_a_rule_without_bounds_has_room_to_grow() -> None:
    plan = one_synapse(growing("w = w + one"), 0.0, 2000)
    mine, theirs = on_shim(plan), make_executor(plan, backend="torch_reference")
    for each in (mine, theirs):
        each.advance(2100)
    assert mine.weights(0)[0] == 2000.0
    np.testing.assert_allclose(mine.states()[0], theirs.states()[0], rtol=1e-10)


@pytest.mark.parametrize(
    "on_pre", ["w = 2*w", "w = one*log(w/one - 3)"], ids=["huge", "not a number"]
)
def test_a_weight_that_no_drive_can_hold_is_one_sentence(on_pre: str) -> None:
    mine = on_shim(one_synapse(growing(on_pre), 2.0, 90))
    with pytest.raises(BackendError, match=r'"grows": a weight has left .* with clip$'):
        mine.advance(100)


def test_larger_bounds_of_a_running_network_find_room() -> None:
    plan = learning()
    mine, theirs = on_shim(plan), make_executor(plan, backend="torch_reference")
    for each in (mine, theirs):
        each.advance(50)
        each.set_plasticity(0, rule("stdp", start=6.0, w_max=900.0, A_plus=0.5))
    same(account(mine, 60), account(theirs, 60))  # type: ignore[arg-type]
    assert mine.weights(0).max() > 100.0


# -- what cannot be -------------------------------------------------------------------------------


def test_synapses_without_a_rule_have_no_learnt_weights() -> None:
    mine = on_shim(learning())
    for ask in (lambda: mine.weights(1), lambda: mine.set_plasticity(1, rule("stdp"))):
        with pytest.raises(BackendError, match='"0-1": its synapses do not learn; give it a rule'):
            ask()


def test_projections_without_synapses_learn_nothing() -> None:
    plan = learning()
    empty = replace(
        plan.projections[0],
        connections=Connections(70, 70, np.zeros(71, np.int64), np.zeros(0, np.uint16),
                                np.zeros(0), 3),
    )  # fmt: skip
    plan.projections[0] = empty
    mine = on_shim(plan)
    mine.advance(30)
    assert mine.weights(0).shape == (0,)
