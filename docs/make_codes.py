"""Writes docs/codes.md and its pictures from the register of codes.

    python docs/make_codes.py

What a code does, its parameters and conventions are those of the file that declares it; a picture
is that code at its defaults, made by this program.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from make_models import markdown_table, parameter_rows

from engine.coding import codes
from engine.coding.nodes import SUFFIX, source_models
from engine.coding.registry import all_codes
from engine.runtime.encoded import encoded
from workbench.editor.forms.code import drawing_of

DOCS = Path(__file__).resolve().parent
PAGE, IMAGES = DOCS / "codes.md", DOCS / "images" / "codes"
WIDE = 560.0  # px of a picture
TAKES = {
    "values": "values of any shape, such as a picture",
    "signal": "a signal `[T]` or `[T, channels]`, time first",
    "spikes": "spike times in ms, and whose they are",
}
_TOP = """<!-- Written by docs/make_codes.py from the register of codes; edit the declarations. -->

# Codes

A code turns values, pictures or signals into spikes, and spikes back into values. Each is a pair of
functions on arrays, and each that is given values or a signal is a source on the canvas, where the
inspector shows what goes in, the spikes, and what they are read as, while the network runs.

Encoders give `Spikes`: `times` in ms and `senders`, which a `spike_times` source and
`engine.analysis` take as they are, and a dense view `[steps, ...]`, which a layer of `engine.deep`
takes. A spike of step n of a code is stamped with the end of the step, (n + 1) dt, as everywhere
here; latencies are exact, counted from the onset, and stand in the nearest step of the dense view.
What a network did is read with `recorded`.

```python
import engine
from engine import coding

spikes = coding.latency([0.9, 0.2, 0.5], steps=20)
print(spikes.times, spikes.senders, spikes.dense().shape)
print(coding.decode_latency(spikes))

net = engine.Network(dt=0.1)
net.source("input", "latency_code", values=[0.9, 0.2, 0.5], steps=20, pause=10)
net.record("input", "spikes")
run = net.simulate(30.0)["input"].spikes
seen = coding.recorded(run.times, run.senders, 3, duration=20, dt=0.1, code_dt=1.0)
print(coding.decode_latency(seen))
```

A code called NAME is `coding.NAME(values, ...)` and `coding.decode_NAME(spikes, ...)`; `encode` and
`decode` find one by its name, and `codes()` describes all of them as data. Random codes take a
`seed`, and draw by value and step alone: `first` and `start` say where a part of a batch, or of the
time, begins. Values outside of the range are refused, or set to its ends with `outside="clip"`.
"""
_DECISIONS = """## Decisions

What an output layer says, from its spikes or its potentials.

| function | what it gives |
|---|---|
| `winner(spikes)` | the sender of most spikes; of equals the one that spiked first |
| `first_spike(spikes)` | the sender of the first spike |
| `membrane_maximum(potential)` | of `[T, ..., N]`, the neuron that goes highest |
| `vote(spikes, labels)` | the label whose neurons spike most on average |
| `nearest_pattern(spikes, patterns, tau)` | the pattern at the least van Rossum distance |
| `matches(first, second, tolerance)` | whether two patterns have the same spikes |
"""
_SOURCES = """## On the canvas

A source of every code that is given values or a signal: `latency_code`, `bsa_code` and so on. It
has the parameters of the code, and these:

"""
_FILES = """Its number of members follows from what it encodes; codes with spikes up and down need
two for each channel, first all that say up, then all that say down. `net.source` and the inspector
see to it. A file is read as idx (also gzipped), npy, npz, csv, txt, png, pgm, wav, or as wav files
in a zip. An array of up to two dimensions is one picture or recording; of more, the first counts
them.
"""


def page() -> str:
    """The text of docs/codes.md."""
    described = codes()
    parts = [_TOP, "\n".join(_index(described))]
    parts += ["\n".join(_code(name, each)) for name, each in described.items()]
    signal = next(model for model in source_models() if "bands" in model.parameters)
    given = {
        name: parameter
        for name, parameter in signal.parameters.items()
        if name not in described[signal.name.removesuffix(SUFFIX)]["parameters"]
    }
    parts += [_DECISIONS, _SOURCES + "\n".join(parameter_rows(given, symbols=False)), _FILES]
    return "\n".join(parts).rstrip() + "\n"


def _index(described: dict[str, Any]) -> Iterator[str]:
    rows = [
        (f"[{each['title']}](#{_anchor(each['title'])})", f"`{name}`", each["good_for"])
        for name, each in described.items()
    ]
    yield from markdown_table(("code", "name", "good for"), rows)


def _anchor(title: str) -> str:
    return "".join(letter for letter in title.lower().replace(" ", "-") if letter not in "()")


def _code(name: str, described: dict[str, Any]) -> Iterator[str]:
    yield f"## {described['title']}\n"
    yield f"`{name}` · takes {TAKES[described['takes']]} · {described['source']}\n"
    yield f"{described['doc']}\n"
    if f"{name}{SUFFIX}" in pictures():
        yield f"![{described['title']}](images/codes/{name}.svg)\n"
    if described["conventions"]:
        yield f"Conventions: {described['conventions']}\n"
    yield from parameter_rows(all_codes()[name].parameters, symbols=False)


def pictures() -> dict[str, str]:
    """The sources that have a picture, and the code that each shows."""
    return {model.name: model.name.removesuffix(SUFFIX) for model in source_models()}


def picture(model: str) -> str:
    """A code at the defaults of its source, as SVG text."""
    declared = {each.name: each for each in source_models()}[model].parameters
    values = {name: parameter.default for name, parameter in declared.items()}
    return drawing_of(encoded(model, values), WIDE, standalone=True).svg


def main() -> int:
    """Write the page and its pictures; take away those of codes that are gone."""
    PAGE.write_text(page(), "utf-8")
    IMAGES.mkdir(parents=True, exist_ok=True)
    for path in IMAGES.glob("*.svg"):
        path.unlink()
    for model, name in pictures().items():
        (IMAGES / f"{name}.svg").write_text(picture(model), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
