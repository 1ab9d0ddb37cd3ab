"""One neuron and a current: how a model answers, on the same kernels that run networks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.document.check_values import value_problems
from engine.document.text import describe, near, one_of
from engine.document.validate import MAX_SEED
from engine.document.values import plain
from engine.equations.compile import compile_model, initial_state
from engine.equations.constants import resolve
from engine.equations.crossing import LATE
from engine.equations.solvers import solver_name
from engine.equations.stepmap import StepMap
from engine.equations.units import quantity
from engine.errors import DocumentError, LimitError, Problem, RunStopped
from engine.models import registry
from engine.models.check import cross_problems
from engine.models.compose import all_parameters, port_synapses
from engine.models.declaration import NeuronModel, Parameter, from_json
from engine.models.protocol import Protocol
from engine.runtime.adaptive import ADAPTIVE, AdaptiveNeuron, require_pauses
from engine.runtime.drive import Current, arrivals, current_trace
from engine.runtime.readings import readable, readings
from engine.runtime.single import Neuron

Floats = NDArray[np.floating]
MOST_VALUES = 200_000_000  # recorded numbers, 1.6 GB
LONGEST = 1e12  # ms
AT_ONCE = 50  # steps, one after the other, each with a spike that a peak ended
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
    ports: Mapping[str, str] | None = None,
    spikes: Mapping[str, Any] | None = None,
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
    names states (all of the model's, if None) or sub-expressions of its equations, such as the
    conductance G_Na.  The first sample is the initial state at t = 0, sample k the state after
    step k.

    ``ports`` chooses the synapses of ports, or adds ports: {"syn": "nmda"}.  ``spikes`` has the
    spikes that arrive there, port -> pairs of time [ms] and weight in the unit of the port, such as
    {"syn": [(10.0, "2 nS")]}; they arrive at the end of the step that ends nearest to their time.

    A spike is stamped with the end of its step and the reset is done there, as in a network.  With
    ``interpolate`` the crossing is looked for inside the step, and the neuron is reset and goes on
    from there; one that fires by chance fires at the end of a step.  ``seed`` is for such a model:
    the same seed, the same spikes.

    Raises DocumentError, EquationError, LimitError; RunStopped if the numbers blow up.
    """
    if not isinstance(interpolate, bool | np.bool_):
        message = f"it must be true or false, not {describe(interpolate)}"
        raise DocumentError(Problem("interpolate", "type", message, "leave it out for the grid"))
    declaration = _with_ports(neuron_model(model), ports)
    shown, chosen = _preset(declaration, preset)
    dt = _ms(shown.dt or USUAL_DT if dt is None else dt, "dt")
    duration = _ms(shown.duration if duration is None else duration, "duration")
    solver = shown.solver if solver is None else _solver(solver)
    parameters = checked_parameters(declaration, {**chosen, **named(params, "params")})
    options = declaration.chosen(parameters)
    step_map = accurate_step_map(declaration, None if solver == ADAPTIVE else solver, dt, options)
    steps = _steps(duration, dt)
    if steps * len(step_map.states) > MOST_VALUES:
        raise LimitError(
            f"{steps:,} steps of {len(step_map.states)} states are more than are kept at once "
            f"({MOST_VALUES:,} numbers); shorten the duration or lengthen dt"
        )
    given = shown.trace(steps, dt, solver_name(solver) if solver else None)
    trace = current_trace(
        given if current is None else current, steps, dt, declaration.current_unit
    )
    start = initial_values(declaration, {**shown.initial, **named(initial, "initial")})
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MAX_SEED:
        remedy = f"give a whole number from 0 to {MAX_SEED:,}"
        raise DocumentError(Problem("seed", "seed", f"{describe(seed)} is not a seed", remedy))
    names = _recorded(declaration, step_map, record, solver == ADAPTIVE)
    arriving = arrivals(declaration, spikes, steps, dt)
    if arriving and (interpolate or solver == ADAPTIVE):
        message = "spikes arrive on the grid"
        remedy = "leave out interpolate and the adaptive solver"
        raise DocumentError(Problem("spikes", "spikes", message, remedy))
    state = initial_state(declaration, None, parameters, 1, start)[:, 0]
    if solver == ADAPTIVE:
        samples, fired = AdaptiveNeuron(declaration.compose(), parameters).run(state, trace, dt)
        ends = fired / dt
    elif interpolate:
        samples, ends = Neuron(step_map, parameters, dt, seed=seed).with_crossings(state, trace)
    else:
        samples, fired = Neuron(step_map, parameters, dt, arriving, seed).on_grid(state, trace)
        ends = fired + 1.0
    _require_finite(step_map, samples, dt)
    if step_map.solver != "map":
        require_pauses(declaration.name, ends * dt)
    if LATE in step_map.states and solver != ADAPTIVE:
        _require_steps_without_spikes(declaration.name, ends, dt)
    kept = dict(zip(step_map.states, samples, strict=False))
    others = [name for name in names if name not in kept]
    kept |= readings(declaration, parameters, kept, trace, others)
    return Response(
        np.round(np.arange(steps + 1) * dt, 9),
        np.round(ends * dt, 9),
        {name: kept[name] for name in names},
        ADAPTIVE if solver == ADAPTIVE else step_map.solver,
    )


