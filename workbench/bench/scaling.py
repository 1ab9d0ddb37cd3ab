"""Time and memory from a thousand neurons to a hundred million synapses and beyond.

``python -m workbench.bench.scaling NEURONS DEGREE RUNS`` measures one network in a process of its
own and prints a line of JSON.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine import Simulation
from engine.child import spawn
from engine.document import Document
from engine.errors import BackendError
from engine.runtime.estimate import available_memory
from workbench.bench.measures import Figure
from workbench.bench.peers.training_work import peak_mb
from workbench.store.files import load_example

EXAMPLE = "vogels_abbott"  # 80 synapses a neuron, a fifth of them inhibitory
DEGREE = 80
GRID = (
    *((neurons, 80) for neurons in (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)),
    *((neurons, 250) for neurons in (3_000, 10_000, 40_000, 130_000, 400_000)),
    *((neurons, 1_000) for neurons in (3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)),
)
QUICK_GRID = ((1_000, 80), (4_000, 80), (20_000, 80), (4_000, 250), (4_000, 1_000))
BUDGET_S, QUICK_BUDGET_S = 540.0, 12.0  # what would take longer is left out
WORK_S, QUICK_WORK_S = 2.0, 0.4  # about how long a run is to take
STEP_S = 4e-9  # of a neuron, to choose how long to simulate
BYTES_OF_SYNAPSE, BYTES_OF_NEURON = 4.5, 250.0
SHARE_OF_MEMORY = 0.7


@dataclass(frozen=True)
class Point:
    """What one network took."""

    neurons: int
    degree: int  # synapses a neuron
    synapses: int
    steps: int
    run_s: tuple[float, ...]
    build_s: float
    events: float  # synapses that a spike went over, of one run
    bytes: float  # of the connections
    peak: float  # bytes, of the process; 0 where it is not told
    rate_hz: float

    @property
    def neuron_steps(self) -> float:
        """Steps of single neurons in one run."""
        return float(self.neurons) * self.steps


def scaling(quick: bool, repeats: int) -> Iterator[Figure]:
    """A figure a network, then how far the times are from growing linearly."""
    began, budget = time.perf_counter(), QUICK_BUDGET_S if quick else BUDGET_S
    runs, work = min(repeats, 3), QUICK_WORK_S if quick else WORK_S
    points: list[Point] = []
    for neurons, degree in sorted(
        QUICK_GRID if quick else GRID, key=lambda size: size[0] * size[1]
    ):
        needed = neurons * (BYTES_OF_NEURON + degree * BYTES_OF_SYNAPSE)
        late = time.perf_counter() - began > 0.8 * budget
        if late or needed > SHARE_OF_MEMORY * available_memory():
            continue
        points.append(_apart(neurons, degree, runs, work))
        yield _figure(points[-1])
    yield from _fitted(points)


def document(neurons: int, degree: int) -> Document:
    """The CUBA network with so many neurons and synapses a neuron, weights scaled against it."""
    made = load_example(EXAMPLE)
    nodes = tuple(
        replace(node, size=round(neurons * share))
        for node, share in zip(made.nodes, (0.8, 0.2), strict=True)
    )
    edges = tuple(
        replace(
            edge,
            rule={**edge.rule, "p": degree / neurons},
            weight=float(edge.weight) * DEGREE / degree,
        )
        for edge in made.edges
    )
    settings = replace(made.simulation, precision="float32", threads=1)
    return replace(made, nodes=nodes, edges=edges, simulation=settings, recorders=())


def _apart(neurons: int, degree: int, runs: int, work: float) -> Point:
    """Measure one network in a process of its own, so that its memory can be told."""
    process = spawn(
        __name__, str(neurons), str(degree), str(runs), str(work), stdout=subprocess.PIPE, text=True
    )
    said, _ = process.communicate()
    if process.returncode:
        raise BackendError(
            f"the network of {neurons:,} neurons ended with status {process.returncode}; "
            "measure again with more memory free"
        )
    found = json.loads(said)
    return Point(**{**found, "run_s": tuple(found["run_s"])})


def measured(neurons: int, degree: int, runs: int, work: float) -> Point:
    """Build the network here, let it run in, and run it ``runs`` times."""
    made = document(neurons, degree)
    dt = made.simulation.dt
    steps = int(np.clip(work / (STEP_S * neurons), 500, 20_000))
    with Simulation(made) as running:
        plan = running.plan
        running.run(100 * dt if neurons > 300_000 else 100.0)
        done = [running.run(steps * dt) for _ in range(runs)]
        kept = [p.connections for p in plan.projections if p.connections is not None]
        rates = [run.summary()["rates_hz"] for run in done]
        sizes = {node.id: node.size for node in made.nodes}
        rate = statistics.mean(
            sum((found[node] or 0.0) * size for node, size in sizes.items()) / neurons
            for found in rates
        )
        synapses = sum(found.synapses for found in kept)
        return Point(
            neurons,
            degree,
            synapses,
            steps,
            tuple(run.run_s for run in done),
            running.build_s,
            rate * steps * dt / 1000.0 * synapses,
            float(sum(found.nbytes for found in kept)),
            1e6 * peak_mb(),
            rate,
        )


def _figure(point: Point) -> Figure:
    simulated = point.steps * 1e-4
    values = [seconds / simulated for seconds in point.run_s]
    step = 1e9 * min(point.run_s) / point.neuron_steps
    event = 1e9 * min(point.run_s) / max(1.0, point.events)
    note = (
        f"{point.synapses:,} synapses at {point.rate_hz:.1f} Hz; {step:.2f} ns a neuron and step "
        f"({event:.1f} ns a synaptic event), built in {point.build_s:.2g} s, "
        f"{point.bytes / point.synapses:.2f} bytes a synapse, peak {point.peak / 1e6:,.0f} MB"
    )
    extra = {
        "neurons": point.neurons, "degree": point.degree, "synapses": point.synapses,
        "build_s": point.build_s, "ns_per_neuron_step": step, "ns_per_event": event,
        "bytes_per_synapse": point.bytes / point.synapses, "peak_bytes": point.peak,
        "rate_hz": point.rate_hz,
    }  # fmt: skip
    name = f"scaling: {point.neurons:,} neurons, {point.degree:,} synapses each"
    return Figure(name, "s per simulated s", values, note, extra)


def fit(points: Sequence[Point]) -> tuple[np.ndarray, np.ndarray]:
    """Seconds a step, a neuron's step and an event, none negative, and the fitted times of runs.

    By least squares of relative departures, so that small networks count as much as large ones.
    """
    from scipy.optimize import nnls

    parts = np.array([[point.steps, point.neuron_steps, point.events] for point in points], float)
    seconds = np.array([min(point.run_s) for point in points])
    scale = parts.max(0)
    factors, _ = nnls(parts / scale / seconds[:, None], np.ones(len(points)))
    factors = factors / scale
    return factors, parts @ factors


def _fitted(points: Sequence[Point]) -> Iterator[Figure]:
    if len(points) < 4:
        return
    factors, times = fit(points)
    off = [
        100.0 * abs(min(point.run_s) / float(time_) - 1.0)
        for point, time_ in zip(points, times, strict=True)
    ]
    a, b, c = 1e9 * factors
    note = (
        f"time of a run = {a:,.0f} ns a step + {b:.2f} ns a neuron and step + {c:.2f} ns a "
        f"synaptic event; the median departure of a network from it, the largest {max(off):.0f} %"
    )
    extra: dict[str, Any] = {
        "fit_ns": [float(a), float(b), float(c)],
        "largest": max(off),
        "series": _series(points, times),
    }
    yield Figure("scaling: departure from linear", "%", [statistics.median(off)], note, extra)
    nanoseconds = [1e9 * point.build_s / point.synapses for point in points if point.synapses > 1e6]
    if nanoseconds:
        yield Figure(
            "scaling: building a synapse", "ns", nanoseconds, "networks above a million synapses"
        )


def _series(points: Sequence[Point], times: np.ndarray) -> list[dict[str, Any]]:
    """Time of a simulated second against neurons, and time to build against synapses."""
    found = []
    for degree in sorted({point.degree for point in points}):
        chosen = [k for k, point in enumerate(points) if point.degree == degree]
        seconds = [points[k].steps * 1e-4 for k in chosen]
        found.append(
            {
                "label": f"{degree:,} synapses a neuron",
                "x": [points[k].neurons for k in chosen],
                "y": [min(points[k].run_s) / s for k, s in zip(chosen, seconds, strict=True)],
                "fit": [float(times[k]) / s for k, s in zip(chosen, seconds, strict=True)],
                "x_label": "neurons",
                "y_label": "s per simulated s",
            }
        )
    by_size = sorted(points, key=lambda point: point.synapses)
    found.append(
        {
            "label": "all networks",
            "x": [point.synapses for point in by_size],
            "y": [point.build_s for point in by_size],
            "x_label": "synapses",
            "y_label": "s to build",
        }
    )
    return found


def main() -> None:
    """Measure the network of the command line."""
    from dataclasses import asdict

    neurons, degree, runs = (int(given) for given in sys.argv[1:4])
    print(json.dumps(asdict(measured(neurons, degree, runs, float(sys.argv[4])))))


if __name__ == "__main__":
    main()
