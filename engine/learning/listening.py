"""What a network knows of its input, moment by moment while it runs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.checked import GREATEST, Whole, number, told
from engine.document import Document
from engine.errors import DataError, near
from engine.learning.checked import Floats, array
from engine.learning.reservoir import filtered_spikes
from engine.runtime.simulation import Simulation


class Heard(NamedTuple):
    """A moment: filtered spikes by node [members], and the spikes since the moment before."""

    states: dict[str, Floats]
    times: dict[str, Floats]  # ms
    senders: dict[str, Whole]


def listen(
    document: Document,
    nodes: Sequence[str],
    at: ArrayLike,
    tau: float = 30.0,
    folder: Path | None = None,
) -> Iterator[Heard]:
    """Run ``document`` and give what ``nodes`` know at the moments ``at`` [ms], in order.

    States are those of `filtered_spikes` with ``tau`` [ms].  Whoever has enough stops asking.
    ``nodes`` are populations, and sources whose spikes are recorded; ``folder`` is where the
    document lies.  Raises DataError, DocumentError, RunStopped.
    """
    if not isinstance(document, Document):
        raise DataError(f"`document` must be a Document, not {told(document)}; open or build one")
    moments, tau = array(at, "at", (None,)), number(tau, "tau", 0)
    if moments[0] < 0 or np.any(np.diff(moments) < 0):
        raise DataError("`at` must be times from 0 ms on in order; sort them")
    if not moments[-1] < GREATEST * document.simulation.dt:
        raise DataError(f"`at` has {moments[-1]:g} ms, which no run comes to; give earlier times")
    known = {node.id for node in document.populations}
    known |= {entry.node for entry in document.recorders if entry.variable == "spikes"}
    if not isinstance(nodes, list | tuple) or not all(isinstance(name, str) for name in nodes):
        raise DataError(f"`nodes` must be a list of ids of nodes, not {told(nodes)}; name them")
    if folder is not None and not isinstance(folder, Path):
        raise DataError(f"`folder` must be a path, not {told(folder)}; leave it out for none")
    for name in nodes:
        if name not in known:
            remedy = near(name, known) or "record its spikes"
            raise DataError(f'"{name}" tells no spikes; {remedy}')
    return _moments(document, nodes, moments, tau, folder)


def _moments(
    document: Document, nodes: Sequence[str], moments: Floats, tau: float, folder: Path | None
) -> Iterator[Heard]:
    sizes = {name: document.nodes_by_id[name].size for name in nodes}
    states = {name: np.zeros(size) for name, size in sizes.items()}
    with Simulation(document, folder=folder) as simulation:
        emitters = {name: simulation.built.emitter(name) for name in nodes}
        before = float(moments[0])
        for moment in moments:
            # What is stamped at the moment itself counts.
            steps = int(moment / simulation.dt + 1e-9) - simulation.step
            found = simulation.advance(steps).spikes if steps > 0 else {}
            heard = Heard({}, {}, {})
            for name, emitter in emitters.items():
                when, who = found.get(emitter, (np.zeros(0), np.zeros(0, np.int64)))
                # That of the last step may be stamped a rounding after the moment.
                heard.times[name] = np.minimum((when + 1) * simulation.dt, moment)
                heard.senders[name] = who.astype(np.int64)
                new = filtered_spikes(heard.times[name], heard.senders[name], sizes[name],
                                      [moment], tau)[0]  # fmt: skip
                states[name] = new + math.exp(-(moment - before) / tau) * states[name]
            heard.states.update(states)
            before = moment
            yield heard