def _preset(declaration: NeuronModel, name: str | None) -> tuple[Protocol, Mapping[str, float]]:
    """The protocol and the parameters of a preset; those of nothing special without a name."""
    known = [
        *declaration.presets,
        *(n for n in declaration.protocols if n not in declaration.presets),
    ]
    if name is not None and not (isinstance(name, str) and name in known):
        remedy = near(str(name), known) or (f"it has {one_of(known)}" if known else "leave it out")
        message = f"{describe(name)} is not a preset of {declaration.name}"
        raise DocumentError(Problem("preset", "unknown-preset", message, remedy))
    found = declaration.protocols.get(name or "", Protocol())
    return found, declaration.presets.get(name or "", {})


def _with_ports(declaration: NeuronModel, ports: Mapping[str, str] | None) -> NeuronModel:
    """The model with these synapses on its ports, if that can be put together."""
    chosen = {**declaration.ports, **named(ports, "ports")}
    if ports:
        port_synapses(declaration, chosen)  # refuses what is no synapse or no port
    return replace(declaration, ports=chosen) if ports else declaration


def accurate_step_map(
    declaration: NeuronModel, solver: str | None, dt: float, options: dict[str, float]
) -> StepMap:
    """The step map asked for; steps this short are taken for accuracy, so Runge-Kutta then."""
    solver = None if solver is None else _solver(solver)
    step_map = compile_model(declaration, None, solver, options)
    if solver is None and dt <= REFERENCE_DT and step_map.solver == "exponential_euler":
        return compile_model(declaration, None, "rk4", options)
    return step_map


def neuron_model(model: str | NeuronModel) -> NeuronModel:
    """The declaration of a shipped model, or the one given, also as plain data of a document.

    Raises DocumentError."""
    if isinstance(model, NeuronModel):
        return model
    if isinstance(model, Mapping):
        return from_json(model)
    known = registry.neuron_models()
    if not isinstance(model, str) or model not in known:
        remedy = near(model, known) or f"choose one of {one_of(known)}"
        parts = (*registry.source_models(), *registry.synapse_models())
        if isinstance(model, str) and model in parts:
            remedy = "it is a part of a network; make an engine.Network with it"
        message = f"there is no neuron model {describe(model)}"
        raise DocumentError(Problem("model", "unknown-model", message, remedy))
    return known[model]


def _solver(given: str) -> str:
    if not isinstance(given, str):
        message = f"it must be the name of a solver, not {describe(given)}"
        raise DocumentError(Problem("solver", "type", message, "leave it out for the usual one"))
    return solver_name(given)


def _ms(value: float | str, name: str) -> float:
    return quantity(plain(value), "ms", name)


def _steps(duration: float, dt: float) -> int:
    for name, value in (("dt", dt), ("duration", duration)):
        if not 0 < value <= LONGEST:
            message = f"it must be more than 0 ms and at most {LONGEST:g} ms, it is {value:g}"
            raise DocumentError(Problem(name, name, message, "give a time in ms"))
    steps = duration / dt
    if steps > MOST_VALUES:
        raise LimitError(
            f"{duration:g} ms are more steps of {dt:g} ms than are kept at once "
            f"({MOST_VALUES:,}); shorten the duration or lengthen dt"
        )
    return max(1, math.floor(steps + 0.5))


