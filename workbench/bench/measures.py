"""What can be measured: a register of measures, each a function in a module of its own.

A measure is ``function(quick, repeats)`` and gives figures, all at the end or one by one; its
module is imported when it is asked for, so what one machine lacks keeps no other from being
measured.
"""

from __future__ import annotations

import importlib
import json
import statistics
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.errors import BackendError
from workbench.bench.networks import CASES

END_S = 30.0  # that a peer may take to end


@dataclass
class Figure:
    """One measured figure.

    ``extra["series"]``, where a plot can be drawn, is a list of ``{"label": str, "x": [...],
    "y": [...], "x_label": str, "y_label": str}``, with ``"fit": [...]`` for a fitted line at ``x``.
    """

    name: str
    unit: str
    values: list[float]
    note: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def median(self) -> float:
        """The middle of the runs."""
        return statistics.median(self.values)

    def plain(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self) | {"median": self.median}


@dataclass(frozen=True)
class Measure:
    """A measure: ``call`` of ``workbench.bench.<module>``, imported when it is asked for."""

    name: str
    about: str  # what is measured
    how: str  # how: a sentence of the page and of docs/performance.md
    module: str
    call: str
    section: str = "more"  # of SECTIONS
    arguments: tuple[str, ...] = ()  # before ``quick`` and ``repeats``; beside: ``only`` as well
    quick_s: float = 5.0  # what a quick run takes here; a share of the quick minute
    beside: bool = False  # needs other programs: measured with --peers, or when named
    only: tuple[str, ...] = ()  # beside: of these measures alone; empty: of all

    def figures(self, quick: bool, repeats: int) -> Iterator[Figure]:
        """Measure.  Raises BackendError, one sentence, where something needed is missing."""
        try:
            module = importlib.import_module(f"workbench.bench.{self.module}")
        except ModuleNotFoundError as error:
            raise BackendError(_missing(self.name, error.name or "")) from error
        chosen = (self.only,) if self.beside else ()
        yield from getattr(module, self.call)(*self.arguments, *chosen, quick, repeats)


def _missing(measure: str, module: str) -> str:
    if module.split(".")[0] in ("workbench", "engine"):
        return f"{measure} is not part of this version; choose another measure"
    return f"measuring {measure} needs {module}; install it with `pip install {module}`"


SECTIONS = {
    "simulation": "Simulation beside other simulators",
    "agreement": "Do the simulators agree?",
    "networks": "Simulation: the standard networks",
    "training": "Training",
    "threads": "Threads and driving from Python",
    "scaling": "Building and scale",
    "startup": "Start-up",
    "live": "The live view",
    "gpu": "Graphics processors",
    "bounds": "What bounds the figures",
    "more": "More",
}

_RUN = (
    "The gallery's network without its recorders, one thread, float32 unless a figure says "
    "otherwise; the time of the run alone, divided by the simulated time"
)


def _network(name: str, quick_s: float) -> Measure:
    about = f"seconds of computing for a simulated second of {name}"
    return Measure(
        name, about, _RUN, "simulation", "simulation", "networks", (name,), quick_s=quick_s
    )


