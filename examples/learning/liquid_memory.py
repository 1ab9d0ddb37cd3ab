"""What a liquid remembers, and how it tells apart what it was told.

Above, whether two of the bits that it was told, the last one and an earlier one, differ: a linear
read-out of the liquid knows, one of its input cannot.  In the middle, how well a current that
changes at random is given back later, by a liquid, by the same neurons without synapses among them,
and by a ring of 20 linear units, whose capacity is known (Rodan & Tino 2011).  Below, how far
states are apart after inputs that are apart by a little or by more.
"""

import numpy as np
from showing import progress, show

import engine
from engine import learning
from workbench.curves import Curve, Panel
from workbench.studio.tasks.liquid_memory import DELAYS, KINDS, differing, random_bits, values_of

STEP = 20.0  # ms, of the current
SIZE, DECAY = 20, 0.9  # of the ring
CHANGES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2)


def run(quick: bool) -> tuple[str, list[Panel]]:
    """Five liquids with bits, one of them with currents and with numbers that differ."""
    seeds, steps = (1, 1200) if quick else (5, 4000)
    shares = []
    for seed in range(1, seeds + 1):
        progress(seed / seeds, "bits")
        shares.append(known(1500, seed))
    found = np.array(shares)  # [seeds, liquid or input, delays]
    liquid, alone = (capacity(steps, strength) for strength in (1.0, 0.0))
    ring, true = ring_capacity(steps), SIZE - 1 + DECAY ** (2 * SIZE)
    apart = differences()
    words = (
        f"Whether the last two bits differ is read rightly from a liquid in "
        f"{found[:, 0, 0].min():.0%} of 500 cases ({seeds} seeds, the least), from its input in "
        f"{found[:, 1, 0].mean():.0%}; the memory capacity for a current is {liquid.total:.2f}, "
        f"without synapses {alone.total:.2f}; a linear ring of {SIZE} has {ring.total:.2f} "
        f"({true:.2f} in theory)"
    )
    curves = []
    for place, name in enumerate(KINDS):
        curves.append(Curve(DELAYS, found[:, place].mean(0), name, colour=place))
        for one in found[:, place]:
            curves.append(Curve(DELAYS, one, "", "dots", place))
    memories = (("liquid", liquid), ("no synapses", alone), (f"ring of {SIZE}", ring))
    return words, [
        Panel(curves, "bits ago", "share known", zero=True),
        Panel([Curve(one.delays[:24], one.by_delay[:24], name) for name, one in memories],
              "steps ago", "squared correlation", zero=True),
        Panel([Curve(CHANGES, apart), Curve(CHANGES, apart, "", "dots", 0)],
              "change of the numbers", "distance of states", 140.0, zero=True),
    ]  # fmt: skip


def known(count: int, seed: int) -> list[list[float]]:
    """How often a read-out knows whether bits differ, by liquid and by input, for every delay."""
    bits = random_bits(count, seed)
    told = learning.tell(values_of(bits), seed)
    return [[differing(states, bits, delay) for delay in DELAYS] for states in told]


def capacity(steps: int, strength: float, seed: int = 1) -> learning.MemoryCapacity:
    """The memory capacity of a liquid for a current of -100 to 100 pA."""
    u = np.random.default_rng(seed).uniform(-1, 1, steps)
    net = learning.liquid(seed, strength)
    current = net.source("input", "table_current", times=STEP * np.arange(steps), values=100 * u)
    for name in ("exc", "inh"):
        net.connect(current, name, weight=engine.normal(0, 1), port="current")
    ran = net.simulate(STEP * steps)
    at = STEP * np.arange(1, steps + 1)
    states = [
        learning.filtered_spikes(ran[name].spikes.times, ran[name].spikes.senders,
                                 ran[name].size, at)
        for name in ("exc", "inh")
    ]  # fmt: skip
    return learning.memory_capacity(u, np.concatenate(states, 1), 30, penalty=0.01)


def ring_capacity(steps: int) -> learning.MemoryCapacity:
    """That of linear units in a ring, x_i(n) = 0.9 x_{i-1}(n - 1) +- u(n)."""
    rng = np.random.default_rng(1)
    u, sign = rng.uniform(-1, 1, steps), rng.choice([-1.0, 1.0], SIZE)
    states = np.zeros((steps, SIZE))
    for n in range(1, steps):
        states[n] = DECAY * np.roll(states[n - 1], 1) + sign * u[n]
    return learning.memory_capacity(u, states, 60)


def differences(seed: int = 1) -> list[float]:
    """How far the states of a liquid are apart when its numbers change by so much."""
    rng = np.random.default_rng(seed)
    numbers, sign = rng.uniform(0.2, 0.8, 100), rng.choice([-1.0, 1.0], 100)
    states = [learning.tell(numbers + change * sign, seed)[0] for change in CHANGES]
    return [float(learning.separation(states[0], one).mean()) for one in states]


if __name__ == "__main__":
    show("liquid_memory", __doc__ or "", run)