def checked_parameters(
    declaration: NeuronModel, given: Mapping[str, Any] | None
) -> dict[str, float]:
    """Parameters as numbers in their declared units, checked against their bounds and against one
    another, defaults standing for those left out.

    Raises DocumentError with all problems."""
    given = named(given, "params")
    known: dict[str, Parameter] = all_parameters(declaration)
    problems: list[Problem] = []
    values: dict[str, float] = {}
    for name, value in given.items():
        found = _parameter_problems(declaration, known, name, plain(value))
        problems += found
        if not found:
            values[name] = quantity(plain(value), known[name].unit, name)
    if problems:
        raise DocumentError(problems)
    whole = resolve(declaration.compose().parameters.values(), values, 1)
    if problems := cross_problems(declaration.checks, whole):
        raise DocumentError([replace(problem, path="params") for problem in problems])
    return values


def _parameter_problems(
    declaration: NeuronModel, known: Mapping[str, Parameter], name: str, value: Any
) -> list[Problem]:
    path = f"params/{name}"
    if name not in known:
        remedy = near(name, known) or f"it has {one_of(known)}"
        message = f"`{name}` is not a parameter of {declaration.name}"
        return [Problem(path, "unknown-parameter", message, remedy)]
    entry = known[name]
    if isinstance(value, list | dict):
        message = f"`{name}` of one neuron must be one number, not {describe(value)}"
        return [Problem(path, "value", message, f"give it in {entry.unit}")]
    return value_problems(value, entry.unit, path, name, 1, entry.bounds)


def initial_values(declaration: NeuronModel, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Initial states as numbers in the model's units, or "rest".  Raises DocumentError."""
    units = declaration.compose().units
    problems: list[Problem] = []
    values = plain(dict(named(given, "initial")))
    for name, value in values.items():
        path = f"initial/{name}"
        if name not in units:
            remedy = near(name, units) or f"it has {one_of(units)}"
            message = f"`{name}` is not a state of {declaration.name}"
            problems.append(Problem(path, "unknown-state", message, remedy))
        elif isinstance(value, list | dict):
            message = f"`{name}` of one neuron must be one number, not {describe(value)}"
            problems.append(Problem(path, "value", message, 'give a number or "rest"'))
        elif value != "rest":
            problems += value_problems(value, units[name], path, name)
    if problems:
        raise DocumentError(problems)
    return {
        name: value if value == "rest" else quantity(value, units[name], name)
        for name, value in values.items()
    }


def named(given: Mapping[str, Any] | None, what: str) -> Mapping[str, Any]:
    """What is given by name, nothing for None; DocumentError at ``what`` for anything else."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        message = f"it must be a dict of names and values, not {describe(given)}"
        raise DocumentError(Problem(what, "type", message, 'write for example {"v": -65}'))
    return given


def _recorded(
    declaration: NeuronModel, step_map: StepMap, record: Sequence[str] | None, adaptive: bool
) -> list[str]:
    system = declaration.compose()
    own = tuple(system.derivatives)
    if record is None:
        return list(own)
    if isinstance(record, str):
        record = [record]
    if not isinstance(record, Sequence):
        message = f"it must be a list of names, not {describe(record)}"
        raise DocumentError(Problem("record", "type", message, 'write for example ["v"]'))
    known = (*(own if adaptive else step_map.states), *readable(system))
    for name in record:
        if name not in known:
            remedy = near(name, known) or f"it has {one_of(known)}"
            if name == "spikes":
                remedy = "leave it out: they are always there, in spike_times"
            message = f"`{str(name)[:40]}` is not a state of {step_map.model}"
            raise DocumentError(Problem("record", "unknown-state", message, remedy))
    return list(record)


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


def _require_steps_without_spikes(model: str, ends: Floats, dt: float) -> None:
    """Raise `RunStopped` where a peak was passed in each of many steps: steps that short of spikes
    say nothing of the model, whose upstroke they leap over."""
    steps = np.ceil(ends - 1e-9)
    crowded = steps[AT_ONCE - 1 :] - steps[: max(0, steps.size - AT_ONCE + 1)] < AT_ONCE
    if crowded.any():
        at = steps[int(np.argmax(crowded))] * dt
        raise RunStopped(
            f"{model} fires in every step from {at:.6g} ms on: the step does that, not the model; "
            f"use a dt below {dt:g} ms or a weaker current"
        )
