"""One neuron and a current: how a model answers, on the same kernels that run networks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.document.check_values import value_problems
from engine.document.text import describe, near, one_of
from engine.document.validate import MAX_SEED
from engine.document.values import plain
from engine.equations.compile import compile_model, initial_state
from engine.equations.solvers import solver_name
from engine.equations.stepmap import StepMap
from engine.equations.units import quantity
from engine.errors import DocumentError, LimitError, Problem, RunStopped
from engine.models import registry
from engine.models.compose import all_parameters
from engine.models.declaration import NeuronModel, Parameter
from engine.models.protocol import Protocol
from engine.runtime.adaptive import ADAPTIVE, AdaptiveNeuron, require_pauses
from engine.runtime.single import Neuron

Floats = NDArray[np.floating]
Current = float | str | ArrayLike | Callable[[float], float]
MOST_VALUES = 200_000_000  # recorded numbers, 1.6 GB
USUAL_DT = 0.1  # ms
REFERENCE_DT = 0.01  # ms; the step at which reference solutions of the literature are computed


@dataclass(frozen=True)
class Response:
    """What one neuron did: times in ms, states in the units of the model."""

    t: Floats  # [steps + 1]: 0, dt, 2 dt ...
    spike_times: Floats  # [spikes]
    states: dict[str, Floats]  # name -> [steps + 1], at the times t, after resets
    solver: str


def response(
    model: str | NeuronModel,
    current: Current | None = None,
    duration: float | str | None = None,
    dt: float | str | None = None,
    params: Mapping[str, Any] | None = None,
    initial: Mapping[str, Any] | None = None,
    record: Sequence[str] | None = None,
    solver: str | None = None,
    interpolate: bool = False,
    preset: str | None = None,
    seed: int = 0,
) -> Response:
    """Drive one neuron of ``model`` with ``current`` for ``duration`` ms in steps of ``dt`` ms.

    With ``preset``, the name of one of the model's presets or protocols, its parameters, input,
    duration, dt, solver and initial state stand for whatever is left out here; without one, that is
    no current, 1000 ms and 0.1 ms.

    ``current`` is a number, an array with one value a step, or a function of the time in ms (asked
    for the middle of each step), in the model's unit: pA, uA/cm^2 or none.  ``params`` and
    ``initial`` are numbers or quantities such as "20 ms"; what is left out is the model's default
    and its rest.  ``solver`` None leaves the choice to the equations, with Runge-Kutta instead of
    exponential Euler at steps of 0.01 ms and below; "adaptive" is the reference, a solver of high
    order between located spikes, with ``dt`` the grid of the samples and of the input.  ``record``
    names states (all of the model's, if None).  The first sample is the initial state at t = 0,
    sample k the state after step k.

    A spike is stamped with the end of its step and the reset is done there, as in a network.  With
    ``interpolate`` the crossing is looked for inside the step, and the neuron is reset and goes on
    from there; one that fires by chance fires at the end of a step.  ``seed`` is for such a model:
    the same seed, the same spikes.

    Raises DocumentError, EquationError, LimitError; RunStopped if the numbers blow up.
    """
    declaration = neuron_model(model)
    shown, chosen = _preset(declaration, preset)
    dt = _ms(shown.dt or USUAL_DT if dt is None else dt, "dt")
    duration = _ms(shown.duration if duration is None else duration, "duration")
    solver = shown.solver if solver is None else solver
    parameters = checked_parameters(declaration, {**chosen, **_named(params, "params")})
    options = declaration.chosen(parameters)
    step_map = accurate_step_map(declaration, None if solver == ADAPTIVE else solver, dt, options)
    steps = _steps(duration, dt)
    if steps * len(step_map.states) > MOST_VALUES:
        raise LimitError(
            f"{steps:,} steps of {len(step_map.states)} states are more than are kept at once "
            f"({MOST_VALUES:,} numbers); shorten the duration or lengthen dt"
        )
    given = shown.trace(steps, dt, solver_name(solver) if solver else None)
    trace = _current_trace(given if current is None else current, steps, dt, declaration)
    start = initial_values(declaration, {**shown.initial, **_named(initial, "initial")})
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MAX_SEED:
        remedy = f"give a whole number from 0 to {MAX_SEED:,}"
        raise DocumentError(Problem("seed", "seed", f"{describe(seed)} is not a seed", remedy))
    names = _recorded(declaration, step_map, record)
    state = initial_state(declaration, None, parameters, 1, start)[:, 0]
    if solver == ADAPTIVE:
        samples, spikes = AdaptiveNeuron(declaration.compose(), parameters).run(state, trace, dt)
        ends = spikes / dt
    elif interpolate:
        samples, ends = Neuron(step_map, parameters, dt, seed).with_crossings(state, trace)
    else:
        samples, spikes = Neuron(step_map, parameters, dt, seed).on_grid(state, trace)
        ends = spikes + 1.0
    _require_finite(step_map, samples, dt)
    if step_map.solver != "map":
        require_pauses(declaration.name, ends * dt)
    return Response(
        np.round(np.arange(steps + 1) * dt, 9),
        np.round(ends * dt, 9),
        {name: samples[step_map.states.index(name)] for name in names},
        ADAPTIVE if solver == ADAPTIVE else step_map.solver,
    )


def _preset(declaration: NeuronModel, name: str | None) -> tuple[Protocol, Mapping[str, float]]:
    """The protocol and the parameters of a preset; those of nothing special without a name."""
    known = [
        *declaration.presets,
        *(n for n in declaration.protocols if n not in declaration.presets),
    ]
    if name is not None and name not in known:
        remedy = near(str(name), known) or (f"it has {one_of(known)}" if known else "leave it out")
        message = f"{describe(name)} is not a preset of {declaration.name}"
        raise DocumentError(Problem("preset", "unknown-preset", message, remedy))
    found = declaration.protocols.get(name or "", Protocol())
    return found, declaration.presets.get(name or "", {})


def accurate_step_map(
    declaration: NeuronModel, solver: str | None, dt: float, options: dict[str, float]
) -> StepMap:
    """The step map asked for; steps this short are taken for accuracy, so Runge-Kutta then."""
    step_map = compile_model(declaration, None, solver, options)
    if solver is None and dt <= REFERENCE_DT and step_map.solver == "exponential_euler":
        return compile_model(declaration, None, "rk4", options)
    return step_map


def neuron_model(model: str | NeuronModel) -> NeuronModel:
    """The declaration of a shipped model, or the one given.  Raises DocumentError."""
    if isinstance(model, NeuronModel):
        return model
    known = registry.neuron_models()
    if not isinstance(model, str) or model not in known:
        remedy = near(str(model), known) or f"choose one of {one_of(known)}"
        message = f"there is no neuron model {describe(model)}"
        raise DocumentError(Problem("model", "unknown-model", message, remedy))
    return known[model]


def _ms(value: float | str, name: str) -> float:
    return quantity(plain(value), "ms", name)


def _steps(duration: float, dt: float) -> int:
    for name, value in (("dt", dt), ("duration", duration)):
        if not (math.isfinite(value) and value > 0):
            message = f"it must be more than 0 ms, it is {value:g}"
            raise DocumentError(Problem(name, name, message, "give a time in ms"))
    return max(1, math.floor(duration / dt + 0.5))


def _current_trace(current: Current, steps: int, dt: float, declaration: NeuronModel) -> Floats:
    """The current of every step, [steps]."""
    if isinstance(current, str):
        current = quantity(current, declaration.current_unit, "current")
    values = [current((n + 0.5) * dt) for n in range(steps)] if callable(current) else current
    try:
        trace = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        message = f"{describe(values)} is not a current"
        remedy = "give a number, one number a step, or a function of the time that gives numbers"
        raise DocumentError(Problem("current", "value", message, remedy)) from None
    if not callable(current) and trace.ndim == 0:
        trace = np.full(steps, float(trace))
    if trace.shape != (steps,):
        shape = " x ".join(map(str, trace.shape))
        message = f"{shape} values stand for {steps:,} steps"
        raise DocumentError(Problem("current", "length", message, "give one value a step"))
    if not np.isfinite(trace).all():
        place = int(np.argmin(np.isfinite(trace)))
        message = f"its value in step {place} is not a finite number"
        raise DocumentError(Problem("current", "value", message, "give finite numbers"))
    return trace


def checked_parameters(declaration: NeuronModel, given: Mapping[str, Any]) -> dict[str, float]:
    """Parameters as numbers in their declared units, checked against their bounds.

    Raises DocumentError with all problems."""
    given = _named(given, "params")
    known: dict[str, Parameter] = all_parameters(declaration)
    problems: list[Problem] = []
    values: dict[str, float] = {}
    for name, value in given.items():
        if name not in known:
            remedy = near(name, known) or f"it has {one_of(known)}"
            message = f"`{name}` is not a parameter of {declaration.name}"
            problems.append(Problem(f"params/{name}", "unknown-parameter", message, remedy))
            continue
        value, entry = plain(value), known[name]
        found = value_problems(value, entry.unit, f"params/{name}", name, 1, entry.bounds)
        problems += found
        if not found:
            values[name] = quantity(value, entry.unit, name)
    if problems:
        raise DocumentError(problems)
    return values


def initial_values(declaration: NeuronModel, given: Mapping[str, Any]) -> dict[str, Any]:
    """Initial states as numbers in the model's units, or "rest".  Raises DocumentError."""
    given = _named(given, "initial")
    units = declaration.compose().units
    for name in given:
        if name not in units:
            remedy = near(name, units) or f"it has {one_of(units)}"
            message = f"`{name}` is not a state of {declaration.name}"
            raise DocumentError(Problem(f"initial/{name}", "unknown-state", message, remedy))
    return {
        name: value if value == "rest" else quantity(value, units[name], name)
        for name, value in plain(dict(given)).items()
    }


def _named(given: Mapping[str, Any] | None, what: str) -> Mapping[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        message = f"it must be a dict of names and values, not {describe(given)}"
        raise DocumentError(Problem(what, "type", message, 'write for example {"v": -65}'))
    return given


def _recorded(
    declaration: NeuronModel, step_map: StepMap, record: Sequence[str] | None
) -> list[str]:
    states = step_map.states
    record = [record] if isinstance(record, str) else record
    for name in record or ():
        if name not in states:
            remedy = near(name, states) or f"it has {one_of(states)}"
            message = f"`{name}` is not a state of {step_map.model}"
            raise DocumentError(Problem("record", "unknown-state", message, remedy))
    return list(declaration.compose().derivatives if record is None else record)


def _require_finite(step_map: StepMap, samples: Floats, dt: float) -> None:
    bad = ~np.isfinite(samples)
    if not bad.any():
        return
    first = int(np.argmax(bad.any(axis=0)))
    name = step_map.states[int(np.argmax(bad[:, first]))]
    raise RunStopped(
        f"{step_map.model}: `{name}` is not a number at {first * dt:.6g} ms; use a dt below "
        f"{dt:g} ms or a weaker current"
    )
