"""Sources that become what they were not while they run: coloured noise, a train, counts again."""

from __future__ import annotations

import math

import numpy as np
import pytest
from executors import MAKERS, ONE_EACH, Maker, check_refusals, spikes

import engine
from engine import rules
from engine.backends import philox
from engine.backends.ahead import exchanged
from engine.document import replace
from engine.errors import BackendError
from engine.runtime.build import build
from engine.runtime.plan import Executor, NetworkPlan, SourcePlan
from engine.runtime.sources import source_plan

CAPACITY = 1e4  # pF
SIZE = 21  # no whole tile
WHITE, COLOURED = 1e-3, 5.0  # ms; a noise that remembers nothing, as exp(-dt/tau) is 0


def noisy() -> engine.Network:
    """White noise by every way that a current goes, onto cells that add it up."""
    net = engine.Network("noise", dt=1.0, seed=3)
    cells = net.population("cells", SIZE, "pif", v_th=200, C=CAPACITY)
    private = net.source("private", "ou_current", SIZE, tau=WHITE)
    mixed = net.source("mixed", "ou_current", 9, tau=WHITE)
    net.connect(private, cells, rules.one_to_one(), port="current", weight=1)
    net.connect(mixed, cells, rules.probability(0.4), port="current", weight=0.5)
    return net


def noise_plan(tau: float, place: int = 0, std: float = 100.0) -> SourcePlan:
    document = noisy().document
    node = document.sources[place]
    return source_plan(document, replace(node, parameters={"tau": tau, "std": std}))


def recolour(executor: Executor, tau: float, std: float = 100.0) -> None:
    for place in (0, 1):
        executor.set_source(place, noise_plan(tau, place, std))


def test_noise_that_becomes_coloured_goes_on_from_the_last_white_number() -> None:
    plan = build(noisy().document).plan
    executor = MAKERS["torch"](plan)
    executor.advance(40)
    recolour(executor, COLOURED)
    v = [executor.states()[0][0].copy()]
    for _ in range(3):
        executor.advance(1)
        v.append(executor.states()[0][0].copy())
    stream, decay = plan.sources[0].stream, math.exp(-1.0 / COLOURED)
    x = philox.normals(plan.seed, stream, 39, SIZE)
    rows = plan.projections[1].connections
    of_mixed = np.zeros((9, SIZE))
    for sender in range(9):
        np.add.at(of_mixed[sender], rows.target[rows.row[sender] : rows.row[sender + 1]], 0.5)
    y = philox.normals(plan.seed, plan.sources[1].stream, 39, 9)
    for step in (40, 41, 42):
        share = math.sqrt(1 - decay**2)
        x = decay * x + share * philox.normals(plan.seed, stream, step, SIZE)
        y = decay * y + share * philox.normals(plan.seed, plan.sources[1].stream, step, 9)
        current = 100.0 * (x + y @ of_mixed)
        rise = v[step - 39] - v[step - 40]
        np.testing.assert_allclose(rise, current / CAPACITY, rtol=1e-6)


def test_noise_may_change_its_colour_on_every_backend(make: Maker) -> None:
    mine, theirs = (maker(build(noisy().document).plan) for maker in (make, MAKERS["torch"]))
    for tau, std, steps in (
        (COLOURED, 100.0, 30),
        (WHITE, 100.0, 7),
        (0.5, 0.0, 5),  # held while it is silent
        (0.5, 60.0, 9),
        (WHITE, 60.0, 1),
        (COLOURED, 60.0, 20),
    ):
        for executor in (mine, theirs):
            executor.advance(steps)
            recolour(executor, tau, std)
    for executor in (mine, theirs):
        executor.restore(executor.checkpoint())
        executor.advance(30)
    np.testing.assert_allclose(mine.states()[0], theirs.states()[0], rtol=1e-9)


