"""Models as data: neurons, synapses, sources and learning rules declared in plain fields.

The shipped models, ``engine.define`` and the ``models`` list of a document all make these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from engine.equations.system import System
from engine.models.protocol import Protocol

NO_BOUNDS = (-1e12, 1e12)


@dataclass(frozen=True)
class Parameter:
    """One number a user may set, in ``unit``.

    ``default`` is a number or an expression of other parameters; ``given`` maps another parameter
    to the expression that is the default if that one is set: g_L follows from tau_m, or tau_m from
    g_L.  ``kind`` is "number" for all that equations read; sources also have "integer", "numbers",
    "text" (which may be empty if ``optional``) and "choice" (of ``choices``).  For a number
    ``choices`` say in words what 0, 1 ... mean.
    """

    default: float | str | tuple[float, ...] = 0.0
    unit: str = ""
    bounds: tuple[float, float] = NO_BOUNDS
    doc: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    kind: str = "number"
    choices: tuple[str, ...] = ()
    optional: bool = False


def option(default: int, *choices: str) -> Parameter:
    """A parameter that chooses among equations: 0, 1 ... mean ``choices``; see ``options``."""
    meaning = "; ".join(f"{value}: {words}" for value, words in enumerate(choices))
    return Parameter(default, "1", (0, len(choices) - 1), meaning, choices=choices)


@dataclass(frozen=True)
class SynapseModel:
    """How a spike becomes a current: a part that composes with any neuron that has ``I``.

    Its names are those of one synapse (``g``, ``tau``, ``E``, weight ``w``, membrane ``v``); on
    port ``exc`` they become ``g_exc``, ``tau_exc``, ``E_exc``.  ``weight`` says what a weight is:
    "current", "conductance" or "voltage", each in the units of the neuron.
    """

    name: str
    title: str
    weight: str
    equations: str = ""  # of its own variables
    on_spike: str = ""  # such as "g += w"; empty for a weight that acts during one step
    current: str = ""  # expression of what it adds to I; empty for none
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    ports: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # defaults by port name
    source: str = ""
    doc: str = ""


@dataclass(frozen=True)
class Table:
    """A value that changes with time, read from two parameters of kind "numbers".

    It is ``values``[k] from ``times``[k] on ("step") or lies on the lines between these points
    ("line"); ``between`` is the parameter that says which.  Before the first time it is 0 or, with
    lines, the first value.
    """

    times: str
    values: str
    between: str


@dataclass(frozen=True)
class SourceModel:
    """Something that emits spikes or a current without being driven.

    ``current`` and ``rate`` are expressions of the parameters, the ``tables``, ``pi`` and ``t``:
    what flows during a step, or the rate of spikes at random (0 where it is negative).  There ``t``
    is the middle of the step, so an edge lies at the step that begins nearest to it.  A model
    with one of them is complete; those without are made by `engine.runtime.sources`.
    A spiking one may have a parameter ``dead_time``: no spike comes so soon after another.
    """

    name: str
    title: str
    outputs: str  # "spikes" | "current" | "command" (of a potential)
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    current: str = ""
    rate: str = ""
    tables: Mapping[str, Table] = field(default_factory=dict)
    doc: str = ""
    source: str = ""
    group: str = "source"
    symbol: str = ""
    checks: tuple[tuple[str, str], ...] = ()
    synonyms: tuple[str, ...] = ()  # what else people call it; a search finds them


@dataclass(frozen=True)
class PlasticityModel:
    """A learning rule: traces of the sources (``pre``) and targets (``post``) of a projection, and
    what a spike of either does to the weight ``w`` of a synapse, in the language of the neurons.

    ``on_pre`` and ``on_post`` read ``w`` and all traces as they stood before this instant, whoever
    spikes with them; then ``pre_spike`` and ``post_spike`` change the spiking neuron's own traces.
    The unit "weight" is that of the projection's port; ``w_0``, which defaults may read, is the
    mean weight that the projection starts with.  In these two and ``on_teacher``, ``normal`` is a
    standard normal number and ``uniform`` one between 0 and 1, drawn for every synapse and spike.

    A rule may have a third factor.  ``synapse`` is a state of every synapse that decays by itself,
    its eligibility, which ``on_pre`` and ``on_post`` change as they do ``w``; ``modulator`` are
    states of the whole projection, which ``on_reward`` changes by the ``amount`` of a reward (1 for
    a spike of the emitter that rewards); ``drift`` is dw/dt between spikes, a product of both.
    ``on_teacher`` runs like ``on_post``, when the teacher of a target spikes.

    Or the weights stay and the synapses tire: then ``release`` is all there is, the statements that
    run at every spike of a source.  They change that source's own variables (0 at the start), read
    ``D``, the ms since its last spike, and give ``r``, the share of the weight that is delivered.
    """

    name: str
    pre: str = ""  # such as "dx/dt = -x/tau_plus", one equation a line
    post: str = ""
    on_pre: str = ""  # such as "w = clip(w - A_minus*y, w_min, w_max)"
    on_post: str = ""
    pre_spike: str = ""  # such as "x += 1"
    post_spike: str = ""
    synapse: str = ""  # such as "dc/dt = -c/tau_c"
    modulator: str = ""  # such as "dd/dt = -d/tau_d"
    drift: str = ""  # such as "c*d*(w_max - w_min)*eta"
    on_reward: str = ""  # such as "d += amount"
    on_teacher: str = ""
    release: str = ""  # such as "x = 1 + (x - 1)*exp(-D/tau); r = U*x; x -= r"
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    bounds: tuple[str, ...] = ("w_min", "w_max")  # parameters between which every weight stays
    checks: tuple[tuple[str, str], ...] = ()
    variants: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    presets: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # name -> parameters
    title: str = ""
    source: str = ""
    doc: str = ""


@dataclass(frozen=True)
class NeuronModel:
    """A point neuron: equations, threshold, reset, parameters, ports.  See docs/architecture.md.

    With ``hazard``, a rate in Hz or 1/ms, in place of ``threshold`` the neuron fires by chance: in
    a step with the probability 1 - exp(-hazard*dt), at its end (`engine.equations.escape`).
    """

    name: str
    equations: str
    title: str = ""
    group: str = "own"
    source: str = ""
    doc: str = ""
    threshold: str = ""
    reset: str = ""
    refractory: str = ""
    holds: tuple[str, ...] = ()
    crossing: bool = False  # a spike is an upward crossing, for models without a reset
    hazard: str = ""  # such as "lambda0*exp((v - v_T)/delta_V)"
    caps: Mapping[str, str] = field(default_factory=dict)  # a state never goes above, inside a step
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    initial: Mapping[str, float | str] = field(default_factory=dict)
    current_unit: str = "pA"
    membrane: str = "v"
    ports: Mapping[str, str] = field(default_factory=dict)
    variants: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    presets: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # name -> parameters
    protocols: Mapping[str, Protocol] = field(
        default_factory=dict
    )  # by preset, or a name of its own
    checks: tuple[tuple[str, str], ...] = ()  # (condition that must hold, what to say if not)
    solver: str | None = None
    symbol: str = ""  # the drawing of what it does
    synonyms: tuple[str, ...] = ()  # what else people call it; a search finds them
    # Parameters that choose among equations: a population's one value is built into its kernel.
    options: tuple[str, ...] = ()

    def chosen(self, values: Mapping[str, Any]) -> dict[str, float]:
        """The options as numbers, given in ``values`` or by default; none that differ by neuron."""
        found = {name: values.get(name, self.parameters[name].default) for name in self.options}
        return {name: float(value) for name, value in found.items() if not np.ndim(value)}

    def compose(self, ports: Mapping[str, str | SynapseModel] | None = None) -> System:
        """The flat system of this neuron with these synapses.  Raises ``EquationError``."""
        from engine.models.compose import compose

        return compose(self, ports) if ports else self._composed

    @cached_property
    def _composed(self) -> System:
        """With its own synapses, put together once: drawings ask for it at every stroke."""
        from engine.models.compose import compose

        return compose(self)


def to_json(model: NeuronModel) -> dict[str, object]:
    """``model`` as plain data, as it stands in a document; ``from_json`` reads it back equal."""
    from engine.models.serial import to_json

    return to_json(model)


def from_json(data: object) -> NeuronModel:
    """The neuron that plain data declares, checked.  Raises ``DocumentError`` with all problems."""
    from engine.models.serial import from_json

    return from_json(data)
