"""The networks that are measured: documents of the gallery, without their recorders."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.document import Document
from workbench.store.files import load_example


@dataclass(frozen=True)
class Case:
    """A network to measure: which example, and for how long (ms)."""

    name: str
    example: str
    duration: float
    quick: float
    # ms, where its rate is that of its stationary state: the start is left out
    window: tuple[float, float] = (200.0, 1200.0)
    # ms: the step at which statistics are compared; None: the example's own.  At 0.1 ms the spikes
    # of the Hodgkin-Huxley network cost 3 % of its rate and CV.
    step: float | None = None


CASES = (
    Case("cuba", "vogels_abbott", 5000.0, 500.0),
    Case("coba", "vogels_abbott_coba", 1000.0, 300.0),
    Case("cobahh", "vogels_abbott_hh", 500.0, 100.0, (200.0, 700.0), 0.05),
    Case("brunel", "brunel", 500.0, 100.0, (100.0, 400.0)),
    Case("izhikevich", "izhikevich_1000", 4000.0, 1000.0, (0.0, 4000.0)),
)


def document(case: Case, seed: int = 1) -> Document:
    """The example's document with this seed and nothing recorded but what every run counts."""
    made = load_example(case.example)
    settings = replace(made.simulation, seed=seed, duration=case.duration, threads=1)
    return replace(made, recorders=(), simulation=settings)
