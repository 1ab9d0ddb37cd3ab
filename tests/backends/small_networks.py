"""Small networks written out by hand, to test backends without the rest of the engine."""

from __future__ import annotations

from dataclasses import replace
from math import exp

import numpy as np

from engine.equations.stepmap import Input, StepMap
from engine.equations.tree import Assign, Binary, Call, Expr, Name, Number
from engine.runtime.plan import (
    Connections,
    Constant,
    MonitorPlan,
    NetworkPlan,
    PopulationPlan,
    ProjectionPlan,
    SourcePlan,
)

DT = 0.1


def total(first: Expr, *others: Expr) -> Expr:
    for other in others:
        first = Binary("+", first, other)
    return first


def times(left: str, right: Expr) -> Expr:
    return Binary("*", Name(left), right)


ZERO, ONE = Number(0.0), Number(1.0)
HELD = Binary(">", Name("refractory"), ZERO)
TICK = Assign("refractory", Call("max", (Binary("-", Name("refractory"), ONE), ZERO)))
THRESHOLD = Binary(
    "and", Binary(">=", Name("v"), Name("v_th")), Binary("<=", Name("refractory"), ZERO)
)
RESET = (Assign("v", Name("v_reset")), Assign("refractory", Name("n_ref")))


def current_lif(noise: bool = False) -> StepMap:
    """LIF with exponential currents (jump ports), a current that is held, and noise if asked."""
    relaxed = total(
        Name("E_L"),
        times("P_v", Binary("-", Name("v"), Name("E_L"))),
        times("P_exc", Name("I_exc")),
        times("P_inh", Name("I_inh")),
        times("P_I", Name("in_current")),
        *([times("sigma", Name("xi"))] if noise else []),
    )
    update = (
        Assign("relaxed", relaxed),
        Assign("v", Call("where", (HELD, Name("v"), Name("relaxed")))),
        Assign("I_exc", times("D_exc", Name("I_exc"))),
        Assign("I_inh", times("D_inh", Name("I_inh"))),
        TICK,
    )
    jumps = (
        Assign("I_exc", total(Name("I_exc"), Name("in_exc"))),
        Assign("I_inh", total(Name("I_inh"), Name("in_inh"))),
    )
    inputs = (
        Input("exc", "in_exc", "jump"),
        Input("inh", "in_inh", "jump"),
        Input("current", "in_current", "hold"),
    )
    constants = ["E_L", "P_v", "P_exc", "P_inh", "P_I", "D_exc", "D_inh", "v_th", "v_reset"]
    return StepMap(
        model="current_lif",
        solver="exact",
        states=("v", "I_exc", "I_inh", "refractory"),
        inputs=inputs,
        constants=(*constants, "n_ref", *(["sigma"] if noise else [])),
        update=update,
        jumps=jumps,
        threshold=THRESHOLD,
        reset=RESET,
        normals=("xi",) if noise else (),
    )


def delta_lif() -> StepMap:
    """LIF whose membrane jumps by the weight, and not while it is refractory."""
    relaxed = total(
        Name("E_L"),
        times("P_v", Binary("-", Name("v"), Name("E_L"))),
        times("P_I", Name("in_current")),
    )
    jumped = total(Name("v"), Name("in_exc"), Name("in_inh"))
    return StepMap(
        model="delta_lif",
        solver="exact",
        states=("v", "refractory"),
        inputs=(
            Input("exc", "in_exc", "jump"),
            Input("inh", "in_inh", "jump"),
            Input("current", "in_current", "hold"),
        ),
        constants=("E_L", "P_v", "P_I", "v_th", "v_reset", "n_ref"),
        update=(Assign("v", Call("where", (HELD, Name("v"), relaxed))),),
        jumps=(Assign("v", Call("where", (HELD, Name("v"), jumped))), TICK),
        threshold=THRESHOLD,
        reset=RESET,
    )


def lif_constants(step_map: StepMap, **changed: Constant) -> dict[str, Constant]:
    """C 200 pF, g_L 10 nS, tau_exc 5 ms, tau_inh 10 ms, and the voltages of Vogels and Abbott."""
    capacity, leak, membrane = 200.0, 10.0, 20.0

    def from_current(tau: float) -> float:
        difference = exp(-DT / tau) - exp(-DT / membrane)
        return difference / capacity / (1.0 / membrane - 1.0 / tau)

    values: dict[str, Constant] = {
        "E_L": -49.0,
        "P_v": exp(-DT / membrane),
        "P_exc": from_current(5.0),
        "P_inh": from_current(10.0),
        "P_I": (1.0 - exp(-DT / membrane)) / leak,
        "D_exc": exp(-DT / 5.0),
        "D_inh": exp(-DT / 10.0),
        "v_th": -50.0,
        "v_reset": -60.0,
        "n_ref": 50.0,
        "sigma": 0.1,
    }
    return {name: values[name] for name in step_map.constants} | changed


def population(
    name: str, size: int, step_map: StepMap, rng: np.random.Generator, **changed: Constant
) -> PopulationPlan:
    state = np.zeros((len(step_map.states), size))
    state[0] = rng.uniform(-60.0, -50.0, size)
    stream = sum(name.encode())
    return PopulationPlan(name, size, step_map, lif_constants(step_map, **changed), state, stream)


