"""Networks whose synapses learn, one for every rule that stands on a connection.

Each shows what its rule does within half a minute of simulated time; ``make_examples.py`` writes
them as documents, and ``tests/golden/test_learning_examples.py`` holds each to what it says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import engine
from engine.network import Handle

ONE = engine.rules.one_to_one()
LATE, PERIOD = 60, 200  # ms: the latest spike of a volley, and from one volley to the next
# A cell that a spike of its drive fires for sure, whatever else it gets: the drive says its rate.
FIRED = 1000.0  # mV
CELL: dict[str, Any] = {"E_L": 0, "v_th": 20, "v_reset": 0, "t_ref": 2, "tau_m": 20, "C": 200}


def stdp_nearest() -> engine.Network:
    """Guyonneau, VanRullen & Thorpe 2005, Neural Computation 17:859; Song et al. 2000, Fig. 4."""
    net = engine.Network(
        "Earlier and earlier",
        dt=0.5,
        description="The same volley of a hundred spikes, spread over 60 ms, comes five times a "
        "second. Nearest-spike STDP strengthens what came before the neuron's own spike, so it "
        "answers earlier from volley to volley, until the first few inputs suffice.",
    )
    values = [round(1 - 0.0099 * k, 4) for k in range(100)]
    volley = net.source("inputs", "latency_code", label="Volley", values=values, steps=LATE,
                        pause=PERIOD - LATE)  # fmt: skip
    noise = net.source("noise", "poisson", label="Noise", rate=200)
    cell = net.population("cell", 1, "lif_psc_delta", label="Neuron", **CELL)
    rule = engine.plasticity("stdp_nearest", A_plus=0.02, A_minus=0.021, w_min=0, w_max=2)
    net.connect(volley, cell, weight=0.6, delay=1, port="exc", id="synapses", plasticity=rule)
    net.connect(noise, cell, weight=0.4, delay=1, port="exc")
    return watched(net, cell)


def stdp_multiplicative() -> engine.Network:
    """Rubin, Lee & Sompolinsky 2001, Physical Review Letters 86:364."""
    return gathering(
        "Weights that meet in the middle",
        "stdp_multiplicative",
        "Changes shrink towards either bound, so they gather around a third of the strongest: "
        "one mode, where additive STDP makes two.",
        A_plus=0.01,
        A_minus=0.02,
    )


def stdp_van_rossum() -> engine.Network:
    """van Rossum, Bi & Turrigiano 2000, Journal of Neuroscience 20:8812.

    The published amplitudes are so small that weights take minutes to settle; with these, larger
    by 20/3 and the noise by its root, they settle to the same distribution in seconds.
    """
    return gathering(
        "Strong synapses lose more",
        "stdp_van_rossum",
        "Depression is in proportion to the weight and potentiation is not, so they gather around "
        "half of the strongest, and noise keeps them spread.",
        A_plus=0.01,
        A_minus=0.02,
        sigma=0.04,
    )


def gathering(name: str, model: str, what: str, **parameters: float) -> engine.Network:
    """Song's neuron with a rule under which weights, spread at first, become alike."""
    net = engine.Network(
        name,
        dt=0.5,
        description=f"Four hundred random inputs of 15 Hz; weights begin anywhere. {what}",
    )
    drive = net.source("drive", "poisson", size=400, label="Inputs", rate=15)
    cell = net.population("cell", 1, "lif_psc_delta", label="Neuron", **CELL)
    rule = engine.plasticity(model, w_min=0, w_max=0.5, **parameters)
    net.connect(drive, cell, weight=engine.uniform(0, 0.5), delay=0.5, port="exc", id="synapses",
                plasticity=rule)  # fmt: skip
    return watched(net, cell)


