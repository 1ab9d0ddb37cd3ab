"""Small random networks whose synapses learn, for the tests of backends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from small_networks import (
    DT,
    current_lif,
    in_precision,
    one_of_everything,
    population,
    random_connections,
)

from engine.equations.plastic import plastic_constants
from engine.equations.release import release_constants
from engine.models.declaration import Parameter, PlasticityModel
from engine.models.plastic import plastic_map, release_map, rule_values
from engine.models.registry import plasticity_models
from engine.runtime.plan import (
    MonitorPlan,
    NetworkPlan,
    PlasticityPlan,
    ProjectionPlan,
    ReleasePlan,
    SourcePlan,
)

# Parameters by which a rule shows in 50 ms, whichever of them it has.
FAST = {
    "A_plus": 0.05, "tau_plus": 12.0, "A3_plus": 0.05, "A2_minus": 0.05, "A3_minus": 0.02,
    "A": 0.02, "tau_x": 30.0, "tau_y": 20.0, "tau_theta": 60.0, "rate_0": 40.0,
    "theta_minus": 10.0, "theta_plus": 60.0, "tau_c": 6.0, "tau_d": 9.0, "eta": 20.0,
    "tau_z": 5.0, "gamma": 0.5, "tau_r": 7.0, "a": 0.01, "tau": 8.0, "sigma": 0.2,
}  # fmt: skip
RULES = [name for name, each in plasticity_models().items() if not each.release]
REWARDED = [name for name in RULES if plasticity_models()[name].on_reward]
LEARNING = (0, 3, 4, 5)  # the projections of `learning` that learn

ONE = {"one": Parameter(1, "weight"), "tau": Parameter(9, "ms")}
# Rules with chance: both words in all programs that may read them, without and with an eligibility.
PLAIN = PlasticityModel(
    name="plain_chance",
    pre="dx/dt = -x/tau",
    post="dy/dt = -y/tau",
    on_pre="w = clip(w + 0.1*(normal - uniform)*y*one, -20*one, 20*one)",
    on_post="w = clip(w + where(uniform < 0.3, 0.2*normal, 0.1)*x*one, -20*one, 20*one)",
    on_teacher="w = clip(w + 0.3*normal*x*one, -20*one, 20*one)",
    pre_spike="x += 1",
    post_spike="y += 1",
    parameters=ONE,
)
MARKED = replace(
    PLAIN,
    name="marked_chance",
    synapse="dc/dt = -c/tau",
    modulator="dd/dt = -d/tau",
    drift="0.01*c*d*one/tau",
    on_pre="c += normal; w += 0.1*normal*one",
    on_post="c -= uniform*x",
    on_teacher="c += normal*x",
    on_reward="d += amount",
    bounds=(),
)


def rule(
    name: str,
    dendritic: bool = False,
    start: float = 6.0,
    reward: int | None = None,
    teacher: int | None = None,
    **parameters: float,
) -> PlasticityPlan:
    """A shipped rule with these parameters, fast enough to show in 50 ms."""
    model = plasticity_models()[name]
    fast = {key: value for key, value in FAST.items() if key in model.parameters}
    given = {**fast, **parameters}
    values = rule_values(model, given, start) | {"w_0": start}
    made = plastic_map(model)
    constants = plastic_constants(made, values, DT)
    return PlasticityPlan(
        made,
        constants,
        dendritic,
        reward=reward if model.on_reward else None,
        teacher=teacher if model.on_teacher else None,
    )


def learning(
    seed: int = 1,
    name: str = "stdp",
    delays: tuple[int, int, int] = (3, 4, 6),
    dtype: str = "float64",
) -> NetworkPlan:
    """Two populations, a Poisson source and recorded spikes; four projections learn, of both kinds
    of delay, beside fixed ones with shared delays, own delays and a drive one to one.

    Rules that hear of rewards or a teacher hear recorded spikes, a Poisson source or a population.
    """
    rng = np.random.default_rng(seed)
    exc, inh, drive = 70, 130, 40
    populations = [
        population("exc", exc, current_lif(), rng),
        population("inh", inh, current_lif(noise=True), rng),
    ]
    steps = np.sort(rng.integers(0, 600, 300))
    senders = rng.integers(0, 10, 300).astype(np.uint32)
    sources = [
        SourcePlan("drive", drive, "poisson", 12, rate=0.06),
        SourcePlan("recorded", 10, "spikes", 13, steps=steps, senders=senders),
        SourcePlan("many", exc, "poisson", 14, rate=0.2),
        SourcePlan("teacher", inh, "poisson", 15, rate=0.01),
    ]

    def learns(dendritic: bool, target: int) -> PlasticityPlan:
        itself = dendritic and name == "supervised_hebb"
        teacher = target if itself else (4, 5)[target]
        return rule(name, dendritic, reward=0 if dendritic else 3, teacher=teacher)

    def rows(source: int, target: int, port: int, p: float, weight, delay, learns=None):
        sizes = [each.size for each in (*populations, *sources)]
        index = np.uint32 if source % 2 else np.uint16
        connections = random_connections(rng, sizes[source], sizes[target], p, weight, delay, index)
        place = f"{source}-{target}"
        return ProjectionPlan(place, source, target, port, connections, plasticity=learns)

    projections = [
        rows(0, 0, 0, 0.2, (5.0, 9.0), delays[0], learns(False, 0)),
        rows(0, 1, 0, 0.2, (5.0, 9.0), 5),
        rows(1, 0, 1, 0.2, (-9.0, -5.0), (2, 9)),
        rows(2, 0, 0, 0.3, (9.0, 12.0), delays[1], learns(True, 0)),
        rows(2, 1, 0, 0.3, 11.0, delays[2], learns(False, 1)),
        rows(3, 1, 0, 0.5, (6.0, 12.0), delays[1], learns(True, 1)),
        ProjectionPlan("one", 4, 0, 0, None, True, 3.0, 2),
    ]
    monitors = [MonitorPlan(0, 0, 1, "state", np.array([0, 3, 69]))]
    plan = NetworkPlan(DT, seed, np.dtype(dtype), populations, sources, projections, monitors)
    return in_precision(plan, dtype)


def all_dendritic(plan: NetworkPlan) -> NetworkPlan:
    """The plan with every delay behind the synapse, so that blocks may be long."""
    projections = [
        each
        if each.plasticity is None
        else replace(each, plasticity=replace(each.plasticity, dendritic=True))
        for each in plan.projections
    ]
    return replace(plan, projections=projections)


def tiring(strength: float = 2.0, **parameters: float) -> ReleasePlan:
    """Short-term plasticity, fast enough to show in 50 ms."""
    model = plasticity_models()["tsodyks_markram"]
    made = release_map(model)
    given = {"U": 0.3, "tau_rec": 40.0, "tau_facil": 25.0, **parameters}
    values = rule_values(model, given, strength) | {"w_0": strength}
    return ReleasePlan(made, release_constants(made, values, DT))


def releasing(seed: int = 1, dtype: str = "float64") -> NetworkPlan:
    """One of everything, with synapses that tire wherever spikes come by rows: with one delay and
    with many, one weight and many, indices of both sizes, from sources that spike twice a step."""
    plan = one_of_everything(seed, dtype)
    rules = [tiring(), tiring(tau_facil=0.0, U=0.6), tiring(tau_rec=150.0)]
    spiking = {"poisson", "spikes"}
    for place, each in enumerate(plan.projections):
        source = each.source - len(plan.populations)
        if each.connections is None or not (source < 0 or plan.sources[source].kind in spiking):
            continue
        rows = replace(each.connections, weight=2.0 * each.connections.weight)
        plan.projections[place] = replace(each, connections=rows, release=rules[place % 3])
    dense = random_connections(np.random.default_rng(seed), 150, 60, 0.9, 0.02, 2)
    plan.projections.append(ProjectionPlan("dense", 3, 2, 0, dense, release=rules[0]))
    return plan
