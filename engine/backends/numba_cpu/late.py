"""Ports that are served after the step: spikes are added to the state, and no drive is needed.

A population takes what arrives from rows of drive, which its kernel reads and clears.  Where it
takes one step at a time anyway (`PopulationPlan.stepwise`) and a port only adds to a state at the
end of a step, what arrives may as well be added to that state when the kernel has done the step.
The kernel then is that of a population without the port, and moves a third less memory.

A sum from the state on rounds otherwise than one from 0 on.  So the form depends on the plan of the
population alone: on its step map and on whether it is stepwise.
"""

from __future__ import annotations

from engine.equations.added import added
from engine.equations.silent import without
from engine.equations.stepmap import StepMap
from engine.runtime.plan import PopulationPlan


def late_rows(plan: PopulationPlan) -> dict[int, int]:
    """Place of a port among the inputs -> row of the state to which its spikes are added."""
    if not plan.stepwise:
        return {}
    step_map, found = plan.step_map, added(plan.step_map)
    return {
        place: step_map.states.index(found[port.port])
        for place, port in enumerate(step_map.inputs)
        if port.port in found
    }


def kernel_map(plan: PopulationPlan) -> StepMap:
    """The step map that the kernel of a population takes: without what is done after it."""
    return without(plan.step_map, [plan.step_map.inputs[place].port for place in late_rows(plan)])
