"""Rules that need a teacher or a reward, or work on rates, and the tasks they are shown on.

What is learnt event by event at the synapses of a running network stands in `engine.models`
(`engine.plasticity`); e-prop, which trains torch modules, in `engine.deep`.  Here NumPy is all that
is needed, but for the spiking actor and critic and for liquids, which run a simulation.  Long work
takes ``progress(share, text)``, ``cancel()`` and ``watch(state, errors)``, which `course` explains,
and returns `Trained`.  Every name is loaded when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.lazy import lazily

if TYPE_CHECKING:
    from engine.learning.actor_critic import ActorCritic as ActorCritic
    from engine.learning.actor_critic import Learned as Learned
    from engine.learning.course import Trained as Trained
    from engine.learning.diehl_cook import DiehlCook as DiehlCook
    from engine.learning.diehl_cook import Features as Features
    from engine.learning.diehl_cook import assign_classes as assign_classes
    from engine.learning.diehl_cook import read_classes as read_classes
    from engine.learning.evolving import Evolving as Evolving
    from engine.learning.evolving import Repository as Repository
    from engine.learning.evolving import rank_order as rank_order
    from engine.learning.items import Shown as Shown
    from engine.learning.items import item_states as item_states
    from engine.learning.items import shown as shown
    from engine.learning.leabra import Leabra as Leabra
    from engine.learning.leabra import chl as chl
    from engine.learning.leabra import kwta as kwta
    from engine.learning.leabra import xcal as xcal
    from engine.learning.liquids import hear as hear
    from engine.learning.liquids import liquid as liquid
    from engine.learning.liquids import tell as tell
    from engine.learning.liquids import telling as telling
    from engine.learning.listening import Heard as Heard
    from engine.learning.listening import listen as listen
    from engine.learning.rates import Sliding as Sliding
    from engine.learning.rates import abs_change as abs_change
    from engine.learning.rates import abs_rule as abs_rule
    from engine.learning.rates import bcm as bcm
    from engine.learning.rates import oja as oja
    from engine.learning.rates import pseudo_inverse as pseudo_inverse
    from engine.learning.rates import random_weights as random_weights
    from engine.learning.rates import supervised_hebb as supervised_hebb
    from engine.learning.rates import train as train
    from engine.learning.readout import Readout as Readout
    from engine.learning.readout import one_hot as one_hot
    from engine.learning.readout import ridge as ridge
    from engine.learning.reservoir import MemoryCapacity as MemoryCapacity
    from engine.learning.reservoir import filtered_spikes as filtered_spikes
    from engine.learning.reservoir import kernel_rank as kernel_rank
    from engine.learning.reservoir import memory_capacity as memory_capacity
    from engine.learning.reservoir import separation as separation
    from engine.learning.spikeprop import SpikeProp as SpikeProp
    from engine.learning.spikeprop import first_crossing as first_crossing
    from engine.learning.spikeprop import xor_times as xor_times
    from engine.learning.tempotron import Tempotron as Tempotron
    from engine.learning.tempotron import latency_patterns as latency_patterns
    from engine.learning.worlds import World as World
    from engine.learning.worlds import maze as maze
    from engine.learning.worlds import track as track

# module -> the public names in it
_HOMES = {
    "actor_critic": ("ActorCritic", "Learned"),
    "course": ("Trained",),
    "diehl_cook": ("DiehlCook", "Features", "assign_classes", "read_classes"),
    "evolving": ("Evolving", "Repository", "rank_order"),
    "leabra": ("Leabra", "chl", "kwta", "xcal"),
    "liquids": ("hear", "liquid", "tell", "telling"),
    "listening": ("Heard", "listen"),
    "rates": (
        "Sliding",
        "abs_change",
        "abs_rule",
        "bcm",
        "oja",
        "pseudo_inverse",
        "random_weights",
        "supervised_hebb",
        "train",
    ),
    "readout": ("Readout", "one_hot", "ridge"),
    "reservoir": (
        "MemoryCapacity",
        "filtered_spikes",
        "kernel_rank",
        "memory_capacity",
        "separation",
    ),
    "items": ("Shown", "item_states", "shown"),
    "spikeprop": ("SpikeProp", "first_crossing", "xor_times"),
    "tempotron": ("Tempotron", "latency_patterns"),
    "worlds": ("World", "maze", "track"),
}
__all__, __getattr__, __dir__ = lazily(__name__, _HOMES)  # pyright: ignore[reportUnsupportedDunderAll]
