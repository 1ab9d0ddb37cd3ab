"""Writes the example documents that stand beside it; run it after changing one.

Each is made with the public API and shows one idea.  Positions, labels and notes go into the layout
part of the document, which a simulation does not read.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import brunel_regimes as regimes
import code_networks
import competition as pools
import feed_forward
import learning_networks
import microcircuit as cortex
import numpy as np
import synfire as chains

import engine
from engine import learning
from engine.network import Handle

FOLDER = Path(__file__).parent

# Vogels & Abbott 2005 as in Brette et al. 2007, benchmarks 1 (conductances) and 2 (currents).
VOGELS_ABBOTT: dict[str, Any] = {"C": 200, "g_L": 10, "v_th": -50, "v_reset": -60, "t_ref": 5}
SPARSE = engine.rules.probability(0.02)


def one_neuron() -> engine.Network:
    """The first thing to see: a step of current into one neuron."""
    net = engine.Network(
        "One neuron and a current",
        description="A step current of 200 pA drives one leaky integrate-and-fire neuron above its "
        "rheobase of 150 pA: it fires every 29.8 ms. Change the amplitude while it runs.",
    )
    step = net.source("step", "step_current", label="Step current", amplitude=200, start=100,
                      stop=1e6)  # fmt: skip
    neuron = net.population("neuron", 1, "lif", label="Neuron")
    net.connect(step, neuron, weight=1, port="current")
    net.record(neuron, "spikes")
    net.record(neuron, "v")
    return net


def poisson_lif() -> engine.Network:
    """Random spikes into integrate-and-fire neurons."""
    net = engine.Network(
        "Poisson to LIF",
        description="A hundred Poisson sources converge on twenty neurons. Raise the rate of the "
        "drive, or the weight of the wire, and watch the neurons begin to fire.",
    )
    drive = net.source("drive", "poisson", size=100, label="Drive", rate=20)
    cells = net.population("cells", 20, "lif_psc_exp", label="Neurons")
    net.connect(drive, cells, rule=engine.rules.probability(0.6), weight=32, delay=1, port="exc")
    net.record(drive, "spikes")
    net.record(cells, "spikes")
    net.record(cells[:3], "v")
    return net


def currents() -> engine.Network:
    """What a current can do: rise, oscillate, wander, come in pulses."""
    net = engine.Network(
        "Four currents, four neurons",
        description="A ramp, a sine, coloured noise and a train of pulses drive leaky "
        "integrate-and-fire neurons, whose rheobase is 150 pA: the ramp crosses it and the rate "
        "rises, the sine gathers spikes around its peaks, the noise fires each of twenty neurons "
        "at times of its own, a pulse brings a volley. Change any of them while it runs.",
    )
    ramp = net.source("ramp", "ramp_current", label="Ramp", initial=100, final=350, start=200,
                      stop=8200)  # fmt: skip
    sine = net.source("sine", "sine_current", label="Sine", mean=140, amplitude=100, frequency=4)
    noise = net.source("ou", "ou_current", size=20, label="Coloured noise", mean=125, std=60,
                       tau=20)  # fmt: skip
    pulses = net.source("pulses", "pulse_current", label="Pulses", amplitude=320, width=60,
                        period=180)  # fmt: skip
    for source, label in ((ramp, "Rising"), (sine, "Swinging"),
                          (noise, "Wandering"), (pulses, "Pulsed")):  # fmt: skip
        cells = net.population(f"{source.id}-cells", len(source), "lif", label=label)
        net.connect(source, cells, rule=engine.rules.one_to_one(), weight=1, port="current")
        net.record(cells, "spikes")
        net.record(cells[:1], "v")
    return net


def izhikevich_1000() -> engine.Network:
    """Izhikevich 2003, IEEE Trans. Neural Networks 14:1569: the network of its Fig. 3."""
    net = engine.Network(
        "Izhikevich's 1,000 neurons",
        dt=1.0,
        description="800 excitatory and 200 inhibitory cells, all to all, driven by noise: "
        "rhythms of about 8 and 30 Hz come and go. The published half-step scheme at 1 ms.",
    )
    spread = np.random.default_rng(1)
    re, ri = spread.random(800) ** 2, spread.random(200)

    def column(values: np.ndarray) -> list[float]:
        return np.round(values, 3).tolist()

    exc = net.population("exc", 800, "izhikevich", label="Excitatory", solver="izhikevich_2003",
                         c=column(-65 + 15 * re), d=column(8 - 6 * re))  # fmt: skip
    inh = net.population("inh", 200, "izhikevich", label="Inhibitory", solver="izhikevich_2003",
                         a=column(0.02 + 0.08 * ri), b=column(0.25 - 0.05 * ri), d=2)  # fmt: skip
    for target, name, std in ((exc, "Thalamus E", 5), (inh, "Thalamus I", 2)):
        noise = net.source(f"noise-{target.id}", "noise_current", size=len(target), label=name,
                           std=std, interval=1)  # fmt: skip
        net.connect(noise, target, rule=engine.rules.one_to_one(), weight=1, port="current")
    for target in (exc, inh):
        net.connect(exc, target, weight=engine.uniform(0, 0.5), delay=1, port="exc")
        net.connect(inh, target, weight=engine.uniform(-1, 0), delay=1, port="inh")
    for cells in (exc, inh):
        net.record(cells, "spikes")
    net.record(exc[:3], "v")
    return net


def vogels_abbott() -> engine.Network:
    """Vogels & Abbott 2005 with currents (CUBA)."""
    net = engine.Network(
        "Vogels-Abbott network",
        description="4,000 integrate-and-fire neurons with sparse random connections (2 %) keep "
        "one another firing irregularly at about 5.6 Hz, with no input from outside.",
    )
    cells = [
        net.population(name, size, "lif_psc_exp", label=label, E_L=-49, tau_exc=5, tau_inh=10,
                       initial={"v": engine.uniform(-60, -50)}, **VOGELS_ABBOTT)
        for name, size, label in (("exc", 3200, "Excitatory"), ("inh", 800, "Inhibitory"))
    ]  # fmt: skip
    net.connect(cells[0], cells, rule=SPARSE, weight=16.2, delay=0.1, port="exc")
    net.connect(cells[1], cells, rule=SPARSE, weight=-90.0, delay=0.1, port="inh")
    return recorded(net, cells)


def vogels_abbott_coba() -> engine.Network:
    """Vogels & Abbott 2005 with conductances (COBA)."""
    net = engine.Network(
        "Vogels-Abbott network, conductances",
        description="The network of 4,000 with conductance synapses: a kick at the start, then "
        "activity of about 20 Hz in bursts that sustains itself.",
    )
    return conductance_network(net, "lif_cond_exp", **VOGELS_ABBOTT)


def vogels_abbott_hh() -> engine.Network:
    """The network of conductances with Hodgkin-Huxley type neurons (COBAHH)."""
    net = engine.Network(
        "Hodgkin-Huxley network of 4,000",
        description="The Vogels-Abbott network made of neurons with sodium and potassium channels "
        "(Traub-Miles), which fire by themselves: benchmark 3 of Brette et al. 2007.",
    )
    return conductance_network(net, "traub_miles")


def conductance_network(net: engine.Network, model: str, **parameters: float) -> engine.Network:
    """``net`` with 3,200 and 800 neurons of ``model``, their conductances and a kick."""
    start = {
        "v": engine.normal(-65, 5),
        # Not clipped at 0: as published, and without the lucky negative ones every tenth network
        # falls silent after the kick.
        "g_exc": engine.normal(40, 15),
        "g_inh": engine.normal(200, 120),
    }
    cells = [
        net.population(name, size, model, label=label, E_L=-60, tau_exc=5, tau_inh=10,
                       E_exc=0, E_inh=-80, initial=start, **parameters)
        for name, size, label in (("exc", 3200, "Excitatory"), ("inh", 800, "Inhibitory"))
    ]  # fmt: skip
    net.connect(cells[0], cells, rule=SPARSE, weight=6.0, delay=0.1, port="exc")
    net.connect(cells[1], cells, rule=SPARSE, weight=67.0, delay=0.1, port="inh")
    return recorded(net, cells)


def brunel() -> engine.Network:
    """Brunel 2000 at g = 5, eta = 2: asynchronous irregular; see brunel_regimes.py."""
    return regimes.brunel_network(regimes.REGIMES["brunel"])


def brunel_synchronous() -> engine.Network:
    """Brunel 2000 at g = 3, eta = 2: synchronous regular."""
    return regimes.brunel_network(regimes.REGIMES["brunel_synchronous"])


def brunel_fast() -> engine.Network:
    """Brunel 2000 at g = 6, eta = 4: synchronous irregular, fast."""
    return regimes.brunel_network(regimes.REGIMES["brunel_fast"])


def brunel_slow() -> engine.Network:
    """Brunel 2000 at g = 4.5, eta = 0.9: synchronous irregular, slow."""
    return regimes.brunel_network(regimes.REGIMES["brunel_slow"])


def stdp() -> engine.Network:
    """Song, Miller & Abbott 2000, Nature Neuroscience 3:919: the network of their Fig. 2."""
    g_L = 10.0  # nS; the strongest synapse is a hundredth of it
    strongest = 0.01 * g_L
    net = engine.Network(
        "A neuron that learns",
        description="A thousand random inputs of 15 Hz drive one neuron through synapses that "
        "learn by spike timing (STDP). It finds out which inputs to follow: after a few minutes "
        "most weights lie near zero or near their limit, and its rate regulates itself.",
    )
    drive = net.source("drive", "poisson", size=1000, label="Inputs", rate=15)
    neuron = net.population("neuron", 1, "lif_cond_exp", label="Neuron", C=100, g_L=g_L, E_L=-74,
                            v_th=-54, v_reset=-60, t_ref=0, tau_exc=5, E_exc=0,
                            initial={"v": -60})  # fmt: skip
    rule = engine.plasticity("stdp", tau_plus=20, tau_minus=20, A_plus=0.01, A_minus=0.0105,
                             w_max=strongest)  # fmt: skip
    net.connect(drive, neuron, weight=engine.uniform(0, strongest), delay=0.1, port="exc",
                id="synapses", plasticity=rule)  # fmt: skip
    net.record(neuron, "spikes")
    net.record(neuron, "v")
    return net


def digits() -> engine.Network:
    """Diehl & Cook 2015; needs MNIST in the data folder (WORKBENCH_DATA)."""
    pictures = {"path": "mnist/train-images-idx3-ubyte.gz", "items": 5000, "order": "shuffled"}
    net = learning.DiehlCook().network(pictures)
    return described(
        net,
        "A hundred neurons learn handwritten digits that nobody names. Each is shown for 350 ms as "
        "spikes of 784 pixels. The neuron that fires first silences all others and learns what it "
        "saw; its threshold rises, so that others have their turn, and its weights keep their sum. "
        "After some hundred digits, seconds at full speed, each neuron's weights look like one. "
        "The pictures are read from the data folder that WORKBENCH_DATA names.",
    )


def axon() -> engine.Network:
    """Hodgkin & Huxley 1952 on a cable: the action potential travels without losing height."""
    net = engine.Network(
        "Action potential along an axon",
        dt=0.025,
        description="An unmyelinated axon of 3 mm and 1 um, in 151 compartments with the channels "
        "of Hodgkin and Huxley. A current into its beginning starts action potentials, which run "
        "to the end at 0.33 m/s: slanted lines in the raster. A thicker axon is faster, with the "
        "root of its diameter; warmth makes it faster too, until nothing travels any more.",
    )
    shape = {"kind": "cable", "length": 3000, "diameter": 1, "axial_resistivity": 100}
    step = net.source("step", "step_current", label="Step current", amplitude=150, start=5,
                      stop=1e6)  # fmt: skip
    cable = net.population("axon", 151, "hodgkin_huxley", label="Axon", geometry=shape)
    net.connect(step, cable, rule=engine.rules.explicit([(0, 0)]), weight=1, port="current")
    net.record(cable, "spikes")
    net.record(cable[[0, 50, 100, 150]], "v")
    return net


def waves() -> engine.Network:
    """An excitable sheet: what fires wakes what is near, and then rests for 30 ms."""
    net = engine.Network(
        "Waves on a sheet",
        description="3,600 neurons in a grid of 1 mm, each connected with those near it; the "
        "farther, the later. A little noise starts waves that spread, meet and curl into spirals: "
        "press Run and watch the map.",
    )
    noise = net.source("noise", "noise_current", 3600, label="Noise", mean=60, std=200)
    sheet = net.population(
        "sheet", 3600, "lif_psc_exp", label="Sheet", t_ref=30, v_reset=-70, tau_exc=4,
        initial={"v": engine.uniform(-65, -55)},
        geometry={"kind": "grid", "width": 1000, "height": 1000, "periodic": True},
    )  # fmt: skip
    near = engine.rules.distance(0.5, 35, self_connections=False)
    late = engine.rules.distance_linear(2, 20)
    net.connect(noise, sheet, engine.rules.one_to_one(), weight=1, port="current")
    net.connect(sheet, sheet, near, weight=200, delay=late, port="exc")
    net.record(sheet, "spikes")
    net.record(sheet[:5], "v")
    return net


def waves_ball() -> engine.Network:
    """Excitable tissue with depth: a ball whose neurons wake what is near, as those of a sheet."""
    net = engine.Network(
        "Waves through a ball",
        description="3,000 neurons scattered in a ball of 0.6 mm, each connected with those near "
        "it; the farther, the later. A little noise starts waves that run through the ball and die "
        "where they meet: press Run, choose the ball, and turn it while it fires.",
    )
    noise = net.source("noise", "noise_current", 3000, label="Noise", mean=60, std=200)
    ball = net.population(
        "ball", 3000, "lif_psc_exp", label="Ball", t_ref=30, v_reset=-70, tau_exc=4,
        initial={"v": engine.uniform(-65, -55)},
        geometry={"kind": "random", "width": 600, "height": 600, "depth": 600, "round": True},
    )  # fmt: skip
    near = engine.rules.distance(0.5, 50, self_connections=False)
    late = engine.rules.distance_linear(2, 20)
    net.connect(noise, ball, engine.rules.one_to_one(), weight=1, port="current")
    net.connect(ball, ball, near, weight=200, delay=late, port="exc")
    net.record(ball, "spikes")
    net.record(ball[:5], "v")
    return net


def liquid_column() -> engine.Network:
    """The column of Maass, Natschlaeger & Markram 2002, hearing spikes at random."""
    net = learning.liquid(
        name="Liquid column",
        description="The 135 neurons of Maass, Natschlaeger & Markram 2002 in a column of 15 x "
        "3 x 3 places, a random fifth of them inhibitory. Two neurons D places apart are connected "
        "with the probability C exp(-(D / 2)^2), C = 0.3, 0.2, 0.4 or 0.1 by the kinds of the two. "
        "It hears eight lines of random spikes; choose a population to turn the column while it "
        "fires.",
        column=True,
    )
    learning.hear(net, "poisson", 8, "Eight lines", rate=20)
    net.record(net["exc"][:3], "v")
    return net


def reservoir() -> engine.Network:
    """A liquid that hears what the data folder has; learning/spoken_digits.py reads it."""
    net = learning.liquid(
        name="Liquid state machine",
        description="400 neurons on a sheet hear spoken digits: 32 bands of sound, each a line of "
        "spikes. Nothing in the network learns; what it echoes lets a linear read-out say which "
        "digit it was, 95 % rightly; without the network it is 89 %. Recordings are read from the "
        "data folder that WORKBENCH_DATA names.",
    )
    # Spikes of Ben's algorithm: a spike is a pulse of three frames, 30 ms.
    learning.hear(net, "bsa_code", 32, "Spoken digits", bands=32, threshold=0.7, taps=3, pause=300,
                  path="fsdd_spoken_digits/recordings_3000_wav.zip", items=100,
                  order="shuffled")  # fmt: skip
    net.record(net["exc"][:3], "v")
    return net


def microcircuit() -> engine.Network:
    """Potjans & Diesmann 2014 at a scale that any machine runs; see microcircuit.py."""
    return cortex.microcircuit(0.1)


def microcircuit_whole() -> engine.Network:
    """Potjans & Diesmann 2014 as published."""
    return cortex.microcircuit(1.0)


def synfire() -> engine.Network:
    """Diesmann et al. 1999: volleys that go on and volleys that die; see synfire.py."""
    return chains.synfire()


def winner_takes_all() -> engine.Network:
    """Pools that compete through common inhibition; see competition.py."""
    return pools.winner_takes_all()


def rates_through_layers() -> engine.Network:
    """van Rossum, Turrigiano & Nelson 2002: a feed-forward network; see feed_forward.py."""
    return feed_forward.layers()


def recorded_spikes() -> engine.Network:
    """A real recording as the input: needs the data folder (WORKBENCH_DATA)."""
    net = engine.Network(
        "A recorded spike train as the input",
        description="A grasshopper's auditory receptor, recorded for 10 s while it heard noise, "
        "drives ten neurons that adapt. The recording is read from the data folder that "
        "WORKBENCH_DATA names.",
    )
    receptor = net.source("receptor", "spike_file", label="Receptor", unit="us",
                          path="spike_trains/grasshopper_spike_times1.txt")  # fmt: skip
    cells = net.population("cells", 10, "adex", label="Adapting neurons",
                           initial={"v": engine.normal(-70.6, 3)})  # fmt: skip
    net.connect(receptor, cells, weight=engine.normal(40, 8, low=0), delay=1, port="exc")
    net.record(receptor, "spikes")
    net.record(cells, "spikes")
    net.record(cells[:3], "v")
    return net


def recorded(net: engine.Network, cells: list[Handle]) -> engine.Network:
    """``net`` with the recorders that the networks of two populations share."""
    for population in cells:
        net.record(population, "spikes")
    net.record(cells[0][:5], "v")
    return net


# Where the nodes stand on the canvas, in pixels: sources left, inhibition below excitation.
POSITIONS: dict[str, tuple[float, float]] = {
    "step": (40, 120), "neuron": (360, 120), "drive": (40, 120), "cells": (360, 120),
    "receptor": (40, 120), "noise-exc": (40, 60), "noise-inh": (40, 280), "drive-exc": (40, 60),
    "ramp": (40, 40), "sine": (40, 190), "ou": (40, 340), "pulses": (40, 490),
    "ramp-cells": (360, 40), "sine-cells": (360, 190), "ou-cells": (360, 340),
    "pulses-cells": (360, 490),
    "rate": (40, 40), "latency": (40, 190), "burst": (40, 340), "phase": (40, 490),
    "rate-cells": (360, 40), "latency-cells": (360, 190), "burst-cells": (360, 340),
    "phase-cells": (360, 490),
    "drive-inh": (40, 280), "exc": (360, 60), "inh": (360, 280), "axon": (360, 120),
    "noise": (40, 120), "sheet": (360, 120), "ball": (360, 120), "input": (40, 60),
    "background": (40, 280), "pixels": (40, 170), **cortex.positions(), **chains.positions(),
    **pools.positions(), **feed_forward.positions(),
}  # fmt: skip
EXAMPLES = (one_neuron, poisson_lif, currents, izhikevich_1000, vogels_abbott,
            vogels_abbott_coba, vogels_abbott_hh, brunel, brunel_synchronous, brunel_fast,
            brunel_slow, stdp, axon, waves, microcircuit, microcircuit_whole, synfire,
            winner_takes_all, rates_through_layers, recorded_spikes, reservoir, liquid_column,
            waves_ball, digits,
            *code_networks.NETWORKS, *learning_networks.NETWORKS)  # fmt: skip


def described(net: engine.Network, words: str) -> engine.Network:
    """``net`` with a description."""
    return engine.Network.of(replace(net.document, description=words))


# The views of a run that are open at first, where they are not those that the page would choose.
WAVES = ["map", "raster", "rates"]
TILES = {"Waves on a sheet": WAVES, "Waves through a ball": WAVES}


def document(net: engine.Network) -> engine.Document:
    """The network's document with its nodes laid out; where one has no place here the page finds
    places for all."""
    made = net.document
    known = all(node.id in POSITIONS for node in made.nodes)
    positions = {node.id: POSITIONS[node.id] for node in made.nodes} if known else {}
    tiles = TILES.get(made.name, [])
    return replace(made, layout=replace(made.layout, positions=positions, tiles=tiles))


def main() -> None:
    """Write all of them."""
    for make in EXAMPLES:
        path = FOLDER / f"{make.__name__}.json"
        engine.Network.of(document(make())).save(path)
        print(path.name, f"{path.stat().st_size / 1000:.1f} kB")


if __name__ == "__main__":
    main()