def random_connections(
    rng: np.random.Generator,
    sources: int,
    targets: int,
    p: float,
    weight: float | tuple[float, float],
    delay: int | tuple[int, int],
    index: type = np.uint16,
) -> Connections:
    """Each pair with probability ``p``; a pair of numbers is a range to draw from."""
    chosen = rng.random((sources, targets)) < p
    row = np.concatenate([[0], np.cumsum(chosen.sum(1))]).astype(np.int64)
    source, target = np.nonzero(chosen)
    delays: int | np.ndarray = 0
    if isinstance(delay, tuple):
        delays = rng.integers(delay[0], delay[1] + 1, target.size).astype(np.uint16)
        target = target[np.lexsort((target, delays, source))]
        delays = delays[np.lexsort((delays, source))]
    else:
        delays = delay
    weights = rng.uniform(*weight, target.size) if isinstance(weight, tuple) else weight
    return Connections(sources, targets, row, target.astype(index), weights, delays)


def one_of_everything(seed: int = 1, dtype: str = "float64") -> NetworkPlan:
    """Every kind of port, source, projection, weight, delay and index at once, 250 neurons."""
    rng = np.random.default_rng(seed)
    exc, inh, some = 150, 40, 60
    spread = rng.uniform(-51.0, -49.5, some)
    populations = [
        population("exc", exc, current_lif(), rng),
        population("inh", inh, current_lif(noise=True), rng),
        population("some", some, delta_lif(), rng, v_th=spread, v_reset=spread - 8.0),
    ]
    steps = np.sort(rng.integers(-3, 2500, 400))
    sources = [
        SourcePlan("many", exc, "poisson", 11, rate=0.3),
        SourcePlan("unequal", 20, "poisson", 12, rate=rng.uniform(0.0, 0.2, 20)),
        SourcePlan("recorded", 30, "spikes", 13, steps=steps,
                   senders=rng.integers(0, 30, 400).astype(np.uint32)),
        SourcePlan("step", 1, "current", 14, mean=5.0, amplitude=20.0, start=300, stop=900,
                   trace=rng.uniform(-1.0, 1.0, 700)),
        SourcePlan("noise", inh, "current", 15, mean=2.0, noise_std=30.0, noise_every=7),
        SourcePlan("shared noise", 5, "current", 16, noise_std=20.0, noise_every=3),
        SourcePlan("loud", some, "poisson", 17, rate=np.where(np.arange(some) < 3, 300.0, 18.0)),
    ]  # fmt: skip
    names = ["exc", "inh", "some", *(source.id for source in sources)]
    sizes = [exc, inh, some, *(source.size for source in sources)]

    def rows(source, target, port, p, weight, delay, index=np.uint16):
        s, t = names.index(source), names.index(target)
        connections = random_connections(rng, sizes[s], sizes[t], p, weight, delay, index)
        return ProjectionPlan(f"{source}-{target}-{port}", s, t, port, connections)

    def pairs(source, target, port, weight, delay=1):
        s, t = names.index(source), names.index(target)
        name = f"{source}-{target}-pairs"
        return ProjectionPlan(name, s, t, port, None, True, weight, delay)

    projections = [
        rows("exc", "exc", 0, 0.1, 15.0, 8),
        rows("exc", "inh", 0, 0.1, (5.0, 30.0), (3, 23)),
        rows("inh", "exc", 1, 0.2, -60.0, (3, 5), np.uint32),
        rows("inh", "inh", 1, 0.2, (-90.0, -30.0), 4, np.uint32),
        rows("exc", "some", 0, 0.1, 0.3, 3),
        rows("some", "some", 1, 0.2, -0.2, (5, 40)),
        rows("some", "exc", 0, 0.1, (5.0, 9.0), 17),
        rows("unequal", "exc", 0, 0.3, 12.0, 3),
        rows("recorded", "exc", 0, 0.2, 20.0, (4, 9)),
        rows("recorded", "some", 0, 0.2, 0.5, 6),
        pairs("many", "exc", 0, 4.0, 5),
        pairs("loud", "some", 0, 0.001),
        pairs("some", "some", 0, rng.uniform(0.0, 0.4, some), 9),
        rows("step", "exc", 2, 1.0, (0.5, 1.0), 1),
        rows("step", "some", 2, 1.0, 0.5, 1),
        pairs("noise", "inh", 2, 1.0),
        rows("shared noise", "some", 2, 0.5, 1.0, 1),
    ]
    monitors = [
        MonitorPlan(0, 0, 1, "state", np.array([0, 3, 149])),
        MonitorPlan(2, 0, 7, "state", None),
        MonitorPlan(0, 1, 10, "mean"),
        MonitorPlan(1, 0, 4, "mean"),
    ]
    plan = NetworkPlan(DT, seed, np.dtype(dtype), populations, sources, projections, monitors,
                       record_sources=(0, 2))  # fmt: skip
    return in_precision(plan, dtype)


def in_precision(plan: NetworkPlan, dtype: str) -> NetworkPlan:
    """The plan with its states in another float type."""
    populations = [replace(p, state=p.state.astype(dtype)) for p in plan.populations]
    return replace(plan, populations=populations, dtype=np.dtype(dtype))
