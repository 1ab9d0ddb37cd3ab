"""The work of the comparison of training: numbers, shapes and how a process is asked.

``PYTHON training_LIBRARY.py a|b|c`` says "ready", then answers every line on stdin, ``forward`` or
``both`` (forward and backward), with one JSON object: ``s`` (seconds), ``cpu_s`` (of the
processor), ``rate`` (spikes a neuron and step), ``gradient`` (sum of the sizes of all gradients),
``mb`` and ``start_mb`` (most memory held so far, and before the first pass).  All libraries get the
same numbers and compute, with float32:

    h = 0.9 v + x,   s = h >= 1,   v = h - s,   ds/dh = 1 / (1 + (pi (h - 1))^2)

a: a layer of neurons, gradient of its input; b: a linear layer into such a layer, gradient of the
weights; c: two convolutions and a linear layer, each into such a layer, gradient of the weights.
The loss is the sum of the spikes times a fixed random number each.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DECAY, THRESHOLD = 0.9, 1.0
TAU = 1 / (1 - DECAY)  # steps, where a library asks for a time constant
SLOPE = 2.0  # of the arctangent surrogate where ds/dh is slope/2 / (1 + (pi/2 slope (h - 1))^2)
SEED = 7
PASSES = {"a": 10}  # of a request, where one is too short to be timed alone


@dataclass(frozen=True)
class Numbers:
    """What a row computes with: input [T, B, ...], weights in order, and the loss's factors."""

    x: np.ndarray
    weights: tuple[np.ndarray, ...]
    factors: np.ndarray


def numbers(row: str) -> Numbers:
    """The same for every library: weights as PyTorch keeps them, [out, in, ...]."""
    draw = np.random.default_rng(SEED)

    def normal(*shape: int, scale: float = 1.0, mean: float = 0.0) -> np.ndarray:
        return (mean + scale * draw.standard_normal(shape)).astype(np.float32)

    if row == "a":
        shape = (32, 16, 4096)
        return Numbers(normal(*shape, scale=0.4, mean=0.15), (), normal(*shape))
    if row == "b":
        weights = (normal(512, 512, scale=0.4 / 512**0.5),)
        return Numbers(normal(500, 16, 512), weights, normal(500, 16, 512))
    weights = (
        normal(32, 1, 3, 3, scale=0.3),
        normal(64, 32, 3, 3, scale=0.15, mean=0.01),
        normal(10, 64 * 7 * 7, scale=0.05),
    )
    return Numbers(normal(8, 64, 1, 28, 28), weights, normal(8, 64, 10))


@dataclass
class Answer:
    """What one pass gave: the mean of the spikes, and the summed sizes of the gradients."""

    rate: float
    gradient: float | None = None


def serve(forward: Callable[[], Answer], both: Callable[[], Answer]) -> None:
    """Answer every line on stdin; the seconds are those of one pass of several."""
    times = PASSES.get(sys.argv[1], 1)
    start = peak_mb()
    print("ready", flush=True)
    for line in sys.stdin:
        work = both if line.strip() == "both" else forward
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(times):
            found = work()
        seconds, cpu_s = time.perf_counter() - wall, time.process_time() - cpu
        answer = {"s": seconds / times, "cpu_s": cpu_s / times}
        answer |= {"rate": found.rate, "gradient": found.gradient}
        print(json.dumps(answer | {"mb": peak_mb(), "start_mb": start}), flush=True)


def peak_mb() -> float:
    """The most memory that this process held at any time; 0 where the system does not say."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not getrusage: on Linux its peak begins with that of the process that started this one.
        words = status.read_text().partition("VmHWM:")[2].split()
        return float(words[0]) * 1024 / 1e6
    try:
        import resource
    except ImportError:
        return 0.0
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
