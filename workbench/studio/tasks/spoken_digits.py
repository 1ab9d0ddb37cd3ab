"""A liquid hears spoken digits; a linear read-out of its state says which."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine import learning
from engine.document import Document
from engine.errors import DataError
from engine.learning.course import follow
from engine.learning.liquids import GRIDS, INPUT_ID, LINES, SIZE
from engine.models.declaration import Parameter
from engine.runtime.data_files import find
from engine.runtime.sources import encoded_by
from workbench.curves import Curve, Panel
from workbench.store.files import load_example
from workbench.studio.course import after, seed, shown_last
from workbench.studio.listening import NODES, raster
from workbench.studio.task import Panels, Stage, Task, Values

PARTS = 5  # of a recording, at whose ends the state is read
TAU = 60.0  # ms, of the filter
KINDS = ("liquid", "its input", "loudness")
TOLD = 2  # of these are read while it listens
EVERY = 25  # recordings after which a read-out is made
LEAST, MOST = 50, 500  # recordings that it learns from: more would hold up what is shown
LAST = 100  # recordings of which a share is told
Floats = NDArray[np.float64]


def reservoir(count: int, number: int) -> Document:
    """The liquid of the gallery, made anew from a seed, and ``count`` recordings for it."""
    document = load_example("reservoir")
    given = {"items": count, "repeats": 1}
    nodes = tuple(
        replace(node, parameters={**node.parameters, **given}) if node.id == INPUT_ID else node
        for node in document.nodes
    )
    return replace(document, nodes=nodes, simulation=replace(document.simulation, seed=number))


def recordings(path: str) -> list[tuple[int, str, int]]:
    """Digit, speaker and index of every recording, in the order of their names."""
    with zipfile.ZipFile(find(path, None, "data set", (".zip",))) as archive:
        names = sorted(name for name in archive.namelist() if name.lower().endswith(".wav"))
    found = (name.rpartition("/")[2].removesuffix(".wav").split("_") for name in names)
    try:
        return [(int(digit), speaker, int(index)) for digit, speaker, index in found]
    except ValueError:
        message = (
            f'"{path}" has other recordings than the Free Spoken Digit Dataset; put that there'
        )
        raise DataError(message) from None


class Hearing:
    """A liquid that hears recordings; its states, what they are of, and some spikes."""

    def __init__(self, count: int, number: int) -> None:
        self.count, self.document = count, reservoir(count, number)
        self.source = self.document.nodes_by_id[INPUT_ID]
        self.names = recordings(str(self.source.parameters["path"]))
        shapes = (count, PARTS, SIZE), (count, PARTS, LINES)
        self.states: dict[str, Floats] = dict(zip(KINDS[:TOLD], map(np.zeros, shapes), strict=True))
        self.begin, self.at = np.zeros(count), np.zeros((count, PARTS))  # ms
        self.item = self.heard = 0  # the recording that is heard; how many were, to their end
        self.first: list[learning.Heard] = []  # moments of the first recording
        self.last: list[learning.Heard] = []  # of the last that was begun

    def _code(self) -> Iterator[None]:
        """Which recordings these are, when they are heard, and how loud; takes a second or two."""
        when = learning.shown(self.document, INPUT_ID)
        yield
        digit, speaker, index = zip(*(self.names[place] for place in when.place), strict=True)
        self.digit, self.speaker, self.index = map(np.array, (digit, speaker, index))
        bands = [np.asarray(item) for item in encoded_by(self.document, self.source).items]
        yield
        loudness = [[part.mean(0) for part in np.array_split(each, PARTS)] for each in bands]
        self.states[KINDS[2]] = np.array(loudness)
        share = np.arange(1, PARTS + 1) / PARTS
        self.begin, self.at = when.begin, when.begin[:, None] + when.length[:, None] * share
        yield

    def hear(self) -> Iterator[int]:
        """Code them, then recording after recording; how many were heard to their end, after each
        part of it all."""
        for _ in self._code():
            yield 0
        moments = learning.listen(self.document, NODES, self.at.ravel(), TAU)
        for place, moment in enumerate(moments):
            item, part = divmod(place, PARTS)
            self.item = item
            self.last = [*self.last, moment] if part else [moment]
            self.first = self.first if item else self.last
            liquid = np.concatenate([moment.states[name] for name in GRIDS])
            self.states[KINDS[0]][item, part] = liquid
            self.states[KINDS[1]][item, part] = moment.states[INPUT_ID]
            self.heard = item + (part == PARTS - 1)
            yield self.heard

    def right(self, kind: str, learnt: NDArray | slice, tested: NDArray | slice) -> NDArray:
        """Which of the recordings ``tested`` a read-out of those ``learnt`` reads rightly."""
        states = self.states[kind].reshape(len(self.digit), -1)
        read = learning.ridge(states[learnt], learning.one_hot(self.digit[learnt], 10))
        return read.classify(states[tested]) == self.digit[tested]


class Course:
    """What is read rightly while the liquid listens: the next recordings, by those before."""

    def __init__(self, hearing: Hearing) -> None:
        self.hearing = hearing
        self.asked: list[int] = []  # recordings heard at each look
        self.right: tuple[list[bool], ...] = ([], [])  # of each recording that was read
        self.shares: tuple[list[float], ...] = ([], [])  # of the last ones, at each look

    def __iter__(self) -> Iterator[tuple[Floats, float | None]]:
        """The state after each part of a recording, and at each look the share read wrongly."""
        hearing, read = self.hearing, LEAST
        for heard in hearing.hear():
            state = hearing.states[KINDS[0]][min(heard, hearing.count - 1)]
            yield state, None
            if heard - read < EVERY and (heard < hearing.count or heard <= read):
                continue
            learnt, tested = slice(max(0, read - MOST), read), slice(read, heard)
            for kind, right in zip(KINDS[:TOLD], self.right, strict=True):
                right += hearing.right(kind, learnt, tested).tolist()
                yield state, None
            self.asked.append(heard)
            for right, shares in zip(self.right, self.shares, strict=True):
                shares.append(float(np.mean(right[-LAST:])))
            read = heard
            yield state, 1.0 - self.shares[0][-1]


def run(values: Values, stage: Stage) -> str:
    """A liquid listens; the share of recordings read rightly, and one of them as spikes."""
    count = round(values["recordings"])
    stage.show(lambda: drawn([], [[]] * TOLD, [], 0.0))
    stage.progress(0.0, "coding the recordings")
    hearing = Hearing(count, round(values["seed"]))
    course = Course(hearing)

    def draw() -> Panels:
        begin = hearing.begin[hearing.item]
        return drawn(course.asked, course.shares, hearing.last, begin)

    def seen(*_: object) -> None:
        if hearing.last:  # else they are still being coded
            stage.progress(hearing.heard / count, f"{hearing.heard:,} recordings were heard")
        stage.show(draw)

    with shown_last(stage, draw):
        found = follow(course, np.zeros(1), count, cancel=stage.cancel, watch=seen)
    said = after(found, "recording", count, hearing.heard)
    if not course.asked:
        return f"{said} too few to learn from"
    liquid, alone = (shares[-1] for shares in course.shares)
    last = min(LAST, len(course.right[0]))
    return (
        f"{said} {liquid:.0%} of the last {last} are read rightly from the liquid, {alone:.0%} "
        "from its input"
    )


def drawn(
    asked: Sequence[int],
    shares: Sequence[Sequence[float]],
    heard: Sequence[learning.Heard],
    begin: float,
) -> Panels:
    """What was read rightly of the last 100 recordings, and the newest that was heard."""
    curves = [Curve(asked, share, kind) for kind, share in zip(KINDS[:TOLD], shares, strict=True)]
    label = f"share read rightly of the last {LAST} recordings"
    return [Panel(curves, "recordings heard", label, zero=True), raster(heard, begin)]


TASK = Task(
    "spoken_digits",
    "Spoken digits",
    "400 neurons, which learn nothing, hear six people say digits, as spikes of 32 bands. A linear "
    "read-out of the spikes of those heard before says which digit the next one is.",
    "Maass, Natschläger & Markram 2002, Neural Computation 14:2531",
    run,
    {
        "recordings": Parameter(800, "", (100, 3000), "recordings that are heard", kind="integer"),
        "seed": seed("the liquid"),
    },
    data="fsdd_spoken_digits",
)
