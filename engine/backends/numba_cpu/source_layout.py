"""Sources laid out for the driver: records, thresholds, recorded spikes, numbers of noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.backends import philox
from engine.backends.ahead import RatesAhead
from engine.backends.numba_cpu import layout as tables
from engine.backends.numba_cpu.layout import padded
from engine.errors import BackendError
from engine.runtime.plan import Floats, SourcePlan

if TYPE_CHECKING:
    from engine.backends.numba_cpu.network import Layout

SELDOM = round(2**16 * (1 - 0.002))  # a half word that one in 500 exceeds


class Sources:
    """The table of sources of a layout, and what its records point to."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        for place, source in enumerate(layout.plan.sources):
            self._lay(place, source)

    def share(self) -> None:
        """Give all threads the numbers of noise, which the first one has always."""
        for _, numbers in self.noise():
            numbers[1:] = numbers[0]

    def _lay(self, place: int, plan: SourcePlan) -> None:
        layout = self._layout
        record = layout.sources[place]
        emitter = len(layout.plan.populations) + place
        stride = padded(plan.size)
        keep = ("source", place)
        record["kind"], record["unit"] = tables.SOURCE_KINDS[plan.kind], 1
        record["size"], record["stride"], record["emitter"] = plan.size, stride, emitter
        record["seed"], record["stream"] = philox.key(layout.plan.seed, plan.stream)
        record["bounds"] = layout.keep(*keep, "bounds", layout.bounds(plan.size))
        outgoing = [k for k, p in enumerate(layout.plan.projections) if p.source == emitter]
        lists = [k for k in outgoing if not layout.plan.projections[k].one_to_one]
        if plan.kind == "poisson":
            heard = emitter in layout.plan.heard or place in layout.plan.record_sources
            record["listed"] = bool(lists) or heard
            counted = [layout.delays[k][1] for k in outgoing if k not in lists]
            record["count_rows"] = max(counted, default=0) + layout.block
            shape = (record["count_rows"], stride)
            record["counts"] = layout.room(*keep, "counts", shape, np.uint16)
            record["words"] = layout.room(*keep, "words", stride, np.uint16)
        elif plan.kind == "current":
            record["whole"] = bool(lists)
            shape = (layout.parts if lists else 1, stride)
            record["numbers"] = layout.room(*keep, "numbers", shape, layout.dtype)
            record["numbers_step"] = layout.array(*keep, "numbers").strides[0] if lists else 0
        self.set(place, plan)

    def set(self, place: int, plan: SourcePlan) -> None:
        """The values of a source, all but its size, kind and stream."""
        if plan.kind == "poisson" and plan.course is None:
            self._set_rate(place, plan)
        elif plan.kind == "spikes":
            self._check_spikes(place, plan)
        elif plan.kind == "current":
            self._set_current(place, plan)

    def _set_rate(self, place: int, plan: SourcePlan) -> None:
        layout = self._layout
        if np.ndim(plan.rate) and np.shape(plan.rate) != (plan.size,):
            raise BackendError(f'source "{plan.id}": its rates are not one for each of {plan.size}')
        if not np.all(np.isfinite(plan.rate)) or np.any(np.asarray(plan.rate) < 0):
            raise BackendError(f'source "{plan.id}": a rate is negative or not a number')
        ladder = philox.ladder(plan.rate)
        record, stride = layout.sources[place], padded(plan.size)
        thresholds, many = ladder.thresholds, None
        if not ladder.scalar:
            rows = [layout.padded_row(row, stride, np.uint32) for row in thresholds]
            thresholds = np.array(rows, np.uint32).reshape(len(rows), stride)
        if ladder.large.any():
            large = ladder.large if np.ndim(plan.rate) else ladder.large[0]
            many = layout.padded_row(large, stride, np.float64)
        record["parts"], record["rungs"] = ladder.parts, len(thresholds)
        record["threshold_stride"] = 0 if ladder.scalar else stride
        record["thresholds"] = layout.keep("source", place, "thresholds", thresholds)
        record["large"] = layout.keep("source", place, "large", many)
        high = upper_halves(thresholds)
        record["high"], record["high_rungs"] = layout.keep("source", place, "high", high), len(high)
        seldom = (high >= SELDOM).all(1)
        record["usual_rungs"] = int(seldom.argmax()) + 1  # the last row is all 0xFFFF

    def set_ladders(self, place: int, rates: RatesAhead) -> None:
        """How a source whose rate changes counts in the steps of a window."""
        layout, count = self._layout, len(rates.parts)
        record = layout.sources[place]
        thresholds = rates.thresholds
        high = np.full((count, thresholds.shape[1] + 1), 0xFFFF, np.uint16)
        high[:, :-1] = thresholds >> np.uint32(16)
        record["ladders"] = record["ladders_first"] = 0
        record["parts"], record["rungs"] = rates.parts.max(), thresholds.shape[1]
        own = np.full(count, record)
        own["parts"] = rates.parts
        own["high_rungs"] = (high < 0xFFFF).sum(1) + 1  # those in use stand first
        own["usual_rungs"] = (high >= SELDOM).argmax(1) + 1
        for name, rows in (("thresholds", thresholds), ("high", high)):
            begin = layout.keep("source", place, name, rows)
            own[name] = begin + rows.strides[0] * np.arange(count)
        record["ladders"] = layout.keep("source", place, "ladders", own)
        record["ladders_first"] = rates.first

    def most_spikes(self, place: int) -> int:
        """Most spikes that a member of a Poisson source can emit in a step."""
        record = self._layout.sources[place]
        most = int(record["parts"] * record["rungs"])
        if record["large"]:
            rate = float(self._layout.array("source", place, "large").max())
            most += int(rate + 7.0 * rate**0.5 + 1.0)  # a normal number here is at most 6.8
        return min(most, 65535)

    def _check_spikes(self, place: int, plan: SourcePlan) -> None:
        steps = np.asarray(plan.steps if plan.steps is not None else (), np.int64)
        senders = np.asarray(plan.senders if plan.senders is not None else (), np.uint32)
        if steps.shape != senders.shape or (senders.size and senders.max() >= plan.size):
            raise BackendError(f'source "{plan.id}": a sender is not below its size {plan.size}')
        order = np.lexsort((senders, steps))
        self.set_spikes(place, steps[order], senders[order])

    def set_spikes(self, place: int, steps: np.ndarray, senders: np.ndarray) -> None:
        """The recorded spikes, by step and sender; of a train those of the slice to come."""
        record, layout = self._layout.sources[place], self._layout
        record["spikes"] = steps.size
        record["steps"] = layout.keep("source", place, "steps", steps)
        record["senders"] = layout.keep("source", place, "senders", senders)

    def _set_current(self, place: int, plan: SourcePlan) -> None:
        layout = self._layout
        record = layout.sources[place]
        levels, noise = ("mean", "amplitude"), ("noise_std", "noise_decay", "noise_share")
        for name in (*levels, "start", "stop", *noise):
            record[name] = getattr(plan, name)
        record["noise_every"] = max(1, plan.noise_every)
        self.set_trace(place, 0, plan.trace)
        for index, projection in enumerate(layout.plan.projections):
            if layout.source_of(projection.source) == place:
                layout.projections[layout.place[index]]["kind"] = layout.kind_of(index, 0.0)

    def set_trace(self, place: int, first: int, values: Floats | None) -> None:
        """What a current adds from step ``first`` on."""
        record = self._layout.sources[place]
        trace = None if values is None else np.asarray(values, np.float64)
        record["trace"] = self._layout.keep("source", place, "trace", trace)
        record["trace_first"], record["trace_steps"] = first, 0 if trace is None else trace.size

    def noise(self) -> list[tuple[int, np.ndarray]]:
        """The places of currents, and the last numbers of their noise by thread."""
        found = np.flatnonzero(self._layout.sources["kind"] == tables.CURRENT).tolist()
        return [(place, self._layout.array("source", place, "numbers")) for place in found]


def upper_halves(thresholds: np.ndarray) -> np.ndarray:
    """The upper halves of uint32[rungs, members], without those that no half word exceeds.

    One row of 0xFFFF stays, since a word that equals it is yet to be decided.
    """
    high = (thresholds >> np.uint32(16)).astype(np.uint16)
    kept = high[(high < 0xFFFF).any(1)]
    return np.concatenate([kept, np.full((1, high.shape[1]), 0xFFFF, np.uint16)])
