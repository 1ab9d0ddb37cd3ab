"""The benchmark's networks in NEST; run by an interpreter that has NEST.

``PYTHON nest_networks.py CASE [JSON]``, see `serving.py`.  Every run begins with an empty kernel;
what NEST prepares before its first step counts as building.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

os.environ["PYNEST_QUIET"] = "1"

import definitions as numbers
import nest
import numpy as np
from serving import Run, Settings, resident_bytes, serve, settings

NODES = Any  # nest.NodeCollection


def vogels_abbott_names(known: dict[str, Any]) -> dict[str, float]:
    """The parameters that the neurons of Vogels and Abbott's networks share."""
    common = numbers.VOGELS_ABBOTT
    return {
        "C_m": common["C"],
        "E_L": known["E_L"],
        "tau_syn_ex": common["tau_e"],
        "tau_syn_in": common["tau_i"],
    }


def integrate_and_fire() -> dict[str, float]:
    """Threshold, reset and refractory time."""
    common = numbers.VOGELS_ABBOTT
    return {
        "V_th": common["v_th"],
        "V_reset": common["v_reset"],
        "t_ref": common["t_ref"],
    }


def with_conductances() -> dict[str, float]:
    """Leak and reversal potentials."""
    common = numbers.VOGELS_ABBOTT
    return {"g_L": common["g_L"], "E_ex": common["E_e"], "E_in": common["E_i"]}


def size_of(known: dict[str, Any]) -> tuple[int, int]:
    """(excitatory cells, all cells)."""
    return int(known["excitatory"]), int(known["excitatory"] + known["inhibitory"])


def sparse(cells: NODES, known: dict[str, Any], scale: float) -> None:
    """Vogels and Abbott's connections; inhibitory weights are negative by ``scale``."""
    common = numbers.VOGELS_ABBOTT
    first, _ = size_of(common)
    rule = {"rule": "pairwise_bernoulli", "p": common["p"]}
    for some, weight in ((cells[:first], known["w_e"]), (cells[first:], scale * known["w_i"])):
        nest.Connect(some, cells, rule, {"weight": weight, "delay": common["delay"]})


def cuba() -> tuple[NODES, Callable[[], None]]:
    """Leaky neurons with currents, solved exactly."""
    known, common = numbers.CUBA, numbers.VOGELS_ABBOTT
    parameters = vogels_abbott_names(known) | integrate_and_fire()
    parameters["tau_m"] = common["C"] / common["g_L"]
    cells = nest.Create("iaf_psc_exp", size_of(common)[1], parameters)
    cells.V_m = nest.random.uniform(known["v_low"], known["v_high"])
    return cells, lambda: sparse(cells, known, 1.0)


def coba() -> tuple[NODES, Callable[[], None]]:
    """Leaky neurons with conductances."""
    known = numbers.CONDUCTANCES
    parameters = vogels_abbott_names(known) | integrate_and_fire() | with_conductances()
    cells = nest.Create("iaf_cond_exp", size_of(numbers.VOGELS_ABBOTT)[1], parameters)
    cells.V_m = nest.random.normal(*known["v"])
    cells.g_ex = nest.random.normal(*known["g_e"])
    cells.g_in = nest.random.normal(*known["g_i"])
    return cells, lambda: sparse(cells, known, -1.0)


def cobahh() -> tuple[NODES, Callable[[], None]]:
    """Neurons of Traub and Miles, their gates at rest at first."""
    known, more = numbers.CONDUCTANCES, numbers.TRAUB_MILES
    parameters = vogels_abbott_names(known) | with_conductances() | more
    cells = nest.Create("hh_cond_exp_traub", size_of(numbers.VOGELS_ABBOTT)[1], parameters)
    drawn = np.random.default_rng(nest.rng_seed)
    potentials = drawn.normal(*known["v"], len(cells))
    gates = gates_at_rest(potentials - more["V_T"])
    cells.set({"V_m": potentials, **gates})

    def connect() -> None:
        sparse(cells, known, -1.0)
        kick(cells, drawn)

    return cells, connect


