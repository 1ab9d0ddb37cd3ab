"""A tempotron learns to tell random patterns of spikes apart, up to some 2 to 3 for each input.

Guetig & Sompolinsky 2006.  Above, the potential for a pattern of each class after learning; below,
the share of sets of patterns that were learnt without error, by patterns for each input.
"""

from showing import progress, show

from engine import learning
from workbench.curves import Curve, Panel
from workbench.studio.tasks.tempotron_capacity import CYCLES, INPUTS, potentials

LOADS = (1.0, 1.5, 2.0, 2.5, 3.0)


def run(quick: bool) -> tuple[str, list[Panel]]:
    """Sets of patterns over loads; a plot of two potentials."""
    neuron, seeds = learning.Tempotron(INPUTS), range(2 if quick else 5)
    loads = LOADS[:2] if quick else LOADS
    learnt = []
    for load in loads:
        solved = 0
        for seed in seeds:
            times, wanted = learning.latency_patterns(round(load * INPUTS), INPUTS, seed=seed)
            patterns = neuron.spikes(times)
            found = neuron.train(patterns, wanted, cycles=CYCLES, seed=seed, progress=progress)
            solved += found.reached
        learnt.append(solved / len(seeds))
    most = max((load for load, share in zip(loads, learnt, strict=True) if share > 0.5), default=0)
    words = f"Tempotron with {INPUTS} inputs: most sets of {most:g} patterns an input are learnt"
    return words, [learnt_potentials(neuron), Panel(
        [Curve(loads, learnt, "learnt", "line"), Curve(loads, learnt, "", "dots", 0)],
        "patterns / input", "share of sets learnt", zero=True,
    )]  # fmt: skip


def learnt_potentials(neuron: learning.Tempotron) -> Panel:
    """The potential for one pattern of each class, after learning as many as there are inputs."""
    times, wanted = learning.latency_patterns(INPUTS, INPUTS)
    weights = neuron.train(neuron.spikes(times), wanted, cycles=CYCLES).state
    return potentials(neuron, weights, times, wanted)


if __name__ == "__main__":
    show("tempotron_capacity", __doc__ or "", run)
