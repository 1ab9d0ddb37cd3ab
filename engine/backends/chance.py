"""The random numbers of learning rules: which synapse draws what, and when.

They are those of `philox.py` as everywhere: the key is (seed, stream of the projection), a synapse
is the member by its number in the connections, the step is the one at which it is worked through.
The purpose tells apart the programs, so that a synapse which spikes of both ends meet in one step
draws twice, the words, and the spikes that one neuron emits in a step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.backends import philox
from engine.equations.chance import NORMAL, PROGRAMS, UNIFORM, WORDS

AGAIN = 2 * (len(PROGRAMS) + 1)  # from the purpose of a spike to that of the same neuron's next
_NUMBERS = {NORMAL: philox.normal_of, UNIFORM: philox.uniform_of}


def purpose(program: str, word: str) -> int:
    """The purpose of ``word`` in ``program``; AGAIN more for each earlier spike of a step."""
    return philox.LEARNT + 2 * PROGRAMS.index(program) + WORDS.index(word)


class Numbers(Protocol):
    """Where the reference has its numbers from."""

    def drawn(
        self, program: str, words: Sequence[str], synapses: NDArray[np.int64], step: int, again: int
    ) -> Mapping[str, NDArray[np.floating]]:
        """``words`` of ``program`` for these ``synapses`` at ``step``, each [synapses].

        ``again`` counts the spikes of the same neuron that came before in the step.
        """
        ...


@dataclass(frozen=True)
class Chance:
    """The numbers of the synapses of one projection."""

    seed: int
    stream: int

    def drawn(
        self, program: str, words: Sequence[str], synapses: NDArray[np.int64], step: int, again: int
    ) -> Mapping[str, NDArray[np.floating]]:
        """As `Numbers` says."""
        member, at = synapses.astype(np.uint64), np.uint64(step)
        key = philox.key(self.seed, self.stream)
        return {
            word: _NUMBERS[word](
                member, at, np.uint64(purpose(program, word) + AGAIN * again), *key
            )
            for word in words
        }
