"""Do the simulators simulate the same thing?  Rates and irregularity over seeds, by a test.

Each seed gives one mean rate of all neurons and one coefficient of variation of the inter-spike
intervals (mean over cells with five spikes or more) within the case's window; the seeds of ours and
those of a peer are compared by a two-sample Kolmogorov-Smirnov test.  Where simulators count a
quantity differently the peer is told what makes it equal, and its script says so.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine import Simulation, analysis
from engine.document import Recorder
from engine.document.structure import FLOAT_TYPES
from engine.errors import BackendError, WorkbenchError
from workbench.bench.beside import SIMULATORS, Simulator, found
from workbench.bench.measures import Figure
from workbench.bench.networks import CASES, Case, document

SEEDS, QUICK_SEEDS = 12, 4
ERROR = 0.05  # of calling anything different that is the same, over all tests together
TESTS = 2 * len(CASES) * len(SIMULATORS) * len(FLOAT_TYPES)
LEVEL = ERROR / TESTS  # of a single test (Bonferroni)
MEASURES = {"rate": "Hz", "CV": ""}


@dataclass(frozen=True)
class Sample:
    """One value of each measure a seed."""

    rate: NDArray[np.float64]
    CV: NDArray[np.float64]


def agreement(only: Sequence[str], quick: bool, repeats: int) -> Iterator[Figure]:
    """The p-values of ours against every peer found, for every network (or ``only`` these).

    Raises BackendError if no peer is named, and, when all else is tested, if some could not run.
    """
    seeds = range(1, 1 + (QUICK_SEEDS if quick else max(SEEDS, repeats)))
    failed: list[str] = []
    peers = found()
    for case in CASES:
        if only and case.name not in only:
            continue
        mine = {precision: sampled(case, precision, seeds) for precision in FLOAT_TYPES}
        for simulator in peers:
            try:
                theirs = sampled_from(case, simulator, seeds)
            except (WorkbenchError, ChildProcessError, OSError) as error:
                failed.append(f"{case.name} against {simulator.name}: {error}")
                continue
            for precision in FLOAT_TYPES:
                yield from tested(case, simulator.name, precision, mine[precision], theirs)
    if failed:
        raise BackendError("; ".join(failed))


def sampled(case: Case, precision: str, seeds: Sequence[int]) -> Sample:
    """Ours, one run a seed."""
    made = document(case)
    recorders = tuple(Recorder(f"rec-{node.id}", node.id, "spikes") for node in made.populations)
    size = sum(node.size for node in made.populations)
    values = []
    for seed in seeds:
        dt = case.step or made.simulation.dt
        settings = replace(made.simulation, seed=seed, precision=precision, dt=dt)
        with Simulation(replace(made, recorders=recorders, simulation=settings)) as running:
            run = running.run(case.window[1])
        times, senders, before = [], [], 0
        for node in made.populations:
            times.append(run[node.id].spikes.times)
            senders.append(run[node.id].spikes.senders.astype(np.int64) + before)
            before += node.size
        values.append(measured(np.concatenate(times), np.concatenate(senders), size, case))
    return Sample(*np.transpose(values))


def sampled_from(case: Case, simulator: Simulator, seeds: Sequence[int]) -> Sample:
    """A peer's, one run a seed, with the settings for which its results are right."""
    exact = simulator.exact.get(case.name, {})
    peer = simulator.start(case.name, duration=case.window[1], record=True, **exact)
    values = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            spikes = Path(folder) / "spikes.npz"
            for seed in seeds:
                peer.ask(json.dumps({"seed": seed, "spikes": str(spikes)}))
                with np.load(spikes, allow_pickle=False) as run:
                    size = sum(node.size for node in document(case).populations)
                    values.append(measured(run["times"], run["senders"], size, case))
    finally:
        peer.close()
    return Sample(*np.transpose(values))


def measured(
    times: NDArray[np.float64], senders: NDArray[np.integer], size: int, case: Case
) -> tuple[float, float]:
    """(rate [Hz], CV) within the case's window, from times [ms] and senders of all neurons."""
    start, stop = case.window
    inside = (times > start) & (times <= stop)
    rate = analysis.mean_rate(times, size, start, stop)
    return rate, analysis.cv_isi(times[inside], senders[inside])


def tested(case: Case, name: str, precision: str, mine: Sample, theirs: Sample) -> Iterator[Figure]:
    """The p-value for each measure, with both means, their difference and the verdict."""
    from scipy.stats import ks_2samp

    for measure, unit in MEASURES.items():
        a, b = getattr(mine, measure), getattr(theirs, measure)
        p = float(ks_2samp(a, b).pvalue)
        verdict = "agree" if p >= LEVEL else "differ"
        error = np.hypot(_error(a), _error(b))
        apart = f"{100 * (a.mean() / b.mean() - 1):+.1f} ± {100 * error / b.mean():.1f} %"
        note = (
            f"{verdict}: ours {a.mean():.4g}, theirs {b.mean():.4g} {unit}".rstrip()
            + f" ({apart}), {len(a)} seeds each, {case.window[0]:g} to {case.window[1]:g} ms"
            + (f", steps of {case.step:g} ms" if case.step else "")
        )
        extra = {"ours": a.tolist(), "theirs": b.tolist(), "level": LEVEL, "verdict": verdict}
        title = f"{case.name}: {measure} as {name}'s ({precision})"
        yield Figure(title, "p-value", [p], note, extra)


def _error(values: NDArray[np.float64]) -> float:
    """Standard error of the mean."""
    return float(values.std(ddof=1) / np.sqrt(len(values)))
