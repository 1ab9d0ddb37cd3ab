"""The contract of a neuron model: what the workbench promises of every one, and of yours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from engine.backends.registry import backends, make_executor
from engine.equations.adjoint import adjoint
from engine.equations.compile import compile_model, constants, initial_state
from engine.equations.escape import DRAWN, given
from engine.equations.language import parse_equations
from engine.equations.tree import names
from engine.errors import DocumentError
from engine.models.check import check_model, check_parameters
from engine.models.declaration import NeuronModel, from_json, to_json
from engine.models.registry import neuron_models
from engine.response import response
from engine.runtime.plan import Chunk
from engine.testing.driving import STEPS, Driven, driven
from engine.testing.report import ContractError, NotApplicable, Report, carried_out
from engine.testing.smoothed import SLOPE, SOFT, Smoothed

Floats = NDArray[np.floating]
RUN = 2000  # steps of a run that is compared with another
AGREE = 1e-9  # relative, of states in float64 by two backends
STILL = 1e-6  # relative, by which a state at rest may move
GRADIENT = 1e-4  # relative, between gradients and differences
SHIFTS = (1e-5, 1e-6, 1e-7)  # relative; the difference nearest to the gradient counts
LONGEST = 1500  # steps that gradients are followed through


def check_neuron(
    model: str | NeuronModel,
    *,
    dt: float | None = None,
    current: float | None = None,
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
    ``refinement``    smaller steps come nearer to one answer.

    It is driven by currents from none to 1.5 times ``current`` (in the model's unit; found by
    trying if None), in steps of ``dt`` ms.  Raises ContractError unless all that applies is kept;
    with ``strict`` False the report says so instead.
    """
    declared = neuron_models().get(model) if isinstance(model, str) else model
    if declared is None:
        raise DocumentError(f'there is no neuron model "{model}"; see engine.models()')
    report = carried_out(declared.name, _checks(declared, dt, current))
    if strict and report.broken:
        raise ContractError(report)
    return report


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
    checked = _Differences(case)
    worst, where = checked.worst()
    assert worst <= GRADIENT, f"backward is off by {worst:.2g} of the derivative by {where}"
    return f"{int(checked.base.spikes.sum())} spikes, off by {worst:.1g} at most"


@dataclass(frozen=True)
class _Way:
    """A way to change what goes in, and the derivative along it by backward, [N]."""

    name: str
    slope: Floats
    constant: str = ""
    unit: Floats | float = 1.0
    drive: Floats | None = None  # [T, N]


