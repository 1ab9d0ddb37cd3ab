"""What a source that encodes gives: samples typed in or read from a file, shown one by one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.coding.declaration import SIGNAL, Code
from engine.coding.nodes import SHUFFLED, code_of
from engine.coding.sound import bands
from engine.coding.spikes import Spikes
from engine.errors import DataError
from engine.runtime.sample_files import Samples, samples

Floats = NDArray[np.floating]
MOST_KEPT = 64  # items whose spikes are kept; others are encoded whenever they are shown
RECENT = 2  # of those: the last ones that were asked for
SAMPLED = 16  # items that an expected rate is taken from


@dataclass(frozen=True)
class Encoded:
    """The items that a source shows in turn, and their spikes on the grid of a run.

    ``values`` are its parameters in the units of the declaration, defaults included; ``dt`` [ms] is
    the step of the run, ``seed`` and ``stream`` those of its random numbers.
    """

    code: Code
    items: list[NDArray[Any]]  # as they were read; `item` is what is encoded
    values: Mapping[str, Any]
    dt: float
    seed: int = 0
    stream: int = 0
    places: tuple[int, ...] = (0,)  # of the items in their file
    _made: dict[int, Spikes] = field(default_factory=dict, repr=False, compare=False)
    _recent: dict[int, Spikes] = field(default_factory=dict, repr=False, compare=False)

    def item(self, place: int) -> Floats:
        """What is encoded: numbers of any shape, or a signal [T, ...], on the scale asked for."""
        return scaled(self.items[place], str(self.values["scale"]))

    def tried(self) -> Encoded:
        """Itself, once it is known that all of it can be encoded; DataError otherwise."""
        if self.size < 1:
            raise DataError("there is nothing to encode; type `values`, or name a file")
        if self.code.range is not None and self._may_leave(*self.code.range):
            low, high = self.code.range
            for place in range(len(self.items)):
                found = self.item(place)
                if found.min() < low or found.max() > high:
                    self.spikes(place)  # says what is wrong, unless it is to be clipped
        return self

    def _may_leave(self, low: float, high: float) -> bool:
        """Whether an item may leave the range: not if its scale sees to it."""
        unsigned = all(item.dtype.kind == "u" for item in self.items)
        scale = self.values["scale"]
        return not (
            low <= 0.0 and high >= 1.0 and (scale == "range" or (scale == "full" and unsigned))
        )

    def spikes(self, showing: int) -> Spikes:
        """The spikes of the item shown as number ``showing`` (from 0, over all rounds).

        Random ones are drawn afresh for every showing, whatever was asked for before.
        """
        place = showing % len(self.items)
        if self.code.random or place >= MOST_KEPT:
            return self._lately(place, showing)
        if place not in self._made:
            self._made[place] = self._encode(place, 0)
        return self._made[place]

    def _lately(self, place: int, showing: int) -> Spikes:
        """As `_encode`: the pieces in which a run asks for spikes share the item between them."""
        if showing not in self._recent:
            while len(self._recent) >= RECENT:
                del self._recent[next(iter(self._recent))]
            self._recent[showing] = self._encode(place, showing)
        return self._recent[showing]

    def _encode(self, place: int, showing: int) -> Spikes:
        draws: dict[str, int] = {}
        if self.code.random:
            steps = int(self.values["steps"])
            draws = {"seed": self.seed, "stream": self.stream, "start": showing * steps}
        return self.code.encode(self._given(place), **self.code.encoding(self.values), **draws)

    def _given(self, place: int) -> Floats:
        """An item as the encoder takes it: a picture is a list of values."""
        found = self.item(place)
        return found if self.code.takes == SIGNAL else found.ravel()

    def decoded(self, spikes: Spikes, place: int = 0) -> Floats:
        """What ``spikes`` of item ``place`` stand for, read with this source's parameters."""
        told = self.code.told(self._given(place), self.values) if self.code.told else {}
        return np.asarray(self.code.decode(spikes, **(self.code.decoding(self.values) | told)))

    @cached_property
    def _alike(self) -> dict[tuple[int, ...], Spikes]:
        """The spikes of one item of every shape: those of a shape last alike on as many senders."""
        first = {item.shape: place for place, item in reversed(list(enumerate(self.items)))}
        return {shape: self.spikes(place) for shape, place in first.items()}

    @cached_property
    def size(self) -> int:
        """Members that the source needs: one a sender, and one more for each with two signs."""
        sizes = {spikes.on_off().size for spikes in self._alike.values()}
        if len(sizes) > 1:
            found = ", ".join(f"{size:,}" for size in sorted(sizes))
            raise DataError(
                f"the items need different numbers of members ({found}); show items of one size"
            )
        return sizes.pop()

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Steps of the run that each item lasts, its pause included."""
        pause = float(self.values["pause"])
        times = {shape: spikes.duration + pause for shape, spikes in self._alike.items()}
        found = np.array([times[item.shape] for item in self.items])
        return np.maximum(np.rint(found / self.dt), 1).astype(np.int64)

    def on_grid(self, showing: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Steps of the run since the item appeared, and senders, of a showing's spikes."""
        spikes = self.spikes(showing).on_off()
        steps = np.floor(spikes.times / self.dt + 0.5)
        if spikes.clock == "steps":  # the end of a step of the code is that of one of the run
            steps = np.maximum(steps - 1, 0)
        last = int(self.lengths[showing % len(self.items)]) - 1
        return np.minimum(steps.astype(np.int64), last), spikes.senders


