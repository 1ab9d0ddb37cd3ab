"""States of a reservoir for every item (picture, recording) that a source showed it in a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.checked import Whole, told, whole
from engine.coding.nodes import code_of
from engine.document import Document
from engine.errors import DataError
from engine.learning.checked import Floats
from engine.learning.reservoir import filtered_spikes
from engine.runtime.result import Run
from engine.runtime.sources import encoded_by

MOST_SAMPLES = 10_000  # of an item


@dataclass(frozen=True)
class Shown:
    """When each item of a source appears, and which one of its file it is."""

    place: Whole  # [items], in the file, counted from 0
    begin: Floats  # [items], ms
    length: Floats  # [items], ms, pauses left out
    end: float  # of all of them, the last pause included


def shown(document: Document, source: str, folder: Path | None = None) -> Shown:
    """When the items of a ``source`` that encodes appear in a run, the first time each.

    ``folder`` is where the document lies, for a file that it names.  Raises DataError for a node
    that is no such source, DocumentError for what cannot be read or encoded.
    """
    if not isinstance(document, Document):
        raise DataError(f"`document` must be a Document, not {told(document)}; open or build one")
    if not isinstance(source, str):
        raise DataError(f"`source` must be the id of a node, not {told(source)}")
    node = document.node(source)
    if node is None or code_of(node.model) is None:
        raise DataError(f'"{source}" is no source that encodes; name one, such as a `bsa_code`')
    encoded = encoded_by(document, node, folder)
    dt, pause = document.simulation.dt, float(encoded.values["pause"])
    lengths = encoded.lengths * dt
    ends = np.cumsum(lengths)
    place = np.array(encoded.places, np.int64)
    return Shown(place, ends - lengths, np.maximum(lengths - pause, dt), float(ends[-1]))


def item_states(
    run: Run,
    nodes: str | Sequence[str],
    source: str,
    samples: int = 1,
    tau: float = 30.0,
    folder: Path | None = None,
) -> Floats:
    """What ``nodes`` knew of every item of ``source`` that was shown to its end, the first time.

    `filtered_spikes` of the members of all ``nodes``, at the ends of ``samples`` equal parts of
    each item: [items, samples, neurons].  ``run`` began at 0 ms and recorded their spikes; ``tau``
    [ms] is that of the filter.  Raises DataError, DocumentError.
    """
    parts = whole(samples, "samples", 1, MOST_SAMPLES)
    if not isinstance(run, Run):
        raise DataError(f"`run` must be what a simulation gave, not {told(run)}")
    when = shown(run.document, source, folder)
    if any(result.start for result in run.nodes.values()):
        raise DataError("`run` goes on from another; read states from a run that began at 0 ms")
    ended = when.begin + when.length <= 1000.0 * run.bio_s + 1e-6
    if not ended.any():
        raise DataError(
            f'no item of "{source}" was shown to its end; run for at least {when.length[0]:g} ms'
        )
    share = np.arange(1, parts + 1) / parts
    at = (when.begin[ended, None] + when.length[ended, None] * share).ravel()
    names = [nodes] if isinstance(nodes, str) else nodes
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise DataError(f"`nodes` must be ids of nodes, not {told(nodes)}")
    if not names:
        raise DataError("`nodes` is empty; name one at least")
    found = []
    for name in names:
        spikes, size = run[name].spikes, run[name].size
        found.append(filtered_spikes(spikes.times, spikes.senders, size, at, tau))
    return np.concatenate(found, 1).reshape(int(ended.sum()), parts, -1)
