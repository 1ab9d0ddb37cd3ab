"""The cortical microcircuit of Potjans & Diesmann 2014, Cerebral Cortex 24:785, at any scale.

    python examples/microcircuit.py 1.0 1000     # scale of sizes and in-degrees, ms

With a scale below one every neuron has as many fewer inputs and each of them is stronger by the
root of it, so that the variance of the input stays as it is; a constant current makes up for the
mean (van Albada, Helias & Diesmann 2015, PLoS Computational Biology 11:e1004490).
"""

from __future__ import annotations

import math
import sys

import engine

SIZES = {"L23E": 20683, "L23I": 5834, "L4E": 21915, "L4I": 5479,
         "L5E": 4850, "L5I": 1065, "L6E": 14395, "L6I": 2948}  # fmt: skip
# Of each pair of neurons, row: target, column: source (Table 5 of the paper).
PROBABILITIES = (
    (0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0),
    (0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0),
    (0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0),
    (0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0),
    (0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0),
    (0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0),
    (0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252),
    (0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443),
)
EXTERNAL = (1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100)  # synapses of a neuron
RATE = 8.0  # Hz of each of these
WEIGHT, G = 87.8, -4.0  # pA, for an EPSP of 0.15 mV; inhibition is so much stronger
SPREAD = 0.1  # of weights, over their mean
DELAYS = {"E": 1.5, "I": 0.75}  # ms; their standard deviation is half of it
TAU_SYN = 0.5  # ms
# Hz of the whole network, which the constant current stands for.
RATES = (0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829)
COLUMN, ROW = 330, 220  # px between nodes on the canvas


def microcircuit(scale: float = 0.1, seed: int = 1) -> engine.Network:
    """The network with ``scale`` of all sizes and in-degrees."""
    what = "Four layers under a square millimetre of cortex (Potjans & Diesmann 2014), "
    share = f"{100 * scale:g} %"
    parts = (
        f"{share} of their neurons with {share} of their inputs: weights are stronger by the root "
        "of that, and a constant current keeps the mean input. "
        if scale < 1
        else "whole: 77,169 neurons and 300 million synapses. Needs 2.3 GB of memory, and some ten "
        "seconds to connect and as many for a second. "
    )
    net = engine.Network(
        "Cortical microcircuit" + (", whole" if scale == 1 else ""),
        seed=seed,
        description=f"{what}{parts}Layer 5 fires most, excitation in layers 2/3 and 6 least.",
    )
    stronger = 1 / math.sqrt(scale)
    cells = {}
    for name, size in SIZES.items():
        cells[name] = net.population(
            name, round(scale * size), "lif_psc_exp", label=label_of(name), C=250, tau_m=10,
            E_L=-65, v_th=-50, v_reset=-65, t_ref=2, tau_exc=TAU_SYN, tau_inh=TAU_SYN,
            initial={"v": engine.normal(-58, 10)},
        )  # fmt: skip
        net.record(cells[name], "spikes")
    if scale < 1:
        net.source("mean", "constant_current", label="Missing mean", amplitude=1)
    for place, (target, cell) in enumerate(cells.items()):
        inputs = round(scale * EXTERNAL[place])
        drive = net.source(f"drive-{target}", "poisson", len(cell), rate=RATE * inputs,
                           label=f"Background {label_of(target)}")  # fmt: skip
        net.connect(drive, cell, engine.rules.one_to_one(), weight=WEIGHT * stronger, delay=1.5,
                    port="exc")  # fmt: skip
        mean = WEIGHT * EXTERNAL[place] * RATE
        for source, p, rate in zip(SIZES, PROBABILITIES[place], RATES, strict=True):
            if p > 0:
                inputs_of_one = synapses(source, target, p) / SIZES[target]
                mean += _weight(source, target) * inputs_of_one * rate
                _connect(net, source, target, scale, p)
        lost = 1e-3 * TAU_SYN * (1 - math.sqrt(scale)) * mean
        if scale < 1:
            net.connect("mean", cell, weight=round(lost, 3), port="current")
    return net


def label_of(name: str) -> str:
    """As the paper writes it: L2/3e."""
    return name[:-1].replace("23", "2/3") + name[-1].lower()


def synapses(source: str, target: str, p: float) -> float:
    """Of the whole network: pairs may have several, and ``p`` is that of one at least."""
    pairs = SIZES[source] * SIZES[target]
    return math.log1p(-p) / math.log1p(-1 / pairs)


def _weight(source: str, target: str) -> float:
    if source[-1] == "I":
        return G * WEIGHT
    return 2 * WEIGHT if (source, target) == ("L4E", "L23E") else WEIGHT


def _connect(net: engine.Network, source: str, target: str, scale: float, p: float) -> None:
    mean, delay = _weight(source, target) / math.sqrt(scale), DELAYS[source[-1]]
    bound = {"low": 0} if mean > 0 else {"high": 0}
    # Fewer targets, and as many fewer inputs of each.
    number = round(synapses(source, target, p) * scale**2)
    net.connect(source, target, engine.rules.fixed_total(number),
                weight=engine.normal(round(mean, 3), round(SPREAD * abs(mean), 3), **bound),
                delay=engine.normal(delay, delay / 2, low=0.1),
                port="exc" if mean > 0 else "inh")  # fmt: skip


def positions() -> dict[str, tuple[float, float]]:
    """Where the nodes stand on the canvas, in px: a layer a row, what drives it at its sides."""
    found: dict[str, tuple[float, float]] = {"mean": (1.5 * COLUMN, 4 * ROW)}
    for place, name in enumerate(SIZES):
        side, y = place % 2, ROW * (place // 2)
        found[name] = ((1 + side) * COLUMN, y)
        found[f"drive-{name}"] = (3 * side * COLUMN, y)
    return found


def _memory() -> str:
    """The most memory that this process ever held, where the system tells."""
    try:
        import resource
    except ImportError:
        return ""
    unit = 1e9 if sys.platform == "darwin" else 1e6  # it counts bytes there, kilobytes elsewhere
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return f"; at most {most:.1f} GB of memory"


def main() -> None:
    """Run it and tell the rates, those of the first 200 ms left out."""
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 0.1
    duration = float(sys.argv[2]) if len(sys.argv) > 2 else 1200.0
    run = microcircuit(scale).simulate(duration)
    print(f"scale {scale:g}: {run.neurons:,} neurons, {run.synapses:,} synapses, built in "
          f"{run.build_s:.1f} s; {duration:g} ms in {run.run_s:.1f} s{_memory()}")  # fmt: skip
    for name, rate in zip(SIZES, RATES, strict=True):
        times = run[name].spikes.times
        late = (times > 200).sum() / (round(scale * SIZES[name]) * (duration - 200) * 1e-3)
        print(f"{name:5} {late:6.2f} Hz  ({rate:.2f} in the whole network), "
              f"CV {run[name].cv_isi(200.0):.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
