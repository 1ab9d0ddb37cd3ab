"""What else a recorded neuron says: its named sub-expressions, read off its states afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.equations.constants import coherent
from engine.equations.evaluate import evaluate
from engine.equations.language import parse_equations
from engine.equations.system import System
from engine.equations.units import parse_unit
from engine.models.declaration import NeuronModel

Floats = NDArray[np.floating]


def readable(system: System) -> tuple[str, ...]:
    """The sub-expressions that have a value at every sample; none where equations are steps."""
    return () if system.updates else tuple(system.aliases)


def readings(
    declaration: NeuronModel,
    parameters: Mapping[str, float],
    states: Mapping[str, Floats],
    trace: Floats,
    wanted: Sequence[str],
) -> dict[str, Floats]:
    """The sub-expressions ``wanted`` at every sample [steps + 1], in their declared units.

    ``states`` has the model's own [steps + 1], ``trace`` the current of each step [steps]; a sample
    is read under the current of the step that it ends.
    """
    if not wanted:
        return {}
    system = declaration.compose()
    scope: dict[str, Any] = dict(coherent(system.parameters.values(), parameters, 1))
    scope |= {port.name: 0.0 for port in system.inputs} | {"dt": 1.0} | dict(states)
    scope["in_current"] = np.concatenate([trace[:1], trace])
    for name, value in system.aliases.items():
        scope[name] = evaluate(value, scope)
    units = {each.target: each.unit for each in parse_equations(declaration.equations)}
    size = len(trace) + 1
    return {
        name: np.broadcast_to(scope[name] / parse_unit(units.get(name, ""))[0], size)
        for name in wanted
    }
