"""Networks that learn, spike for spike beside a simulation that is written out here.

A few cells with synapses among them, driven by given spikes.  Nothing of the engine's equations is
used: cells and rules are those of the papers, step by step in NumPy, with traces that are
computed at spikes from the time since the last one.  BCM is missing: its threshold has no closed
form (`test_selectivity.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import pytest
from marks import slow_but

import engine

CELLS, STEPS, DT = 12, 1600, 0.5  # dt in ms
TAU, THRESHOLD, REFRACTORY, DRIVE = 15.0, 12.0, 20, 9.0  # ms, mV, steps, mV
W_MAX = 3.0  # mV; weights are between it and 0
Who = np.ndarray  # members that spike in a step
NOBODY = np.zeros(0, int)


class Trace:
    """A number for each cell that falls with ``tau`` [ms] and jumps by ``jump`` at its spikes."""

    def __init__(self, tau: float, jump: float = 1.0, nearest: bool = False) -> None:
        self.tau, self.jump, self.nearest = tau, jump, nearest
        self.then, self.last = np.zeros(CELLS), np.zeros(CELLS)

    def at(self, step: int) -> np.ndarray:
        return self.then * np.exp(-(step - self.last) * DT / self.tau)

    def spike(self, step: int, who: Who) -> None:
        now = 0.0 if self.nearest else self.at(step)[who]
        self.then[who], self.last[who] = now + self.jump, step


@dataclass
class Rule:
    """Weights [source, target], and what an instant does to them; nothing where none are."""

    w: np.ndarray
    change: Callable[..., None]
    traces: tuple[Trace, Trace]
    more: dict = field(default_factory=dict)

    def add(self, place: object, amount: np.ndarray) -> None:
        self.w[place] = np.clip(self.w[place] + amount, 0.0, W_MAX)  # type: ignore[index]

    def instant(self, step: int, pre: Who, post: Who, taught: Who, rewards: int) -> None:
        x, y = (trace.at(step) for trace in self.traces)
        self.change(self, step, pre, post, x, y, taught, rewards)
        self.traces[0].spike(step, pre)
        self.traces[1].spike(step, post)


def pairs(A: float, B: float, gains: str = "", loses: str = "") -> Callable[..., None]:
    def change(rule: Rule, step: int, pre: Who, post: Who, x, y, *_) -> None:
        room = rule.w[pre] if loses else W_MAX
        rule.add(pre, -B * room * y)
        room = W_MAX - rule.w[:, post] if gains else W_MAX
        rule.add(np.s_[:, post], A * room * x[:, None])

    return change


def centred(rule: Rule, step: int, pre: Who, post: Who, *_) -> None:
    """Izhikevich & Desai 2003: for each spike of the source the last before and first after it."""
    last = rule.more.setdefault("last", np.full(CELLS, -np.inf))
    waiting = rule.more.setdefault("waiting", [[[] for _ in range(CELLS)] for _ in range(CELLS)])
    rule.add(pre, -0.0051 * W_MAX * np.exp((last - step) * DT / 34.0))
    for target in post:
        for source in range(CELLS):
            lags = step - np.array(waiting[source][target], float)
            rule.add((source, target), 0.0103 * W_MAX * np.exp(-lags * DT / 14.0).sum())
            waiting[source][target] = []
    for source in pre:
        for target in range(CELLS):
            waiting[source][target].append(step)
    last[post] = step


def triplets(nearest: bool) -> Callable[..., None]:
    """Pfister & Gerstner 2006, eqs. 3 and 4."""

    def change(rule: Rule, step: int, pre: Who, post: Who, r1, o1, *_) -> None:
        slow = rule.more.setdefault("slow", (Trace(101, 1, nearest), Trace(125, 1, nearest)))
        r2, o2 = (trace.at(step) for trace in slow)
        rule.add(pre, -W_MAX * o1 * (0.007 + 0.0023 * r2[pre, None]))
        rule.add(np.s_[:, post], W_MAX * r1[:, None] * (0.005 + 0.0062 * o2[post]))
        slow[0].spike(step, pre)
        slow[1].spike(step, post)

    return change


def oja(rule: Rule, step: int, pre: Who, post: Who, x, y, *_) -> None:
    rule.add(np.s_[:, post], 0.005 * (1.5 * x[:, None] - y[post] * rule.w[:, post]))


def two_thresholds(rule: Rule, step: int, pre: Who, post: Who, x, y, *_) -> None:
    """y in Hz: nothing up to 5, depression, potentiation from 20 on."""
    rule.add(pre, W_MAX * np.where(y >= 20, 0.01, np.where(y > 5, -0.006, 0.0)))


def taught(a: float, A: float, unlearn: bool) -> Callable[..., None]:
    def change(rule: Rule, step: int, pre: Who, post: Who, x, y, teacher: Who, _) -> None:
        if unlearn:
            rule.add(np.s_[:, post], -W_MAX * (a + A * x[:, None]))
        rule.add(np.s_[:, teacher], W_MAX * (a + A * x[:, None]))

    return change


def mstdp(rule: Rule, step: int, pre: Who, post: Who, x, y, _, rewards: int) -> None:
    r, then = rule.more.get("r", (0.0, 0))
    r *= np.exp(-(step - then) * DT / 60.0)
    rule.add(pre, -0.004 * r * W_MAX * 0.8 * y)
    rule.add(np.s_[:, post], 0.004 * r * W_MAX * x[:, None])
    rule.more["r"] = r + rewards, step


def drift(rule: Rule) -> None:
    """What marks and rewards of before do to the weights within a step."""
    if "tau" in rule.more:
        (tau_mark, tau_reward), rate = rule.more["tau"], rule.more["rate"]
        fall = 1 / tau_mark + 1 / tau_reward
        both = rule.more["mark"] * rule.more["reward"]
        rule.add(np.s_[:], rate * W_MAX * both * -np.expm1(-fall * DT) / fall)
        rule.more["mark"] *= np.exp(-DT / tau_mark)
        rule.more["reward"] *= np.exp(-DT / tau_reward)


def marks(rate: float, plus: float, minus: float, tau: tuple[float, float]):
    """Florian 2007, Izhikevich 2007: pairs mark, and dw/dt is a product."""

    def change(rule: Rule, step: int, pre: Who, post: Who, x, y, _, rewards: int) -> None:
        if "tau" not in rule.more:
            rule.more.update(tau=tau, rate=rate, mark=np.zeros((CELLS, CELLS)), reward=0.0)
        rule.more["mark"][pre] -= minus * y
        rule.more["mark"][:, post] += plus * x[:, None]
        rule.more["reward"] += rewards

    return change


STDP = {"A_plus": 0.01, "A_minus": 0.012, "tau_plus": 17.0, "tau_minus": 29.0}
TRIPLETS = {"A2_plus": 0.005, "A3_plus": 0.0062, "A2_minus": 0.007, "A3_minus": 0.0023,
            "tau_plus": 17.0, "tau_minus": 29.0, "tau_x": 101.0, "tau_y": 125.0}  # fmt: skip
MARKED = {"A_plus": 1.0, "A_minus": 0.8, "tau_plus": 17.0, "tau_minus": 29.0}
EVERY = {  # parameters, the rule by hand, time constants and jumps of its traces
    "stdp": (STDP, pairs(0.01, 0.012), (17, 29), (1, 1)),
    "stdp_nearest": (STDP, pairs(0.01, 0.012), (17, 29), "nearest"),
    "stdp_diehl_cook": (STDP, pairs(0.01, 0.012), (17, 29), "nearest"),
    "stdp_van_rossum": (STDP | {"sigma": 0}, pairs(0.01, 0.012, loses="w"), (17, 29), (1, 1)),
    "stdp_multiplicative": (STDP, pairs(0.01, 0.012, "1 - w", "w"), (17, 29), (1, 1)),
    "stdp_centred": ({}, centred, (14, 34), (1, 1)),
    "stdp_triplet": (TRIPLETS, triplets(False), (17, 29), (1, 1)),
    "stdp_triplet_nearest": (TRIPLETS, triplets(True), (17, 29), "nearest"),
    "oja": ({"A": 0.005, "rate_0": 20, "tau_x": 90, "tau_y": 70, "w_n": 1.5}, oja, (90, 70),
            (1000 / (90 * 20), 1000 / (70 * 20))),
    "two_thresholds": ({"theta_minus": 5, "theta_plus": 20, "A_plus": 0.01, "A_minus": 0.006,
                        "tau_y": 100}, two_thresholds, (1, 100), (1, 10)),
    "supervised_hebb": ({"A": 0.004, "tau": 20}, taught(0.0, 0.004, False), (20, 1), (1, 1)),
    "resume": ({"a": 0.002, "A": 0.01, "tau": 8}, taught(0.002, 0.01, True), (8, 1), (1, 1)),
    "mstdp": (MARKED | {"gamma": 0.004, "tau_r": 60}, mstdp, (17, 29), (1, 1)),
    "mstdpet": (MARKED | {"gamma": 0.01, "tau_z": 25, "tau_r": 40},
                marks(0.01, 1 / 25, 0.8 / 25, (25, 40)), (17, 29), (1, 1)),
    "r_stdp": (MARKED | {"eta": 0.002, "tau_c": 800, "tau_d": 150},
               marks(2e-6, 1.0, 0.8, (800, 150)), (17, 29), (1, 1)),
}  # fmt: skip
TEACHERS, REWARDS = ("supervised_hebb", "resume"), ("mstdp", "mstdpet", "r_stdp")


def given(rng: np.random.Generator, chance: float) -> np.ndarray:
    """Which of the cells spikes in which step, [steps + 1, cells]; none in the last ones."""
    return (rng.random((STEPS + 1, CELLS)) < chance) & (np.arange(STEPS + 1) < STEPS)[:, None]


def source(net: engine.Network, name: str, spikes: np.ndarray) -> None:
    step, member = np.nonzero(spikes)
    net.source(name, "spike_times", CELLS, times=(step * DT).tolist(), senders=member.tolist())


def by_hand(
    rule: Rule, driven: np.ndarray, teacher: np.ndarray, delay: int, dendritic: bool
) -> tuple[list[tuple[int, int]], np.ndarray]:
    """Spikes (step, cell), and the weights, which a dendritic delay shows that much later."""
    v, quiet, found, courses = np.zeros(CELLS), np.zeros(CELLS, int), [], []
    fired, arrives = {}, np.zeros((STEPS + delay + 1, CELLS))
    wired = rule.w > 0
    for step in range(1, STEPS + 1):
        drift(rule)
        rule.w[~wired] = 0.0
        if not dendritic:  # the spike has travelled, and the synapse gives its weight of now
            arrives[step] += rule.w[fired.get(step - delay, NOBODY)].sum(0)
        awake = quiet <= 0
        v[awake] = v[awake] * np.exp(-DT / TAU) + (arrives[step] + DRIVE * driven[step - 1])[awake]
        who = np.flatnonzero(awake & (v >= THRESHOLD))
        quiet -= 1
        v[who], quiet[who], fired[step] = 0.0, REFRACTORY, who
        found += [(step, int(cell)) for cell in who]
        if dendritic:  # it is at the synapse at once, and its effect as well as the target's late
            arrives[step + delay] += rule.w[who].sum(0)
        pre = who if dendritic else fired.get(step - delay, NOBODY)
        heard = step - delay if dendritic else step
        told = np.flatnonzero(teacher[max(heard, 0)])
        rule.instant(step, pre, fired.get(heard, NOBODY), told, len(who))
        rule.w[~wired] = 0.0
        courses.append(rule.w[wired])
    return found, courses[-1 - (delay if dendritic else 0)]


CASES = [(name, delay, dendritic) for name in EVERY for delay in (1, 4) for dendritic in (0, 1)]


@pytest.mark.parametrize(("name", "delay", "dendritic"), slow_but([("stdp", 4, 0)], CASES))
def test_a_network_that_learns_fires_as_the_rule_written_by_hand(
    name: str, delay: int, dendritic: int
) -> None:
    parameters, change, taus, jumps = EVERY[name]
    rng = np.random.default_rng(delay)
    wired = rng.random((CELLS, CELLS)) < 0.4
    start = np.where(wired, rng.uniform(0.5, 2.5, (CELLS, CELLS)), 0.0)
    driven, teacher = given(rng, 0.05), given(rng, 0.02)
    nearest = jumps == "nearest"
    steps = (1, 1) if nearest else jumps
    traces = tuple(Trace(tau, jump, nearest) for tau, jump in zip(taus, steps, strict=True))
    rule = Rule(start.copy(), change, traces)  # type: ignore[arg-type]
    expected, weights = by_hand(rule, driven, teacher, delay, bool(dendritic))

    net = engine.Network(dt=DT, precision="float64")
    source(net, "drive", driven)
    net.population("cells", CELLS, "lif_psc_delta", tau_m=TAU, E_L=0, v_reset=0, v_th=THRESHOLD,
                   t_ref=REFRACTORY * DT)  # fmt: skip
    net.connect("drive", "cells", engine.rules.one_to_one(), weight=DRIVE, delay=DT, port="exc")
    others = {}
    if name in TEACHERS:
        source(net, "teacher", teacher)
        others["teacher"] = "teacher"
    elif name in REWARDS:
        others["reward"] = "cells"
    learns = engine.plasticity(
        name, "dendritic" if dendritic else "axonal", w_min=0, w_max=W_MAX, **parameters
    )
    pairs_of = [(int(i), int(j)) for i, j in np.argwhere(wired)]
    net.connect("cells", "cells", engine.rules.explicit(pairs_of), weight=start[wired].tolist(),
                delay=delay * DT, port="exc", id="e", plasticity=learns, **others)  # fmt: skip
    net.record("cells", "spikes")
    run = net.simulate(STEPS * DT)
    spikes = run["cells"].spikes
    steps_of: Iterable[int] = np.rint(spikes.times / DT).astype(int).tolist()
    assert list(zip(steps_of, spikes.senders.tolist(), strict=True)) == expected
    np.testing.assert_allclose(run.weights("e"), weights, atol=1e-9)
    free = (weights > 1e-6) & (weights < W_MAX - 1e-6)
    assert len(expected) > 100
    assert np.abs(weights - start[wired])[free].max() > 0.03 * W_MAX
    assert free.mean() > 0.5
