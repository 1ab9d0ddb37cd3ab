"""How fast synapses learn: one neuron with a thousand inputs, and a network of 4,000."""

from __future__ import annotations

from dataclasses import replace

from engine import Simulation, plasticity
from engine.document import Document
from engine.document.structure import FLOAT_TYPES
from workbench.bench.measures import Figure
from workbench.store.files import load_example

RULE = {"tau_plus": 20, "tau_minus": 20, "A_plus": 0.01, "A_minus": 0.0105}


def song() -> Document:
    """A thousand Poisson inputs of 15 Hz onto one neuron (Song, Miller & Abbott 2000)."""
    return _bare(load_example("stdp"))


def cuba(learns: bool = True) -> Document:
    """The network of Vogels and Abbott; synapses between its excitatory cells learn."""
    document = _bare(load_example("vogels_abbott"))
    if not learns:
        return document
    inner = document.edges_by_id["exc-exc"]
    rule = plasticity("stdp", **RULE, w_max=2 * float(inner.weight))  # type: ignore[arg-type]
    edges = [replace(e, plasticity=rule) if e is inner else e for e in document.edges]
    return replace(document, edges=tuple(edges))


def stdp(quick: bool, repeats: int) -> list[Figure]:
    """Seconds of computing for a simulated second, one thread, in both precisions; and how much
    longer the network of 4,000 takes than without learning, run in turn."""
    one, many = (2000.0, 300.0) if quick else (20_000.0, 2000.0)
    found = []
    for precision in FLOAT_TYPES:
        (alone,) = _in_turn([song()], precision, one, repeats)
        fixed, learning = _in_turn([cuba(False), cuba()], precision, many, repeats)
        ratios = [slow / fast for slow, fast in zip(learning, fixed, strict=True)]
        unit = "s per simulated s"
        found += [
            Figure(f"stdp: 1,000 inputs, {precision}", unit, alone),
            Figure(f"stdp: 4,000 neurons, {precision}", unit, learning),
            Figure(f"stdp: 4,000 neurons, {precision}, learning over fixed", "times", ratios),
        ]
    return found


def _in_turn(
    documents: list[Document], precision: str, duration: float, repeats: int
) -> list[list[float]]:
    """Run times of each document per simulated second, one after the other ``repeats`` times."""
    running = [
        Simulation(replace(each, simulation=replace(each.simulation, precision=precision)))
        for each in documents
    ]
    factors: list[list[float]] = [[] for _ in running]
    try:
        for simulation in running:
            simulation.run(duration / 10)  # the first steps find cold memory
        for _ in range(repeats):
            for kept, simulation in zip(factors, running, strict=True):
                run = simulation.run(duration)
                kept.append(run.run_s / run.bio_s)
    finally:
        for simulation in running:
            simulation.close()
    return factors


def _bare(document: Document) -> Document:
    """Without recorders, on one thread."""
    return replace(document, recorders=(), simulation=replace(document.simulation, threads=1))
