"""The standard networks, run as anyone runs them: one thread, nothing recorded but what counts."""

from __future__ import annotations

from engine import Simulation
from workbench.bench.measures import Figure
from workbench.bench.networks import CASES, document


def simulation(name: str, quick: bool, repeats: int) -> list[Figure]:
    """Seconds of computing for a simulated second of the case ``name``, and seconds to build."""
    case = next(case for case in CASES if case.name == name)
    made = document(case)
    duration = case.quick if quick else case.duration
    factors, builds, rates = [], [], {}
    for _ in range(repeats):
        with Simulation(made) as running:
            builds.append(running.build_s)
            run = running.run(duration)
        factors.append(run.run_s / run.bio_s)
        rates = run.summary()["rates_hz"]
    note = ", ".join(f"{node} {rate:.1f} Hz" for node, rate in rates.items() if rate is not None)
    # The first build may have compiled.
    return [
        Figure(f"{name}: run", "s per simulated s", factors, note, {"rates_hz": rates}),
        Figure(f"{name}: build", "s", builds[1:] or builds),
    ]
