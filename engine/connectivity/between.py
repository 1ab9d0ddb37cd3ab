"""The two ends of an edge whose members have places, and what a distance means for its synapses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.document.values import BOX, EXPONENTIAL, GAUSSIAN, PROFILES
from engine.geometry.space import Space, together

LINEAR = 3  # after the places of the profiles
LEAST = 2.0**-33  # a probability below which no pair exists: half of one word


def falling(profile: int, peak: Any, scale: Any, square: Any) -> Any:
    """``peak`` at no distance and less with more: a profile at a squared distance.

    For arrays as it stands, and compiled for numbers.
    """
    if profile == 0:
        return peak * np.exp(-0.5 * square / (scale * scale))
    if profile == 1:
        return peak * np.exp(-np.sqrt(square) / scale)
    return peak + 0.0 * square


@dataclass(frozen=True)
class Between:
    """Where the members of both ends of an edge are."""

    source: Space
    target: Space

    def arguments(self) -> tuple[Any, ...]:
        """Places of both ends [2, N] and the periods, as the loops take them."""
        places = (np.ascontiguousarray(end.position.T) for end in (self.source, self.target))
        return (*places, *together(self.source, self.target))

    def expected(self, rule: Mapping[str, Any], most: int = 256) -> float:
        """The mean probability of a pair, over at most ``most`` members of each end."""
        members = [
            np.unique(np.linspace(0, len(end) - 1, min(most, len(end))).astype(np.int64))
            for end in (self.source, self.target)
        ]
        apart = self.source.distance(members[0][:, None], self.target, members[1][None, :])
        profile, peak, scale, reach = law_of(rule)
        share = falling(profile, peak, scale, apart**2)
        return float(np.mean(np.where(apart <= reach, share, 0.0)))


def law_of(rule: Mapping[str, Any]) -> tuple[int, float, float, float]:
    """(profile, peak, scale, reach) of the rule ``distance``; beyond reach no pair can exist."""
    profile, peak, scale = PROFILES.index(rule["profile"]), float(rule["p"]), float(rule["scale"])
    reach = math.inf if rule.get("reach") is None else float(rule["reach"])
    tail = math.log(peak / LEAST) if peak > LEAST else 0.0
    farthest = {GAUSSIAN: scale * math.sqrt(2 * tail), EXPONENTIAL: scale * tail, BOX: scale}
    return profile, peak, scale, min(reach, farthest[rule["profile"]])
