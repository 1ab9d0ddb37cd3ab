"""A recurrent network of adaptive neurons learns to draw a curve by e-prop, forward in time.

Bellec et al. 2020.  From above: the loss with the read-out's own weights and with random ones as
feedback, the curve and what the network makes of it, its spikes.
"""

import numpy as np
from showing import progress, show

from workbench.curves import Curve, Panel
from workbench.studio.tasks.eprop_pattern import (
    FEEDBACK,
    UPDATES,
    answered,
    drawn,
    explained,
    learnt,
    network,
)


def run(quick: bool) -> tuple[str, list[Panel]]:
    """Both kinds of feedback on one curve."""
    nets = {feedback: network(feedback) for feedback in FEEDBACK}
    losses = []
    for feedback, net in nets.items():
        found = learnt(net, 10 if quick else UPDATES, progress=progress)
        losses.append(Curve(np.arange(found.rounds), found.error, f"{feedback} feedback"))
    out, spikes = answered(nets["symmetric"])
    words = f"e-prop explains {explained(out):.1%} of the variance of the curve it learnt"
    return words, [
        Panel(losses, "update", "loss", zero=True), *drawn(out, spikes),
    ]  # fmt: skip


if __name__ == "__main__":
    show("eprop_pattern", __doc__ or "", run)
