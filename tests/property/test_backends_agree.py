"""Random small networks: the compiled kernels fire when the plain reference does, however cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import engine
from engine import rules
from engine.backends.registry import backends, make_executor
from engine.runtime.build import build
from engine.runtime.plan import Executor, NetworkPlan

NO_COMPILER = backends()["cuda_shim"].message
STEPS = 250
# model -> (weights onto exc, onto inh, a current that makes it fire), in its own units
MODELS = {
    "lif_psc_exp": (120.0, -120.0, 500.0),
    "lif_psc_delta": (1.0, -1.0, 500.0),
    "lif_cond_exp": (6.0, 20.0, 500.0),
    "izhikevich": (4.0, -4.0, 8.0),
    "adex": (5.0, 10.0, 900.0),
    "hodgkin_huxley": (0.05, 0.1, 8.0),
}
DELAYS = st.sampled_from([0.1, 0.5, 1.5, {"distribution": "uniform", "low": 0.2, "high": 2.5}])
RULES = st.one_of(
    st.builds(rules.probability, st.floats(0.05, 0.6), st.booleans()),
    st.builds(rules.fixed_indegree, st.integers(0, 6), st.just(True), st.booleans()),
    st.builds(rules.fixed_outdegree, st.integers(0, 6), st.just(True), st.booleans()),
    st.builds(rules.fixed_total, st.integers(0, 40)),
    st.just(rules.all_to_all(False)),
    st.just(rules.explicit([(0, 1), (6, 0), (3, 3)])),
)


@st.composite
def networks(draw: st.DrawFn) -> engine.Network:
    """Two populations of any models with any wiring between them, a drive and a noisy current."""
    net = engine.Network("any", dt=0.1, seed=draw(st.integers(0, 2**32 - 1)), precision="float64")
    models = draw(st.lists(st.sampled_from(sorted(MODELS)), min_size=2, max_size=2))
    handles = []
    for name, model in zip("ab", models, strict=True):
        varied: dict[str, Any] = {}
        if model.startswith("lif") and draw(st.booleans()):
            varied = {"v_th": rules.uniform(-52, -49), "t_ref": 1.0}
        handles.append(net.population(name, draw(st.integers(7, 20)), model, **varied))
    for source in handles:
        for target, model in zip(handles, models, strict=True):
            port = draw(st.sampled_from(["exc", "inh"]))
            weight = MODELS[model][port == "inh"]
            rule, delay = draw(RULES), draw(DELAYS)
            if draw(st.booleans()):
                weight = rules.uniform(*sorted((0.5 * weight, weight)))
            net.connect(source, target, rule, weight, delay, port)
    drive = net.source("drive", "poisson", 9, rate=draw(st.sampled_from([50.0, 800.0])))
    noise = net.source("noise", "noise_current", 3, interval=0.5)
    for target, model in zip(handles, models, strict=True):
        weight, _, current = MODELS[model]
        net.connect(drive, target, rules.probability(0.5), weight, 0.3, "exc")
        net.connect(noise, target, weight=0.002 * current)
        constant = net.source(f"current-{target.id}", "constant_current", amplitude=current)
        net.connect(constant, target)
    return net


def advanced(executor: Executor, cuts: list[int]) -> list[tuple[list[int], list[int]]]:
    """(steps, senders) of both populations over all ``cuts``."""
    chunks = [executor.advance(steps) for steps in cuts]
    return [
        tuple(np.concatenate([chunk.spikes[place][part] for chunk in chunks]).tolist()
              for part in (0, 1))
        for place in (0, 1)
    ]  # fmt: skip


def plan_of(net: engine.Network) -> NetworkPlan:
    return build(net.document).plan


@settings(max_examples=8, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(networks(), st.integers(1, STEPS - 1))
def test_compiled_networks_fire_as_the_reference_does(net: engine.Network, cut: int) -> None:
    reference = make_executor(plan_of(net), backend="torch_reference")
    expected = advanced(reference, [STEPS])
    assert advanced(make_executor(plan_of(net)), [STEPS]) == expected
    assert advanced(make_executor(plan_of(net), threads=2), [cut, STEPS - cut]) == expected
    assert sum(len(steps) for steps, _ in expected) > 0


@pytest.mark.skipif(bool(NO_COMPILER), reason=NO_COMPILER)
@settings(max_examples=8, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(networks(), st.integers(1, STEPS - 1))
def test_the_cuda_source_fires_as_the_reference_does(net: engine.Network, cut: int) -> None:
    expected = advanced(make_executor(plan_of(net), backend="torch_reference"), [STEPS])
    mine = make_executor(plan_of(net), backend="cuda_shim")
    assert advanced(mine, [cut, STEPS - cut]) == expected
