"""A recurrent network of adaptive neurons learns to draw a curve by e-prop, forward in time.

Bellec et al. 2020.  From above: the loss with the read-out's own weights and with random ones as
feedback, the curve and what the network makes of it, its spikes.
"""

import numpy as np
import torch
from showing import progress, show

from engine.deep import EProp, fit_eprop
from engine.learning.draws import Draws
from workbench.curves import Curve, Panel

STEPS, INPUTS, NEURONS = 500, 20, 100


def run(quick: bool) -> tuple[str, list[Panel]]:
    """Both kinds of feedback on one curve."""
    x = torch.tensor(Draws(0, "input").uniform(STEPS, 1, INPUTS) < 0.05).float()
    turn = 2 * np.pi * np.arange(STEPS) / STEPS
    wanted = sum(np.sin(k * turn + k) / k for k in (1, 2, 3, 5))
    y = torch.tensor(wanted).float()[:, None, None]
    adapting = np.where(np.arange(NEURONS) < NEURONS // 2, 0.0, 0.07)
    losses, nets = [], {}
    for feedback in ("symmetric", "random"):
        net = EProp(INPUTS, NEURONS, 1, beta=adapting, feedback=feedback)
        found = fit_eprop(
            net, lambda _: (x, y, None), 10 if quick else 250, rate=0.003, progress=progress
        )
        losses.append(Curve(np.arange(found.rounds), found.error, f"{feedback} feedback"))
        nets[feedback] = net
    out, spikes = nets["symmetric"](x)
    explained = 1.0 - float((out - y).square().mean() / y.var())
    at, who = np.nonzero(spikes[:, 0].numpy())
    t = np.arange(STEPS)
    return f"e-prop explains {explained:.1%} of the variance of the curve it learnt", [
        Panel(losses, "update", "loss", zero=True),
        Panel([Curve(t, wanted, "wanted"), Curve(t, out[:, 0, 0].numpy(), "network")], "step",
              "output"),
        Panel([Curve(at, who, "", "ticks")], "step", "neuron"),
    ]  # fmt: skip


if __name__ == "__main__":
    show("eprop_pattern", __doc__ or "", run)
