"""The benchmark networks of the field, as documents.  The gallery and the tests use them as well."""

from __future__ import annotations

import numpy as np

import engine
from engine import rules

Network = engine.Network


def vogels_abbott_current(seed: int = 1, delay: float = 0.1) -> Network:
    """CUBA: 4,000 neurons with current synapses (Vogels & Abbott 2005; Brette et al. 2007, bench 2).

    The published weights are 1.62 and -9 mV in the form tau_m dv/dt = (g - v): here times g_L.
    """
    network = Network("Vogels-Abbott, currents", dt=0.1, seed=seed)
    network_size = {"exc": 3200, "inh": 800}
    for name, size in network_size.items():
        network.population(
            name,
            size,
            "lif_psc_exp",
            initial={"v": engine.uniform(-60.0, -50.0)},
            E_L=-49.0,
            v_th=-50.0,
            v_reset=-60.0,
            t_ref=5.0,
            tau_exc=5.0,
            tau_inh=10.0,
        )
    _balanced(network, {"exc": 16.2, "inh": -90.0}, delay)
    return network


def vogels_abbott(seed: int = 1, delay: float = 0.1) -> Network:
    """COBA: 4,000 neurons with conductance synapses (Vogels & Abbott 2005; Brette 2007, bench 1).

    The network keeps itself active from initial conductances like those of the active state.
    """
    network = Network("Vogels-Abbott", dt=0.1, seed=seed)
    initial = {
        "v": engine.normal(-65.0, 5.0, high=-50.1),
        "g_exc": engine.normal(40.0, 15.0, low=0.0),
        "g_inh": engine.normal(200.0, 120.0, low=0.0),
    }
    for name, size in {"exc": 3200, "inh": 800}.items():
        network.population(
            name,
            size,
            "lif_cond_exp",
            initial=initial,
            E_L=-60.0,
            v_th=-50.0,
            v_reset=-60.0,
            t_ref=5.0,
            tau_exc=5.0,
            tau_inh=10.0,
            E_exc=0.0,
            E_inh=-80.0,
        )
    _balanced(network, {"exc": 6.0, "inh": 67.0}, delay)
    return network


def _balanced(network: Network, weights: dict[str, float], delay: float) -> None:
    for source, weight in weights.items():
        rule = rules.probability(0.02)
        network.connect(source, ["exc", "inh"], rule, weight, delay, port=source)


def brunel(seed: int = 1, g: float = 5.0, eta: float = 2.0, size: int = 12_500) -> Network:
    """Brunel 2000: delta synapses, in-degrees of a tenth of the populations, J = 0.1 mV.

    ``g`` is the relative strength of inhibition, ``eta`` the external drive over what keeps a
    neuron at its threshold.  Potentials are counted from rest, as in the paper.
    """
    jump, delay = 0.1, 1.5
    sizes = {"exc": size * 4 // 5, "inh": size // 5}
    in_degree = {name: count // 10 for name, count in sizes.items()}
    threshold, tau_m = 20.0, 20.0
    external = eta * threshold / (jump * tau_m) * 1000.0  # Hz, of all external synapses together
    network = Network("Brunel", dt=0.1, seed=seed)
    for name, count in sizes.items():
        network.population(
            name,
            count,
            "lif_psc_delta",
            initial={"v": engine.uniform(0.0, threshold)},
            tau_m=tau_m,
            E_L=0.0,
            v_th=threshold,
            v_reset=10.0,
            t_ref=2.0,
        )
    for name, count in sizes.items():
        drive = network.source(f"drive_{name}", "poisson", count, rate=external)
        network.connect(drive, name, rules.one_to_one(), jump, delay, port="exc")
    for source, weight in {"exc": jump, "inh": -g * jump}.items():
        rule = rules.fixed_indegree(in_degree[source])
        network.connect(source, ["exc", "inh"], rule, weight, delay, port=source)
    return network


def izhikevich_1000(seed: int = 1) -> Network:
    """Izhikevich 2003: 1,000 neurons, all to all, noise, by the published scheme at 1 ms.

    Each neuron's parameters come from one random number r of its own, as in the published code;
    they are drawn here from the seed and written into the document.
    """
    draw = np.random.default_rng(seed)
    r_exc, r_inh = draw.random(800), draw.random(200)
    network = Network("Izhikevich's 1,000 neurons", dt=1.0, seed=seed)
    cells = {
        "exc": {"a": 0.02, "b": 0.2, "c": -65 + 15 * r_exc**2, "d": 8 - 6 * r_exc**2},
        "inh": {"a": 0.02 + 0.08 * r_inh, "b": 0.25 - 0.05 * r_inh, "c": -65.0, "d": 2.0},
    }
    for name, size, noise in (("exc", 800, 5.0), ("inh", 200, 2.0)):
        given = {key: np.round(value, 4) for key, value in cells[name].items()}
        network.population(
            name, size, "izhikevich", solver="izhikevich_2003",
            initial={"v": -65.0}, ports={"exc": "pulse", "inh": "pulse"}, **given,
        )  # fmt: skip
        current = network.source(
            f"noise_{name}", "noise_current", size, mean=0.0, std=noise, interval=1.0
        )
        network.connect(current, name, rules.one_to_one(), 1.0)
    for source, low, high in (("exc", 0.0, 0.5), ("inh", -1.0, 0.0)):
        weight = engine.uniform(low, high)
        network.connect(source, ["exc", "inh"], rules.all_to_all(), weight, 1.0, port=source)
    return network
