"""A liquid of 400 neurons hears spoken digits; a linear read-out of its state says which.

Maass, Natschlaeger & Markram 2002.  The network is that of the gallery (examples/reservoir.json);
the Free Spoken Digit Dataset is read from the folder that WORKBENCH_DATA names.  Recordings come in
random order, so that what is left of one tells nothing about the next.  Above, what is read
rightly of recordings 0 to 4 of every speaker and digit when the others were learnt, by five
liquids; in the middle, of each speaker when only the others were learnt; below, one recording.
"""

import numpy as np
from showing import progress, show

from workbench.curves import Curve, Panel
from workbench.studio.listening import raster
from workbench.studio.tasks.spoken_digits import KINDS, Hearing

TESTED = 5  # recordings of each speaker and digit: the data set's own split


def run(quick: bool) -> tuple[str, list[Panel]]:
    """Five liquids on the split of the data set; one of them on speakers it never heard."""
    count, seeds = (200, 2) if quick else (3000, 5)
    shares: list[list[float]] = []
    for seed in range(1, seeds + 1):
        heard = hearing(count, seed)
        held_back = heard.index < TESTED if count == 3000 else np.arange(count) % 4 == 0
        shares.append([right(heard, kind, held_back) for kind in KINDS])
        if seed == 1:
            speakers = np.array([
                [right(heard, kind, heard.speaker == one) for kind in KINDS]
                for one in np.unique(heard.speaker)
            ])  # fmt: skip
            spikes = raster(heard.first)
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
        spikes,
    ]


def hearing(count: int, seed: int) -> Hearing:
    """What a liquid made of ``count`` recordings."""
    found = Hearing(count, seed)
    for heard in found.hear():
        progress(heard / count, f"liquid {seed}")
    return found


def right(heard: Hearing, kind: str, held_back: np.ndarray) -> float:
    """The share of the recordings ``held_back`` that a read-out of the others reads rightly."""
    return float(np.mean(heard.right(kind, ~held_back, held_back)))


def _shares(found: np.ndarray, x: str, y: str) -> Panel:
    places = np.arange(1, len(found) + 1)
    return Panel([Curve(places, found[:, n], kind, "dots") for n, kind in enumerate(KINDS)],
                 x, y, 120.0)  # fmt: skip


if __name__ == "__main__":
    show("spoken_digits", __doc__ or "", run)
