"""How much work a step of a network is, roughly: what the sharing of work starts from.

Figures are nanoseconds on one core of an ordinary processor, good to a factor of about two; what a
run really takes is measured while it goes on, see `thread_choice.py`.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from engine.equations.stepmap import StepMap
from engine.equations.tree import Call, walk
from engine.runtime.plan import NetworkPlan, ProjectionPlan

OPERATION_NS = 0.0065  # an addition or a product, eight neurons at once
FUNCTION = 100  # operations in an exponential
SIMPLE = ("abs", "floor", "min", "max", "clip", "where")
ROW_NS = 0.015  # reading or writing one number of a neuron
SOURCE_NS = 0.5  # a random number
EVENT_NS = 0.4  # adding one weight
COMPARTMENT_NS = 8.0  # a compartment's share in solving its tree, one waiting for the next
TYPICAL_RATE = 0.01  # spikes a ms and neuron, where nothing is known yet


@lru_cache(256)
def neuron_cost(step_map: StepMap) -> float:
    """Nanoseconds of a step of one neuron in double precision, without synapses."""
    found = 0
    for assign in (*step_map.update, *step_map.jumps):
        for node in walk(assign.value):
            costly = isinstance(node, Call) and node.function not in SIMPLE
            found += FUNCTION if costly else 1
    rows = 2 * len(step_map.states) + 2 * len(step_map.inputs) + 1
    tree = COMPARTMENT_NS if step_map.tree is not None else 0.0
    return OPERATION_NS * found + ROW_NS * rows + SOURCE_NS * len(step_map.draws) + tree


def step_cost(plan: NetworkPlan) -> float:
    """Nanoseconds of a step of the network on one thread, at a typical rate."""
    neurons = sum(each.size * neuron_cost(each.step_map) for each in plan.populations)
    drawn = sum(each.size for each in plan.sources if each.kind == "poisson" or each.noise_std)
    events = sum(_events(plan, each) for each in plan.projections)
    return neurons * plan.dtype.itemsize / 8 + SOURCE_NS * drawn + EVENT_NS * events


def _events(plan: NetworkPlan, projection: ProjectionPlan) -> float:
    """Synaptic events a step of one projection, at a typical rate."""
    synapses = projection.connections.synapses if projection.connections is not None else 0
    if projection.one_to_one:
        synapses = plan.populations[projection.target].size
    place = projection.source - len(plan.populations)
    if place < 0:
        return synapses * TYPICAL_RATE * plan.dt
    source = plan.sources[place]
    if source.kind == "current":
        return float(synapses) if source.noise_std else float(synapses > 0)
    rate = float(np.mean(source.rate)) if source.kind == "poisson" else TYPICAL_RATE * plan.dt
    return synapses * rate