def counted(dead_time: float = 0.0) -> engine.Network:
    """A Poisson source that neurons hear by rows and by pairs, at once and after a while."""
    net = engine.Network("counted", dt=0.1, seed=4)
    cells = net.population("cells", SIZE, "lif_psc_delta", v_th=-64.0, t_ref=0)
    other = net.population("other", SIZE, "lif_psc_delta", v_th=-64.0, t_ref=0)
    noise = net.source("noise", "poisson", SIZE, rate=900, dead_time=dead_time)
    pairs = net.source("pairs", "poisson", SIZE, rate=900, dead_time=dead_time)
    net.connect(noise, cells, rules.probability(0.3), port="exc", weight=0.7, delay=1.7)
    net.connect(noise, cells, rules.one_to_one(), port="exc", weight=0.5, delay=0.4)
    net.connect(pairs, other, rules.one_to_one(), port="exc", weight=0.6, delay=2.1)
    net.connect(cells, other, rules.probability(0.2), port="exc", weight=0.1, delay=0.8)
    return net


def plan_of(net: engine.Network) -> NetworkPlan:
    plan = build(net.document).plan
    plan.record_sources = (0,)
    return plan


def changed(make: Maker, first: NetworkPlan, then: NetworkPlan, steps: int) -> Executor:
    """An executor of ``first`` after so many steps, as one of ``then``."""
    before, after = make(first), make(then)
    before.advance(steps)
    kept = before.checkpoint()
    for place, source in enumerate(then.sources):
        kept = exchanged(kept, place, source)
    after.restore(kept)
    return after


@pytest.mark.parametrize(("first", "then"), [(0.0, 1.5), (1.5, 0.0)])
def test_counts_become_a_train_and_back_on_every_backend(make: Maker, first, then) -> None:
    plans = [plan_of(counted(dead)) for dead in (first, then)]
    mine, theirs = (changed(maker, *plans, 133) for maker in (make, MAKERS["torch"]))
    assert mine.step == 133
    found = spikes(mine, 17, 183)
    assert found == spikes(theirs, 200)
    assert min(map(len, found)) > 50
    assert found != spikes(changed(make, plans[0], plans[0], 133), 200)


@pytest.mark.parametrize("make", ONE_EACH, indirect=True)
def test_another_kind_or_size_is_refused_in_one_sentence_by_every_backend(make: Maker) -> None:
    executor, fresh = make(plan_of(counted())), make(plan_of(counted()))
    train, larger = plan_of(counted(2.0)).sources[0], replace(plan_of(counted()).sources[0], size=5)
    for wrong in (train, larger, replace(train, kind="poisson"), noise_plan(COLOURED)):
        with pytest.raises(BackendError, match='"noise": its kind and size are fixed while'):
            executor.set_source(0, wrong)
    assert spikes(executor, 90) == spikes(fresh, 90)


@pytest.mark.parametrize("dead_time", [0.0, 1.5])
@pytest.mark.parametrize("make", ONE_EACH, indirect=True)
def test_a_refused_checkpoint_leaves_no_trace_in_sources(make: Maker, dead_time: float) -> None:
    check_refusals(make, plan_of(counted(dead_time)))


@pytest.mark.parametrize("rule", [rules.all_to_all(), rules.one_to_one()], ids=["all", "one"])
def test_a_junction_of_a_new_conductance_keeps_it_both_ways(rule: dict) -> None:
    net = engine.Network(seed=3)
    net.source("noise", "poisson", size=1, rate=1e-3)
    push = net.source("push", "constant_current", amplitude=100.0)
    one, other = (net.population(name, 3, "pif", v_th=200, C=CAPACITY) for name in ("a", "b"))
    net.connect(push, one, port="current", weight=1.0)
    net.connect(one, other, rule, port="gap", weight=5.0, id="gap")
    with engine.Simulation(net.document) as running:
        running.advance(100)
        running.set_weight("gap", 0.0)
        before = [running.states(name)["v"].copy() for name in ("a", "b")]
        running.set_parameter("noise", "dead_time", 2.0)
        running.advance(200)
        for name, start, rise in (("a", before[0], 0.2), ("b", before[1], 0.0)):
            np.testing.assert_allclose(running.states(name)["v"] - start, rise, atol=1e-6)