_COST = {"brunel": 8.0}  # s of a quick run, kernels in the cache; others take 2
_ALL = (
    *(_network(case.name, _COST.get(case.name, 2.0)) for case in CASES),
    Measure(
        "stdp",
        "networks whose synapses learn by spike timing",
        "1,000 Poisson inputs onto one neuron, and the network of 4,000 with plastic excitatory "
        "synapses; the time of the run alone, divided by the simulated time",
        "plasticity",
        "stdp",
        "networks",
    ),
    Measure(
        "training",
        "forward and backward over [T, N], beside a plain PyTorch loop",
        "One process, one thread, in turn with a plain loop in PyTorch of the same equations "
        "(v <- 0.9 v + x, threshold 1, subtractive reset, arctangent surrogate); ratios of times",
        "training",
        "training",
        "training",
        quick_s=8.0,
    ),
    Measure(
        "training-models",
        "training of every model, beside a plain PyTorch loop of its equations",
        "Every neuron that is shipped, with its own solver, 50 steps of 16,384 neurons, in turn "
        "with a plain loop in PyTorch made from the same step map; ratios of times",
        "training_models",
        "training_models",
        "training",
        quick_s=8.0,
    ),
    Measure(
        "threads",
        "two threads against one, and calls of few steps against one long call",
        "The same network in turn with one and with two threads; ratios of times",
        "threads",
        "threads",
        "threads",
        quick_s=6.0,
    ),
    Measure(
        "building",
        "seconds to connect neurons, by rule, and bytes a synapse",
        "Every rule alone, seconds from nothing to the compact rows that a run reads",
        "building",
        "building",
        "scaling",
        quick_s=2.0,
    ),
    Measure(
        "scaling",
        "time and memory from a thousand neurons to a hundred million synapses",
        "Networks of the CUBA kind, each in a process of its own; weights go down as the number "
        "of synapses a neuron goes up, so that rates stay alike",
        "scaling",
        "scaling",
        "scaling",
        quick_s=12.0,
    ),
    Measure(
        "startup",
        "from a process to its first spikes",
        "Fresh processes, from their start to the end of the first 10 ms of a network of 4,000",
        "startup",
        "startup",
        "startup",
        quick_s=8.0,
    ),
    Measure(
        "bounds",
        "memory bandwidth, nanoseconds and bytes of a synaptic event and of a neuron's step",
        "The machine's own speed by copying arrays; the parts of a step by leaving parts out, in "
        "turn, the fastest of each",
        "bounds",
        "bounds",
        "bounds",
        quick_s=5.0,
    ),
    Measure(
        "live",
        "the page, from `workbench serve` to moving pictures",
        "A server process and a headless Chromium that presses Run as a person does",
        "live",
        "live",
        "live",
        quick_s=20.0,
    ),
    Measure(
        "gpu",
        "simulation on a graphics processor",
        "The same documents with the device cuda; same spikes as on the processor",
        "gpu",
        "gpu",
        "gpu",
    ),
    Measure(
        "beside",
        "the standard networks beside Brian2 and NEST",
        "Ours and theirs in turn on the same machine, one thread each, the run alone; the peer's "
        "time over ours for every pair, the first pair dropped",
        "beside",
        "beside",
        "simulation",
        beside=True,
    ),
    Measure(
        "agreement",
        "rates and CV of the standard networks against the peers'",
        "Ten or more seeds on either side, the same start and window; a two-sample "
        "Kolmogorov-Smirnov test",
        "agreement",
        "agreement",
        "agreement",
        beside=True,
    ),
    Measure(
        "training-beside",
        "training beside SpikingJelly, snnTorch and spyx",
        "Every library in a process of its own, one thread, its own idiom, the same equations, in "
        "turn with ours and the plain loop; ratios to the plain loop, and peak memory",
        "training_beside",
        "training_beside",
        "training",
        beside=True,
    ),
)
MEASURES: dict[str, Measure] = {measure.name: measure for measure in _ALL}


class Peer:
    """Another process that prints "ready" and then answers every line with one of JSON."""

    def __init__(self, start: Callable[..., subprocess.Popen[str]], *arguments: str) -> None:
        """``start`` is called with ``arguments`` and the options of `subprocess.Popen`.

        Raises ChildProcessError if the process ends before it is ready.
        """
        pipe, quiet = subprocess.PIPE, subprocess.DEVNULL
        self.process = start(*arguments, stdin=pipe, stdout=pipe, stderr=quiet, text=True)
        try:
            self._line("ready")
        except BaseException:
            self.close()
            raise

    def ask(self, line: str) -> dict[str, float]:
        """Send ``line`` and wait for the answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return json.loads(self._line("{"))

    def _line(self, start: str) -> str:
        """The next line of the peer that begins so; what it says besides is passed over."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(start):
                return line
        raise ChildProcessError(f"the peer ended with status {self.process.wait()}")

    def close(self) -> None:
        """End the peer: by the end of its input, or else by force."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with suppress(OSError):  # it may have gone with words unread
            self.process.stdin.close()
        try:
            self.process.wait(timeout=END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        finally:
            self.process.stdout.close()
