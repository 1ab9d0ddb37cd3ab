"""Two variables that stand for a model of more: what to hold the others at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.analysis.checked import names, table
from engine.analysis.vector_field import Flow, flow
from engine.checked import Floats, real
from engine.errors import DataError
from engine.models.declaration import NeuronModel

FASTER = 3.0  # times: a variable this much faster than those of the plane is at its steady state
ALIKE = 0.9  # correlation from which a variable is said to follow another
PLAIN = "1"  # the unit of what has none
SAMPLES = 200  # of the run at which time constants are looked at


def reduction(
    model: str | NeuronModel,
    variables: Sequence[str],
    states: Mapping[str, ArrayLike],
    current: float | str = 0.0,
    params: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """What the variables beside the two of a phase plane may be held at, as ``phase_plane`` takes
    it: those that follow the second of ``variables`` along a run, as a straight line of it.

    ``states`` is that run (variable -> samples).  A variable that is several times faster than the
    second, or that does not follow it, is left out: it stands at its steady state.  So
    Hodgkin-Huxley in v and n keeps m at m_inf(v), and h at about 0.8 - n.
    Raises DataError for variables that are not the model's, or a run of other ones.
    """
    whole = flow(model, current, params)
    both, samples = names(variables, "variables"), table(states, "states")
    if len(both) != 2:
        raise DataError(f"`variables` must be the two of a plane, not {len(both)}; name two")
    x, y = both
    missing = [name for name in whole.variables if name not in samples]
    if missing:
        raise DataError(f"the run has no samples of `{missing[0]}`; record every variable")
    each = [real(samples[name], name) for name in whole.variables]
    if {run.shape for run in each} != {(len(each[0]),) if each[0].ndim else (1,)}:
        raise DataError("`states` must be as many samples of each variable; record one run")
    run = np.stack(each)
    run = run[:, np.isfinite(run).all(0)]
    place = {name: row for row, name in enumerate(whole.variables)}
    for name in (x, y):
        if name not in place:
            raise DataError(f"`{name}` is not a variable of {whole.model.name}")
    rates, units = _rates(whole, run), whole.model.compose().units
    found: dict[str, str] = {}
    for name, row in place.items():
        if name in (x, y) or rates[row] > FASTER * rates[place[y]]:
            continue
        line = _line(run[place[y]], run[row])
        if line is not None:
            found[name] = _written(*line, y, units.get(y) or PLAIN, units.get(name) or PLAIN)
    return found


def _rates(whole: Flow, run: Floats) -> Floats:
    """How fast each variable moves towards where it stands still, by itself, 1/ms [variables]."""
    every = max(1, run.shape[1] // SAMPLES)
    with np.errstate(all="ignore"):
        slopes = np.diagonal(whole.jacobian(run[:, ::every]), axis1=-2, axis2=-1)
        return np.median(np.abs(slopes), axis=0)


def _line(y: Floats, z: Floats) -> tuple[float, float] | None:
    """Intercept and slope of the straight line of z over y; None where z does not follow y."""
    if y.size < 3 or np.ptp(y) == 0 or np.ptp(z) == 0:
        return None
    if abs(np.corrcoef(y, z)[0, 1]) < ALIKE:
        return None
    slope, intercept = np.polyfit(y, z, 1)
    return float(intercept), float(slope)


def _written(intercept: float, slope: float, y: str, y_unit: str, unit: str) -> str:
    """The line in the equation language, two digits of each number, its units written out."""
    size = f"{abs(slope):.2g}"
    of_y = y if y_unit == PLAIN else f"{y}/{_factor(y_unit)}"
    term = of_y if float(size) == 1 else f"{size}*{of_y}"
    line = f"{intercept:.2g} {'-' if slope < 0 else '+'} {term}"
    return line if unit == PLAIN else f"({line})*{_factor(unit)}"


def _factor(unit: str) -> str:
    return unit if unit.isalpha() else f"({unit})"
