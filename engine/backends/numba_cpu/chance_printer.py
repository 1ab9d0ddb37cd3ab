"""The lines that draw random numbers in the programs of a learning rule; none for a rule without.

``z`` is the normal number, ``u`` the uniform one, both in the network's float type; ``again`` is
what earlier spikes of the same neuron in this step add to a purpose.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.backends.chance import AGAIN, purpose
from engine.backends.numba_cpu.plastic_events import FIELD
from engine.equations.chance import NORMAL, UNIFORM, draws
from engine.equations.plastic import PlasticMap
from engine.equations.tree import Assign

IMPORTS = """\
from numpy import uint64
from engine.backends.numba_cpu.random import one_normal, one_uniform
"""
NAMES = {NORMAL: "z", UNIFORM: "u"}
_FUNCTIONS = {NORMAL: "one_normal", UNIFORM: "one_uniform"}


class Draws:
    """Lines for the program ``name`` of a rule."""

    def __init__(self, rule: PlasticMap, name: str) -> None:
        program: Sequence[Assign] = rule.programs[name]
        self.name, self.words = name, draws(program)

    @property
    def before(self) -> list[str]:
        """Lines that stand before the loops."""
        if not self.words:
            return []
        return [
            f"seed = uint64(get(record, {FIELD['seed']}, int64(0)))",
            f"stream = uint64(get(record, {FIELD['stream']}, int64(0)))",
            "at = uint64(step)",
            "before, again = int64(-1), uint64(0)",
        ]

    def each(self, neuron: str) -> list[str]:
        """Lines that stand where a spike of ``neuron`` has been read; equal ones are neighbours."""
        if not self.words:
            return []
        return [
            f"again = again + uint64({AGAIN}) if {neuron} == before else uint64(0)",
            f"before = {neuron}",
        ]

    def drawn(self, synapse: str) -> list[str]:
        """Lines that draw what the program reads, for one synapse."""
        return [
            f"{NAMES[word]} = {_FUNCTIONS[word]}(uint64({synapse}), at, "
            f"uint64({purpose(self.name, word)}) + again, seed, stream, zero)"
            for word in self.words
        ]
