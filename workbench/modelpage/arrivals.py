"""The neuron of the model page driven by spikes that arrive at one of its ports.

It is a network of two, the neuron and a train of spikes, run as any network is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.document import Document, Edge, Node, Recorder, RunSettings
from engine.document.lookup import anatomy, parameters_of, ports_of
from engine.equations.constants import coherent
from engine.equations.evaluate import evaluate
from engine.equations.tree import names
from engine.response import Response
from engine.runtime.simulation import Simulation
from workbench.commands.connections import usual_weight
from workbench.editor.forms.defaults import representative

if TYPE_CHECKING:
    from workbench.modelpage.drive import Case

NEURON, TRAIN = "neuron", "train"
SEED = 1  # of the Poisson train: the same at every stroke of a slider
MOST_ARRIVALS = 20_000
SEEN_MV, SEEN = 4.0, 0.3  # the deflection that one spike is to make, in mV or of what is at hand
BEFORE, SEEN_FOR = 10, 100  # steps before that spike, half milliseconds (or steps) with it
LEAST_CHANGE, MOST_CHANGE = 1e-4, 1e4  # of the usual weight

Floats = NDArray[np.floating]


def train(kind: str, rate: float, window: tuple[float, float], dt: float) -> Floats:
    """The times [ms] at which spikes arrive within ``window``, on the grid of ``dt``."""
    start, stop = window
    number = max(1, min(MOST_ARRIVALS, round(rate * (stop - start) / 1000)))
    if kind == "regular":
        times = start + np.arange(number) * (1000 / rate)
    else:
        gaps = np.random.default_rng(SEED).exponential(1.0, MOST_ARRIVALS)
        times = start + np.cumsum(gaps) * (1000 / rate)
    times = np.round(np.round(times[times < stop] / dt) * dt, 9)
    return times[times >= 2 * dt]


def takes_spikes(document: Document) -> dict[str, str]:
    """Port -> synapse, the ports of the specimen that take spikes."""
    found = ports_of(document, document.nodes[0])
    return {name: port.synapse for name, port in found.items() if port.synapse is not None}


def weight_unit(document: Document, port: str) -> str:
    """The unit of a weight onto a port of the specimen."""
    return ports_of(document, document.nodes[0])[port].unit


def driven(document: Document, port: str, weight: float, times: Floats, dt: float) -> Document:
    """The specimen with a train of spikes that arrive at ``times`` on ``port``."""
    sent = [round(float(time) - dt, 9) for time in times]
    node = document.nodes[0]
    source = Node(TRAIN, "spike_times", 1, "source", parameters={"times": sent})
    edge = Edge("input", TRAIN, NEURON, port, weight=weight, delay=dt)
    states = anatomy(document, node).states
    recorders = [Recorder(f"r{k}", NEURON, name) for k, name in enumerate(("spikes", *states))]
    settings = RunSettings(dt=dt, threads=1, precision="float64")
    return replace(
        document,
        nodes=(node, source),
        edges=(edge,),
        recorders=tuple(recorders),
        simulation=settings,
    )


def respond(case: Case) -> Response:
    """What the neuron does under its train; the states of its synapses are among the states."""
    drive = case.drive
    document = driven(case.document, drive.port, drive.weight or 0.0, drive.arrivals, drive.dt)
    return _run(document, drive.duration, drive.dt)


def _run(document: Document, duration: float, dt: float) -> Response:
    steps = max(1, round(duration / dt))
    with Simulation(document) as simulation:
        start = {name: np.array(rows[:1]) for name, rows in simulation.states(NEURON).items()}
        run = simulation.run(steps * dt)[NEURON]
    states = {
        name: np.concatenate([start[name], np.asarray(trace.values)[:, 0]])
        for name, trace in run.traces.items()
    }
    solver = document.nodes[0].solver or anatomy(document, document.nodes[0]).solvers[0]
    return Response(np.arange(steps + 1) * dt, np.asarray(run.spikes.times), states, solver)


def synapse_of(case: Case, states: dict[str, Floats]) -> tuple[list[str], Floats | None]:
    """The states that make the current of the port, and that current [samples], in its unit.

    A synapse that acts on the membrane at once, or for one step, has neither.
    """
    document, drive = case.document, case.drive
    system = anatomy(document, document.nodes[0]).system
    name = f"I_{drive.port}"
    if system is None or name not in {*system.aliases, *system.port_states}:
        return [], None
    if name in system.port_states:
        return [], states[name]
    own = [state for state in system.port_states if state in names(system.aliases[name])]
    if not own:
        return [], None
    scope: dict[str, Any] = dict(coherent(system.parameters.values(), all_numbers(document), 1))
    scope |= {entry.name: 0.0 for entry in system.inputs} | states | {"dt": drive.dt}
    for alias, tree in system.aliases.items():
        scope[alias] = evaluate(tree, scope)
    return own, np.asarray(scope[name], np.float64)


def all_numbers(document: Document) -> dict[str, float]:
    """Every parameter that the specimen sets, those of its synapses too, in declared units."""
    node = document.nodes[0]
    known = parameters_of(document, node)
    found = {
        name: representative(value, known[name].unit) for name, value in node.parameters.items()
    }
    return {name: value for name, value in found.items() if value is not None}


def visible_weight(case: Case, threshold: float | None) -> float:
    """A weight whose single spike is seen: it moves the membrane by some millivolts."""
    drive, document = case.drive, case.document
    port = drive.port
    usual = usual_weight(weight_unit(document, port), port)
    one = driven(document, port, usual, np.array([BEFORE * drive.dt]), drive.dt)
    found = _run(one, min(drive.duration, SEEN_FOR * max(drive.dt, 0.5)), drive.dt)
    v = found.states[case.model.membrane]
    before = v[BEFORE - 1]
    moved = float(np.max(np.abs(v[BEFORE:] - before)))
    at_hand = abs((threshold if threshold is not None else before + 1.0) - before)
    wanted = SEEN * at_hand
    if anatomy(document, document.nodes[0]).states.get(case.model.membrane) == "mV":
        wanted = min(SEEN_MV, wanted or SEEN_MV)
    if not (np.isfinite(moved) and moved > 0 and wanted > 0):
        return usual
    return two_digits(usual * float(np.clip(wanted / moved, LEAST_CHANGE, MOST_CHANGE)))


def two_digits(value: float) -> float:
    """A number as short as a person would choose it."""
    return float(f"{value:.2g}")
