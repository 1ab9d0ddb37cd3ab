"""Ours: layers of `engine.deep`, run by an interpreter that has this program."""

from __future__ import annotations

import sys
from functools import partial

from training_loop import forward
from training_torch import run
from training_work import SLOPE, TAU, THRESHOLD, numbers

from engine.deep import Spiking


def lif() -> Spiking:
    """v <- v - v/tau + x, reset by subtraction."""
    return Spiking(
        "lif_discrete",
        surrogate=("atan", {"alpha": SLOPE}),
        tau=TAU,
        v_th=THRESHOLD,
        decay_input=0,
        soft_reset=1,
    )


if __name__ == "__main__":
    run(numbers(sys.argv[1]), partial(forward, layer=lif()))
