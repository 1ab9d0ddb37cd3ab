"""A liquid state machine with the parameters of Maass, Natschlaeger & Markram 2002.

Neural Computation 14:2531.  Leaky integrate-and-fire neurons, 20 % of them inhibitory, whose
connections become rare with distance and tire with use; nothing in it learns.  They are the 135 of
the paper's column of 15 x 3 x 3, a random fifth inhibitory, or 400 on a sheet of 20 x 20 places.
What differs from the paper: membranes have 100 MOhm instead of 1, so that currents are those of a
neuron (all are smaller by a hundred, potentials are the same); short-term plasticity has the mean
of its parameters; delays are multiples of 0.5 ms.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

import engine
from engine.checked import flag, number, told
from engine.coding import population
from engine.errors import DataError
from engine.learning.checked import Floats, array
from engine.learning.draws import Draws
from engine.learning.listening import listen

DT = 0.5  # ms
SPACING = 100.0  # um between two places, the paper's unit of distance
SIDE = 20 * SPACING
REACH = 2.0 * SPACING  # the paper's lambda: C exp(-(D / lambda)^2)
GRIDS = {"exc": (320, 20), "inh": (80, 10)}  # neurons, and how many in a row
COLUMN = (15, 3, 3)  # places along each axis
INHIBITORY = 0.2  # of the places of the column
SIZE = sum(size for size, _ in GRIDS.values())
LABELS = {"exc": "Excitatory", "inh": "Inhibitory"}
REFRACTORY = {"exc": 3.0, "inh": 2.0}  # ms
BACKGROUND = 135.0  # pA, to 1.5 mV below the threshold
# (source, target): C, mean weight [pA], delay [ms], and U, D, F [ms] of short-term plasticity.
WIRES: dict[tuple[str, str], tuple[float, float, float, tuple[float, float, float]]] = {
    ("exc", "exc"): (0.3, 300.0, 1.5, (0.5, 1100.0, 50.0)),
    ("exc", "inh"): (0.2, 600.0, 1.0, (0.05, 125.0, 1200.0)),
    ("inh", "exc"): (0.4, -190.0, 1.0, (0.25, 700.0, 20.0)),
    ("inh", "inh"): (0.1, -190.0, 1.0, (0.32, 144.0, 60.0)),
}
INPUT = {"exc": 180.0, "inh": 90.0}  # pA
HEARD = 0.1  # of the lines of the input by a neuron
INPUT_ID = "input"
LINES = 32  # of the input, for numbers
EVERY = 30.0  # ms, a number


def liquid(
    seed: int = 1,
    strength: float = 1.0,
    name: str = "Liquid",
    description: str = "",
    column: bool = False,
) -> engine.Network:
    """The liquid without its input: populations ``exc`` and ``inh``, their spikes recorded.

    ``strength`` scales the synapses within it; at 0 there are none, for comparison.  It is a sheet,
    or the paper's ``column``.  The seed draws wires and weights, and who in the column is
    inhibitory.  Raises DataError.
    """
    scale = number(strength, "strength", 0, open_low=False)
    places = _column(seed) if flag(column, "column") else _sheet()
    net = engine.Network(name, dt=DT, seed=seed, description=description)
    current = net.source("background", "constant_current", label="Background",
                         amplitude=BACKGROUND)  # fmt: skip
    for place, (size, geometry) in places.items():
        net.population(
            place, size, "lif_psc_exp", label=LABELS[place], C=300, g_L=10, E_L=0, v_th=15,
            v_reset=13.5, t_ref=REFRACTORY[place], tau_exc=3, tau_inh=6,
            initial={"v": engine.uniform(13.5, 15)},
            geometry=geometry,
        )  # fmt: skip
        net.connect(current, place, weight=1, port="current")
        net.record(net[place], "spikes")
    # A rule has exp(-d^2 / (2 scale^2)), the paper exp(-(d / lambda)^2).
    near = round(REACH / math.sqrt(2), 3)
    for (source, target), (share, weight, delay, (use, recovery, facilitation)) in WIRES.items():
        if scale > 0:
            net.connect(
                source, target, engine.rules.distance(share, near, self_connections=False),
                # The gamma distribution whose standard deviation is its mean.
                weight=engine.exponential(scale * weight), delay=delay,
                port="exc" if weight > 0 else "inh",
                plasticity=engine.plasticity("tsodyks_markram", U=use, tau_rec=recovery,
                                             tau_facil=facilitation),
            )  # fmt: skip
    return net


def _sheet() -> dict[str, tuple[int, dict[str, Any]]]:
    """Population -> its size and places: two grids over the same field."""
    return {
        name: (size, {"kind": "grid", "columns": columns, "width": SIDE, "height": SIDE})
        for name, (size, columns) in GRIDS.items()
    }


def _column(seed: int) -> dict[str, tuple[int, dict[str, Any]]]:
    """Population -> its size and places: those of one grid, shared out at random."""
    counts = [np.arange(number) - (number - 1) / 2 for number in COLUMN]
    places = SPACING * np.stack(np.meshgrid(*counts, indexing="ij"), axis=-1).reshape(-1, 3)
    order = Draws(seed, "column").order(len(places))
    first = round(INHIBITORY * len(places))
    parts = {"exc": np.sort(order[first:]), "inh": np.sort(order[:first])}
    return {
        name: (len(part), {"kind": "positions", "positions": places[part].tolist()})
        for name, part in parts.items()
    }


def hear(
    net: engine.Network, model: str, size: int | None = None, label: str = "Input", **given: Any
) -> None:
    """Add the source ``input`` of spikes to a `liquid`; each neuron hears a tenth of its members.

    ``model``, ``size`` and its parameters as for `Network.source`.  Raises DocumentError.
    """
    if not isinstance(net, engine.Network):
        raise DataError(f"`net` must be what `liquid` made, not {told(net)}")
    source = net.source(INPUT_ID, model, size, label=label, **given)
    for target, weight in INPUT.items():
        net.connect(source, target, engine.rules.probability(HEARD),
                    weight=engine.exponential(weight), delay=DT, port="exc")  # fmt: skip
    net.record(source, "spikes")


def telling(
    values: ArrayLike, seed: int = 1, strength: float = 1.0, column: bool = False
) -> engine.Network:
    """A `liquid` that is told ``values`` [steps] of 0 to 1, one every 30 ms.

    The `liquid` has this seed, strength and shape.  A number is a population code on 32 lines
    (`engine.coding.population`) within 10 ms.  Raises DataError.
    """
    told = array(values, "values", (None,))
    if told.min() < 0 or told.max() > 1:
        raise DataError(
            f"`values` must be 0 to 1, they are {told.min():g} to {told.max():g}; scale them"
        )
    code = population(told, LINES, gamma=0.75)
    times = code.senders // LINES * EVERY + code.times
    order = np.argsort(times, kind="stable")
    net = liquid(seed, strength, column=column)
    hear(net, "spike_times", LINES, times=times[order], senders=code.senders[order] % LINES)
    return net


def tell(
    values: ArrayLike,
    seed: int = 1,
    strength: float = 1.0,
    tau: float = 30.0,
    column: bool = False,
) -> tuple[Floats, Floats]:
    """Tell a liquid ``values`` [steps] as `telling` does, and read it after each.

    Returns the states of the liquid and, for comparison, those of the lines alone:
    `filtered_spikes` with ``tau`` [ms], [steps, neurons] and [steps, 32].  Raises DataError.
    """
    net = telling(values, seed, strength, column)
    at = EVERY * np.arange(1, np.size(values) + 1)
    heard = [moment.states for moment in listen(net.document, (*GRIDS, INPUT_ID), at, tau)]
    of_liquid = np.array([np.concatenate([states[name] for name in GRIDS]) for states in heard])
    return of_liquid, np.array([states[INPUT_ID] for states in heard])
