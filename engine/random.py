"""Names of random streams: every population, source and projection draws from streams of its own.

A stream is a 32-bit key made from an id and a purpose by a hash, so adding, removing or reordering
other parts of a network changes no number of this one.
"""

from __future__ import annotations

from hashlib import blake2b

NOISE = "noise"  # what a step map or a source draws while it runs
LEARNING = "learning"  # what a learning rule draws
TARGETS = "targets"  # who is connected with whom
SOURCES = "sources"  # where a rule draws these as well
WEIGHTS = "weights"
DELAYS = "delays"
PLACES = "places"  # where members are that are placed at random
INITIAL = "initial"  # initial values and parameters that are distributions


def stream(identifier: str, purpose: str) -> int:
    """The 32-bit key of the stream that ``identifier`` uses for ``purpose``."""
    text = f"{purpose}\x1f{identifier}".encode()
    return int.from_bytes(blake2b(text, digest_size=4).digest(), "little")
