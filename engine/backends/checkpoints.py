"""Whether a checkpoint is of this network: all of it is looked at before any of it is put back.

An executor compares with the checkpoint that it would give now: a run of the same plan has arrays
of the same names, kinds and shapes.  What has as many rows as there happened to be spikes (a
`Table`) is held to what its columns may be, since compiled code follows these numbers blindly.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.errors import BackendError

Saved = Mapping[str, np.ndarray]
Table = tuple[tuple[float, float], ...]  # of every column the least and what it stays below


def other_network() -> BackendError:
    """What is raised where a checkpoint does not fit."""
    return BackendError("the checkpoint belongs to another network; run from the start")


def require_like(given: Saved, own: Saved, tables: Mapping[str, Table]) -> None:
    """Raise BackendError unless ``given`` can take the place of ``own``.

    ``tables`` are what need not have as many rows as in ``own``.
    """
    if given.keys() != own.keys():
        raise other_network()
    for name, mine in own.items():
        found = given[name]
        if not isinstance(found, np.ndarray) or found.dtype.kind != mine.dtype.kind:
            raise other_network()
        if found.shape != mine.shape and name not in tables:
            raise other_network()
        if name in tables and not _fits(found, mine, tables[name]):
            raise other_network()


def _fits(found: np.ndarray, mine: np.ndarray, columns: Table) -> bool:
    """Whether rows are as long as in ``mine`` and every column is as it may be."""
    if found.ndim != mine.ndim or found.shape[1:] != mine.shape[1:]:
        return False
    by_column = found.reshape(len(found), len(columns)).T
    return all(
        bool(np.all((values >= least) & (values < end)))
        for values, (least, end) in zip(by_column, columns, strict=True)
    )


def step_of(given: Saved) -> int:
    """The step at which a checkpoint was taken; raises BackendError if it does not say."""
    step = given.get("step")
    if not isinstance(step, np.ndarray) or step.shape or step.dtype.kind != "i" or step < 0:
        raise other_network()
    return int(step)
