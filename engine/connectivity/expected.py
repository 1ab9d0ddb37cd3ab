"""How many synapses a rule will make, and in how many bytes, before anything is built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.connectivity.between import Between
from engine.runtime.plan import index_type


def expected_synapses(
    rule: Mapping[str, Any],
    sources: int,
    targets: int,
    same: bool,
    between: Between | None = None,
) -> float:
    """The mean number of synapses of a complete rule: exact, but where chance or a sample of the
    places ``between`` which it connects decides."""
    pairs = sources * targets
    if same and not rule.get("self_connections", True):
        pairs -= sources
    match rule["kind"]:
        case "probability":
            return pairs * float(rule["p"])
        case "fixed_total":
            return float(rule["n"])
        case "distance":
            skip_self = same and not rule.get("self_connections", True)
            return _by_distance(rule, sources, targets, skip_self, between)
        case "one_to_one":
            return float(targets)
        case "fixed_indegree":
            return float(targets) * rule["n"]
        case "fixed_outdegree":
            return float(sources) * rule["n"]
        case "explicit":
            return float(len(rule["pairs"]))
    return float(pairs)


def _by_distance(
    rule: Mapping[str, Any], sources: int, targets: int, skip_self: bool, between: Between | None
) -> float:
    for name, members in (("indegree", targets), ("outdegree", sources)):
        if rule.get(name) is not None:
            return float(members) * rule[name]
    return between.expected(rule, skip_self) if between is not None else 0.0


def bytes_of_column(sources: int) -> int:
    """Bytes that a synapse which learns needs besides: its source and its number, by target."""
    return 4 + np.dtype(index_type(sources)).itemsize


def bytes_per_synapse(targets: int, weights_differ: bool, delays_differ: bool, word: int) -> int:
    """Bytes of one synapse; ``word`` is the size of the network's float type.

    Delays of their own are counted as two bytes; they take one where all are below 256 steps.
    """
    index = np.dtype(index_type(targets)).itemsize
    return index + (word if weights_differ else 0) + (2 if delays_differ else 0)
