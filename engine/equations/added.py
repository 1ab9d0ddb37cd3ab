"""Inputs that do nothing but add to a state at the very end of a step.

Such a spike port (an exponential current or conductance, say) may be served after the step as well:
whatever arrives is added to the state itself, and no row of sums is needed.
"""

from __future__ import annotations

from engine.equations.stepmap import StepMap
from engine.equations.tree import Binary, Expr, Name, names


def added(step_map: StepMap) -> dict[str, str]:
    """Port -> the state to which its input is added last, of the *jump* ports where that is all.

    Neither the threshold nor the reset of such a step looks at that state after the addition, or
    changes it.
    """
    found = {}
    for port in step_map.inputs:
        state = _target(step_map, port.name) if port.kind == "jump" else None
        if state is not None:
            found[port.port] = state
    return found


def _target(step_map: StepMap, name: str) -> str | None:
    """The state of which ``state = state + name`` is the last that is read or written, if any."""
    threshold: list[Expr] = [] if step_map.threshold is None else [step_map.threshold]
    programs = (*step_map.update, *step_map.jumps, *step_map.reset)
    if sum(name in names(each.value) for each in programs) != 1 or name in _read(threshold):
        return None
    for place, jump in enumerate(step_map.jumps):
        if jump.value != Binary("+", Name(jump.target), Name(name)):
            continue
        after = (*step_map.jumps[place + 1 :], *step_map.reset)
        touched = _read([*(each.value for each in after), *threshold])
        touched |= {each.target for each in after}
        return jump.target if jump.target in {*step_map.states} - touched else None
    return None


def _read(values: list[Expr]) -> set[str]:
    return {name for value in values for name in names(value)}