def gates_at_rest(v: np.ndarray) -> dict[str, np.ndarray]:
    """The gates' steady states at ``v`` mV above V_T."""

    def exprel(x: np.ndarray) -> np.ndarray:
        return np.where(np.abs(x) < 1e-9, 1.0, np.expm1(x) / np.where(x == 0, 1.0, x))

    rates = {
        "Act_m": (1.28 / exprel((13 - v) / 4), 1.4 / exprel((v - 40) / 5)),
        "Inact_h": (0.128 * np.exp((17 - v) / 18), 4 / (1 + np.exp((40 - v) / 5))),
        "Act_n": (0.16 / exprel((15 - v) / 5), 0.5 * np.exp((10 - v) / 40)),
    }
    return {gate: opening / (opening + closing) for gate, (opening, closing) in rates.items()}


def kick(cells: NODES, drawn: np.random.Generator) -> None:
    """First conductances, which this model cannot be given, as one spike of its own weight each.

    A weight's sign tells the synapse, so what would be below 0 is 0 here.
    """
    first = nest.Create("spike_generator", params={"spike_times": [numbers.VOGELS_ABBOTT["dt"]]})
    for key, sign in (("g_e", 1.0), ("g_i", -1.0)):
        weights = sign * np.maximum(drawn.normal(*numbers.CONDUCTANCES[key], (len(cells), 1)), 0.0)
        delay = numbers.VOGELS_ABBOTT["delay"]
        nest.Connect(first, cells, "all_to_all", {"weight": weights, "delay": delay})


def brunel() -> tuple[NODES, Callable[[], None]]:
    """12,500 neurons, 1,250 synapses each, fixed in-degree with multapses."""
    known = numbers.BRUNEL
    first, size = size_of(known)
    parameters = {
        "C_m": 200.0,
        "E_L": 0.0,
        "tau_m": known["tau_m"],
        "V_th": known["v_th"],
        "V_reset": known["v_reset"],
        "t_ref": known["t_ref"],
    }
    cells = nest.Create("iaf_psc_delta", size, parameters)
    cells.V_m = nest.random.uniform(0.0, known["v_th"])

    def connect() -> None:
        synapse = {"weight": known["J"], "delay": known["delay"]}
        rate = known["inputs"] * known["input_rate"]
        drive = nest.Create("poisson_generator", params={"rate": rate})
        nest.Connect(drive, cells, "all_to_all", synapse)
        for some, weight, many in (
            (cells[:first], known["J"], known["from_excitatory"]),
            (cells[first:], -known["g"] * known["J"], known["from_inhibitory"]),
        ):
            rule = {"rule": "fixed_indegree", "indegree": int(many)}
            nest.Connect(some, cells, rule, synapse | {"weight": weight})

    return cells, connect


def izhikevich() -> tuple[NODES, Callable[[], None]]:
    """1,000 neurons, all to all: the published scheme, a step of 1 ms as two half steps of v."""
    known = numbers.IZHIKEVICH
    first, size = size_of(known)
    columns = numbers.izhikevich_cells()
    given = {"V_th": known["v_peak"], "consistent_integration": False, "V_m": known["v"]}
    cells = nest.Create("izhikevich", size, given)
    cells.set({**columns, "U_m": known["v"] * columns["b"]})

    def connect() -> None:
        for some, weight, noise in (
            (cells[:first], known["w_e"], known["noise_e"]),
            (cells[first:], known["w_i"], known["noise_i"]),
        ):
            source = nest.Create("noise_generator", params={"std": noise, "dt": known["dt"]})
            nest.Connect(source, some, "all_to_all", {"delay": known["dt"]})
            low, high = min(0.0, weight), max(0.0, weight)
            weights = nest.random.uniform(low, high)
            nest.Connect(some, cells, "all_to_all", {"weight": weights, "delay": known["dt"]})

    return cells, connect


