"""Rates through a feed-forward network: van Rossum, Turrigiano & Nelson 2002, J. Neurosci. 22:1956.

    python examples/feed_forward.py

Five layers of 200 neurons, each driven by the one before through sparse random synapses.  With
noise in every neuron each layer passes the rate of its input on, some 6 ms later, and its neurons
fire independently; without it they fire together, more so from layer to layer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import engine
from engine import analysis

LAYERS, SIZE, INPUTS = 5, 200, 60
WEIGHT = 10.0  # pA: a layer fires as often as the one before
RATE, AMPLITUDE, FREQUENCY = 30.0, 25.0, 2.0  # Hz, of the input
NOISE_STD, NOISE_MEAN = 120.0, 100.0  # pA
NEURON: dict[str, Any] = {"E_L": -65, "v_th": -50, "v_reset": -65, "t_ref": 2, "tau_exc": 5}
COLUMN, ROW = 280, 140  # px between nodes on the canvas


def layers(noise: bool = True, amplitude: float = AMPLITUDE, seed: int = 1) -> engine.Network:
    """The layers, their input, whose rate swings, and the noise of every neuron."""
    net = engine.Network(
        "Rates through five layers",
        seed=seed,
        description="An input whose rate swings twice a second runs through five layers of 200 "
        "neurons. Noise in every neuron keeps them from firing together, so that each layer "
        "passes the rate on. Set the standard deviation of the noise to 0: layer by layer the "
        "spikes gather in volleys.",
    )
    before = net.source("swing", "poisson_sine", SIZE, label="Input", rate=RATE,
                        amplitude=amplitude, frequency=FREQUENCY)  # fmt: skip
    net.record(before, "spikes")
    background = net.source("noise-layers", "ou_current", LAYERS * SIZE, label="Noise",
                            mean=NOISE_MEAN, std=NOISE_STD if noise else 0, tau=5)  # fmt: skip
    for k in range(LAYERS):
        layer = net.population(f"layer-{k + 1}", SIZE, "lif_psc_exp", label=f"Layer {k + 1}",
                               initial={"v": engine.uniform(-65, -50)}, **NEURON)  # fmt: skip
        own = engine.rules.explicit([(k * SIZE + member, member) for member in range(SIZE)])
        net.connect(background, layer, own, weight=1, port="current")
        net.connect(before, layer, engine.rules.fixed_indegree(INPUTS), weight=WEIGHT, delay=2,
                    port="exc")  # fmt: skip
        net.record(layer, "spikes")
        before = layer
    return net


def passed_on(run: engine.Run) -> list[tuple[float, float, float, float]]:
    """Of every layer: mean rate [Hz], its correlation with the input's, its delay [ms], and chi.

    Rates are smoothed over 20 ms, the delay is that of the greatest correlation within 100 ms; chi
    is `engine.analysis.synchrony` of counts in 5 ms.
    """
    end = 1000 * run.bio_s
    start, width = 200.0, 1.0

    def course(node: str) -> np.ndarray:
        times = run[node].spikes.times
        return analysis.smoothed_rate(times, SIZE, start, end, 20.0, width)[1]

    given, found = course("swing"), []
    for k in range(LAYERS):
        spikes, own = run[f"layer-{k + 1}"].spikes, course(f"layer-{k + 1}")
        alike = [np.corrcoef(given[: len(given) - lag], own[lag:])[0, 1] for lag in range(100)]
        counted = analysis.counts_by_cell(spikes.times, spikes.senders, SIZE, start, end, 5.0)
        best = int(np.argmax(alike))
        found.append((float(own.mean()), float(alike[best]), best * width,
                      analysis.synchrony(counted.T)))  # fmt: skip
    return found


def positions() -> dict[str, tuple[float, float]]:
    """Where the nodes stand on the canvas, in px: a row of layers, the noise below."""
    found: dict[str, tuple[float, float]] = {"swing": (0, 0), "noise-layers": (0, 1.4 * ROW)}
    for k in range(LAYERS):
        found[f"layer-{k + 1}"] = (COLUMN * (k + 1), 0)
    return found


def main() -> None:
    """Tell what arrives in each layer, with noise and without."""
    for noise in (True, False):
        print("with noise" if noise else "without noise")
        for k, (rate, alike, late, chi) in enumerate(passed_on(layers(noise).simulate(4000.0))):
            print(f"layer {k + 1}: {rate:5.1f} Hz, correlation {alike:.2f} at {late:.0f} ms, "
                  f"chi {chi:.2f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
