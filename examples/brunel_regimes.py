"""Brunel's network in its four regimes: Brunel 2000, J. Comput. Neurosci. 8:183, model A.

    python examples/brunel_regimes.py            # measures all four over three seeds

12,500 neurons, each with 1,000 excitatory and 250 inhibitory synapses.  What it does depends on
two numbers: g, how much stronger inhibition is than excitation, and eta, the drive from outside
over the one that would bring a lone neuron to threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import engine
from engine import analysis

EXCITATORY, INHIBITORY = 10_000, 2_500
INPUTS = 1_000  # excitatory synapses of a neuron, as many from outside; a quarter is inhibitory
WEIGHT, DELAY = 0.1, 1.5  # mV, ms
THRESHOLD, RESET, TAU_M, T_REF = 20.0, 10.0, 20.0, 2.0  # mV above rest, ms
START = 100.0  # ms that are left out of every measure


@dataclass(frozen=True)
class Regime:
    """A point (g, eta) of the paper's phase diagram, and what is seen there."""

    title: str
    g: float
    eta: float
    words: str = ""
    delay: float = DELAY  # ms


REGIMES = {
    "brunel": Regime(
        "Brunel's network of 12,500", 5.0, 2.0,
        "Asynchronous irregular firing near 37 Hz (g = 5, twice the threshold rate). Set the "
        "inhibitory weights to -0.6 mV and the drive to 40,000 Hz for fast oscillations.",
    ),
    "brunel_synchronous": Regime(
        "Brunel's network, synchronous regular", 3.0, 2.0,
        "With weak inhibition (g = 3) two halves of the network take turns, each firing all at "
        "once every 3 ms, twice the delay: synchronous regular. Set the inhibitory weights to "
        "-0.5 mV and they fall apart.",
    ),
    "brunel_fast": Regime(
        "Brunel's network, fast oscillation", 6.0, 4.0,
        "Under a strong drive (g = 6, four times the threshold rate) the population oscillates at "
        "almost 200 Hz while each neuron fires irregularly near 60 Hz: synchronous irregular.",
    ),
    "brunel_slow": Regime(
        "Brunel's network, slow oscillation", 4.5, 0.9,
        "Under a drive just below threshold (g = 4.5, 0.9 of the threshold rate) the population "
        "oscillates at some 20 Hz while each neuron fires irregularly, less than 7 times a second.",
    ),
}  # fmt: skip


def brunel_network(regime: Regime, seed: int = 1) -> engine.Network:
    """The network at a regime's g and eta."""
    threshold_rate = THRESHOLD / (WEIGHT * INPUTS * TAU_M) * 1000  # Hz, of one input
    rate = regime.eta * threshold_rate * INPUTS  # Hz, all inputs of a cell
    net = engine.Network(
        regime.title,
        seed=seed,
        description=f"{regime.words} 10,000 excitatory and 2,500 inhibitory neurons have 1,250 "
        "synapses each and are driven by noise.",
    )
    cells = [
        net.population(name, size, "lif_psc_delta", label=label, C=200, tau_m=TAU_M, E_L=0,
                       v_th=THRESHOLD, v_reset=RESET, t_ref=T_REF,
                       initial={"v": engine.uniform(0, THRESHOLD)})
        for name, size, label in (("exc", EXCITATORY, "Excitatory"),
                                  ("inh", INHIBITORY, "Inhibitory"))
    ]  # fmt: skip
    for target in cells:
        drive = net.source(f"drive-{target.id}", "poisson", size=len(target), rate=rate,
                           label=f"Drive {target.id[0].upper()}")  # fmt: skip
        net.connect(drive, target, engine.rules.one_to_one(), weight=WEIGHT, delay=regime.delay,
                    port="exc")  # fmt: skip
    few = engine.rules.fixed_indegree(INPUTS)
    fewer = engine.rules.fixed_indegree(INPUTS // 4)
    net.connect(cells[0], cells, rule=few, weight=WEIGHT, delay=regime.delay, port="exc")
    net.connect(
        cells[1], cells, rule=fewer, weight=-regime.g * WEIGHT, delay=regime.delay, port="inh"
    )
    for population in cells:
        net.record(population, "spikes")
    net.record(cells[0][:5], "v")
    return net


def mean_field_rate(regime: Regime) -> float:
    """The rate [Hz] at which input and output agree (Brunel 2000, stationary states).

    Excitation, inhibition and drive are independent Poisson trains of many small steps, so the
    potential is that of a neuron in white noise.
    """
    from scipy.optimize import brentq

    def excess(rate: float) -> float:
        outside = regime.eta * THRESHOLD / (WEIGHT * INPUTS * TAU_M) * 1000
        up = analysis.campbell(WEIGHT, INPUTS * (rate + outside), TAU_M)
        down = analysis.campbell(-regime.g * WEIGHT, INPUTS / 4 * rate, TAU_M)
        mean, std = up[0] + down[0], np.hypot(up[1], down[1])
        out = analysis.siegert_rate(mean, std, TAU_M, THRESHOLD, RESET, T_REF)
        return float(out) - rate

    return float(brentq(excess, 0.0, 1000.0 / T_REF, xtol=1e-9))


@dataclass(frozen=True)
class Signature:
    """What tells the regimes apart, of the excitatory cells."""

    rate: float  # Hz
    cv: float
    fano: float  # of the 1 ms count of 1,000 cells
    synchrony: float  # chi of the counts of 200 cells in 1 ms, see `engine.analysis.synchrony`
    correlation: float  # mean over pairs of 200 cells, counts in 2 ms
    peak: float  # Hz, the population's strongest rhythm


def signature(run: engine.Run) -> Signature:
    """The measures of a run of ``brunel_network``, its first 100 ms left out."""
    end, exc = 1000 * run.bio_s, run["exc"]
    times, senders = exc.spikes.times, exc.spikes.senders
    few = senders < 200
    counted = analysis.counts_by_cell(times[few], senders[few], 200, START, end, 1.0)
    spectrum = analysis.population_spectrum(times, START, end, width=0.5, segment=200.0)
    return Signature(
        exc.rate_hz(START),
        exc.cv_isi(START),
        analysis.fano(times[senders < 1000], START, end),
        analysis.synchrony(counted.T),
        analysis.mean_correlation(times[few], senders[few], 200, START, end, 2.0),
        analysis.spectral_peak(*spectrum, 5.0, 800.0),
    )


def main() -> None:
    """Tell the signature of every regime."""
    print(f"{'':20} {'rate':>7} {'theory':>7} {'CV':>6} {'Fano':>6} {'chi':>6} {'corr':>6} "
          f"{'peak':>6}")  # fmt: skip
    for name, regime in REGIMES.items():
        for seed in range(1, 4):
            duration = 700.0 if regime.eta < 1 else 400.0
            s = signature(brunel_network(regime, seed).simulate(duration))
            print(f"{name:20} {s.rate:7.2f} {mean_field_rate(regime):7.2f} {s.cv:6.3f} "
                  f"{s.fano:6.1f} {s.synchrony:6.3f} {s.correlation:6.3f} {s.peak:6.1f}",
                  flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