def stdp() -> tuple[NODES, Callable[[], None]]:
    """Plastic synapses of 1,000 Poisson inputs onto one neuron, whose leak is 10 nS."""
    known = numbers.STDP
    leak = 10.0
    parameters = {
        "C_m": leak * known["tau_m"],
        "g_L": leak,
        "E_L": known["E_L"],
        "V_m": known["v"],
        "V_th": known["v_th"],
        "V_reset": known["v_reset"],
        "t_ref": known["dt"],  # the shortest that NEST has
        "E_ex": known["E_e"],
        "tau_syn_ex": known["tau_e"],
        "tau_minus": known["tau_minus"],
    }
    cell = nest.Create("iaf_cond_exp", params=parameters)

    def connect() -> None:
        most = leak * known["w_max"]
        inputs = nest.Create("parrot_neuron", int(known["inputs"]))
        noise = nest.Create("poisson_generator", params={"rate": known["rate"]})
        nest.Connect(noise, inputs, "all_to_all", {"delay": known["dt"]})
        plastic = {
            "synapse_model": "stdp_synapse",
            "Wmax": most,
            "lambda": known["A_plus"],
            "alpha": known["ratio"],
            "mu_plus": 0.0,
            "mu_minus": 0.0,
            "tau_plus": known["tau_plus"],
            "weight": nest.random.uniform(0.0, most),
            "delay": known["delay"],
        }
        nest.Connect(inputs, cell, "all_to_all", plastic)

    return cell, connect


def building(rule: dict[str, Any]) -> tuple[NODES, Callable[[], None]]:
    """15.6 M synapses among 12,500 neurons that do nothing."""
    cells = nest.Create("iaf_psc_delta", size_of(numbers.BRUNEL)[1])
    synapse = {"weight": numbers.BRUNEL["J"], "delay": numbers.BRUNEL["delay"]}
    return cells, lambda: nest.Connect(cells, cells, rule, synapse)


DEGREE = int(numbers.BRUNEL["from_excitatory"] + numbers.BRUNEL["from_inhibitory"])
CASES: dict[str, Callable[[], tuple[NODES, Callable[[], None]]]] = {
    "cuba": cuba,
    "coba": coba,
    "cobahh": cobahh,
    "brunel": brunel,
    "izhikevich": izhikevich,
    "stdp": stdp,
    "building": lambda: building({"rule": "fixed_indegree", "indegree": DEGREE}),
    "building by probability": lambda: building({"rule": "pairwise_bernoulli", "p": 0.1}),
}
RELAYED = ("stdp",)  # NEST counts the spikes of inputs too: a recorder tells the neuron's own
STEPS = {"izhikevich": numbers.IZHIKEVICH["dt"]}  # ms; 0.1 for the others


def simulate(chosen: Settings, seed: int) -> Run:
    """Build and run once."""
    nest.ResetKernel()
    nest.resolution = chosen.step or STEPS.get(chosen.case, 0.1)
    nest.local_num_threads = chosen.threads
    nest.rng_seed = seed
    cells, connect = CASES[chosen.case]()
    before, began = resident_bytes(), time.perf_counter()
    connect()
    recorder = nest.Create("spike_recorder")
    recorded = chosen.record or chosen.case in RELAYED
    if recorded:
        nest.Connect(cells, recorder)
    nest.Prepare()
    built, after = time.perf_counter(), resident_bytes()
    counted = nest.GetKernelStatus("local_spike_counter")
    nest.Run(chosen.duration)
    ended = time.perf_counter()
    nest.Cleanup()
    spikes = nest.GetKernelStatus("local_spike_counter") - counted
    found = Run(ended - built, built - began, spikes, len(cells))
    # A kernel that was reset keeps its memory: only the first run of a process tells.
    if before is not None and after is not None and after - before > nest.num_connections:
        found.bytes_per_synapse = (after - before) / nest.num_connections
    if recorded:
        events = recorder.events
        found.times, found.senders = events["times"], events["senders"] - 1
        found.spikes = len(found.times)
    return found


def main() -> None:
    """Answer every line with a run."""
    nest.verbosity = nest.VerbosityLevel.ERROR
    chosen = settings(CASES)
    serve(chosen, lambda seed: simulate(chosen, seed))


if __name__ == "__main__":
    main()
