"""What a second thread brings: on standard networks, in short calls, and what auto makes of it."""

from __future__ import annotations

import time
from dataclasses import replace
from statistics import median
from typing import Any

from engine import Simulation
from engine.backends.numba_cpu.threads import meeting_ns
from engine.cores import allowed_cores
from engine.document.structure import FLOAT_TYPES
from workbench.bench.measures import Figure
from workbench.bench.networks import CASES, Case, document

SLICE_S = 0.03  # of every arm of a comparison; the arms take turns
SETTLE_MS = 100.0  # simulated before anything is timed
AUTO_S = 0.5  # for auto to find out
SHORT_CALL = 10  # steps of a call from Python
BRIEF_S = 100e-6  # a call that took less does ten times as many steps
CALLED = ("cuba", "coba", "cobahh", "brunel")  # networks driven from Python in short calls


def threads(quick: bool, repeats: int) -> list[Figure]:
    """Ratios of time, two threads to one; the loss of auto; short calls; a meeting."""
    rounds = 3 if quick else 4 * repeats
    figures = [Figure("threads: a meeting of two", "ns", [meeting_ns()], _machine())]
    for case in CASES:
        for precision in FLOAT_TYPES:
            figures += _two_and_auto(case, precision, rounds)
    for case in CASES:
        if case.name in CALLED:
            figures += [_short_calls(case, number, rounds) for number in (1, 2)]
    return figures


def _machine() -> str:
    cores = allowed_cores()
    words = "no second thread can pay" if cores == 1 else "ratios need as many idle ones"
    return f"{cores} cores allowed; {words}"


def _made(case: Case, precision: str, number: int | str) -> Simulation:
    made = document(case)
    made = replace(made, simulation=replace(made.simulation, precision=precision))
    simulation = Simulation(made, threads=number, recorders=False)
    simulation.executor.advance(int(SETTLE_MS / simulation.dt))
    return simulation


def _cost(simulation: Simulation, steps: int, call: int = 0) -> float:
    """Seconds a step, in one call or in calls of ``call`` steps."""
    began = time.perf_counter()
    if call:
        for _ in range(steps // call):
            simulation.executor.advance(call)
        steps = steps // call * call
    else:
        simulation.executor.advance(steps)
    return (time.perf_counter() - began) / steps


def _slice_steps(simulation: Simulation) -> int:
    first = _cost(simulation, 50)
    return max(SHORT_CALL, int(SLICE_S / first) // SHORT_CALL * SHORT_CALL)


def _two_and_auto(case: Case, precision: str, rounds: int) -> list[Figure]:
    with (
        _made(case, precision, 1) as one,
        _made(case, precision, 2) as two,
        _made(case, precision, "auto") as auto,
    ):
        began = time.perf_counter()
        while time.perf_counter() - began < AUTO_S:
            auto.executor.advance(100)
        arms = {"one": one, "two": two, "auto": auto}
        found = _in_turn(arms, _slice_steps(one), rounds)
        choice = getattr(auto.executor, "choice", None)
        picked = choice.kept if choice is not None else 1
    ratios = [two / one for one, two in zip(found["one"], found["two"], strict=True)]
    losses = [
        auto / min(one, two)
        for one, two, auto in zip(found["one"], found["two"], found["auto"], strict=True)
    ]
    name = f"threads: {case.name} {precision}"
    note = f"{1e6 * median(found['one']):.3g} us a step with one"
    return [
        Figure(f"{name}, two to one", "ratio of time", ratios, note),
        Figure(f"{name}, auto to the better", "ratio of time", losses, f"auto took {picked}"),
    ]


def _in_turn(arms: dict[str, Any], steps: int, rounds: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {name: [] for name in arms}
    for _ in range(rounds):
        for name, simulation in arms.items():
            found[name].append(_cost(simulation, steps))
    return found


def _short_calls(case: Case, number: int, rounds: int) -> Figure:
    """Calls of `SHORT_CALL` steps, or ten times as many where these are soon done, to one call."""
    ratios = []
    with _made(case, "float32", number) as simulation:
        longer = 10 * SHORT_CALL
        steps = max(longer, _slice_steps(simulation) // longer * longer)
        taken = SHORT_CALL * median(_cost(simulation, steps) for _ in range(3))
        call = SHORT_CALL if taken > BRIEF_S else longer
        for _ in range(rounds):
            long = _cost(simulation, steps)
            ratios.append(_cost(simulation, steps, call) / long)
    name = f"threads: {case.name}, short calls, {number} threads"
    note = f"calls of {call} steps; {SHORT_CALL} take {1e6 * taken:.3g} us"
    return Figure(name, "ratio of time to one call", ratios, note)
