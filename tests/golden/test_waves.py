"""The example of waves: what fires together is near together, and moves on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import engine
from engine.document import load
from engine.runtime.places import space_of

EXAMPLES = Path(__file__).parents[2] / "examples"


def separations(name: str, node: str, seed: int) -> tuple[float, Callable[[float], float]]:
    """The rate of an example, and how far apart [um] its spikes are by their lag [ms]: the median
    of the distance between a spike and the nearest of those so much later."""
    document = load(EXAMPLES / f"{name}.json")
    settings = replace(document.simulation, seed=seed)
    net = engine.Network.of(replace(document, simulation=settings))
    run = net.simulate(600.0)[node]
    times, senders = run.spikes.times, run.spikes.senders
    place, space = net.positions(node), space_of(net.document.node(node), seed)
    rng = np.random.default_rng(0)
    late = np.flatnonzero((times > 200) & (times < 590))
    chosen = rng.choice(late, 300, replace=False)

    def apart(lag: float) -> float:
        found = []
        for k in chosen:
            others = np.flatnonzero(np.abs(times - times[k] - lag) < 0.5)
            others = others[senders[others] != senders[k]]
            if not others.size:
                continue
            d = np.abs(place[senders[others]] - place[senders[k]])
            for axis, period in enumerate(space.period):
                if period:
                    d[:, axis] = np.minimum(d[:, axis], period - d[:, axis])
            found.append(np.linalg.norm(d, axis=1).min())
        return float(np.median(found))

    return run.rate_hz(), apart


@pytest.mark.parametrize("seed", range(1, 6))
def test_waves_spread_over_the_sheet(seed: int) -> None:
    rate, apart = separations("waves", "sheet", seed)
    assert 5 < rate < 25
    # A spike wakes its neighbours some ms later; 15 ms before it nothing near may have fired.
    assert apart(3.0) < 40
    assert apart(20.0) > 1.4 * apart(3.0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
def test_waves_run_through_the_ball(seed: int) -> None:
    rate, apart = separations("waves_ball", "ball", seed)
    assert 5 < rate < 20
    assert apart(3.0) < 75
    assert apart(20.0) > 2 * apart(3.0)
