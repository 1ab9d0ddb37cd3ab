"""How large a network will be and how long a run will take, told before anything is built."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import Any

from engine.backends.workload import EVENT_NS, SOURCE_NS, TYPICAL_RATE, neuron_cost
from engine.connectivity.expected import bytes_of_column, bytes_per_synapse, expected_synapses
from engine.document import Document, Edge, Node, Recorder
from engine.document.lookup import CURRENT, joins, model_of, states_of
from engine.document.plasticity import releases, rule_of
from engine.document.structure import WEIGHTS_EVERY
from engine.document.values import complete_rule, is_distribution
from engine.equations.compile import compile_model
from engine.errors import EquationError, LimitError
from engine.models.declaration import NeuronModel
from engine.runtime.places import between

SYNAPSE_BUILT = 6e-9  # s on one thread, to within a factor of about three
START = 0.2  # s
SHARE_OF_MEMORY = 0.8  # of what is free
PLACE = 200  # bytes a member, while it is laid out
PER_NEURON = 64  # bytes besides states and inputs: delivery lists, counts, last spikes


@dataclass(frozen=True)
class Estimate:
    """Expected size and time of a run; all figures are rough but for the neurons."""

    neurons: int
    synapses: float
    bytes: float  # of the network
    recorded_bytes: float  # of what recorders keep over the duration
    build_s: float
    run_s: float
    synapses_of: dict[str, float]  # edge -> expected synapses
    bytes_of: dict[str, float]  # "nodes/exc" and "edges/e" -> bytes of that part

    def require_recordable(self, available: float | None = None) -> None:
        """Raise LimitError, with the figures, if the recorders need more memory than is free."""
        free = available_memory() if available is None else available
        if self.recorded_bytes <= SHARE_OF_MEMORY * free:
            return
        raise LimitError(
            f"what the recorders keep needs about {_size(self.recorded_bytes)}, and {_size(free)} "
            "of memory are free; record fewer members, give recorders an interval, or run shorter"
        )

    def require_fits(self, available: float | None = None) -> None:
        """Raise LimitError, with the figures, if the network needs more memory than is free."""
        free = available_memory() if available is None else available
        if self.bytes <= SHARE_OF_MEMORY * free:
            return
        raise LimitError(
            f"the network of {self.neurons:,} neurons and {self.synapses:,.0f} synapses needs "
            f"about {_size(self.bytes)}, most of it {self._largest()}, and {_size(free)} of memory "
            "are free; make populations smaller or connections sparser"
        )

    def _largest(self) -> str:
        path = max(self.bytes_of, key=self.bytes_of.__getitem__)
        return f"{path} with {_size(self.bytes_of[path])}"


def estimate(document: Document, duration: float | None = None) -> Estimate:
    """The expected size of ``document`` and the time a run of ``duration`` ms takes."""
    settings = document.simulation
    word = 4 if document.float_type == "float32" else 8
    steps = (settings.duration if duration is None else duration) / settings.dt
    synapses = {edge.id: _synapses(document, edge) for edge in document.edges}
    work, bytes_of = 0.0, {}
    for node in document.nodes:
        rows = len(states_of(document, node)) + 1
        model = model_of(document, node)
        if isinstance(model, NeuronModel):
            rows += len({**model.ports, **node.ports}) + 1
        bytes_of[f"nodes/{node.id}"] = float(node.size * (rows * word + PER_NEURON))
        work += 1e-9 * node.size * steps * _step_ns(document, node) * word / 8
    for edge in document.edges:
        bytes_of[f"edges/{edge.id}"] = synapses[edge.id] * _synapse_bytes(document, edge, word)
        events = TYPICAL_RATE * settings.dt
        if joins(document, edge):
            events = 2.0  # a step: a gap junction is looked at from both its ends
        work += 1e-9 * EVENT_NS * synapses[edge.id] * events * steps
    total = sum(synapses.values())
    neurons = sum(node.size for node in document.populations)
    recorded = _recorded_bytes(document, steps, word)
    build = START + total * SYNAPSE_BUILT
    size = sum(bytes_of.values())
    return Estimate(neurons, total, size, recorded, build, work, synapses, bytes_of)


def available_memory() -> float:
    """Bytes of memory that can be had now; infinite where the system does not say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return 1024.0 * int(line.split()[1])
    except (OSError, ValueError, IndexError):
        pass
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):
        return math.inf


def _step_ns(document: Document, node: Node) -> float:
    """Nanoseconds of a step of one member on one thread, in double precision."""
    model = model_of(document, node)
    if not isinstance(model, NeuronModel):
        return SOURCE_NS
    try:
        return _cost(model, node)
    except EquationError:  # a problem of its own; the rest is estimated all the same
        return 0.0


def _cost(model: NeuronModel, node: Node) -> float:
    cable = node.is_cell
    solver = None if cable else node.solver
    return neuron_cost(compile_model(model, dict(node.ports), solver, cable=cable))


def _synapses(document: Document, edge: Edge) -> float:
    source, target = document.node(edge.source), document.node(edge.target)
    if source is None or target is None:
        return 0.0
    rule = complete_rule(edge.rule)
    same = source.id == target.id
    apart = None
    # Members that cannot be had at all are not laid out: their nodes say that they are too many.
    if rule["kind"] == "distance" and PLACE * (source.size + target.size) < available_memory():
        apart = between(document, edge)
    return expected_synapses(rule, source.size, target.size, same, apart)


def _synapse_bytes(document: Document, edge: Edge, word: int) -> float:
    rule, target = edge.rule["kind"], document.node(edge.target)
    differ = _differs(edge.weight), _differs(edge.delay) and edge.port != CURRENT
    source = document.node(edge.source)
    rows = edge.plasticity is not None
    if rows and not releases(edge) and target is not None and source is not None:
        rows_and_columns = bytes_of_column(source.size) + _bytes_of_rule(edge, word)
        return bytes_per_synapse(target.size, True, False, word) + rows_and_columns
    if target is None or (rule == "one_to_one" and not any(differ) and not rows):
        return 0.0
    return bytes_per_synapse(target.size, *differ, word)


def _bytes_of_rule(edge: Edge, word: int) -> float:
    """What a synapse that learns has besides: its state and its last touch, and the copy of its
    weight that a run keeps."""
    model = rule_of(edge)
    own = 0 if model is None or not model.synapse else word
    return own + (8 if model is not None and model.drift else 0) + word


def _differs(value: Any) -> bool:
    return is_distribution(value) or isinstance(value, list)


def _recorded_bytes(document: Document, steps: float, word: int) -> float:
    total = 0.0
    for recorder in document.recorders:
        node, edge = document.node(recorder.node), document.edge(recorder.node)
        if edge is not None:
            samples = steps * document.simulation.dt / (recorder.interval or WEIGHTS_EVERY) + 1
            total += samples * _recorded_synapses(document, recorder, edge) * word
        if node is None:
            continue
        members = len(recorder.indices(node.size))
        if recorder.variable == "spikes":
            spikes = members * TYPICAL_RATE * steps * document.simulation.dt
            total += 16 * spikes
        elif recorder.variable != "rate":
            interval = recorder.interval or document.simulation.dt
            total += members * steps * document.simulation.dt / interval * word
    return total


def _recorded_synapses(document: Document, recorder: Recorder, edge: Edge) -> float:
    if recorder.members is None:
        return _synapses(document, edge)
    return float(len(recorder.indices(0)))


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:,.0f} PB"
