"""The example of waves: what fires together is near together, and moves on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import engine
from engine.document import load

EXAMPLE = Path(__file__).parents[2] / "examples" / "waves.json"


@pytest.mark.parametrize("seed", range(1, 6))
def test_waves_spread_over_the_sheet(seed: int) -> None:
    document = load(EXAMPLE)
    settings = replace(document.simulation, seed=seed)
    net = engine.Network.of(replace(document, simulation=settings))
    run = net.simulate(600.0)["sheet"]
    assert 5 < run.rate_hz() < 25
    times, senders = run.spikes.times, run.spikes.senders
    place = net.positions("sheet")
    rng = np.random.default_rng(0)
    late = np.flatnonzero((times > 200) & (times < 590))
    chosen = rng.choice(late, 300, replace=False)

    def apart(lag: float) -> float:
        """Median distance [um] between a spike and the nearest of those ``lag`` ms later."""
        found = []
        for k in chosen:
            others = np.flatnonzero(np.abs(times - times[k] - lag) < 0.5)
            others = others[senders[others] != senders[k]]
            if not others.size:
                continue
            d = np.abs(place[senders[others]] - place[senders[k]])
            found.append(np.hypot(*np.minimum(d, 1000 - d).T).min())
        return float(np.median(found))

    # A spike wakes its neighbours some ms later; 15 ms before it nothing near may have fired.
    assert apart(3.0) < 40
    assert apart(20.0) > 1.4 * apart(3.0)
