"""The two ends of an edge whose members have places, and what a distance means for its synapses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from engine.document.values import (
    BOX,
    DEGREES,
    EXPONENTIAL,
    GAMMA,
    GAUSSIAN,
    LINEAR,
    PROFILES,
    length,
)
from engine.geometry.space import Floats, Space, Three, shortest, together

AFFINE = len(PROFILES)  # of values: a + b d
LEAST = 2.0**-33  # a probability below which no pair exists: half of one word
# Lengths are compared with so much room: the next place of a grid is within one spacing.
SLACK = 1e-9
SAMPLED, FEWEST, MOST = 2e6, 16, 256  # pairs that an estimate looks at, and members of the source
GOLDEN = (math.sqrt(5) - 1) / 2


class Law(NamedTuple):
    """A rule by distance in numbers; beyond ``reach`` and outside of ``across``, ``up`` and
    ``deep`` no pair can exist, nor nearer than ``beyond``."""

    profile: float
    peak: float
    scale: float
    shape: float
    reach: float
    beyond: float
    across: float
    up: float
    deep: float


def falling(profile: float, peak: Any, scale: Any, shape: Any, square: Any) -> Any:
    """``peak`` at no distance and less with more: a profile at a squared distance.

    For arrays as it stands, and compiled for numbers.  ``gamma`` has its peak elsewhere, where
    its law has put it.
    """
    if profile == 0:
        return peak * np.exp(-0.5 * square / (scale * scale))
    if profile == 1:
        return peak * np.exp(-np.sqrt(square) / scale)
    if profile == 3:
        return peak * (1.0 - np.sqrt(square) / scale)
    if profile == 4:
        far = np.sqrt(square) / scale
        return peak * far ** (shape - 1.0) * np.exp(-far)
    return peak + 0.0 * square


@dataclass(frozen=True)
class Between:
    """Where the members of both ends of an edge are."""

    source: Space
    target: Space

    def arguments(self) -> tuple[Floats, Floats, Three]:
        """Places of both ends [3, N] and the periods, as the loops take them."""
        return self.source.places, self.target.places, together(self.source, self.target)

    def turned(self) -> Between:
        """The same, seen from the target."""
        return Between(self.target, self.source)

    def expected(self, rule: Mapping[str, Any], skip_self: bool = False) -> float:
        """The mean number of synapses of the rule, over a sample of members of the source."""
        law = law_of(rule)
        sources, targets = len(self.source), len(self.target)
        count = min(sources, int(min(MOST, max(FEWEST, SAMPLED / targets))))
        # Spread evenly, but not in step with the rows of a grid.
        members = np.unique(np.arange(count) * GOLDEN % 1.0 * sources // 1).astype(np.int64)
        if count == sources:
            members = np.arange(sources)
        here, there, period = self.arguments()
        found = 0.0
        for member in members:
            apart = [
                shortest(np.abs(there[axis] - here[axis, member]), period[axis])
                for axis in range(3)
            ]
            shares = _shares(law, apart)
            found += float(shares.sum()) - (float(shares[member]) if skip_self else 0.0)
        return found * sources / len(members)


def _shares(law: Law, apart: list[Floats]) -> Floats:
    square = sum(part**2 for part in apart)
    inside = (square <= law.reach**2) & (square >= law.beyond**2)
    for part, half in zip(apart, (law.across, law.up, law.deep), strict=True):
        inside &= part <= half
    return np.where(inside, falling(law.profile, law.peak, law.scale, law.shape, square), 0.0)


def law_of(rule: Mapping[str, Any]) -> Law:
    """The rule ``distance`` in numbers."""
    name, scale = rule["profile"], length(rule["scale"], 0.0)
    chosen = any(rule.get(name) is not None for name in DEGREES)
    peak, shape = 1.0 if chosen else float(rule["p"]), float(rule.get("shape") or 1.0)
    tail = math.log(peak / LEAST) if peak > LEAST else 0.0
    farthest = {
        GAUSSIAN: scale * math.sqrt(2 * tail),
        EXPONENTIAL: scale * tail,
        BOX: scale,
        LINEAR: scale,
        GAMMA: scale * _gamma_tail(shape, tail),
    }[name]
    if name == GAMMA:  # x^(k-1) exp(-x) is largest at x = k - 1
        peak /= (shape - 1) ** (shape - 1) * math.exp(1 - shape)
    said = rule.get("reach")
    halves = [length(each, 0.0) for each in said] if isinstance(said, list) else []
    halves += [math.inf] * (3 - len(halves))
    far, near = min(length(said, math.inf), farthest), length(rule.get("beyond"), 0.0)
    across, up, deep = (half * (1 + SLACK) for half in halves)
    return Law(PROFILES.index(name), peak, scale, shape, far * (1 + SLACK), near * (1 - SLACK),
               across, up, deep)  # fmt: skip


def _gamma_tail(shape: float, tail: float) -> float:
    """Where a gamma profile has fallen by exp(-tail) from its peak, or a little farther."""
    top = shape - 1
    far = top + tail
    while top > 0 and far - top - top * math.log(far / top) < tail:
        far *= 1.1
    return far
