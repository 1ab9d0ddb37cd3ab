"""The step map: what every backend prints and nothing else of a model is known to it.

One step goes from t to t + dt, in this order:

1. ``update``: assignments over states, constants, temporaries and *hold* inputs, in order.  A name
   means its newest value.
2. ``jumps``: assignments that add the *jump* inputs that arrive at t + dt (``v = v + in_delta``).
3. ``threshold``: a condition on the state at t + dt.  Where it is true the neuron spikes at t + dt.
   It may read a name in ``escapes``: then the neuron spikes by chance.
4. ``reset``: assignments executed for neurons that spiked.

Between 1 and 2 stands ``tree``, if there is one: the neurons are compartments of a cable, and one
of their states follows from all of them together.

Refractoriness, threshold crossing, noise and composition with synapses are already part of these
lists when a backend sees them: a backend does no mathematics.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.equations.printing import to_text
from engine.equations.tree import Assign, Expr


@dataclass(frozen=True)
class Input:
    """One row of ``drive[K, P, N]``: what reaches the population through one port.

    Row k of a ``jump`` port is the summed weight of spikes that arrive at the end of step k; row k
    of a ``hold`` port is a current that acts during step k.
    """

    port: str  # "exc", "inh", "current" ...
    name: str  # the name that the assignments read, such as "in_exc"
    kind: str  # "jump" | "hold"
    unit: str = "1"


@dataclass(frozen=True)
class Slot:
    """A parameter as the equations see it: its default and how its unit becomes coherent."""

    name: str
    unit: str
    factor: float  # value in coherent units = factor * value in ``unit``
    default: Expr  # of other parameters, all in coherent units
    given: tuple[tuple[str, Expr], ...] = ()  # default instead, if the named parameter is set


@dataclass(frozen=True)
class Derived:
    """Recipe of one constant: an expression of parameters, ``dt`` and earlier constants."""

    name: str
    value: Expr


@dataclass(frozen=True)
class Propagator:
    """Recipe of constants that are entries of E = expm(matrix * step) - 1.

    ``outputs`` lists (name, row, column, whether 1 is added back).
    """

    matrix: tuple[tuple[Expr, ...], ...]
    step: Expr
    outputs: tuple[tuple[str, int, int, bool], ...]


@dataclass(frozen=True)
class Tree:
    """Compartments that share one linear equation for ``state``, which a backend solves.

    Compartment i is joined with ``parent``[i] < i by ``conductance``[i]; a root has the parent -1,
    and there may be several.  With L the Laplacian of these conductances, x is the solution of

        (diagonal + L) x = right - L state

    and ``state`` grows by ``growth`` times x.  Hines' order: from the last compartment to the first
    everything is eliminated into the parent, and back.  ``diagonal`` and ``right`` are rows of the
    state which ``update`` has filled and the solution may overwrite; ``parent``, ``conductance``
    ([N]) and ``count`` (N) are names of constants.
    """

    state: str
    diagonal: str
    right: str
    parent: str
    conductance: str
    count: str
    growth: float


@dataclass(frozen=True)
class StepMap:
    """state, input, constants -> state', spike, as ordered assignments over named scalars."""

    model: str
    solver: str
    states: tuple[str, ...]  # rows of state[S, N]
    inputs: tuple[Input, ...]  # rows of drive[K, P, N]
    constants: tuple[str, ...]  # host-computed from parameters and dt; a scalar or [N] each
    update: tuple[Assign, ...]
    jumps: tuple[Assign, ...] = ()
    threshold: Expr | None = None
    reset: tuple[Assign, ...] = ()
    normals: tuple[str, ...] = ()  # names that hold a fresh standard normal number at every step
    # Names that hold the logarithm of a fresh exponential number (mean 1) at every step, so that
    # `log(x) > name` has the probability 1 - exp(-x).
    escapes: tuple[str, ...] = ()
    parameters: tuple[Slot, ...] = ()
    recipes: tuple[Derived | Propagator, ...] = ()  # how ``constants`` come from parameters and dt
    tree: Tree | None = None
    text: dict[str, str] = field(default_factory=dict, compare=False)  # for people, not printed

    @property
    def draws(self) -> tuple[str, ...]:
        """All names that hold a fresh random number at every step, normal ones first."""
        return (*self.normals, *self.escapes)

    @property
    def temporaries(self) -> tuple[str, ...]:
        """Names assigned in any list that are not states, in order of first assignment."""
        seen: dict[str, None] = {}
        for assign in (*self.update, *self.jumps, *self.reset):
            if assign.target not in self.states:
                seen.setdefault(assign.target)
        return tuple(seen)


def canonical(step_map: StepMap) -> str:
    """A stable text of everything a backend prints: equal texts mean equal kernels.

    Names of models, units, parameters and recipes are left out, they do not enter a kernel.
    """

    def program(assigns: Iterable[Assign]) -> str:
        return "; ".join(f"{assign.target} = {to_text(assign.value)}" for assign in assigns)

    threshold = to_text(step_map.threshold) if step_map.threshold else ""
    lines = {
        "states": ", ".join(step_map.states),
        "inputs": ", ".join(f"{port.name} {port.kind}" for port in step_map.inputs),
        "constants": ", ".join(step_map.constants),
        "normals": ", ".join(step_map.normals),
        "escapes": ", ".join(step_map.escapes),
        "update": program(step_map.update),
        "jumps": program(step_map.jumps),
        "threshold": threshold,
        "reset": program(step_map.reset),
        "tree": str(step_map.tree),
    }
    return "\n".join(f"{key}: {line}" for key, line in lines.items())
