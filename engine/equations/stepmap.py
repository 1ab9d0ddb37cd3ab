"""The step map: what every backend prints and nothing else of a model is known to it.

One step goes from t to t + dt, in this order:

1. ``update``: assignments over states, constants, temporaries and *hold* inputs, in order.  A name
   means its newest value.
2. ``jumps``: assignments that add the *jump* inputs that arrive at t + dt (``v = v + in_delta``).
3. ``threshold``: a condition on the state at t + dt.  Where it is true the neuron spikes at t + dt
4. ``reset``: assignments executed for neurons that spiked.

Refractoriness, threshold crossing, noise and composition with synapses are already part of these
lists when a backend sees them: a backend does no mathematics.
"""

from __future__ import annotations

from dataclasses import dataclass, field

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
    text: dict[str, str] = field(default_factory=dict, compare=False)  # for people, not printed

    @property
    def temporaries(self) -> tuple[str, ...]:
        """Names assigned in any list that are not states, in order of first assignment."""
        seen: dict[str, None] = {}
        for assign in (*self.update, *self.jumps, *self.reset):
            if assign.target not in self.states:
                seen.setdefault(assign.target)
        return tuple(seen)