def stdp_triplet() -> engine.Network:
    """Sjostrom, Turrigiano & Nelson 2001, Neuron 32:1149, in the model of Pfister & Gerstner."""
    net = engine.Network(
        "The same pair, rare and frequent",
        dt=0.5,
        description="In both neurons the target spikes 10 ms before the source, which depresses "
        "where pairs are rare (10 a second). Under the triplet rule the same pairs potentiate "
        "where they are frequent (50 a second). Plain STDP would depress in both.",
    )
    for key, label, rate in (("rare", "Rare", 10), ("often", "Frequent", 50)):
        source = net.source(f"{key}-in", "regular", 20, label=f"{label}, source", rate=rate,
                            start=60, jitter=1)  # fmt: skip
        drive = net.source(f"{key}-drive", "regular", 1, label=f"{label}, target", rate=rate,
                           start=50, jitter=1)  # fmt: skip
        cell = net.population(f"{key}-cell", 1, "lif_psc_delta", label=f"{label} pairs", **CELL)
        rule = engine.plasticity("stdp_triplet", w_min=0, w_max=0.4)
        net.connect(drive, cell, weight=FIRED, delay=1, port="exc")
        net.connect(source, cell, weight=0.2, delay=1, port="exc", id=f"{key}-synapses",
                    plasticity=rule)  # fmt: skip
        net.record(source, "spikes")
        watched(net, cell)
    return net


def stdp_triplet_nearest() -> engine.Network:
    """Pfister & Gerstner 2006, Table 4: visual cortex, nearest spikes."""
    return by_rate(
        "Triplets that know their rate",
        "Under nearest-spike triplets inputs of a neuron that fires fast gain, and inputs of one "
        "that fires slowly lose, although all inputs are the same.",
        {"slow": ("Slow", 5), "fast": ("Fast", 40)},
        engine.plasticity("stdp_triplet_nearest", w_min=0, w_max=0.5),
    )


def stdp_centred() -> engine.Network:
    """Izhikevich & Desai 2003, Neural Computation 15:1511."""
    return by_rate(
        "STDP with a threshold",
        "Nearest pairs around each input spike make STDP a BCM rule: weights fall where a neuron "
        "fires below 11.8 Hz and rise where it fires above. Change the rate of a drive across "
        "that line.",
        {"slow": ("At 6 Hz", 6), "fast": ("At 24 Hz", 24)},
        # Twice the published amplitudes: the threshold depends on their ratio alone.
        engine.plasticity("stdp_centred", A_plus=0.0206, A_minus=0.0102, w_min=0, w_max=0.5),
    )


def two_thresholds() -> engine.Network:
    """Artola, Broecher & Singer 1990, Nature 347:69."""
    return by_rate(
        "Too little, some, enough",
        "The rule of Artola, Bröcher and Singer has two thresholds of the target's activity: "
        "below 8 Hz nothing changes, between them inputs lose, from 25 Hz on they gain.",
        {"quiet": ("Quiet", 1), "middle": ("Some", 15), "fast": ("Much", 45)},
        engine.plasticity("two_thresholds", theta_minus=8, theta_plus=25, tau_y=500, w_min=0,
                          w_max=0.5),
    )  # fmt: skip


def by_rate(
    name: str, what: str, cells: dict[str, tuple[str, float]], rule: dict[str, Any]
) -> engine.Network:
    """A hundred inputs to populations of ten that differ in how fast their drives fire them."""
    net = engine.Network(name, dt=0.5, description=what)
    inputs = net.source("inputs", "poisson", 100, label="Inputs", rate=20)
    for key, (label, rate) in cells.items():
        drive = net.source(f"{key}-drive", "poisson", 10, label=f"Drive, {rate:g} Hz", rate=rate)
        group = net.population(f"{key}-cells", 10, "lif_psc_delta", label=label, **CELL)
        net.connect(drive, group, ONE, weight=FIRED, delay=1, port="exc")
        net.connect(inputs, group, weight=0.15, delay=1, port="exc", id=f"{key}-synapses",
                    plasticity=rule)  # fmt: skip
        watched(net, group)
    return net


