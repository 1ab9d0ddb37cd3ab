"""Winner-take-all: four pools of neurons compete through common inhibition.

    python examples/competition.py

Each pool excites itself and a common pool of inhibitory neurons, which inhibits all: the circuit of
Wang 2002, Neuron 36:955, with currents for synapses.  Again and again the pools are driven anew,
one of them a little more than the others: it fires and silences the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import engine

POOLS, SIZE = 4, 100
BASE, MORE = 1500.0, 0.15  # Hz of the drive of a neuron, and by how much the favourite has more
TRIAL, PAUSE = 1200.0, 300.0  # ms driven, ms of silence before
LASTING = 24_000.0  # ms of trials in the document
DRIVE, ITSELF, TO_INHIBITION, BACK = 20.0, 0.8, 8.0, -12.0  # pA
SHARE = 0.5  # of the pairs between pools and inhibition, so that it does not beat in step
# Recurrent excitation is slow, as with NMDA, and inhibition fast, or the winner fires in bursts.
PORTS = {"exc": "exp_current", "inh": "exp_current", "slow": "exp_current"}
NEURON: dict[str, Any] = {"E_L": -65, "v_th": -50, "v_reset": -60, "t_ref": 2, "tau_exc": 5,
                          "tau_inh": 5, "tau_slow": 40}  # fmt: skip
COLUMN, ROW = 270, 165  # px between nodes on the canvas
NAMES = "ABCD"


def competition(favourites: Sequence[int | None], more: float = MORE, inhibition: float = BACK,
                seed: int = 1) -> engine.Network:  # fmt: skip
    """The circuit; in every trial the pool that ``favourites`` names has ``more`` drive, or none.

    ``inhibition`` is the weight from the common pool to the others, pA.
    """
    net = engine.Network(
        "Winner takes all",
        seed=seed,
        description="Four pools of 100 neurons excite themselves and share one pool of inhibitory "
        "neurons. Every 1.5 s all are driven anew, one of them 15 % more than the others: it "
        "wins and silences the rest. Weaken the wires of inhibition and all fire; give all the "
        "same drive and chance decides.",
    )
    pools = []
    for pool, name in enumerate(NAMES):
        times, rates = trials(favourites, pool, more)
        drive = net.source(f"drive-{name}", "poisson_table", SIZE, label=f"Drive {name}",
                           times=times, rates=rates)  # fmt: skip
        cells = net.population(f"pool-{name}", SIZE, "lif_psc_exp", label=f"Pool {name}",
                               ports=PORTS, initial={"v": engine.uniform(-65, -50)},
                               **NEURON)  # fmt: skip
        net.connect(drive, cells, engine.rules.one_to_one(), weight=DRIVE, delay=1, port="exc")
        net.connect(cells, cells, engine.rules.all_to_all(self_connections=False), weight=ITSELF,
                    delay=1, port="slow")  # fmt: skip
        net.record(cells, "spikes")
        pools.append(cells)
    common = net.population("inhibition", SIZE, "lif_psc_exp", label="Inhibition", ports=PORTS,
                            initial={"v": engine.uniform(-65, -50)}, **NEURON)  # fmt: skip
    net.record(common, "spikes")
    for cells in pools:
        net.connect(cells, common, engine.rules.probability(SHARE), weight=TO_INHIBITION,
                    delay=1, port="exc")  # fmt: skip
        net.connect(common, cells, engine.rules.probability(SHARE), weight=inhibition, delay=1,
                    port="inh")  # fmt: skip
    return net


def trials(
    favourites: Sequence[int | None], pool: int, more: float
) -> tuple[list[float], list[float]]:
    """Times [ms] and rates [Hz] of one pool's drive: silence, then what the trial gives it."""
    times, rates = [], []
    for place, favourite in enumerate(favourites):
        begin = place * (PAUSE + TRIAL)
        times += [begin, begin + PAUSE]
        rates += [0.0, BASE * (1 + more * (pool == favourite))]
    return [*times, len(favourites) * (PAUSE + TRIAL)], [*rates, 0.0]


def winner_takes_all() -> engine.Network:
    """The document of the gallery: every pool is the favourite by turns."""
    count = round(LASTING / (TRIAL + PAUSE))
    return competition([(2 * place + place // POOLS) % POOLS for place in range(count)])


@dataclass(frozen=True)
class Outcome:
    """What became of the trials."""

    rates: NDArray[np.float64]  # [trials, pools], Hz in the last 300 ms of the trial

    @property
    def winners(self) -> NDArray[np.integer]:
        """The pool that fired most, by trial."""
        return self.rates.argmax(axis=1)

    @property
    def shares(self) -> NDArray[np.float64]:
        """What part of all spikes were the winner's, by trial: 1 if it silenced the others."""
        return self.rates.max(axis=1) / self.rates.sum(axis=1)


def held(favourites: Sequence[int | None], more: float = MORE, inhibition: float = BACK,
         seed: int = 1) -> Outcome:  # fmt: skip
    """Run one trial for each of ``favourites``."""
    run = competition(favourites, more, inhibition, seed).simulate(
        len(favourites) * (PAUSE + TRIAL)
    )
    ends = (PAUSE + TRIAL) * np.arange(1, len(favourites) + 1)
    rates = [[run[f"pool-{name}"].rate_hz(end - 300, end) for name in NAMES] for end in ends]
    return Outcome(np.array(rates))


def positions() -> dict[str, tuple[float, float]]:
    """Where the nodes stand on the canvas, in px: drives, pools, and inhibition to their right."""
    found: dict[str, tuple[float, float]] = {"inhibition": (2.3 * COLUMN, 1.5 * ROW)}
    for place, name in enumerate(NAMES):
        found[f"drive-{name}"], found[f"pool-{name}"] = (0, place * ROW), (COLUMN, place * ROW)
    return found


def main() -> None:
    """Tell who wins, for several differences between the drives."""
    for more in (0.0, 0.02, 0.05, 0.1, 0.15):
        favourites = [place % POOLS for place in range(20)]
        found = held(favourites, more)
        right = (found.winners == favourites).mean()
        print(f"{more:4.0%} more: the favourite wins {right:4.0%} of trials, with "
              f"{found.shares.mean():.0%} of all spikes, {found.rates.max(axis=1).mean():.0f} Hz",
              flush=True)  # fmt: skip
    rates = held([0] * 8, inhibition=0.0).rates.mean(axis=0)
    print("without inhibition:", ", ".join(f"{rate:.0f} Hz" for rate in rates))


if __name__ == "__main__":
    main()
