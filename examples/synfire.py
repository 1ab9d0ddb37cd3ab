"""The synfire chain of Diesmann, Gewaltig & Aertsen 1999, Nature 402:529.

    python examples/synfire.py 50 1.5     # spikes of a volley and their standard deviation, ms

Ten groups of 100 neurons, each connected with all of the next.  Every neuron sits in a background
that keeps it some 6 mV below threshold and makes it fire now and then.  Whether a volley runs
through the chain or dies depends on how many spikes it has and how close together they are.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import engine
from engine import analysis
from engine.analysis import Volley

GROUPS, WIDTH = 10, 100
WEIGHT = 45.61  # pA: a spike lifts the potential by 0.14 mV
DELAY = 5.0  # ms from group to group; it decides nothing but how slanted the picture is
# What 17,600 excitatory synapses of 2 Hz and 2,400 inhibitory ones of 12.5 Hz add up to, coloured
# by the course of their currents, 2 tau_syn. The free potential has a mean of 8.5 mV above rest and
# a standard deviation of 2.8 mV: std/g_L * sqrt(tau/(tau + tau_m)).
NOISE = {"mean": 212.5, "std": 283.0, "tau": 0.65}
NEURON: dict[str, Any] = {"C": 250, "tau_m": 10, "E_L": -70, "v_th": -55, "v_reset": -70,
                          "t_ref": 1, "tau_exc": 0.3258, "tau_inh": 0.3258}  # fmt: skip
LASTING = 20_000.0  # ms of volleys in the document, for a run that is watched
COLUMN, ROW = 280, 140  # px between nodes on the canvas


@dataclass(frozen=True)
class Packet:
    """A source of volleys: ``size`` spikes around each of ``times`` [ms], ``std`` ms wide."""

    id: str
    label: str
    size: int
    std: float
    times: Sequence[float]


def chain(packets: Sequence[Packet], seed: int = 1) -> engine.Network:
    """Ten groups, their background, and what is sent into the first."""
    net = engine.Network(
        "Synfire chain",
        seed=seed,
        description="Ten groups of 100 neurons, each connected with all of the next. A volley of "
        "100 spikes, scattered by 2 ms, grows sharp and runs through the whole chain; one of 20 "
        "spikes at the very same time dies in the first groups. Change size or scatter of a "
        "volley and see which fate it has.",
    )
    background = net.source(
        "noise-chain", "ou_current", GROUPS * WIDTH, label="Background", **NOISE
    )
    groups = []
    for k in range(GROUPS):
        group = net.population(
            f"group-{k + 1}", WIDTH, "lif_psc_alpha", label=f"Group {k + 1}",
            initial={"v": engine.normal(-61.5, 2.8, high=-55)}, **NEURON,
        )  # fmt: skip
        own = engine.rules.explicit([(k * WIDTH + member, member) for member in range(WIDTH)])
        net.connect(background, group, own, weight=1, port="current")
        if groups:
            net.connect(groups[-1], group, weight=WEIGHT, delay=DELAY, port="exc")
        net.record(group, "spikes")
        groups.append(group)
    for packet in packets:
        source = net.source(packet.id, "pulse_packets", packet.size, label=packet.label,
                            times=[float(t) for t in packet.times], std=packet.std)  # fmt: skip
        net.connect(source, groups[0], weight=WEIGHT, delay=DELAY, port="exc")
    return net


def synfire() -> engine.Network:
    """The document of the gallery: two kinds of volleys by turns."""
    strong, weak = np.arange(100, LASTING, 400), np.arange(300, LASTING, 400)
    return chain((
        Packet("strong", "100 spikes in 2 ms", 100, 2.0, strong),
        Packet("weak", "20 spikes at once", 20, 0.0, weak),
    ))  # fmt: skip


def fates(size: int, std: float, volleys: int, seed: int = 1) -> list[list[Volley]]:
    """What each group makes of each of ``volleys`` volleys of ``size`` spikes and ``std`` ms.

    They are sent 150 ms apart, so each finds the chain as the background left it.
    """
    apart, begin = 150.0, 100.0
    times = begin + apart * np.arange(volleys)
    net = chain((Packet("packet", "Volley", size, std, times),), seed)
    run = net.simulate(begin + apart * volleys)
    found = []
    for time in times:
        course = []
        for k in range(GROUPS):
            spikes = run[f"group-{k + 1}"].spikes.times
            # A group answers within a ms or two of what reaches it, and what comes is scattered.
            arrival = time + DELAY * (k + 1)
            near = spikes[(spikes > arrival - 3 * std - 5) & (spikes < arrival + 3 * std + 15)]
            course.append(analysis.volley(near, 5.0 if k else max(5.0, 4 * std)))
        found.append(course)
    return found


def survives(course: Sequence[Volley]) -> bool:
    """Whether the last group still fires a volley: of half its neurons at least."""
    return course[-1].size >= WIDTH // 2


def positions() -> dict[str, tuple[float, float]]:
    """Where the nodes stand on the canvas, in px: two rows of five, what drives them left."""
    found: dict[str, tuple[float, float]] = {
        "strong": (0, -0.8 * ROW), "weak": (0, 0.2 * ROW), "noise-chain": (0, 1.2 * ROW),
    }  # fmt: skip
    for k in range(GROUPS):
        found[f"group-{k + 1}"] = (COLUMN * (1 + k % 5), 2 * ROW * (k // 5))
    return found


def main() -> None:
    """Send twenty volleys and tell what becomes of them."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    std = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    courses = fates(size, std, 20)
    print(f"{size} spikes in {std:g} ms: {sum(map(survives, courses))} of 20 reach the last group")
    for k, group in enumerate(zip(*courses, strict=True)):
        spikes, wide = np.mean([v.size for v in group]), np.nanmean([v.std for v in group])
        print(f"group {k + 1:2}: {spikes:5.1f} spikes in {wide:.2f} ms")


if __name__ == "__main__":
    main()