def bcm() -> engine.Network:
    """Bienenstock, Cooper & Munro 1982, Journal of Neuroscience 2:32."""
    net = engine.Network(
        "A neuron chooses",
        dt=1,
        description="Two groups of inputs are active in turn, each for half a second. At first the "
        "neuron answers both; under the BCM rule its threshold slides up with its own activity "
        "until one group alone can pass it. Which one is chance: try another seed.",
    )
    cell = net.population("cell", 1, "pif", label="Neuron", ports={"exc": "delta"})
    rule = engine.plasticity("bcm", A=1e-3, rate_0=20, tau_theta=2000, w_min=0, w_max=0.6)
    for group in alternating(net, 50, 30):
        net.connect(group, cell, weight=engine.uniform(0.02, 0.28), delay=1, port="exc",
                    id=f"{group.id}-synapses", plasticity=rule)  # fmt: skip
    return watched(net, cell)


def oja() -> engine.Network:
    """Oja 1982, Journal of Mathematical Biology 15:267."""
    net = engine.Network(
        "Inputs that rise together",
        dt=1,
        description="Half of the inputs are active together every second and rest in between, the "
        "others keep the same mean rate all the time. Oja's rule turns the weights towards the "
        "direction in which inputs vary most: the first half gains, the other loses, and the sum "
        "of their squares stays.",
    )
    cell = net.population("cell", 1, "pif", label="Neuron", ports={"exc": "delta"})
    rule = engine.plasticity("oja", A=3e-3, rate_0=20, w_n=0.2, w_min=0, w_max=1)
    together = net.source("together", "poisson_sine", 50, label="Together", rate=0, amplitude=63,
                          frequency=1)  # fmt: skip
    steady = net.source("steady", "poisson", 50, label="Steady", rate=20)
    for group in (together, steady):
        net.connect(group, cell, weight=0.15, delay=1, port="exc", id=f"{group.id}-synapses",
                    plasticity=rule)  # fmt: skip
        net.record(group, "spikes")
    return watched(net, cell)


def r_stdp() -> engine.Network:
    """Izhikevich 2007, Cerebral Cortex 17:2443: the instrumental task of his Fig. 4, smaller."""
    net = engine.Network(
        "A late reward",
        dt=0.5,
        description="A cue comes every half second and wakes one of two groups, left or right, "
        "which compete. Whenever left wins, dopamine follows 200 ms later. Spikes only mark "
        "synapses; dopamine turns fresh marks into weight, so left wins more and more often.",
    )
    cue = net.source("cue", "regular", 60, label="Cue", rate=2, start=200, jitter=10)
    groups = [
        net.population(name, 20, "lif_psc_delta", label=label, **CELL)
        for name, label in (("left", "Left"), ("right", "Right"))
    ]
    dopamine = net.population("dopamine", 1, "lif_psc_delta", label="Dopamine", **CELL)
    rule = engine.plasticity("r_stdp", A_plus=0.1, A_minus=0.05, tau_c=300, tau_d=100, eta=10,
                             w_min=0, w_max=1.0)  # fmt: skip
    inhibition = net.population("inhibition", 10, "lif_psc_delta", label="Inhibition", **CELL)
    for group in groups:
        noise = net.source(f"noise-{group.id}", "poisson", 1, label=f"Noise, {group.id}", rate=300)
        net.connect(noise, group, weight=1.5, delay=1, port="exc")
        net.connect(cue, group, weight=0.5, delay=1, port="exc", id=f"cue-{group.id}",
                    plasticity=rule, reward=dopamine)  # fmt: skip
        # Who fires first silences both, and so wins.
        net.connect(group, inhibition, weight=1.5, delay=0.5, port="exc")
        net.connect(inhibition, group, weight=-6, delay=0.5, port="inh")
        watched(net, group)
    net.connect(groups[0], dopamine, weight=1.6, delay=200, port="exc")
    net.record(dopamine, "spikes")
    return net


def mstdp() -> engine.Network:
    """Florian 2007, Neural Computation 19:1468, eqs. 26 and 27."""
    net = engine.Network(
        "Only while there is reward",
        dt=0.5,
        description="Two groups of inputs are active in turn, and rewards come while the first one "
        "is. Modulated STDP counts a pair of spikes by the reward of that moment, so the neuron "
        "learns to follow the first group; the second one stays as it was.",
    )
    first, second = alternating(net, 50, 20)
    reward = net.source("reward", "poisson_sine", label="Reward", rate=0, amplitude=30,
                        frequency=1)  # fmt: skip
    rule = engine.plasticity("mstdp", gamma=0.002, A_minus=0.6, w_min=0, w_max=1)
    return rewarded(net, (first, second), reward, rule)


