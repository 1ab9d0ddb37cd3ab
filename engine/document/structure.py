"""The document: what the user means, as immutable plain data.

Every class here is a frozen dataclass whose fields are JSON values, so a document can be compared,
hashed through its canonical text, kept in an undo history and sent anywhere.  Dictionaries and
lists inside are never changed in place: make a new document with ``replace``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from dataclasses import replace as replace
from functools import cached_property
from typing import Any, TypeAlias

from engine.document.values import complete_plasticity, complete_rule, rule_problems
from engine.errors import Problem

# Geometries that say where members are; any other makes them compartments of one cell.
SPACES = (LINE, RING, GRID, RANDOM, POSITIONS) = ("line", "ring", "grid", "random", "positions")

FORMAT = "spiking-workbench"
VERSION = 1

# A number in the documented unit, a text such as "0.5 nA", one number a member, or a distribution
# such as {"distribution": "normal", "mean": 0, "std": 1}.
Value: TypeAlias = float | int | str | list[Any] | dict[str, Any]
# One of engine.rules, such as {"kind": "probability", "p": 0.02, ...}.
Rule: TypeAlias = dict[str, Any]
# All members (None), a slice {"start": 0, "stop": 5}, or the members themselves.
Members: TypeAlias = dict[str, int] | list[int] | None


@dataclass(frozen=True)
class Node:
    """A population of neurons, or a source of spikes or current."""

    id: str
    model: str
    size: int = 1
    kind: str = "population"  # "population" | "source"
    label: str = ""
    parameters: dict[str, Value] = field(default_factory=dict)  # only what differs from the model
    initial: dict[str, Value] = field(default_factory=dict)  # state -> value, or "rest"
    ports: dict[str, str] = field(default_factory=dict)  # port -> synapse model, over the model's
    solver: str | None = None  # None: chosen from the equations
    geometry: dict[str, Any] | None = None  # see `document/geometry.py`

    @property
    def title(self) -> str:
        """What to call the node in a sentence or on the canvas."""
        return self.label or self.id

    @property
    def is_cell(self) -> bool:
        """Whether its members are the compartments of one cell."""
        return isinstance(self.geometry, dict) and self.geometry.get("kind") not in SPACES

    @property
    def is_placed(self) -> bool:
        """Whether its members have positions."""
        return self.geometry is not None and not self.is_cell


@dataclass(frozen=True)
class Edge:
    """A projection: synapses from the members of ``source`` to a port of ``target``."""

    id: str
    source: str
    target: str
    port: str
    rule: Rule = field(default_factory=lambda: {"kind": "all_to_all"})  # completed on creation
    weight: Value = 1.0  # in the unit of the port
    delay: Value = 1.0  # ms; a current acts without delay
    synapse: dict[str, Any] | None = None
    plasticity: dict[str, Any] | None = None  # a learning rule; its bare name is written out

    def __post_init__(self) -> None:
        object.__setattr__(self, "rule", complete_rule(self.rule))
        object.__setattr__(self, "plasticity", complete_plasticity(self.plasticity))

    @cached_property
    def rule_problems(self) -> tuple[Problem, ...]:
        """What is wrong with the form of the rule; looked for once, lists of pairs are long."""
        return tuple(rule_problems(self.rule, f"edges/{self.id}/rule"))

    @cached_property
    def pairs_end(self) -> tuple[int, int]:
        """One more than the largest source and target member of a good explicit rule."""
        pairs = self.rule["pairs"]
        senders, receivers = (max((pair[end] for pair in pairs), default=-1) for end in (0, 1))
        return senders + 1, receivers + 1


@dataclass(frozen=True)
class Recorder:
    """What to keep of a run: spikes, the population rate, a state of some members, or weights.

    Nodes and edges share one set of names, so ``node`` may be an edge whose synapses learn; the
    ``members`` are then synapses, counted by source and there by target.
    """

    id: str
    node: str  # or an edge, with the variable "weights"
    variable: str  # "spikes", "rate", a state or "weights"
    members: Members = None
    interval: float | None = None  # ms between samples; None: every step, of weights 100 ms

    def indices(self, size: int) -> range | list[int]:
        """The members recorded of a population of ``size``."""
        if self.members is None:
            return range(size)
        if isinstance(self.members, dict):
            return range(self.members["start"], self.members["stop"])
        return list(self.members)


WEIGHTS = "weights"  # what a recorder keeps of an edge that learns
WEIGHTS_EVERY = 100.0  # ms between its samples, where it has no interval

AUTO = "auto"  # threads: as many as go fastest, found while it runs; precision: by the size
FLOAT_TYPES = ("float32", "float64")
PRECISIONS = (AUTO, *FLOAT_TYPES)
FEWEST_SINGLE = 1000  # neurons from which a network is computed in single precision by itself


@dataclass(frozen=True)
class RunSettings:
    """How to run: the grid of time, the seed, and on what."""

    dt: float = 0.1  # ms
    seed: int = 1
    duration: float = 1000.0  # ms
    device: str = "cpu"
    precision: str = AUTO  # or "float32", "float64"
    threads: int | str = AUTO  # or a number


TILES = ("raster", "traces", "rates", "learning", "map")  # views of a run, below the drawing


@dataclass(frozen=True)
class Layout:
    """How the network is drawn; a run without a page ignores it."""

    positions: dict[str, list[float]] = field(default_factory=dict)  # node -> [x, y] in pixels
    colours: dict[str, str] = field(default_factory=dict)  # node -> "#rrggbb"
    notes: list[dict[str, Any]] = field(default_factory=list)  # {"text": ..., "position": [x, y]}
    tiles: list[str] = field(default_factory=list)  # of `TILES`, those open; none: as fits


@dataclass(frozen=True)
class Document:
    """A whole network with its recorders, its run settings, its own models and its drawing."""

    name: str = "Untitled"
    description: str = ""
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    recorders: tuple[Recorder, ...] = ()
    simulation: RunSettings = field(default_factory=RunSettings)
    models: tuple[dict[str, Any], ...] = ()  # declarations of the user's own models
    layout: Layout = field(default_factory=Layout)

    @cached_property
    def nodes_by_id(self) -> Mapping[str, Node]:
        """Nodes by their id."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def edges_by_id(self) -> Mapping[str, Edge]:
        """Edges by their id."""
        return {edge.id: edge for edge in self.edges}

    @cached_property
    def recorders_by_id(self) -> Mapping[str, Recorder]:
        """Recorders by their id."""
        return {recorder.id: recorder for recorder in self.recorders}

    def node(self, node_id: str) -> Node | None:
        """The node called ``node_id``, or None."""
        return self.nodes_by_id.get(node_id)

    def edge(self, edge_id: str) -> Edge | None:
        """The edge called ``edge_id``, or None."""
        return self.edges_by_id.get(edge_id)

    def recorder(self, recorder_id: str) -> Recorder | None:
        """The recorder called ``recorder_id``, or None."""
        return self.recorders_by_id.get(recorder_id)

    @property
    def ids(self) -> set[str]:
        """Every id in use; nodes, edges and recorders share one set of names."""
        return {*self.nodes_by_id, *self.edges_by_id, *self.recorders_by_id}

    @property
    def float_type(self) -> str:
        """The type of numbers that a run computes with: ``float32`` or ``float64``.

        With precision auto a small network is exact to the digits of a reference, where that costs
        nothing, so is one with a cable, and a large one is fast.
        """
        if self.simulation.precision != AUTO:
            return self.simulation.precision
        if any(node.is_cell for node in self.populations):
            return "float64"  # neighbouring compartments differ by little
        sizes = [node.size for node in self.populations if isinstance(node.size, int)]
        return "float32" if sum(sizes) >= FEWEST_SINGLE else "float64"

    @property
    def populations(self) -> tuple[Node, ...]:
        """The nodes that are driven, in order."""
        return tuple(node for node in self.nodes if node.kind == "population")

    @property
    def sources(self) -> tuple[Node, ...]:
        """The nodes that drive, in order."""
        return tuple(node for node in self.nodes if node.kind == "source")


def field_names(cls: type) -> tuple[str, ...]:
    """The fields of a document class in the order in which they are written."""
    return tuple(item.name for item in fields(cls))
