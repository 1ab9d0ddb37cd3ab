"""What bounds the figures: the machine's own speed, and the parts of a step apart.

The rate of memory is that of NumPy copying large arrays, that of the second cache of copying small
ones.  The parts of a step are found by leaving parts out: populations alone, populations with their
sources, everything.  The variants run in turn, and as their times are subtracted from each other,
the fastest turn of each is taken: whatever else the machine does only adds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from engine import Network
from engine.backends.numba_cpu import layout as tables
from engine.backends.numba_cpu.dense import form
from engine.backends.registry import make_executor
from engine.document import Document
from engine.document.structure import FLOAT_TYPES
from engine.runtime.build import build
from engine.runtime.plan import Chunk, Connections, Executor, NetworkPlan
from workbench.bench.measures import Figure
from workbench.bench.networks import CASES, document

LARGE, SMALL = 1 << 27, 1 << 17  # bytes of an array to copy: beyond every cache; both in the second
QUICK_LARGE = 1 << 25
SMALL_COPIES = 400
NEURONS = 4096
TURNS = 5  # for each repeat that is asked for
MODELS = ("lif_psc_exp", "lif_cond_exp", "izhikevich", "adex", "traub_miles")
STEPS = {"brunel": 300, "izhikevich": 1000}  # networks whose steps are taken apart


def bounds(quick: bool, repeats: int) -> list[Figure]:
    """Rates of memory, nanoseconds of a neuron's step by model, and the parts of a step."""
    found = rates_of_memory(QUICK_LARGE if quick else LARGE, repeats)
    for model in MODELS:
        found += neuron_step(model, repeats)
    for name, steps in STEPS.items():
        found += parts_of_a_step(name, steps if not quick else steps // 3, repeats, found[0].median)
    return found


# -- the machine ----------------------------------------------------------------------------------


def rates_of_memory(size: int, repeats: int) -> list[Figure]:
    """GB/s (read and written) of copying arrays of ``size`` bytes, and of small ones."""
    return [
        Figure("memory", "GB/s", _copying(size, 1, repeats), "copying large arrays"),
        Figure("second cache", "GB/s", _copying(SMALL, SMALL_COPIES, repeats), "copying 128 kB"),
    ]


def _copying(size: int, copies: int, repeats: int) -> list[float]:
    one = np.ones(size // 8)
    other = np.zeros(size // 8)
    rates = []
    for _ in range(repeats + 1):  # the first one touches the pages
        seconds = _seconds(lambda: [np.copyto(other, one) for _ in range(copies)])
        rates.append(2e-9 * size * copies / seconds)
    return rates[1:]


# -- neurons --------------------------------------------------------------------------------------


def neuron_step(model: str, repeats: int) -> list[Figure]:
    """Nanoseconds of a step of one neuron, without input, in both precisions."""
    found = []
    for precision in FLOAT_TYPES:
        network = Network(model, precision=precision)
        network.population("cell", NEURONS, model)
        executor = make_executor(build(network.document).plan)
        (seconds,) = _in_turn([executor], 50, repeats)
        values = [second / (50 * NEURONS) * 1e9 for second in seconds]
        name = f"a step of a neuron: {model}, {precision}"
        found.append(Figure(name, "ns", values, "searching for spikes included"))
    return found


# -- the parts of a step --------------------------------------------------------------------------


@dataclass(frozen=True)
class Delivery:
    """What delivering the spikes of a run moves."""

    events: int
    bytes: float  # read of synapses

    @property
    def bytes_per_event(self) -> float:
        """Bytes of synapses read for one event."""
        return self.bytes / max(1, self.events)


def parts_of_a_step(name: str, steps: int, repeats: int, memory: float) -> list[Figure]:
    """Shares of neurons, sources and delivery; ns and bytes of a synaptic event."""
    plan = build(_document(name)).plan
    bare = replace(plan, sources=[], record_sources=(), projections=[])
    variants = [bare, _with(plan, _from_sources(plan)), plan]
    executors = [make_executor(variant) for variant in variants]
    chunk = executors[-1].advance(steps)  # past the start
    steps //= TURNS
    alone, driven, whole = (1e6 / steps * min(s) for s in _in_turn(executors, steps, repeats))
    moved = delivery(plan, chunk)
    events = moved.events / chunk.steps
    parts = {"neurons": alone, "sources": driven - alone, "delivery": whole - driven}
    found = [Figure(f"{name}: a step", "us", [whole], "the fastest of several turns")]
    for part, micro in parts.items():
        note = f"{100.0 * micro / whole:.0f} % of the step"
        found.append(Figure(f"{name}: {part}", "us a step", [micro], note))
    per_event = (whole - driven) / max(1.0, events) * 1e3
    rate = moved.bytes_per_event / per_event
    note = (
        f"{events:,.0f} events a step; {moved.bytes_per_event:.2f} bytes of synapses "
        f"each, {rate:.2g} GB/s of the {memory:.2g} that memory gives"
    )
    extra = {"bytes_per_event": moved.bytes_per_event, "events_per_step": events}
    found.append(Figure(f"{name}: a synaptic event", "ns", [per_event], note, extra))
    return found


def _document(name: str) -> Document:
    (case,) = (case for case in CASES if case.name == name)
    return document(case)


def _with(plan: NetworkPlan, kept: Iterable[int]) -> NetworkPlan:
    return replace(plan, projections=[plan.projections[k] for k in kept])


def _from_sources(plan: NetworkPlan) -> list[int]:
    first = len(plan.populations)
    return [k for k, p in enumerate(plan.projections) if p.source >= first]


def delivery(plan: NetworkPlan, chunk: Chunk) -> Delivery:
    """Synaptic events of the spikes of populations in ``chunk``, and the bytes read for them."""
    events, size = 0, 0.0
    for projection in plan.projections:
        connections = projection.connections
        if connections is None or projection.source not in chunk.spikes:
            continue
        senders = chunk.spikes[projection.source][1]
        made = int(np.diff(connections.row)[senders].sum())
        events += made
        size += made * bytes_of_an_event(connections, plan.dtype.itemsize)
    return Delivery(events, size)


def bytes_of_an_event(connections: Connections, word: int) -> float:
    """Bytes of synapses read for an event, by the form that the rows have on the CPU."""
    kind = form(connections, connections.weight)
    if kind == tables.LIST_COUNTS:
        bits = connections.sources * connections.targets
        # Rows of bits, and an index for what goes beyond the first synapse of a pair.
        chance = connections.synapses / bits
        again = max(0.0, 1.0 - (1.0 - np.exp(-chance)) / chance) if chance < 1.0 else 0.0
        return bits / 8 / connections.synapses + again * connections.target.itemsize
    index = 0 if kind == tables.LIST_FULL else connections.target.itemsize
    return index + (word if np.ndim(connections.weight) else 0)


# -- timing ---------------------------------------------------------------------------------------


def _in_turn(executors: list[Executor], steps: int, repeats: int) -> list[list[float]]:
    """Seconds of ``steps`` steps of every executor, in turn; the first turn does not count."""
    seconds: list[list[float]] = [[] for _ in executors]
    for turn in range(TURNS * repeats + 1):
        for place, executor in enumerate(executors):
            took = _seconds(lambda run=executor: run.advance(steps))
            if turn:
                seconds[place].append(took)
    return seconds


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