def mstdpet() -> engine.Network:
    """Florian 2007, Neural Computation 19:1468, eqs. 14, 24 and 25."""
    net = engine.Network(
        "Which cue foretells the reward",
        dt=0.5,
        description="A red and a green cue come in turn, and a reward follows the red one after "
        "100 ms. What a cue's spikes did is remembered in a trace of each synapse, and the reward "
        "finds it there: the neuron comes to answer red, and green stays as it was.",
    )
    red = net.source("red", "regular", 50, label="Red cue", rate=1, start=100, jitter=5)
    green = net.source("green", "regular", 50, label="Green cue", rate=1, start=600, jitter=5)
    reward = net.source("reward", "regular", label="Reward", rate=1, start=200)
    rule = engine.plasticity("mstdpet", gamma=0.6, tau_z=80, tau_r=20, A_minus=0.6, w_min=0,
                             w_max=1)  # fmt: skip
    return rewarded(net, (red, green), reward, rule)


def rewarded(
    net: engine.Network, groups: tuple[Handle, Handle], reward: Handle, rule: dict[str, Any]
) -> engine.Network:
    """``net`` with ten noisy cells that learn from two groups of inputs and a reward."""
    cells = net.population("cells", 10, "lif_psc_delta", label="Neurons", **CELL)
    noise = net.source("noise", "poisson", 10, label="Noise", rate=400)
    net.connect(noise, cells, ONE, weight=2.2, delay=1, port="exc")
    for group in groups:
        net.connect(group, cells, weight=0.3, delay=1, port="exc", id=f"{group.id}-synapses",
                    plasticity=rule, reward=reward)  # fmt: skip
        net.record(group, "spikes")
    net.record(reward, "spikes")
    return watched(net, cells)


def resume() -> engine.Network:
    """Ponulak & Kasinski 2010, Neural Computation 22:467."""
    net = engine.Network(
        "Taught to spike on time",
        dt=0.5,
        description="A hundred and twenty inputs run through the same pattern, over and over; a "
        "teacher spikes at 60 ms and at 120 ms of each. ReSuMe strengthens what was active before "
        "the teacher's spikes and weakens what was active before the neuron's own, until both "
        "are the same.",
    )
    steps = 180
    values = [round((k * 37 % 120) / 119, 4) for k in range(120)]
    inputs = net.source("inputs", "latency_code", label="Inputs", values=values, steps=steps,
                        pause=20)  # fmt: skip
    wanted = [round(1 - time / (steps - 1), 4) for time in (60, 120)]
    lessons = net.source("lessons", "latency_code", label="Lessons", values=wanted, steps=steps,
                         pause=20, below="silent", threshold=1e-6)  # fmt: skip
    teacher = net.population("teacher", 1, "lif_psc_delta", label="Teacher", **CELL)
    cell = net.population("cell", 1, "lif_psc_exp", label="Neuron", tau_exc=5, t_ref=2)
    rule = engine.plasticity("resume", A=0.05, a=0.0, tau=8, w_min=0, w_max=1200)
    net.connect(lessons, teacher, weight=FIRED, delay=1, port="exc")
    net.connect(inputs, cell, weight=250, delay=1, port="exc", id="synapses", plasticity=rule,
                teacher=teacher)  # fmt: skip
    net.record(teacher, "spikes")
    return watched(net, cell)


LETTERS = {
    "l": "X.... X.... X.... X.... XXXXX",
    "t": "XXXXX ..X.. ..X.. ..X.. ..X..",
    "x": "X...X .X.X. ..X.. .X.X. X...X",
}