class _Differences:
    """Gradients of one loss, by the compiled kernels and by differences of the smooth model.

    The loss is one number a neuron.  Every way to differ (a direction in the space of drives, a
    constant) is one more copy of the neurons, and all copies run at once.
    """

    def __init__(self, case: Driven) -> None:
        from engine.backends.numba_cpu.training import TrainingKernels

        self.case, self.step_map, self.size = case, given(case.step_map), len(case.currents)
        self.membrane = case.step_map.states.index(case.model.membrane)
        self.constants = {
            name: np.broadcast_to(np.asarray(value, np.float64), self.size)
            for name, value in constants(case.step_map, {}, case.dt, self.size).items()
        }
        self.found = adjoint(
            self.step_map,
            SLOPE,
            inputs=("in_current",),
            constants=case.step_map.constants,
            traces=(case.model.membrane,),
        )
        self.state = initial_state(case.model, None, {}, self.size)
        rng = np.random.default_rng(5)
        steps = _steps(case)
        self.drive = case.currents * rng.uniform(0.8, 1.2, (steps, self.size))
        self.on_spikes, self.on_membrane = rng.normal(size=(2, steps, self.size))
        self.on_spikes /= SOFT  # so that spikes weigh as much as the potential
        self.draws: dict[str, Floats] = {}  # of a model that fires by chance: the same in all runs
        if case.step_map.escapes:
            self.draws[DRAWN] = np.log(rng.exponential(size=(steps, self.size)))
        self.base = self._smooth(1).run(self.drive, self.constants)
        kernels = TrainingKernels(
            self.step_map,
            np.dtype(np.float64),
            ("in_current", *self.draws),
            self.found,
            (case.model.membrane,),
        )
        drives = [self.drive, *self.draws.values()]
        done = kernels.forward(drives, self.state, self.constants, case.dt, keep=True)
        assert np.array_equal(done.spikes, self.base.spikes), "training fires at other times"
        assert done.kept is not None
        self.ours = kernels.backward(
            done.kept, self.constants, case.dt, self.on_spikes, [self.on_membrane]
        )

    def worst(self) -> tuple[float, str]:
        """The largest relative error, and of what."""
        ways = self._ways()
        ours = np.array([way.slope for way in ways])  # [M, N]
        nearest = np.full(ours.shape, np.inf)
        for shift in SHIFTS:
            up, down = self._losses(ways, shift), self._losses(ways, -shift)
            noise = 1e-14 * (np.abs(up) + 1.0) / shift  # of rounding
            error = np.abs((up - down) / (2.0 * shift) - ours) - noise
            nearest = np.minimum(nearest, np.maximum(error, 0.0))
        scale = np.maximum(np.abs(ours), 1e-3 * np.abs(ours).max(axis=1, keepdims=True) + 1e-9)
        relative = (nearest / scale).max(axis=1)
        place = int(np.argmax(relative))
        return float(relative[place]), ways[place].name

    def _ways(self) -> list[_Way]:
        rng = np.random.default_rng(6)
        ways = []
        for number in range(3):
            way = self.case.strength * rng.normal(size=self.drive.shape)
            slope = np.sum(self.ours.inputs[0] * way, axis=0)
            ways.append(_Way(f"the current (direction {number})", slope, drive=way))
        for name in self._differentiable():
            value = self.constants[name]
            unit = np.where(value == 0.0, 1.0, value)
            ways.append(_Way(f"constant `{name}`", self.ours.constants[name] * unit, name, unit))
        return ways

    def _differentiable(self) -> list[str]:
        """Constants but those that only count steps: these have no derivative."""
        counted, read = set(), set()
        for assign in (*self.step_map.update, *self.step_map.jumps, *self.step_map.reset):
            counts = (
                assign.target in self.step_map.states and assign.target not in self.found.active
            )
            (counted if counts else read).update(names(assign.value))
        if self.step_map.threshold is not None:
            read |= names(self.step_map.threshold)
        return [name for name in self.step_map.constants if name in read or name not in counted]

    def _smooth(self, copies: int) -> Smoothed:
        state = np.tile(self.state, copies)
        draws = {name: np.tile(draw, copies) for name, draw in self.draws.items()}
        return Smoothed(self.step_map, state, self.case.dt, self.found.active, draws)

    def _losses(self, ways: list[_Way], shift: float) -> Floats:
        """The loss after a change by ``shift`` along every way, [M, N]."""
        copies = len(ways)
        drive = np.tile(self.drive, copies)
        values = {name: np.tile(value, copies) for name, value in self.constants.items()}
        for number, way in enumerate(ways):
            own = slice(number * self.size, (number + 1) * self.size)
            if way.drive is not None:
                drive[:, own] += shift * way.drive
            else:
                values[way.constant][own] += shift * way.unit
        path = self._smooth(copies).run(drive, values, self.base.repeated(copies))
        lost = np.tile(self.on_spikes, copies) * path.spikes
        lost += np.tile(self.on_membrane, copies) * path.states[:, self.membrane]
        return lost.sum(axis=0).reshape(copies, self.size)


def _steps(case: Driven) -> int:
    """Steps through which the strongest current makes a first spike, and some more."""
    steps = np.asarray(case.run(LONGEST).spikes[0][0], np.int64)
    return min(LONGEST, 60 + (int(steps.min()) if steps.size else 0))


def _same_bits(mine: Chunk, theirs: Chunk, what: str) -> None:
    for found, expected in zip(mine.spikes[0], theirs.spikes[0], strict=True):
        assert np.array_equal(found, expected), f"{what} gives other spikes"
    for found, expected in zip(mine.monitors, theirs.monitors, strict=True):
        assert np.array_equal(found, expected, equal_nan=True), f"{what} gives other states"


def _spikes(chunk: Chunk) -> int:
    return len(chunk.spikes[0][0])
