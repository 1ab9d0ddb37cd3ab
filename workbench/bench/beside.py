"""The standard networks beside other simulators: theirs and ours in turn, on the same machine.

A, B, A, B, ..., the first pair dropped, and the ratio of every pair kept: what another program does
to the machine meanwhile falls on both.  Ours runs in both precisions; the peers compute in double
precision, so the ratios named float64 compare like with like.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import engine
from engine import Simulation
from engine.document import Document
from engine.document.structure import FLOAT_TYPES
from engine.errors import BackendError, WorkbenchError
from workbench.bench.measures import Figure, Peer
from workbench.bench.networks import CASES, Case, document

SCRIPTS = Path(__file__).parent / "peers"


@dataclass(frozen=True)
class Simulator:
    """Another simulator: the variable that names its Python, its script, what was done for it."""

    name: str
    variable: str
    script: str
    note: str
    # Settings with which a network's results are right, where they are not at the usual ones
    exact: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def python(self) -> str | None:
        """The interpreter of its environment; None if none is named.

        Raises BackendError if what is named is not a file.
        """
        python = os.environ.get(self.variable)
        if python and not Path(python).is_file():
            raise BackendError(f'{self.variable} names "{python}", which is not a file; correct it')
        return python or None

    def start(self, case: str, **settings: Any) -> Peer:
        """Its process, ready to run ``case``.  Raises BackendError with the way to see why not."""
        command = [str(self.python), str(SCRIPTS / self.script), case]
        try:
            return Peer(partial(_process, command), json.dumps(settings))
        except (ChildProcessError, OSError) as error:
            raise BackendError(
                f"{self.name} could not run {case}: {error}; run `$"
                f"{self.variable} workbench/bench/peers/{self.script} {case}` to see why"
            ) from error


SIMULATORS = (
    Simulator(
        "Brian2",
        "WORKBENCH_BENCH_BRIAN2",
        "brian2_networks.py",
        "C++ standalone with its own flags -O3 -ffast-math -march=native, compiling not counted",
        # Its exponential Euler takes every variable from the beginning of the step: at 0.1 ms this
        # network fires 17 % less than with short steps or another method.
        {"cobahh": {"method": "rk4", "step": 0.05}},
    ),
    Simulator(
        "NEST",
        "WORKBENCH_BENCH_NEST",
        "nest_networks.py",
        "its wheel, what it prepares before the first step counted as building",
    ),
)


@dataclass(frozen=True)
class Work:
    """What is timed: a network for ``duration`` ms, or the building of one."""

    name: str
    duration: float
    quick: float
    ours: Callable[[], Document]
    timed: str = "run_s"  # of a peer's answer, and of our simulation


def _example(case: Case) -> Callable[[], Document]:
    return lambda: document(case)


def _building(rule: dict[str, Any]) -> Callable[[], Document]:
    """15.6 M synapses of one weight and delay among 12,500 neurons that do nothing."""

    def made() -> Document:
        net = engine.Network("Building")
        cells = net.population("cells", 12_500, "lif_psc_delta")
        net.connect(cells, cells, rule=rule, weight=0.1, delay=1.5, port="exc")
        return net.document

    return made


STDP = Case("stdp", "stdp", 10_000.0, 2_000.0)
# ms; shorter than our own measures where a peer would take minutes
_SHORTER = {"cuba": 2_000.0, "cobahh": 250.0, "brunel": 200.0}
WORKS = (
    *(
        Work(case.name, _SHORTER.get(case.name, case.duration), case.quick, _example(case))
        for case in (*CASES, STDP)
    ),
    Work("building", 0.1, 0.1, _building(engine.rules.fixed_indegree(1_250)), "build_s"),
    Work(
        "building by probability",
        0.1,
        0.1,
        _building(engine.rules.probability(0.1)),
        "build_s",
    ),
)
WITH_THREADS = ("cobahh", "brunel")


def beside(only: Sequence[str], quick: bool, repeats: int) -> Iterator[Figure]:
    """Ratios of times, theirs over ours, for every peer found and every work (or ``only`` these).

    Raises BackendError if no peer is named, and, when all else is measured, if some could not run.
    """
    failed: list[str] = []
    for simulator in found():
        for work in WORKS:
            if only and work.name not in only:
                continue
            try:
                yield from compared(work, simulator, quick, repeats)
                if work.name in WITH_THREADS and not quick:
                    yield two_threads(work, simulator, repeats)
            except (WorkbenchError, ChildProcessError, OSError) as error:
                failed.append(f"{work.name} beside {simulator.name}: {error}")
    if failed:
        raise BackendError("; ".join(failed))


def found() -> list[Simulator]:
    """The peers that are named.  Raises BackendError if there are none."""
    named = [simulator for simulator in SIMULATORS if simulator.python]
    if not named:
        variables = " or ".join(simulator.variable for simulator in SIMULATORS)
        raise BackendError(
            f"no peer was found; set {variables} to the Python of an environment that has it"
        )
    return named


def compared(work: Work, simulator: Simulator, quick: bool, repeats: int) -> list[Figure]:
    """The figures of one work beside one peer: a ratio for either precision of ours."""
    duration = work.quick if quick else work.duration
    made = work.ours()
    arms: dict[str, Callable[[int], dict[str, float]]] = {
        precision: partial(ours, made, duration, precision) for precision in FLOAT_TYPES
    }
    peer = simulator.start(work.name, duration=duration)
    try:
        seconds, answers = in_turn(arms, peer, work.timed, repeats)
    finally:
        peer.close()
    return [
        _figure(work, simulator, precision, duration, seconds, answers) for precision in FLOAT_TYPES
    ]


def _figure(
    work: Work,
    simulator: Simulator,
    precision: str,
    duration: float,
    seconds: dict[str, list[float]],
    answers: list[dict[str, float]],
) -> Figure:
    theirs, mine = seconds["peer"], seconds[precision]
    note = f"ours {np.median(mine):.3g} s, theirs {np.median(theirs):.3g} s"
    extra: dict[str, Any] = {"ours_s": mine, "theirs_s": theirs, "theirs": simulator.note}
    if work.timed == "run_s":
        rates = [answer["rate_hz"] for answer in answers]
        note += f" for {duration:g} ms; theirs fires at {np.mean(rates):.1f} Hz"
    elif held := max(answer.get("bytes_per_synapse", 0.0) for answer in answers):
        note += f"; theirs holds {held:.1f} bytes a synapse"
        extra["bytes_per_synapse"] = held
    name = f"{work.name}: {simulator.name}'s time over ours ({precision})"
    ratios = np.divide(theirs, mine).tolist()
    return Figure(name, "times", ratios, note, extra)


def in_turn(
    arms: dict[str, Callable[[int], dict[str, float]]], peer: Peer, timed: str, repeats: int
) -> tuple[dict[str, list[float]], list[dict[str, float]]]:
    """Seconds of each arm and of the "peer", run one after the other, and the peer's answers.

    Every arm is called with a seed and answers as a peer does.  The first round is not among the
    seconds: in it kernels are loaded, files read and memory is first touched.
    """
    seconds: dict[str, list[float]] = {"peer": [], **{name: [] for name in arms}}
    answers = []
    for turn in range(repeats + 1):
        answers.append(peer.ask(json.dumps({"seed": turn + 1})))
        times = {"peer": answers[-1][timed]}
        times |= {name: run(turn + 1)[timed] for name, run in arms.items()}
        for name, value in times.items() if turn else ():
            seconds[name].append(value)
    return seconds, answers


def ours(
    made: Document, duration: float, precision: str, seed: int, threads: int = 1
) -> dict[str, float]:
    """A run of ours, answered as a peer answers.

    Its rate is that of all populations together; sources do not count.
    """
    settings = replace(made.simulation, precision=precision, seed=seed, threads=threads)
    with Simulation(replace(made, simulation=settings)) as running:
        built = running.build_s
        run = running.run(duration)
    nodes = [run[node.id] for node in made.populations]
    spikes = sum(node.rate_hz() * node.size for node in nodes)
    rate = spikes / sum(node.size for node in nodes)
    return {"run_s": run.run_s, "build_s": built, "rate_hz": rate}


def two_threads(work: Work, simulator: Simulator, repeats: int) -> Figure:
    """What a second thread gives the peer, its one thread's time over its two threads'."""
    one = simulator.start(work.name, duration=work.duration, threads=1)
    try:
        two = simulator.start(work.name, duration=work.duration, threads=2)
        try:
            arms = {"two": lambda seed: two.ask(json.dumps({"seed": seed}))}
            seconds, _ = in_turn(arms, one, "run_s", repeats)
        finally:
            two.close()
    finally:
        one.close()
    ratios = np.divide(seconds["peer"], seconds["two"]).tolist()
    name = f"{work.name}: {simulator.name}'s one thread over its two"
    return Figure(name, "times", ratios, f"for {work.duration:g} ms")


def _process(command: list[str], *arguments: str, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen([*command, *arguments], **options)
