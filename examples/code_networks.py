"""Networks that are given a picture, a value or a signal as spikes: one for every family of codes.

``make_examples.py`` writes them as documents.  In each a population hands the spikes on, one to
one, so that what arrives can be decoded again: ``tests/golden/test_code_examples.py`` does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import engine
from engine.network import Handle

SEVEN = """
. 5 9 9 9 9 6 .
. 3 5 4 4 8 8 .
. . . . . 9 5 .
. . . . 6 9 . .
. . . 3 9 4 . .
. . . 8 8 . . .
. . . 9 5 . . .
. . . . . . . ."""
GREY = [0.0 if sign == "." else int(sign) / 10 for sign in SEVEN.split()]
PICTURE: dict[str, Any] = {"values": GREY, "columns": 8}
FIVE = [0.1, 0.3, 0.5, 0.7, 0.9]
# Neurons that hand on every spike, even two within 2 ms.
RELAY: dict[str, Any] = {"E_L": 0, "v_th": 20, "v_reset": 0, "t_ref": 0.5, "tau_m": 5, "C": 200}
PASSED = 100.0  # mV


def codes() -> engine.Network:
    """A picture as spikes, four ways."""
    net = engine.Network(
        "One picture, four codes",
        description="The same drawn digit, 8 by 8 grey values, shown again and again: as rates, as "
        "latencies, as bursts, and as the binary digits of its values. Select a code to see "
        "picture, spikes and what they are read as; its parameters change while it runs.",
    )
    shown = (
        net.source("rate", "rate_code", label="Rate code", steps=80, pause=20, **PICTURE),
        net.source("latency", "latency_code", label="Latency code", steps=80, pause=20, **PICTURE),
        net.source("burst", "burst_code", label="Burst code", dt=2, isi_max=8, steps=40, pause=20,
                   **PICTURE),
        net.source("phase", "phase_code", label="Phase code", dt=10, pause=20, **PICTURE),
    )  # fmt: skip
    for source, label in zip(shown, ("Rates", "Latencies", "Bursts", "Phases"), strict=True):
        # Each spike is strong enough to be handed on, so the raster shows the code.
        cells = net.population(f"{source.id}-cells", 64, "lif_psc_exp", label=label, tau_exc=2)
        net.connect(source, cells, rule=engine.rules.one_to_one(), weight=2400, delay=0.1,
                    port="exc")  # fmt: skip
        net.record(cells, "spikes")
        net.record(cells[:3], "v")
    return net


def code_binary() -> engine.Network:
    """McCulloch & Pitts 1943, Bulletin of Mathematical Biophysics 5:115."""
    net = engine.Network(
        "Black or white",
        dt=0.5,
        description="A drawn digit as a binary code: a pixel of 0.5 or more spikes once each time "
        "the picture is shown, any other stays silent. Lower the threshold and paler pixels "
        "join in.",
    )
    relayed(net, net.source("picture", "binary_code", label="Binary code", dt=10, pause=90,
                            **PICTURE))  # fmt: skip
    return net


def code_rate() -> engine.Network:
    """Adrian & Zotterman 1926; Dayan & Abbott 2001, section 1.4."""
    net = engine.Network(
        "Rates, three ways",
        dt=0.5,
        description="Five values as rates: spikes at random (Poisson), one draw a step "
        "(Bernoulli), and evenly spaced. Even spikes say a value best, random ones scatter around "
        "it; the longer one listens the less.",
    )
    for make, label, more in (
        ("poisson", "Poisson", {"rate_max": 100}),
        ("bernoulli", "Bernoulli", {"dt": 10, "steps": 50}),
        ("regular", "Even", {"rate_max": 100}),
    ):
        given = {"steps": 500, "values": FIVE, "make": make, **more}
        relayed(net, net.source(make, "rate_code", label=label, **given))
    return net


def code_latency() -> engine.Network:
    """Thorpe, Delorme & Van Rullen 2001, Neural Networks 14:715."""
    net = engine.Network(
        "The strongest first",
        dt=0.5,
        description="A drawn digit as latencies: each pixel spikes once, the brighter the earlier, "
        "on a line or as a membrane charges. One wave of spikes is the whole picture.",
    )
    for curve, label in (("linear", "On a line"), ("log", "As a membrane")):
        relayed(net, net.source(curve, "latency_code", label=label, curve=curve, steps=60,
                                threshold=0.1, tau=50, pause=40, **PICTURE))  # fmt: skip
    return net


def code_rank_order() -> engine.Network:
    """Thorpe & Gautrais 1998."""
    net = engine.Network(
        "Only the order counts",
        dt=0.5,
        description="The same picture in full and in a tenth of the contrast. Rank-order code "
        "keeps nothing but which pixel comes before which, so the two look alike.",
    )
    for key, label, factor in (("full", "Full contrast", 1.0), ("faint", "A tenth", 0.1)):
        values = [round(factor * value, 3) for value in GREY]
        relayed(net, net.source(key, "rank_order_code", label=label, dt=2, values=values,
                                columns=8, pause=72))  # fmt: skip
    return net


def code_phase() -> engine.Network:
    """Kim et al. 2018, Neurocomputing 311:373."""
    net = engine.Network(
        "Binary digits in eight phases",
        dt=0.5,
        description="Five values as binary fractions: a spike in phase k of a cycle is worth "
        "1/2 to the power of k. Eight phases say a value to within 1/512.",
    )
    relayed(net, net.source("values", "phase_code", label="Phase code", dt=10, pause=20,
                            values=[0.7109375, 0.3, 0.5, 0.0625, 0.99]))  # fmt: skip
    return net


def code_burst() -> engine.Network:
    """Guo et al. 2021, Frontiers in Neuroscience 15:638474."""
    net = engine.Network(
        "Bursts that get through",
        dt=0.5,
        description="Five values as bursts: the larger a value, the more spikes and the closer "
        "together, all at the beginning of the window.",
    )
    relayed(net, net.source("values", "burst_code", label="Burst code", dt=4, steps=20, pause=20,
                            values=FIVE))  # fmt: skip
    return net


def code_population() -> engine.Network:
    """Bohte, Kok & La Poutre 2002, Neurocomputing 48:17."""
    net = engine.Network(
        "Eight neurons say one value",
        dt=0.5,
        description="Three values, each to eight neurons with overlapping fields: the nearer a "
        "field is to the value, the earlier its neuron spikes. Together they say the value far "
        "more finely than one neuron could.",
    )
    relayed(net, net.source("values", "population_code", label="Population code", dt=1, steps=60,
                            values=[0.2, 0.5, 0.85], pause=40))  # fmt: skip
    return net


def codes_change() -> engine.Network:
    """Petro, Kasabov & Kiss 2020, IEEE Trans. Neural Networks and Learning Systems 31:358."""
    net = engine.Network(
        "What changes, spikes",
        dt=0.5,
        description="A signal that rises, falls and rests, by four codes of change. The upper row "
        "of each says up, the lower one down. Step-forward follows the signal itself, "
        "delta and threshold code compare with the last sample, moving window with the last few.",
    )
    kinds = {
        "step_forward": ("Step-forward", {"threshold": 0.1}),
        "delta": ("Delta", {"threshold": 0.08, "before": "first"}),
        "moving_window": ("Moving window", {"threshold": 0.1}),
        "threshold_based": ("Threshold (TBR)", {"factor": 0.5}),
    }
    for name, (label, parameters) in kinds.items():
        relayed(net, net.source(name, f"{name}_code", label=label, dt=5, pause=100, **parameters))
    return net


def code_bsa() -> engine.Network:
    """Schrauwen & Van Campenhout 2003, IJCNN 4:2825."""
    net = engine.Network(
        "Spikes that filter back to the signal",
        dt=0.5,
        description="Ben's Spiker Algorithm sets a spike wherever its filter fits under what is "
        "left of the signal; the spikes, filtered again, give the signal back. Select the source "
        "to see both.",
    )
    relayed(net, net.source("signal", "bsa_code", label="BSA", dt=5, pause=100, height=2))
    return net


def code_temporal() -> engine.Network:
    """Izhikevich 2006, Neural Computation 18:245: spikes that delays bring together."""
    net = engine.Network(
        "A pattern of exact times",
        dt=0.5,
        description="Five inputs spike 8 ms apart, in one order and then in the other. Delays of "
        "32 to 0 ms bring the first pattern together at the neuron, which fires; of the "
        "other one it hears single spikes and stays silent. Timing alone tells them apart.",
    )
    forth = net.source("forth", "regular", 5, label="Forth", rate=2,
                       start=[100 + 8 * k for k in range(5)])  # fmt: skip
    back = net.source("back", "regular", 5, label="Back", rate=2,
                      start=[350 + 8 * (4 - k) for k in range(5)])  # fmt: skip
    inputs = net.population("inputs", 5, "lif_psc_delta", label="Inputs", **RELAY)
    cell = net.population("cell", 1, "lif_psc_delta", label="Reader", **RELAY)
    for source in (forth, back):
        net.connect(source, inputs, engine.rules.one_to_one(), weight=PASSED, delay=0.5, port="exc")
    pairs = engine.rules.explicit([(k, 0) for k in range(5)])
    net.connect(inputs, cell, pairs, weight=6, delay=[1 + 8.0 * (4 - k) for k in range(5)],
                port="exc")  # fmt: skip
    net.record(inputs, "spikes")
    net.record(cell, "spikes")
    net.record(cell, "v")
    return net


def relayed(net: engine.Network, source: Handle) -> None:
    """Neurons that hand on the spikes of a code, recorded."""
    label = net.document.nodes_by_id[source.id].label
    cells = net.population(f"{source.id}-cells", len(source), "lif_psc_delta",
                           label=f"{label}, received", **RELAY)  # fmt: skip
    net.connect(source, cells, engine.rules.one_to_one(), weight=PASSED, delay=0.5, port="exc")
    net.record(cells, "spikes")
    net.record(cells[:2], "v")


NETWORKS: tuple[Callable[[], engine.Network], ...] = (
    codes, code_binary, code_rate, code_latency, code_rank_order, code_phase, code_burst,
    code_population, codes_change, code_bsa, code_temporal,
)  # fmt: skip
