"""Training beside other libraries: every one in a process of its own, asked in turn.

The times are those of the processor: each process has one thread, so they are what a clock shows on
an idle machine, and on a busy one they do not count what others do.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from engine.child import ROOT
from engine.errors import BackendError
from workbench.bench.measures import Figure, Peer

SCRIPTS = Path(__file__).parent / "peers"
TORCH, SPYX = "WORKBENCH_BENCH_TORCH", "WORKBENCH_BENCH_SPYX"
ROWS = ("a", "b", "c")
PASSES = {"forward": "forward", "both": "forward and backward"}
LOOP = "plain loop"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Library:
    """A library: its script, and the variable that names its Python (none: the one we run in)."""

    name: str
    script: str
    variable: str = ""
    note: str = ""

    @property
    def python(self) -> str | None:
        """The interpreter; None if none is named.  Raises BackendError if it is not a file."""
        python = os.environ.get(self.variable) if self.variable else sys.executable
        if python and not Path(python).is_file():
            raise BackendError(f'{self.variable} names "{python}", which is not a file; correct it')
        return python or None

    def start(self, row: str) -> Peer:
        """Its process, ready for ``row``.  Raises BackendError with the way to see why not."""
        command = [str(self.python), str(SCRIPTS / self.script), row]
        try:
            return Peer(partial(_process, command, own=not self.variable))
        except (ChildProcessError, OSError) as error:
            asked = f"${self.variable}" if self.variable else "python"
            raise BackendError(
                f"{self.name} could not run row {row}: {error}; run `{asked} "
                f"workbench/bench/peers/{self.script} {row}` to see why"
            ) from error


OURS = Library("ours", "training_ours.py")
PLAIN = Library(LOOP, "training_loop.py")
PEERS = (
    Library("SpikingJelly", "training_spikingjelly.py", TORCH, "multi-step mode, PyTorch backend"),
    Library("snnTorch", "training_snntorch.py", TORCH, "resets a step later, reset not derived"),
    Library("spyx", "training_spyx.py", SPYX, "compiled scan, compiling not counted"),
)


def training_beside(only: Sequence[str], quick: bool, repeats: int) -> Iterator[Figure]:
    """Ratios of times to the plain loop's, forward and both ways, and peak memory, row by row.

    ``only`` are names of measures: nothing is made unless training is among them, or none is named.
    Raises BackendError if no peer is named, and, when all else is measured, if some could not run.
    """
    if only and "training" not in only:
        return
    named = [library for library in PEERS if library.python]
    if not named:
        raise BackendError(
            f"no peer was found; set {TORCH} (with SpikingJelly and snnTorch) or {SPYX} to the "
            "Python of an environment that has it"
        )
    failed: list[str] = []
    for row in ROWS[:1] if quick else ROWS:
        yield from in_turn(row, [OURS, *named], repeats, failed)
    if failed:
        raise BackendError("; ".join(failed))


def in_turn(
    row: str, libraries: Sequence[Library], repeats: int, failed: list[str]
) -> list[Figure]:
    """The figures of a row; what cannot run is left out, its sentence added to ``failed``."""
    with ExitStack() as stack:
        peers: dict[str, Peer] = {}
        for library in (PLAIN, *libraries):
            try:
                peers[library.name] = library.start(row)
            except BackendError as error:
                failed.append(str(error))
                continue
            stack.callback(peers[library.name].close)
        if LOOP not in peers:
            return []
        answers = asked(peers, repeats)
    notes = {library.name: library.note for library in libraries}
    found: list[Figure] = []
    for name in (name for name in peers if name != LOOP):
        found += _ratios(row, name, answers[name], answers[LOOP], notes[name])
    return [*found, *_memory(row, answers)]


Answers = dict[str, list[Mapping[str, float]]]  # pass -> answers in order


def asked(peers: Mapping[str, Peer], repeats: int) -> dict[str, Answers]:
    """Every peer's answers, round after round; the first round does not count."""
    answers: dict[str, Answers] = {name: {kind: [] for kind in PASSES} for name in peers}
    for turn in range(repeats + 1):
        for kind in PASSES:
            for name, peer in peers.items():
                answer = peer.ask(kind)
                if turn:
                    answers[name][kind].append(answer)
    return answers


def _ratios(row: str, name: str, theirs: Answers, loop: Answers, note: str) -> Iterator[Figure]:
    for kind, words in PASSES.items():
        own = [answer["cpu_s"] for answer in theirs[kind]]
        plain = [answer["cpu_s"] for answer in loop[kind]]
        rate = theirs[kind][-1]["rate"]
        said = f"{np.median(own):.3g} s of {np.median(plain):.3g} s, {rate:.4f} spikes a step"
        extra: dict[str, Any] = {"own_s": own, "loop_s": plain, "rate": rate}
        if kind == "both":
            extra["gradient"] = theirs[kind][-1]["gradient"]
        ratios = np.divide(own, plain).tolist()
        words_of = f"training {row}: {name}, {words}"
        yield Figure(words_of, "times", ratios, "; ".join(filter(None, (said, note))), extra)


def _memory(row: str, answers: Mapping[str, Answers]) -> Iterator[Figure]:
    """The peak of every process, and ours over the lowest of the libraries'."""
    peaks = {}
    for name, given in answers.items():
        every = [answer for kind in PASSES for answer in given[kind]]
        peaks[name] = max(answer["mb"] for answer in every)
        note = f"of the whole process, {every[0]['start_mb']:.0f} MB of it before the first pass"
        yield Figure(f"training {row}: {name}, peak memory", "MB", [peaks[name]], note)
    others = {name: peak for name, peak in peaks.items() if name not in (LOOP, OURS.name)}
    if others and OURS.name in peaks:
        leanest = min(others, key=lambda name: others[name])
        ratio = peaks[OURS.name] / others[leanest]
        name = f"training {row}: peak memory, ours over the leanest library's"
        yield Figure(name, "times", [ratio], f"the leanest is {leanest}")


def _process(command: list[str], own: bool, **options: Any) -> subprocess.Popen[str]:
    """A process with one thread; our own program is found by our own interpreter only."""
    environment = {**os.environ, **ONE_THREAD}
    if own:
        found = [str(ROOT), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, found))
    else:
        environment.pop("PYTHONPATH", None)
    return subprocess.Popen(command, env=environment, **options)
