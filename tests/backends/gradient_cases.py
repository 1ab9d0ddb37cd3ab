"""Models whose gradients are compared: with what drives them, and what is asked of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.equations.adjoint import Adjoint, adjoint
from engine.equations.compile import compile_model
from engine.equations.constants import constants as numbers
from engine.equations.initial import initial_state
from engine.equations.language import parse_expression
from engine.equations.stepmap import StepMap
from engine.models.registry import get, neuron_models

DT, STEPS, SIZE = 0.5, 60, 7
SLOPE = parse_expression("1/(1 + abs(x))**2")
# model and what tells cases apart -> solver, the range of the currents that drive it
CASES: dict[str, tuple[str | None, float, float]] = {
    "lif": (None, 150.0, 900.0),
    "lif euler": ("euler", 150.0, 900.0),
    "izhikevich 2003": ("izhikevich_2003", 4.0, 25.0),
    "izhikevich rk4": ("rk4", 4.0, 25.0),
    "adex euler": ("euler", 200.0, 1500.0),
    "adex rk4": ("rk4", 200.0, 1500.0),
    "hodgkin_huxley": (None, 2.0, 40.0),
    "traub_miles": (None, 50.0, 500.0),
    "pif": (None, 100.0, 900.0),
    "qif": (None, 100.0, 900.0),
    "eif euler": ("euler", 0.5, 8.0),
    "lif_adaptive_threshold": (None, 150.0, 900.0),
    "lif_adaptive_current": (None, 150.0, 900.0),
    "fitzhugh_nagumo": (None, 0.2, 1.5),
    "morris_lecar": (None, 80.0, 400.0),
    "hindmarsh_rose": (None, 10.0, 20.0),
}
UNIT = (None, 0.0, 8.0)  # of a neuron without dimensions
CASES |= {
    name: UNIT
    for name, model in neuron_models().items()
    if model.group in ("discrete", "NIR") and model.threshold
}
FINER = {"hindmarsh_rose": 0.1}  # steps of what is stiff


class Task:
    """A model without ports, its constants and first state, and what its gradient is asked for.

    ``options`` are built into the equations; without them they hold for any.
    """

    def __init__(
        self,
        case: str,
        detach: bool = False,
        options: dict[str, float] | None = None,
        **parameters,
    ) -> None:
        solver, low, high = CASES[case]
        parameters |= options or {}
        model = replace(get(case.split()[0]), ports={})
        self.dt, self.membrane = FINER.get(case, DT), model.membrane
        self.step_map: StepMap = compile_model(model, None, solver, options)
        self.values = numbers(self.step_map, parameters, self.dt, SIZE)
        self.state = initial_state(model, None, parameters, SIZE)
        self.wanted = [name for name in self.step_map.constants if name != "k_dt_t_ref"]
        self.found: Adjoint = adjoint(
            self.step_map,
            SLOPE,
            detach_reset=detach,
            constants=self.wanted,
            traces=(self.membrane,),
        )
        rng = np.random.default_rng(3)
        self.drive = rng.uniform(low, high, (STEPS, SIZE))
        self.on_spikes, self.on_v = rng.normal(size=(2, STEPS, SIZE))


def close(ours: np.ndarray, theirs: object) -> None:
    """``ours`` are the gradients that torch has, which are 0 where it has none."""
    expected = np.zeros_like(ours) if theirs is None else np.asarray(theirs)
    assert np.isfinite(ours).all()
    scale = np.abs(expected).max()
    np.testing.assert_allclose(ours, expected, rtol=1e-8, atol=1e-9 * max(scale, 1e-12))
