"""A liquid of 400 neurons hears spoken digits; a linear read-out of its state says which.

Maass, Natschlaeger & Markram 2002.  The network is that of the gallery (examples/reservoir.json);
the Free Spoken Digit Dataset is read from the folder that WORKBENCH_DATA names.  Recordings come in
random order, so that what is left of one tells nothing about the next.  Above, what is read
rightly of recordings 0 to 4 of every speaker and digit when the others were learnt, by five
liquids; in the middle, of each speaker when only the others were learnt; below, one recording.
"""

import zipfile
from dataclasses import replace

import numpy as np
from showing import show

import engine
from engine import learning
from engine.runtime.data_files import find
from engine.runtime.sources import encoded_by
from workbench.curves import Curve, Panel
from workbench.store.files import load_example

PARTS = 5  # of a recording, at whose ends the state is read
TAU = 60.0  # ms, of the filter
TESTED = 5  # recordings of each speaker and digit: the data set's own split
KINDS = ("liquid", "its input", "loudness")


def run(quick: bool) -> tuple[str, list[Panel]]:
    """Five liquids on the split of the data set; one of them on speakers it never heard."""
    count, seeds = (200, 2) if quick else (3000, 5)
    shares: list[list[float]] = []
    for seed in range(1, seeds + 1):
        heard = hearing(count, seed)
        held_back = heard["index"] < TESTED if count == 3000 else np.arange(count) % 4 == 0
        shares.append([right(heard, kind, held_back) for kind in KINDS])
        if seed == 1:
            speakers = np.array([
                [right(heard, kind, heard["speaker"] == one) for kind in KINDS]
                for one in np.unique(heard["speaker"])
            ])  # fmt: skip
            spikes = heard["spikes"]
    found = np.array(shares)
    liquid, given, loudness = found.mean(0)
    words = (
        f"Spoken digits: {liquid:.1%} read rightly from a liquid ({seeds} of them: "
        f"{found[:, 0].min():.1%} to {found[:, 0].max():.1%}), {given:.1%} from its input and "
        f"{loudness:.1%} from loudness itself by the same read-out; of a speaker never heard "
        f"{speakers[:, 0].mean():.1%}, {speakers[:, 1].mean():.1%} and {speakers[:, 2].mean():.1%}"
    )
    return words, [
        _shares(found, "liquid, by its seed", "share read rightly"),
        _shares(speakers, "speaker that was not learnt", "share read rightly"),
        Panel(spikes, "ms", "input (0 to 31), some neurons", 260.0),
    ]


def hearing(count: int, seed: int) -> dict:
    """What a liquid makes of ``count`` recordings: states, what they are of, and some spikes."""
    document = load_example("reservoir")
    given = {"items": count, "repeats": 1}
    nodes = tuple(
        replace(node, parameters={**node.parameters, **given}) if node.id == "input" else node
        for node in document.nodes
    )
    settings = replace(document.simulation, seed=seed)
    net = engine.Network.of(replace(document, nodes=nodes, simulation=settings))
    when = learning.shown(net.document, "input")
    ran = net.simulate(when.end)
    source = net.document.node("input")
    assert source is not None
    bands = [np.asarray(item) for item in encoded_by(net.document, source).items]
    names = recordings(source.parameters["path"])
    digit, speaker, index = zip(*(names[place] for place in when.place), strict=True)
    return {
        "digit": np.array(digit), "speaker": np.array(speaker), "index": np.array(index),
        KINDS[0]: learning.item_states(ran, ("exc", "inh"), "input", PARTS, TAU),
        KINDS[1]: learning.item_states(ran, "input", "input", PARTS, TAU),
        KINDS[2]: np.array([[part.mean(0) for part in np.array_split(each, PARTS)]
                            for each in bands]),
        "spikes": _raster(ran, when.begin[1]),
    }  # fmt: skip


def recordings(path: str) -> list[tuple[int, str, int]]:
    """Digit, speaker and index of every recording, in the order of their names."""
    with zipfile.ZipFile(find(path, None, "data set", (".zip",))) as archive:
        names = sorted(name for name in archive.namelist() if name.lower().endswith(".wav"))
    found = (name.rpartition("/")[2].removesuffix(".wav").split("_") for name in names)
    return [(int(digit), speaker, int(index)) for digit, speaker, index in found]


def right(heard: dict, kind: str, held_back: np.ndarray) -> float:
    """The share of the recordings ``held_back`` that a read-out of the others reads rightly."""
    states = heard[kind].reshape(len(held_back), -1)
    targets = learning.one_hot(heard["digit"])
    read = learning.ridge(states[~held_back], targets[~held_back])
    return float(np.mean(read.classify(states[held_back]) == heard["digit"][held_back]))


def _shares(found: np.ndarray, x: str, y: str) -> Panel:
    places = np.arange(1, len(found) + 1)
    return Panel([Curve(places, found[:, n], kind, "dots") for n, kind in enumerate(KINDS)],
                 x, y, 120.0)  # fmt: skip


def _raster(ran: engine.Run, until: float) -> list[Curve]:
    """Spikes while the first recording is heard: the input, below some neurons of the liquid."""
    curves, row = [], 0
    some = (("input", "input", 32), ("exc", "excitatory", 80), ("inh", "inhibitory", 20))
    for colour, (name, label, count) in enumerate(some):
        spikes = ran[name].spikes
        first = (spikes.times < until) & (spikes.senders < count)
        rows = row + spikes.senders[first].astype(float)
        curves.append(Curve(spikes.times[first], rows, label, "ticks", colour))
        row += count + 4
    return curves


if __name__ == "__main__":
    show("spoken_digits", __doc__ or "", run)
