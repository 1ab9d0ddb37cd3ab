"""How firing begins as the current grows: the bifurcation that ends rest, and Hodgkin's class.

Ermentrout 1996, Neural Computation 8:979; Izhikevich 2007, Dynamical Systems in Neuroscience,
chapters 6 and 7.  A saddle-node lies on an invariant circle (SNIC) if the rate beyond it grows from
0 as the square root of the current; off the circle the rate is finite at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.analysis.bifurcation import Bifurcation, bifurcation_scan
from engine.analysis.equilibria import FixedPoint, fixed_points
from engine.analysis.f_i import f_i_curve
from engine.analysis.vector_field import CURRENT, Flow, flow
from engine.errors import DataError
from engine.models.declaration import NeuronModel

BESIDE = 1e-3  # of the range of currents: this far beside a bifurcation is looked
ROOT = (1.6, 2.5)  # of the rates at 4 and at 1 such distances: 2 for a square root, 1 for a jump


@dataclass(frozen=True)
class Onset:
    """Where and how rest ends."""

    kind: str  # "SNIC", "saddle-node" (off a circle), "supercritical Hopf" or "subcritical Hopf"
    excitability: int  # 1: the rate begins at 0; 2: at that of an oscillation
    current: float  # in the model's unit
    rate: float  # Hz, a thousandth of the range of currents beyond; 0 where nothing fires there yet
    point: FixedPoint  # what loses its stability


def firing_onset(
    model: str | NeuronModel,
    low: float,
    high: float,
    params: Mapping[str, Any] | None = None,
    duration: float = 10_000.0,
    dt: float = 0.05,
) -> Onset:
    """The bifurcation at which the rest of ``model`` ends between the currents ``low`` and
    ``high``, and whether firing begins at any rate beyond it (class 1) or not (class 2).

    Rates are those of a run of ``duration`` ms in steps of ``dt`` ms.  Raises DataError where rest
    does not end in between, else as ``bifurcation_scan``.
    """
    scan = bifurcation_scan(model, low, high, params=params)
    start, step = flow(model, 0.0, params), BESIDE * (high - low)
    found = next((each for each in scan.bifurcations if _ends_rest(start, each, step)), None)
    if found is None:
        raise DataError(
            f"{start.model.name} does not lose its rest between {low:g} and {high:g} "
            f"{start.model.current_unit}; look at other currents"
        )
    beyond = found.value + step * np.array([1.0, 4.0])
    near, far = f_i_curve(model, beyond, duration, dt, params=params).rate
    kind = f"{found.criticality} {found.kind}".strip()
    if found.kind == "saddle-node" and near > 0 and ROOT[0] < far / near < ROOT[1]:
        kind = "SNIC"
    return Onset(kind, 1 if kind == "SNIC" else 2, found.value, float(near), found.point)


def _ends_rest(start: Flow, change: Bifurcation, step: float) -> bool:
    """Whether the lowest fixed point is stable before ``change``, and gone or unstable after."""
    membrane = start.system.membrane
    before, after = (
        min(
            fixed_points(start.at(CURRENT, change.value + side)),
            key=lambda point: point.values[membrane],
            default=None,
        )
        for side in (-step, step)
    )
    if before is None or not before.stable:
        return False
    gone = after is None or after.values[membrane] > change.point.values[membrane]
    return (gone and change.kind == "saddle-node") or not (after and after.stable)