@dataclass(frozen=True)
class EncodedTrain:
    """All that an `Encoded` shows, as a train of a run (see `engine.runtime.plan.Train`)."""

    encoded: Encoded
    repeats: int  # rounds, 0 for no end

    @property
    def most(self) -> int:
        """Most spikes of a member in one step."""
        return math.ceil(self.encoded.dt / float(self.encoded.values["dt"])) + 1

    def begin(self, size: int) -> Floats:
        """Nothing but the number of members is remembered."""
        return np.zeros((1, size))

    def advance(
        self, state: Floats, first: int, end: int
    ) -> tuple[NDArray[np.int64], NDArray[np.uint32], Floats]:
        """See `engine.runtime.plan.Train`."""
        steps, senders = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for showing, begins in self.showings(first, end):
            at, who = self.encoded.on_grid(showing)
            at = at + begins
            inside = (at >= first) & (at < end)
            steps.append(at[inside])
            senders.append(who[inside])
        when, who = np.concatenate(steps), np.concatenate(senders)
        order = np.lexsort((who, when))
        return when[order], who[order].astype(np.uint32), state

    def showings(self, first: int, end: int) -> Iterator[tuple[int, int]]:
        """(number, first step) of every showing that has a part in steps [first, end)."""
        lengths = self.encoded.lengths
        starts = np.cumsum(lengths) - lengths
        length, count = int(lengths.sum()), len(lengths)
        round_ = first // length
        place = int(np.searchsorted(starts, first - round_ * length, "right")) - 1
        while not self.repeats or round_ < self.repeats:
            begins = round_ * length + int(starts[place])
            if begins >= end:
                return
            yield round_ * count + place, begins
            place += 1
            if place == count:
                place, round_ = 0, round_ + 1

    @cached_property
    def rate(self) -> float:
        """Spikes a step that may be expected of a member, by a few of the items."""
        shown = self.encoded
        places = np.unique(np.linspace(0, len(shown.items) - 1, SAMPLED).astype(int))
        total = sum(len(shown.spikes(int(place))) for place in places)
        return total / float(shown.lengths[places].sum()) / shown.size


def encoded(
    model: str,
    values: Mapping[str, Any],
    folder: Path | None = None,
    dt: float = 0.1,
    seed: int = 0,
    stream: int = 0,
    given: Mapping[str, Any] | None = None,
) -> Encoded:
    """What the source ``model`` with these parameter ``values`` shows.

    ``given`` are those that the document sets; a recording has its own time between samples unless
    it sets ``dt``.  Raises DataError for what cannot be read or encoded.
    """
    code = code_of(model)
    if code is None:
        raise DataError(f"`{model}` is no source that encodes; choose a code")
    path = str(values["path"] or "")
    if path:
        order = seed if values["order"] == SHUFFLED else None
        read = samples(path, int(values["item"]), int(values["items"]), folder, order)
    else:
        read = Samples([_typed(values)])
    items = [np.asarray(item) for item in read.items]
    for place, item in zip(read.places, items, strict=True):
        if not item.size and path:
            raise DataError(f'there is nothing to encode in item {place} of "{path}"; remove it')
        if not item.size:
            raise DataError("there is nothing to encode; type `values`, or name a file")
    if read.interval is not None and "dt" not in (given or {}):
        values = {**values, "dt": read.interval}
    if code.takes == SIGNAL:
        items, values = _signals(items, values)
    return Encoded(code, items, values, dt, seed, stream, read.places)


def _typed(values: Mapping[str, Any]) -> Floats:
    """The values that were typed in: a list, or rows of ``columns``."""
    found, columns = np.asarray(values["values"], np.float64), int(values["columns"])
    if columns and found.size % columns:
        raise DataError(
            f"{found.size:,} values make no rows of {columns:,}; "
            "give as many values as rows times `columns`"
        )
    return found.reshape(-1, columns) if columns else found


def _signals(
    items: list[NDArray[Any]], values: Mapping[str, Any]
) -> tuple[list[NDArray[Any]], Mapping[str, Any]]:
    """Recordings as signals, divided into bands if the source says so."""
    count = int(values["bands"])
    if not count:
        return items, values
    if any(item.ndim != 1 for item in items):
        raise DataError("only a sound of one channel has bands; set `bands` to 0")
    interval = float(values["dt"])
    frame = 10.0  # ms: what speech stays the same for
    divided = [bands(item, interval, count, frame) for item in items]
    hop = max(1, round(frame / interval)) * interval
    return divided, {**values, "dt": hop}


def scaled(item: NDArray[Any], scale: str) -> Floats:
    """``item`` as floats on the scale that is asked for (see `engine.coding.nodes`)."""
    found = item.astype(np.float64)
    if scale == "range":
        low, high = float(found.min()), float(found.max())
        return (found - low) / ((high - low) or 1.0)
    if scale == "full" and item.dtype.kind in "iu":
        return found / float(np.iinfo(item.dtype).max)
    return found
