"""Source nodes of the document as source plans: rates, spike lists and currents in whole steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.coding.nodes import code_of
from engine.document import Document, Node
from engine.document.lookup import model_of, parameters_of
from engine.errors import DataError, DocumentError, Problem
from engine.models.commands import LEVELS, TIMES, command
from engine.models.course import Course, course
from engine.models.declaration import SourceModel
from engine.random import NOISE, stream
from engine.runtime.encoded import Encoded, EncodedTrain, encoded
from engine.runtime.plan import FOREVER, SourcePlan
from engine.runtime.spike_files import spike_times
from engine.runtime.trains import DeadTimeTrain, PacketTrain, RegularTrain, step_of
from engine.runtime.values import Number, number, per_member

SOON = 100_000  # steps over which a rate may change
MOST_SPIKES = 50.0  # a step, of a source whose spikes a live run is shown


def few_spikes(plan: SourcePlan) -> bool:
    """Whether a source's spikes can be sent to a live view (a background drive has too many)."""
    if plan.kind == "current":
        return False
    soon = np.arange(0, SOON, SOON // 1000)
    return float(plan.expected(soon).mean()) * plan.size <= MOST_SPIKES


class Reader:
    """The parameters of one source node, in the units of its declaration."""

    def __init__(self, document: Document, node: Node, folder: Path | None) -> None:
        self.node, self.folder = node, folder
        self.dt, self.seed = document.simulation.dt, document.simulation.seed
        self.declared = parameters_of(document, node)

    def raw(self, name: str) -> Any:
        """The value as it stands in the document, or the model's default."""
        value = self.node.parameters.get(name)
        return self.declared[name].default if value is None else value

    def where(self, name: str) -> str:
        """How the parameter is called in errors, and the name of its random stream."""
        return f"nodes/{self.node.id}/parameters/{name}"

    def number(self, name: str) -> float:
        """One number for all members; DocumentError if they differ."""
        if isinstance(self.raw(name), list | dict):
            message = f"`{name}` is one for all members of `{self.node.model}`"
            raise DocumentError(Problem(self.where(name), "members", message, "give one number"))
        return number(self.raw(name), self.declared[name].unit, self.where(name))

    def per_member(self, name: str) -> Number:
        """A number for all, or one a member."""
        unit = self.declared[name].unit
        return per_member(self.raw(name), unit, self.node.size, self.seed, self.where(name))

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A list of numbers."""
        return np.asarray(self.raw(name), np.float64).ravel()

    def course(self, model: SourceModel) -> Course:
        """The declared expression with this node's parameters.

        Members may differ in a value only where the expression is the same at all times.
        """
        values = {name: self._value(name) for name in self.declared}
        found = course(model, values, self.dt)
        if found.constant:
            return found
        for name, parameter in self.declared.items():
            if parameter.kind == "number":
                self.number(name)
        return found

    def _value(self, name: str) -> Any:
        kind = self.declared[name].kind
        if kind == "number":
            return self.per_member(name)
        return self.numbers(name) if kind == "numbers" else self.raw(name)

    def plain(self) -> dict[str, Any]:
        """Every parameter as one number, an array, a text or a choice."""
        read = {"numbers": self.numbers, "number": self.number}
        return {
            name: read.get(parameter.kind, self.raw)(name)
            for name, parameter in self.declared.items()
        }

    def steps(self, name: str) -> int:
        """A time in whole steps; as good as never for an infinite or a missing one."""
        value = self.raw(name)
        if value is None or (isinstance(value, float) and math.isinf(value)):
            return FOREVER
        return math.floor(self.number(name) / self.dt + 0.5)


def source_plan(document: Document, node: Node, folder: Path | None = None) -> SourcePlan:
    """The plan of a source node.  ``folder`` is where the document lies, for spike files.

    Raises DocumentError or DataError if a parameter or a file cannot be used.
    """
    plan = SourcePlan(node.id, node.size, "current", stream(node.id, NOISE))
    model, reader = model_of(document, node), Reader(document, node, folder)
    if isinstance(model, SourceModel) and model.current:
        plan.course = reader.course(model)
    elif isinstance(model, SourceModel) and model.rate:
        _random_spikes(plan, reader, model)
    elif code_of(node.model) is not None:
        _encoded(plan, encoded_by(document, node, folder), reader)
    else:
        _READERS[node.model](plan, reader)
    return plan


def encoded_by(document: Document, node: Node, folder: Path | None = None) -> Encoded:
    """What a source that encodes shows, and its spikes.

    Raises DocumentError for what cannot be read or encoded.
    """
    reader = Reader(document, node, folder)
    key, values = stream(node.id, NOISE), reader.plain()
    try:
        return encoded(
            node.model, values, folder, reader.dt, reader.seed, key, node.parameters
        ).tried()
    except DataError as error:
        raise DocumentError(Problem(f"nodes/{node.id}", "encoding", str(error))) from error


def members_of(document: Document, node: Node, folder: Path | None = None) -> int | None:
    """How many members a source that encodes must have; None for any other node."""
    return encoded_by(document, node, folder).size if code_of(node.model) else None


def size_problem(node: Node, shown: Encoded) -> Problem | None:
    """Whether a source has other members than what it encodes needs."""
    if node.size == shown.size:
        return None
    message = (
        f'"{node.title}" has {node.size:,} members and needs {shown.size:,} for what it encodes'
    )
    return Problem(f"nodes/{node.id}/size", "size", message, f"set its size to {shown.size:,}")


def _encoded(plan: SourcePlan, shown: Encoded, reader: Reader) -> None:
    wrong = size_problem(reader.node, shown)
    if wrong is not None:
        raise DocumentError(wrong)
    train = EncodedTrain(shown, int(reader.number("repeats")))
    plan.kind, plan.train, plan.rate = "spikes", train, train.rate


def _random_spikes(plan: SourcePlan, reader: Reader, model: SourceModel) -> None:
    """Spikes at a declared rate: counted where they have no memory, else made by the host."""
    rate, per_step = reader.course(model), reader.dt / 1000.0
    dead = reader.number("dead_time") / reader.dt if "dead_time" in reader.declared else 0.0
    if rate.constant:
        # A rate that is a parameter as it stands is not rounded by going through other units.
        plain = reader.per_member(model.rate) if model.rate in reader.declared else rate.value
        value = np.maximum(plain, 0.0) * per_step
        plan.rate = float(value) if np.ndim(value) == 0 else value
        varying = plan.rate
    else:
        plan.course = varying = lambda steps: np.maximum(rate(steps), 0.0) * per_step
    if dead == 0.0:
        plan.kind = "poisson"
        return
    plan.kind = "spikes"
    plan.train = DeadTimeTrain(reader.seed, plan.stream, varying, dead)
    if rate.constant:
        plan.rate = plan.rate / (1.0 + plan.rate * dead)


def _regular(plan: SourcePlan, reader: Reader) -> None:
    rate = reader.per_member("rate") / 1000.0
    plan.kind, plan.rate = "spikes", rate * reader.dt
    plan.train = RegularTrain(
        reader.seed, plan.stream, rate, reader.per_member("start"), reader.number("jitter"),
        int(reader.number("number")), reader.dt,
    )  # fmt: skip


def _pulse_packets(plan: SourcePlan, reader: Reader) -> None:
    times = np.sort(reader.numbers("times"))
    plan.kind = "spikes"
    plan.train = PacketTrain(reader.seed, plan.stream, times, reader.number("std"), reader.dt)


def _constant_current(plan: SourcePlan, reader: Reader) -> None:
    plan.mean = reader.number("amplitude")


def _step_current(plan: SourcePlan, reader: Reader) -> None:
    plan.amplitude = reader.number("amplitude")
    plan.start, plan.stop = reader.steps("start"), reader.steps("stop")


def _noise_current(plan: SourcePlan, reader: Reader) -> None:
    plan.mean, plan.noise_std = reader.number("mean"), reader.number("std")
    plan.noise_every = max(1, reader.steps("interval"))


def _ou_current(plan: SourcePlan, reader: Reader) -> None:
    plan.mean, plan.noise_std = reader.number("mean"), reader.number("std")
    plan.noise_decay = math.exp(-reader.dt / reader.number("tau"))


def _spike_times(plan: SourcePlan, reader: Reader) -> None:
    times = reader.numbers("times")
    senders = reader.raw("senders")
    members = np.zeros(len(times), np.int64) if not senders else np.floor(senders).astype(np.int64)
    if senders and not np.array_equal(members, senders):
        where = reader.where("senders")
        raise DocumentError(Problem(where, "sender", "a sender is no whole number", "correct it"))
    if len(members) != len(times):
        message = f"{len(times):,} spike times stand beside {len(members):,} senders"
        where = reader.where("senders")
        raise DocumentError(Problem(where, "length", message, "give one sender a time"))
    _set_spikes(plan, times, members, reader)


def _spike_file(plan: SourcePlan, reader: Reader) -> None:
    unit = str(reader.raw("unit"))
    times = spike_times(str(reader.raw("path")), reader.raw("column"), unit, reader.folder)
    times = times * reader.number("scale")
    _set_spikes(plan, times, np.zeros(len(times), np.int64), reader)


def _set_spikes(
    plan: SourcePlan, times: NDArray[np.float64], members: NDArray[np.int64], reader: Reader
) -> None:
    """A spike at time t ms happens at the end of the step that ends nearest to t."""
    if (members < 0).any() or (members >= plan.size).any():
        message = f"a sender is not one of the {plan.size:,} members"
        remedy = "count senders from 0, or make the source larger"
        raise DocumentError(Problem(reader.where("senders"), "sender", message, remedy))
    steps = step_of(times, reader.dt)
    order = np.lexsort((members, steps))
    plan.kind = "spikes"
    plan.steps = steps[order]
    plan.senders = members[order].astype(np.uint32)


def _voltage_clamp(plan: SourcePlan, reader: Reader) -> None:
    held = command(reader.raw(LEVELS), reader.raw(TIMES), reader.dt)  # checked with the node
    plan.mean = float(held[-1])
    plan.trace = held[:-1] - plan.mean


_READERS: dict[str, Callable[[SourcePlan, Reader], None]] = {
    "regular": _regular,
    "pulse_packets": _pulse_packets,
    "constant_current": _constant_current,
    "step_current": _step_current,
    "noise_current": _noise_current,
    "ou_current": _ou_current,
    "spike_times": _spike_times,
    "spike_file": _spike_file,
    "voltage_clamp": _voltage_clamp,
}
