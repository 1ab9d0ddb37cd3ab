"""Every code as a source of a network: what it is given, and the parameters of the code itself."""

from __future__ import annotations

import math
from functools import cache

from engine.coding.declaration import SIGNAL, VALUES, Code
from engine.coding.registry import all_codes
from engine.models.declaration import Parameter, SourceModel

GROUP = "code"
SUFFIX = "_code"
SCALES = ("full", "range", "none")
ORDERS = (AS_FILED, SHUFFLED) = ("file", "shuffled")
# What a new node shows: five values, and a signal that rises, falls and stays.
FIVE = (0.1, 0.3, 0.5, 0.7, 0.9)
WAVE = tuple(round(0.5 - 0.45 * math.cos(2 * math.pi * min(k, 62) / 25), 3) for k in range(80))


def source_models() -> list[SourceModel]:
    """A source for every code that is given values or a signal; `code_of` leads back."""
    return list(_sources().values())


def code_of(model: str) -> Code | None:
    """The code of the source called ``model``; None for any other source."""
    return all_codes()[model.removesuffix(SUFFIX)] if model in _sources() else None


@cache
def _sources() -> dict[str, SourceModel]:
    codes = [code for code in all_codes().values() if code.takes in (VALUES, SIGNAL)]
    return {f"{code.name}{SUFFIX}": _source(code) for code in codes}


def _source(code: Code) -> SourceModel:
    return SourceModel(
        name=f"{code.name}{SUFFIX}",
        title=code.title,
        outputs="spikes",
        parameters={**_given(code), **code.parameters},
        doc=code.doc,
        source=code.source,
        group=GROUP,
        symbol=f"{code.name}{SUFFIX}",
        synonyms=(*code.synonyms, "encoder", "coding"),
    )


def _given(code: Code) -> dict[str, Parameter]:
    """Parameters that say what is encoded, and how often."""
    one = "recording" if code.takes == SIGNAL else "picture"
    given = {
        "values": Parameter(
            WAVE if code.takes == SIGNAL else FIVE,
            "1",
            (-1e9, 1e9),
            f"what is encoded, where no file is named: one {one}",
            kind="numbers",
        ),
        "columns": Parameter(
            0, "1", (0, 1e6), "values in a row: the width of a picture, the channels of a signal; "
            "0: a plain list", kind="integer",
        ),
        "path": Parameter(
            "", "", doc=f"file with {one}s: idx, npy, npz, csv, txt, png, pgm, wav, or wav files "
            "in a zip; relative to the document or data folder", kind="text", optional=True,
        ),
        "item": Parameter(
            0, "1", (0, 1e9), f"which {one} of the file is shown first, from 0", kind="integer"
        ),
        "items": Parameter(
            1, "1", (1, 1e6), f"how many {one}s are shown, one after another", kind="integer"
        ),
        "order": Parameter(
            AS_FILED, doc=f"{one}s as they stand in the file, or shuffled by the seed of the run, "
            "from which `item` and `items` then choose", kind="choice", choices=ORDERS,
        ),
        "scale": Parameter(
            "full", doc="what becomes 1: the largest number of the file's type (255 of a byte), "
            "the largest value shown, with the smallest as 0, or nothing", kind="choice",
            choices=SCALES,
        ),
    }  # fmt: skip
    if code.takes == SIGNAL:
        given["bands"] = Parameter(
            0, "1", (0, 1000), "bands of frequencies that a sound is divided into, each a channel; "
            "0: the sound itself", kind="integer",
        )  # fmt: skip
    given["pause"] = Parameter(0, "ms", (0, 1e6), f"silence after every {one}")
    given["repeats"] = Parameter(
        0, "1", (0, 1e9), "how often all of it is shown; 0: without end", kind="integer"
    )
    return given