def supervised_hebb() -> engine.Network:
    """Gerstner et al. 2014, Neuronal Dynamics, section 19.2."""
    net = engine.Network(
        "Three letters and a teacher",
        dt=0.5,
        description="L, T and X appear on a retina of 5 by 5 in turn, and a teacher names each by "
        "a spike of its own neuron: what is active then is joined to it. After ten rounds the "
        "teacher leaves, and the neurons name the letters by themselves.",
    )
    retina = net.population("retina", 25, "lif_psc_delta", label="Retina",
                            geometry={"kind": "grid", "columns": 5, "width": 40, "height": 40},
                            **CELL)  # fmt: skip
    names = net.population("names", 3, "lif_psc_delta", label="Names", **CELL)
    starts = [100.0 + 300.0 * k for k in range(len(LETTERS))]
    for start, (letter, drawn) in zip(starts, LETTERS.items(), strict=True):
        pixels = [k for k, sign in enumerate(drawn.replace(" ", "")) if sign == "X"]
        shown = net.source(f"letter-{letter}", "regular", label=letter.upper(), rate=1 / 0.9,
                           start=start, jitter=0.5)  # fmt: skip
        pairs = engine.rules.explicit([(0, pixel) for pixel in pixels])
        net.connect(shown, retina, pairs, weight=FIRED, delay=1, port="exc")
    teacher = net.source("teacher", "regular", 3, label="Teacher", rate=1 / 0.9, number=10,
                         start=[start + 4 for start in starts])  # fmt: skip
    rule = engine.plasticity("supervised_hebb", A=0.08, tau=10, w_min=0, w_max=4)
    net.connect(retina, names, weight=0, delay=1, port="exc", id="synapses", plasticity=rule,
                teacher=teacher)  # fmt: skip
    net.connect(names, names, engine.rules.all_to_all(self_connections=False), weight=-20, delay=1,
                port="inh")  # fmt: skip
    net.record(retina, "spikes")
    net.record(teacher, "spikes")
    return watched(net, names)


def tsodyks_markram() -> engine.Network:
    """Markram, Wang & Tsodyks 1998, PNAS 95:5323."""
    net = engine.Network(
        "Synapses that tire, synapses that warm up",
        dt=0.1,
        description="Eight spikes at 20 Hz, a pause, and again, to two neurons. One synapse tires: "
        "each spike finds fewer resources, and the pause restores them. The other one warms up: "
        "each spike releases more than the one before. Weights never change.",
    )
    spikes = net.source("spikes", "rate_code", label="Eight spikes", make="regular", values=[1],
                        rate_max=20, steps=400, pause=1100)  # fmt: skip
    kinds = {
        "tiring": ("Depressing", {"U": 0.5, "tau_rec": 800, "tau_facil": 0}, 400),
        "warming": ("Facilitating", {"U": 0.05, "tau_rec": 100, "tau_facil": 1000}, 1200),
    }
    for key, (label, parameters, weight) in kinds.items():
        cell = net.population(key, 1, "lif_psc_exp", label=label, v_th=0, tau_exc=3)
        rule = engine.plasticity("tsodyks_markram", **parameters)
        net.connect(spikes, cell, weight=weight, delay=1, port="exc", id=f"{key}-synapse",
                    plasticity=rule)  # fmt: skip
        net.record(cell, "v")
    net.record(spikes, "spikes")
    return net


def alternating(net: engine.Network, size: int, rate: float) -> tuple[Handle, Handle]:
    """Two groups of inputs, recorded, that are active in turn, at a mean rate [Hz]."""
    pair = []
    for name, label, phase in (("first", "First group", 0.0), ("second", "Second group", 3.1416)):
        group = net.source(name, "poisson_sine", size, label=label, rate=0,
                           amplitude=round(3.1416 * rate, 1), frequency=1, phase=phase)  # fmt: skip
        net.record(group, "spikes")
        pair.append(group)
    return pair[0], pair[1]


def watched(net: engine.Network, cells: Handle) -> engine.Network:
    """``net`` that records spikes of ``cells`` and the membrane of the first ones."""
    net.record(cells, "spikes")
    net.record(cells[:2] if len(cells) > 1 else cells, "v")
    return net


NETWORKS: tuple[Callable[[], engine.Network], ...] = (
    stdp_nearest, stdp_multiplicative, stdp_van_rossum, stdp_triplet, stdp_triplet_nearest,
    stdp_centred, two_thresholds, bcm, oja, r_stdp, mstdp, mstdpet, resume, supervised_hebb,
    tsodyks_markram,
)  # fmt: skip
