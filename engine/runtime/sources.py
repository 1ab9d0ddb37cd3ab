"""Source nodes of the document as source plans: rates, spike lists and currents in whole steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.document import Document, Node
from engine.document.lookup import parameters_of
from engine.errors import DocumentError, Problem
from engine.random import NOISE, stream
from engine.runtime.commands import CommandFault, command
from engine.runtime.plan import SourcePlan
from engine.runtime.spike_files import spike_times
from engine.runtime.values import Number, number, per_member

FOREVER = 2**62  # steps


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
        """One number for all members."""
        return number(self.raw(name), self.declared[name].unit, self.where(name))

    def per_member(self, name: str) -> Number:
        """A number for all, or one a member."""
        unit = self.declared[name].unit
        return per_member(self.raw(name), unit, self.node.size, self.seed, self.where(name))

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
    _READERS[node.model](plan, Reader(document, node, folder))
    return plan


def _poisson(plan: SourcePlan, reader: Reader) -> None:
    plan.kind = "poisson"
    plan.rate = np.maximum(reader.per_member("rate"), 0.0) * (reader.dt / 1000.0)
    if np.ndim(plan.rate) == 0:
        plan.rate = float(plan.rate)


def _constant_current(plan: SourcePlan, reader: Reader) -> None:
    plan.mean = reader.number("amplitude")


def _step_current(plan: SourcePlan, reader: Reader) -> None:
    plan.amplitude = reader.number("amplitude")
    plan.start, plan.stop = reader.steps("start"), reader.steps("stop")


def _noise_current(plan: SourcePlan, reader: Reader) -> None:
    plan.mean, plan.noise_std = reader.number("mean"), reader.number("std")
    plan.noise_every = max(1, reader.steps("interval"))


def _spike_times(plan: SourcePlan, reader: Reader) -> None:
    times = np.asarray(reader.raw("times") or [], np.float64).ravel()
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
    nearest = np.minimum(np.floor(times / reader.dt + 0.5), float(FOREVER))
    steps = np.maximum(nearest.astype(np.int64) - 1, 0)
    order = np.lexsort((members, steps))
    plan.kind = "spikes"
    plan.steps = steps[order]
    plan.senders = members[order].astype(np.uint32)


def _voltage_clamp(plan: SourcePlan, reader: Reader) -> None:
    try:
        held = command(reader.raw("levels"), reader.raw("times"), reader.dt)
    except CommandFault as fault:
        where = reader.where(fault.parameter)
        raise DocumentError(Problem(where, "command", fault.message, fault.remedy)) from None
    plan.mean = float(held[-1])
    plan.trace = held[:-1] - plan.mean


_READERS: dict[str, Callable[[SourcePlan, Reader], None]] = {
    "poisson": _poisson,
    "constant_current": _constant_current,
    "step_current": _step_current,
    "noise_current": _noise_current,
    "spike_times": _spike_times,
    "spike_file": _spike_file,
    "voltage_clamp": _voltage_clamp,
}
