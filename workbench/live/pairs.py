"""Pairs of spikes that occurred at a few synapses of a connection, and the window of its rule."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analysis import PairWindow, pair_window
from engine.document import Document
from engine.runtime.plan import Chunk
from workbench.live.synapses import Numbers

SAMPLED = 24  # synapses whose pairs are followed
MOST_PAIRS = 120  # that are drawn
REACH = 80.0  # ms, as far as the window of a rule is drawn


class PairHistory:
    """Pairs at the synapses from ``senders`` to ``receivers``, one synapse each.

    A lag is that at the synapse: what travels over the delay is met when it arrives there.
    """

    def __init__(
        self,
        ends: tuple[int, int],
        senders: Numbers,
        receivers: Numbers,
        delays: tuple[int, int],
        dt: float,
    ) -> None:
        """``ends`` are the emitters of both sides, ``delays`` their steps to the synapse."""
        self.ends, self.delays, self.dt = ends, delays, dt
        self.members = (senders, receivers)
        self.lags: deque[float] = deque(maxlen=MOST_PAIRS)  # ms
        self.heard = False  # whether the spikes of both ends can be seen
        self._old: list[tuple[Numbers, Numbers]] = [(NONE, NONE)] * len(senders)

    def feed(self, chunk: Chunk) -> None:
        """Find the pairs that the spikes of ``chunk`` make among themselves and with older ones."""
        self.heard = all(end in chunk.spikes for end in self.ends)
        if not self.heard:
            return
        new = [self._arrivals(chunk, side) for side in (0, 1)]
        reach = round(REACH / self.dt)
        since = chunk.start + chunk.steps - reach - max(self.delays)
        for place in sorted({*new[0], *new[1]}):  # most synapses hear nothing for a while
            pre, post = (each.get(place, NONE) for each in new)
            before, after = self._old[place]
            found = [np.subtract.outer(post, np.concatenate([before, pre])).ravel()]
            found.append(np.subtract.outer(after, pre).ravel())
            lags = np.concatenate(found)
            self.lags.extend((lags[np.abs(lags) <= reach] * self.dt).tolist())
            both = np.concatenate([before, pre]), np.concatenate([after, post])
            self._old[place] = (both[0][both[0] >= since], both[1][both[1] >= since])

    def _arrivals(self, chunk: Chunk, side: int) -> dict[int, Numbers]:
        """The steps at which spikes of one side reach a synapse, for those that any reach."""
        steps, senders = (np.asarray(each) for each in chunk.spikes[self.ends[side]])
        members = self.members[side]
        if not (senders.size and members.size):
            return {}
        followed = np.zeros(max(int(senders.max()), int(members.max())) + 1, np.bool_)
        followed[members] = True
        met = np.flatnonzero(followed[senders])
        steps, senders = steps[met].astype(np.int64) + self.delays[side], senders[met]
        places = np.flatnonzero(np.isin(members, senders))
        return {int(place): steps[senders == members[place]] for place in places}


NONE = np.zeros(0, np.int64)


@dataclass
class RuleWindow:
    """The window of a connection's rule, found anew when its numbers are others."""

    edge: str
    window: PairWindow | None = None
    _of: Any = None  # the rule that it is of

    def seen(
        self, document: Document, weight: float | None, pairs: PairHistory
    ) -> tuple[dict[str, object], dict[str, NDArray]]:
        """The window with the pairs that occurred, each as high as the window is there.

        ``weight`` is that of a synapse before the pair, the mean at the start if None.
        """
        window = self._found(document, weight)
        lags = np.array(pairs.lags, np.float64)
        arrays = {
            "lag": window.lag.astype(np.float32),
            "change": window.change.astype(np.float32),
            "pair.lag": lags.astype(np.float32),
            "pair.change": _on_window(window, lags).astype(np.float32),
        }
        head: dict[str, object] = {"heard": pairs.heard, "synapses": len(pairs.members[0])}
        head |= {"marks": window.marks, "rewarded": window.rewarded, "chance": window.chance}
        return head, arrays

    def _found(self, document: Document, weight: float | None) -> PairWindow:
        rule = document.edges_by_id[self.edge].plasticity
        if self.window is None or rule != self._of:
            self.window, self._of = pair_window(document, self.edge, weight=weight), rule
        return self.window


def _on_window(window: PairWindow, lags: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the window says of each lag, on its own side of the leap at 0."""
    found = np.zeros(len(lags))
    for side in (-1, 0, 1):
        there, mine = np.sign(window.lag) == side, np.sign(lags) == side
        if there.any():
            found[mine] = np.interp(lags[mine], window.lag[there], window.change[there])
    return found
