"""Writes the pictures and numbers of docs/networks.md: runs the networks of examples/.

    python docs/make_networks.py [NAME ...]

A picture is docs/images/networks/NAME.svg; what was measured goes under the network's heading in
the page, between two marks.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/networks.md"
PICTURES = ROOT / "docs/images/networks"
sys.path.insert(0, str(ROOT / "examples"))

import brunel_regimes as brunel  # noqa: E402
import competition  # noqa: E402
import feed_forward  # noqa: E402
import synfire  # noqa: E402
from make_learning import put  # noqa: E402

from engine import analysis  # noqa: E402
from workbench.curves import Curve, Panel, panels  # noqa: E402

SEEDS = range(1, 6)
DYING = 20  # spikes: a volley of fewer is hardly more than the background, and is not followed
Drawn = tuple[str, list[Panel]]


def regimes() -> Drawn:
    """The measures of every regime over five seeds, and 100 ms of each."""
    lines = ["| g, eta | regime | rate, Hz | mean field | CV | Fano | chi | peak, Hz |",
             "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    drawn = []
    for name, regime in brunel.REGIMES.items():
        lasting = 700.0 if regime.eta < 1 else 400.0
        runs = [brunel.brunel_network(regime, seed).simulate(lasting) for seed in SEEDS]
        found = [brunel.signature(run) for run in runs]

        def between(measure: str, digits: int, found: list = found) -> str:
            values = [getattr(signature, measure) for signature in found]
            low, high = f"{min(values):.{digits}f}", f"{max(values):.{digits}f}"
            return low if low == high else f"{low} to {high}"

        kind = regime.title.partition(", ")[2] or "asynchronous irregular"
        kind = "asynchronous irregular" if name == "brunel" else kind
        lines.append(
            f"| {regime.g:g}, {regime.eta:g} | {kind} | {between('rate', 1)} | "
            f"{brunel.mean_field_rate(regime):.1f} | {between('cv', 2)} | {between('fano', 0)} | "
            f"{between('synchrony', 2)} | {between('peak', 0)} |"
        )
        times = runs[0]["exc"].spikes.times
        rate = analysis.population_rate(times, brunel.EXCITATORY, 200.0, 300.0, 0.5)
        drawn.append(Panel([Curve(*rate)], "ms", f"{kind}: rate of all cells, Hz", 90, zero=True))
    return "\n".join(lines), drawn


def volleys() -> Drawn:
    """Which volleys survive, and how number and scatter change from group to group."""
    scatters, shares, flow = (0.0, 2.0, 4.0, 6.0), [], []
    sizes = np.arange(20, 121, 10)
    half = []
    for place, std in enumerate(scatters):
        share = []
        for size in sizes:
            courses = [c for seed in SEEDS for c in synfire.fates(int(size), std, 4, seed)]
            share.append(np.mean([synfire.survives(course) for course in courses]))
            if size in (20, 40, 60, 100):
                path = np.mean([[(v.std, v.size) for v in c] for c in courses], axis=0)
                path = path[: 1 + int(np.argmax([*(path[:, 1] < DYING), True]))]
                flow.append(Curve(*np.vstack([(std, size), path]).T, colour=place))
        shares.append(Curve(sizes, share, f"{std:g} ms", colour=place))
        above = np.flatnonzero(np.array(share) >= 0.5)
        half.append(f"{sizes[above[0]]} spikes at {std:g} ms" if above.size else
                    f"none up to {sizes[-1]} at {std:g} ms")  # fmt: skip
    words = f"Half of the volleys or more reach the last group from {', '.join(half)} on."
    return words, [
        Panel(shares, "spikes of the volley", "share that reaches the last group", zero=True),
        Panel(flow, "scatter, ms", "spikes, from group to group", 260, zero=True),
    ]


def winners() -> Drawn:
    """How often the favourite wins, and four trials."""
    differences = (0.0, 0.01, 0.02, 0.03, 0.05, 0.1, 0.15)
    turns = [place % competition.POOLS for place in range(8)]
    right, sure = [], []
    for more in differences:
        found = [competition.held(turns, more, seed=seed) for seed in SEEDS]
        right.append(np.mean([each.winners == turns for each in found]))
        sure.append(np.mean([each.shares for each in found]))
    span = 4 * (competition.TRIAL + competition.PAUSE)
    run = competition.competition(turns[:4]).simulate(span)
    rates = [
        Curve(*analysis.smoothed_rate(run[f"pool-{name}"].spikes.times, competition.SIZE, 0.0,
                                      span, 20.0), f"pool {name}")
        for name in competition.NAMES
    ]  # fmt: skip
    words = (
        f"With equal drives the pool named first wins {right[0]:.0%} of trials, with 2 % more "
        f"{right[2]:.0%}, with 5 % more {right[4]:.0%}; with 15 % more it has {sure[-1]:.1%} of "
        "all spikes."
    )
    return words, [
        Panel(rates, "ms", "rate, Hz; drive 15 % more for each by turns", zero=True),
        Panel([Curve(100 * np.array(differences), right)], "more drive, %",
              "share of trials that the favourite wins", zero=True),
    ]  # fmt: skip


def layers() -> Drawn:
    """A rate through five layers, and how synchronous each is."""
    chi = {}
    for noise in (True, False):
        runs = [feed_forward.layers(noise, 0.0, seed).simulate(1200.0) for seed in SEEDS]
        found = [[layer[3] for layer in feed_forward.passed_on(run)] for run in runs]
        chi[noise] = np.mean(found, axis=0)
    run = feed_forward.layers().simulate(2200.0)
    passed = feed_forward.passed_on(run)
    rates = [
        Curve(*analysis.smoothed_rate(run[node].spikes.times, feed_forward.SIZE, 1200.0, 2200.0,
                                      20.0), label)
        for node, label in (("swing", "input"), ("layer-1", "layer 1"), ("layer-3", "layer 3"),
                            ("layer-5", "layer 5"))
    ]  # fmt: skip
    words = (
        f"The rate of the fifth layer follows the input's with a correlation of "
        f"{passed[-1][1]:.2f}, {passed[-1][2]:.0f} ms later. Under a constant input chi of the "
        f"fifth layer is {chi[True][-1]:.2f} with noise (independent cells: 0.07) and "
        f"{chi[False][-1]:.2f} without."
    )
    place = np.arange(1, feed_forward.LAYERS + 1)
    return words, [
        Panel(rates, "ms", "rate, Hz", zero=True),
        Panel([Curve(place, chi[True], "with noise"), Curve(place, chi[False], "without")],
              "layer", "chi, under a constant input", zero=True),
    ]  # fmt: skip


FIGURES: dict[str, Callable[[], Drawn]] = {
    "regimes": regimes, "volleys": volleys, "winners": winners, "layers": layers,
}  # fmt: skip


def main() -> None:
    """Measure and draw the networks named, or all."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or FIGURES:
        words, drawn = FIGURES[name]()
        title = words if "|" not in words else "The four regimes of Brunel's network"
        (PICTURES / f"{name}.svg").write_text(panels(drawn, title), encoding="utf-8")
        put(PAGE, name, words)
        print(words, flush=True)


if __name__ == "__main__":
    main()
