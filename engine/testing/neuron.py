"""The contract of a neuron model: what the workbench promises of every one, and of yours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from engine.backends.registry import backends, make_executor
from engine.equations.compile import compile_model, initial_state
from engine.equations.language import parse_equations
from engine.errors import DocumentError, near
from engine.models.check import check_model, check_parameters
from engine.models.declaration import NeuronModel, from_json, to_json
from engine.models.registry import neuron_models
from engine.response import response
from engine.runtime.plan import Chunk
from engine.testing.differences import Differences
from engine.testing.driving import STEPS, Driven, driven
from engine.testing.report import ContractError, NotApplicable, Report, carried_out

Floats = NDArray[np.floating]
RUN = 2000  # steps of a run that is compared with another
AGREE = 1e-9  # relative, of states in float64 by two backends
STILL = 1e-6  # relative, by which a state at rest may move
GRADIENT = 1e-4  # relative, between gradients and differences


def check_neuron(
    model: str | NeuronModel,
    *,
    dt: float | None = None,
    current: float | None = None,
    options: Mapping[str, float] | None = None,
    strict: bool = True,
) -> Report:
    """Put ``model``, a name or a declaration, to the contract of all neurons.

    ``declaration``   it compiles, its presets and defaults are within bounds, and it is the same
                      after a way through JSON.
    ``units``         its equations agree in units with what their parameters declare.
    ``rest``          what is said to start at rest stays where it is when nothing drives it.
    ``determinism``   the same run again, in other blocks, on other threads: the same bits.
    ``backends``      compiled kernels and the plain reference: same spikes, same states.
    ``precision``     float32 fires as float64 does, within a few spikes.
    ``gradient``      backward equals differences of the model with its spike made smooth.
    ``speed``         the compiled loops of training take many neurons at once.
    ``refinement``    smaller steps come nearer to one answer.

    It is driven by currents from none to 1.5 times ``current`` (in the model's unit; found by
    trying if None), in steps of ``dt`` ms, with its ``options`` at these values, else at their
    defaults.  Raises ContractError unless all that applies is kept; with ``strict`` False the
    report says so instead.
    """
    declared = neuron_models().get(model) if isinstance(model, str) else model
    if declared is None:
        raise DocumentError(f'there is no neuron model "{model}"; see engine.models()')
    declared = _with_options(declared, options or {})
    report = carried_out(declared.name, _checks(declared, dt, current))
    if strict and report.broken:
        raise ContractError(report)
    return report


def _with_options(model: NeuronModel, options: Mapping[str, float]) -> NeuronModel:
    """``model`` with these values as the defaults of its options."""
    for name in options:
        if name not in model.options:
            hint = near(name, model.options) or f"it has {', '.join(model.options) or 'none'}"
            raise DocumentError(f"`{name}` is not an option of {model.name}; {hint}")
    changed = {
        name: replace(model.parameters[name], default=value) for name, value in options.items()
    }
    return replace(model, parameters={**model.parameters, **changed}) if changed else model


def _checks(
    model: NeuronModel, dt: float | None, current: float | None
) -> list[tuple[str, Callable[[], str]]]:
    first: list[tuple[str, Callable[[], str]]] = [
        ("declaration", partial(_declaration, model)),
        ("units", partial(_units, model)),
    ]
    if check_model(model):  # it does not compile: nothing can be run
        return first
    case = driven(model, dt, current)
    by_run = {
        "rest": _rest,
        "determinism": _determinism,
        "backends": _backends,
        "precision": _precision,
        "gradient": _gradient,
        "speed": _speed,
        "refinement": _refinement,
    }
    return first + [(name, partial(check, case)) for name, check in by_run.items()]


def _declaration(model: NeuronModel) -> str:
    problems = check_model(model)
    assert not problems, str(problems[0])
    alone = replace(model, variants={})  # further names of what is shipped stand in no document
    assert from_json(to_json(model)) == alone, "JSON does not give back the declaration"
    for name, values in model.presets.items():
        unknown = sorted(set(values) - set(model.parameters))
        assert not unknown, f'preset "{name}" sets `{unknown[0]}`, which is no parameter'
        wrong = check_parameters(model, values)
        assert not wrong, f'preset "{name}": {wrong[0]}'
    return f"{len(model.parameters)} parameters, {len(model.presets)} presets"


def _units(model: NeuronModel) -> str:
    """Compiling checks dimensions where a unit is declared; here: that every one is declared."""
    equations = parse_equations(model.equations)
    if not any(equation.unit for equation in equations):
        raise NotApplicable("nothing in it declares a unit")
    bare = [equation.target for equation in equations if not equation.unit]
    assert not bare, f"the equation of `{bare[0]}` declares no unit"
    compile_model(model)
    return f"{len(equations)} equations"


def _rest(case: Driven) -> str:
    resting = [name for name, value in case.model.initial.items() if value == "rest"]
    if case.model.membrane not in resting:
        raise NotApplicable("its potential is not said to start at rest")
    start = initial_state(case.model, None, {}, 1)[:, 0]
    silent = replace(case, strength=0.0).run(RUN)
    rows = [case.step_map.states.index(name) for name in resting]
    for name, row in zip(resting, rows, strict=True):
        moved = float(np.abs(silent.monitors[row] - start[row]).max())
        scale = max(1e-3, abs(float(start[row])))
        assert moved <= STILL * scale, (
            f"`{name}` leaves its rest at {start[row]:.6g} by {moved:.3g}"
        )
    return ", ".join(f"{n} {start[row]:.6g}" for n, row in zip(resting, rows, strict=True))


def _determinism(case: Driven) -> str:
    whole = case.run(RUN)
    _same_bits(whole, case.run(RUN), "a second run")
    _same_bits(whole, case.run(RUN, threads=2), "two threads")
    pieces = make_executor(case.plan())
    chunks = [pieces.advance(steps) for steps in (1, 7, 500, RUN - 508)]
    for row, kept in enumerate(whole.monitors):
        cut = np.concatenate([chunk.monitors[row] for chunk in chunks])
        assert np.array_equal(kept, cut, equal_nan=True), "other blocks give other numbers"
    return f"{_spikes(whole)} spikes"


def _backends(case: Driven) -> str:
    obstacle = backends()["torch_reference"].message
    if obstacle:
        raise NotApplicable(obstacle)
    mine, theirs = case.run(RUN), case.run(RUN, backend="torch_reference")
    assert np.array_equal(mine.spikes[0][0], theirs.spikes[0][0]), "spikes differ in time"
    assert np.array_equal(mine.spikes[0][1], theirs.spikes[0][1]), "spikes differ in who fires"
    for name, found, expected in zip(
        case.step_map.states, mine.monitors, theirs.monitors, strict=True
    ):
        scale = max(1e-3, float(np.abs(expected).max()))
        error = float(np.abs(found - expected).max()) / scale
        # Errors of rounding grow along an unstable path: by e within a time constant of it.
        assert error <= 1e3 * AGREE, f"`{name}` differs by {error:.2g} of its range"
    return f"{_spikes(mine)} spikes alike"


def _precision(case: Driven) -> str:
    double, single = _spikes(case.run(STEPS)), _spikes(case.run(STEPS, dtype="float32"))
    room = max(2 * len(case.currents), round(0.05 * double))
    assert abs(double - single) <= room, f"{single} spikes in float32, {double} in float64"
    return f"{single} spikes in float32, {double} in float64"


def _refinement(case: Driven) -> str:
    if case.step_map.solver in ("map", "exact", "izhikevich_2003"):
        raise NotApplicable(f"the solver is {case.step_map.solver}, dt is no approximation")
    if case.step_map.escapes:
        raise NotApplicable("it fires by chance, and no spike stands still")
    if case.step_map.reset and not case.fires:
        raise NotApplicable("no current tried makes it fire, and the way there may be very stiff")
    coarse, fine, finest = (_landmarks(case, divisor) for divisor in (1, 2, 16))
    if not min(len(coarse), len(fine), len(finest)):
        raise NotApplicable("at some of the steps tried it fires, at others it does not")
    far, near = (float(np.abs(found - finest).max()) for found in (coarse, fine))
    assert near <= max(0.75 * far, 0.1 * case.dt), (
        f"half the step leaves an error of {near:.3g} where it was {far:.3g}"
    )
    return f"error {far:.2g} at {case.dt:g} ms, {near:.2g} at half of it"


def _landmarks(case: Driven, divisor: int) -> Floats:
    """The time of the first spike [ms], or the second half of the potential where none is fired,
    at the times of the undivided steps."""
    found = response(
        case.model,
        1.5 * case.strength,
        RUN * case.dt,
        case.dt / divisor,
        solver=case.step_map.solver,
        interpolate=True,
    )
    if case.fires:
        return found.spike_times[:1]
    return found.states[case.model.membrane][::divisor][RUN // 2 :]


def _gradient(case: Driven) -> str:
    if case.step_map.normals:
        raise NotApplicable("it draws random numbers")
    checked = Differences(case)
    worst, where = checked.worst()
    assert worst <= GRADIENT, f"backward is off by {worst:.2g} of the derivative by {where}"
    return f"{int(checked.base.spikes.sum())} spikes, off by {worst:.1g} at most"


def _speed(case: Driven) -> str:
    if case.step_map.normals:
        raise NotApplicable("it draws random numbers")
    done = {
        kind: case.training.loops(kind, frozenset(case.step_map.constants))
        for kind in ("keeping", "backward")
    }
    if any(loops.calls for loops in done.values()):
        raise NotApplicable("it has functions that a library computes for one neuron at a time")
    for kind, loops in done.items():
        assert loops.vectorised, f"the loops of the pass {kind} are not vectorised: {loops}"
    return ", ".join(f"{kind} {loops.packed} packed instructions" for kind, loops in done.items())


def _same_bits(mine: Chunk, theirs: Chunk, what: str) -> None:
    for found, expected in zip(mine.spikes[0], theirs.spikes[0], strict=True):
        assert np.array_equal(found, expected), f"{what} gives other spikes"
    for found, expected in zip(mine.monitors, theirs.monitors, strict=True):
        assert np.array_equal(found, expected, equal_nan=True), f"{what} gives other states"


def _spikes(chunk: Chunk) -> int:
    return len(chunk.spikes[0][0])
