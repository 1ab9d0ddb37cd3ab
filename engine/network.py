"""A network from a script: the document, built call by call, each mistake said at once."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.coding.nodes import code_of
from engine.document import Document, Edge, Node, Recorder, RunSettings, load, lookup, replace, save
from engine.document.geometry import geometry_problems
from engine.document.geometry_fields import COLUMNS, LAYERS, MORPHOLOGY, ROWS
from engine.document.reading import form_problems
from engine.document.structure import AUTO, GRID, POSITIONS, SPACES
from engine.document.text import describe, id_problem, near, one_of, unique_id
from engine.document.validate import (
    check,
    check_edge,
    check_node,
    check_recorder,
    check_settings,
    require_valid,
    table_problems,
)
from engine.document.values import plain, rule_problems
from engine.equations.units import quantity
from engine.errors import DocumentError, Problem

if TYPE_CHECKING:
    from engine.models.declaration import NeuronModel
    from engine.runtime.result import Run

Weight = float | str | list[float] | dict[str, Any]


@dataclass(frozen=True)
class Selection:
    """Some members of a node: what ``population[:5]`` gives, to be recorded."""

    id: str
    members: dict[str, int] | list[int] | None = None


@dataclass(frozen=True)
class Handle:
    """A node of a network: to connect, to record, and to slice."""

    id: str
    size: int

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, place: int | slice | list[int]) -> Selection:
        """Members by number, slice or list, counted from 0; negative numbers count from the end."""
        if isinstance(place, slice):
            start, stop, step = place.indices(self.size)
            if step == 1 and start < stop:
                return Selection(self.id, {"start": start, "stop": stop})
            return self._listed(list(range(start, stop, step)))
        chosen: Any = plain(place)
        members = [chosen] if isinstance(chosen, int) else chosen
        if not isinstance(members, list) or any(type(member) is not int for member in members):
            message = (
                f'members of "{self.id}" are chosen by whole numbers, not by {describe(place)}'
            )
            raise DocumentError(
                Problem("", "members", message, "write for example [:5] or [[0, 3]]")
            )
        return self._listed(members)

    def _listed(self, members: list[int]) -> Selection:
        for member in members:
            if not -self.size <= member < self.size:
                message = f'"{self.id}" has no member {member}; it has {self.size:,}'
                raise DocumentError(Problem("", "members", message, "count from 0"))
        if not members:
            message = f'this part of "{self.id}" is empty'
            raise DocumentError(Problem("", "members", message, "choose members that exist"))
        return Selection(self.id, [member % self.size for member in members])


class Network:
    """Populations, sources, connections and recorders under construction.

    Times are in ms; every other quantity is a number in its documented unit, or a text such as
    "0.5 nA".  Each method raises DocumentError, in a sentence, the moment something is wrong.
    """

    def __init__(
        self,
        name: str = "Untitled",
        dt: float | str = 0.1,
        seed: int = 1,
        description: str = "",
        precision: str = AUTO,
    ) -> None:
        settings = RunSettings(dt=_in_ms(dt, "dt"), seed=plain(seed), precision=precision)
        document = Document(name=name, description=description, simulation=settings)
        _require(form_problems(document) + form_problems(settings))
        _require(check_settings(settings))
        self._document = document
        self._folder: Path | None = None  # where the document lies, for spike files beside it

    @property
    def document(self) -> Document:
        """What has been built so far; immutable."""
        return self._document

    def population(
        self,
        id: str,
        size: int | None,
        model: str | NeuronModel,
        label: str | None = None,
        ports: dict[str, str] | None = None,
        initial: dict[str, Any] | None = None,
        solver: str | None = None,
        geometry: dict[str, Any] | None = None,
        **parameters: Any,
    ) -> Handle:
        """Add ``size`` neurons of a model; parameters that are not given have its defaults.

        With a ``geometry`` they have places (a line, ring, grid, random or positions), or are the
        compartments of one cell, see `engine.cable`; ``size`` is None where a file of a morphology
        or a list of positions decides.
        """
        node = Node(
            id,
            self._declared(model),
            _size_of(geometry) if size is None and geometry is not None else _whole(size),
            "population",
            "" if label is None else label,
            parameters=plain(parameters),
            initial={} if initial is None else plain(initial),
            ports={} if ports is None else plain(ports),
            solver=solver,
            geometry=plain(geometry),
        )
        if size is None and geometry is not None:
            _require(form_problems(node))
            _require(geometry_problems(self._document, node))
            node = replace(node, size=self._members(node))
        return self._add_node(node)

    def source(
        self,
        id: str,
        model: str,
        size: int | None = None,
        label: str | None = None,
        geometry: dict[str, Any] | None = None,
        **parameters: Any,
    ) -> Handle:
        """Add a source of spikes or current, of one member unless ``size`` says how many.

        A source that encodes (``latency_code``) has as many as what it encodes needs.
        """
        node = Node(
            id,
            model,
            1 if size is None else _whole(size),
            "source",
            label or "",
            parameters=plain(parameters),
            geometry=plain(geometry),
        )
        if size is None:
            node = replace(node, size=self._needed(node) or 1)
        return self._add_node(node)

    def _needed(self, node: Node) -> int | None:
        """The members that a source needs for what it encodes; None for one that has no need."""
        from engine.runtime.sources import members_of

        bare = replace(node, geometry=None)
        document = replace(self._document, nodes=(*self._document.nodes, bare))
        if code_of(node.model) is None:
            return None
        _require(form_problems(bare))
        _require(check_node(document, bare))
        return members_of(document, bare, self._folder)

    def connect(
        self,
        source: Handle | str,
        target: Handle | str | Iterable[Handle | str],
        rule: dict[str, Any] | None = None,
        weight: Weight = 1.0,
        delay: Weight = 1.0,
        port: str | None = None,
        id: str | None = None,
        plasticity: str | dict[str, Any] | None = None,
        reward: Handle | str | None = None,
        teacher: Handle | str | None = None,
    ) -> list[str]:
        """Connect a node to one or several populations; the ids of the new connections.

        ``rule`` is one of ``engine.rules`` (all to all if left out), ``weight`` is in the unit of
        the port, ``delay`` in ms.  ``port`` may be left out where only one takes what the source
        sends.  ``plasticity`` is a learning rule: its name, or what ``engine.plasticity`` gives.
        Every spike of the node ``reward`` rewards synapses that learn from rewards; the members of
        ``teacher`` teach those of the target, one each.
        """
        single = isinstance(target, Handle | str) or not isinstance(target, Iterable)
        targets: list[Any] = [target] if single else list(target)  # type: ignore[arg-type]
        before = self._document
        try:
            plasticity = self._with_heard(plasticity, reward=reward, teacher=teacher)
            return [
                self._connect(source, one, rule, weight, delay, port, id, plasticity)
                for one in targets
            ]
        except DocumentError:
            self._document = before  # all or none
            raise

    def _with_heard(
        self, plasticity: str | dict[str, Any] | None, **nodes: Handle | str | None
    ) -> str | dict[str, Any] | None:
        """The learning rule with the nodes that reward or teach, where there are any."""
        named = {name: self._node(node).id for name, node in nodes.items() if node is not None}
        if not named:
            return plasticity
        if plasticity is None:
            message = f"a {next(iter(named))} needs synapses that learn"
            raise DocumentError(Problem("plasticity", "no-rule", message, "give plasticity a rule"))
        rule = {"model": plasticity} if isinstance(plasticity, str) else plasticity
        return {**rule, **named} if isinstance(rule, dict) else rule

    def _connect(
        self,
        source: Handle | str,
        target: Handle | str,
        rule: dict[str, Any] | None,
        weight: Weight,
        delay: Weight,
        port: str | None,
        id: str | None,
        plasticity: str | dict[str, Any] | None,
    ) -> str:
        document = self._document
        sender, receiver = self._node(source), self._node(target)
        if port is None:
            port = lookup.default_port(document, sender, receiver)
        if port is None:
            ports = [name for name in lookup.ports_of(document, receiver) if name != lookup.CURRENT]
            listed = " or ".join(f'port="{name}"' for name in ports)
            message = f'"{receiver.id}" has several ports for spikes'
            raise DocumentError(Problem("", "port", message, f"say {listed}"))
        wrong = None if id is None else id_problem(id)
        if wrong:
            raise DocumentError(Problem("edges", "id", wrong, "leave it out"))
        name = unique_id(id or f"{sender.id[:30]}-{receiver.id[:30]}", document.ids, "-")
        chosen = {"kind": "all_to_all"} if rule is None else plain(rule)
        _require(rule_problems(chosen, f"edges/{name}/rule"))
        values = (chosen, plain(weight), plain(delay))
        learning: Any = plain(plasticity)
        edge = Edge(name, sender.id, receiver.id, port, *values, plasticity=learning)
        added = replace(document, edges=(*document.edges, edge))
        _require(form_problems(edge))
        _require(check_edge(added, edge))
        self._document = added
        return name

    def record(
        self,
        what: Handle | Selection | str,
        variable: str,
        interval: float | str | None = None,
        members: int | Iterable[int] | None = None,
    ) -> str:
        """Record "spikes", "rate" or a state of a node or some members; the recorder's id.

        Of a connection whose synapses learn, named by its id, "weights" are recorded: of the
        synapses ``members``, counted by source and there by target, or of all.
        """
        if isinstance(what, Selection):
            part = what
            if members is not None:
                message = f'the members of "{what.id}" are chosen twice'
                raise DocumentError(Problem("", "members", message, "leave `members` out"))
        else:
            chosen = None if members is None else _members(members)
            known = isinstance(what, str) and what in self._document.edges_by_id
            part = Selection(str(what) if known else self._node(what).id, chosen)
        document = self._document
        name = unique_id(f"rec-{len(document.recorders) + 1}", document.ids, "-")
        every = None if interval is None else _in_ms(interval, "interval")
        recorder = Recorder(name, part.id, variable, part.members, every)
        _require(form_problems(recorder))
        _require(check_recorder(document, recorder))
        self._document = replace(document, recorders=(*document.recorders, recorder))
        return name

    def check(self) -> list[Problem]:
        """Everything wrong with the network as it stands, and hints; `engine.check` reads the files
        that it names as well."""
        return check(self._document)

    def simulate(
        self,
        duration: float | str | None = None,
        device: str | None = None,
        threads: int | str | None = None,
        progress: Callable[..., None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Run:
        """Run for ``duration`` ms from the initial state and return what was recorded.

        What is not given stands in the document.  ``threads`` is a number or "auto": as many as go
        fastest, found while it runs.  Raises DocumentError if the network cannot be
        run, LimitError if it would not fit, RunStopped if the watchdog stopped it.
        """
        require_valid(self._document)
        from engine.runtime import simulate

        return simulate(
            self._document,
            duration=None if duration is None else _in_ms(duration, "duration"),
            device=device,
            threads=threads,
            progress=progress,
            cancel=cancel,
            folder=self._folder,
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the document to a JSON file, whole or not at all.  Raises DataError."""
        save(self._document, path)
        self._folder = Path(path).parent

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Network:
        """The network in a JSON file.  Raises DataError or DocumentError."""
        return cls.of(load(path), Path(path).parent)

    @classmethod
    def of(cls, document: Document, folder: str | os.PathLike[str] | None = None) -> Network:
        """A network that goes on from a document; its spike files lie in ``folder``."""
        network = cls()
        network._document = document
        network._folder = None if folder is None else Path(folder)
        return network

    def __getitem__(self, id: str) -> Handle:
        """The node called ``id``."""
        node = self._node(id)
        return Handle(node.id, node.size)

    def positions(self, node: Handle | str) -> NDArray[np.float64]:
        """[N, 2] or [N, 3] in um: where members of a node are.  DocumentError without places."""
        from engine.runtime.places import space_of

        found = self._node(node)
        space = space_of(found, self._document.simulation.seed)
        if space is None:
            message = f'the members of "{found.id}" have no places'
            remedy = f"give it a geometry: {one_of(SPACES)}"
            raise DocumentError(Problem(f"nodes/{found.id}/geometry", "places", message, remedy))
        return space.position

    def _members(self, node: Node) -> int:
        """How many members the geometry of a node gives."""
        from engine.runtime.cables import compartments_of

        geometry = node.geometry or {}
        both = all(geometry.get(name) is not None for name in (COLUMNS, ROWS))
        if geometry["kind"] == POSITIONS or (geometry["kind"] == GRID and both):
            return node.size
        if geometry["kind"] == MORPHOLOGY:
            return len(compartments_of(geometry, node.size, self._folder))
        message = f"a geometry of the kind {geometry['kind']} leaves the number of members open"
        raise DocumentError(Problem(f"nodes/{node.id}/size", "size", message, "give a size"))

    def _declared(self, model: str | NeuronModel) -> str:
        """The name of a model; one made by ``engine.define`` comes into the document."""
        if isinstance(model, str):
            return model
        from engine.models.declaration import NeuronModel
        from engine.models.serial import to_json

        if not isinstance(model, NeuronModel):
            message = f"a model is a name or what engine.define returned, not {describe(model)}"
            raise DocumentError(Problem("model", "type", message, "see engine.models()"))

        if lookup.is_shipped(model.name):
            message = f'"{model.name}" is the name of a model that comes with the engine'
            raise DocumentError(Problem("models", "duplicate-model", message, "rename yours"))
        data = to_json(model)
        for known in self._document.models:
            if known.get("name") == model.name and known != data:
                message = f'the network has another model called "{model.name}"'
                raise DocumentError(Problem("models", "duplicate-model", message, "rename one"))
        if data not in self._document.models:
            self._document = replace(self._document, models=(*self._document.models, data))
        return model.name

    def _add_node(self, node: Node) -> Handle:
        document = self._document
        if isinstance(node.id, str) and node.id in document.ids:
            message = f'the id "{node.id}" is taken'
            raise DocumentError(
                Problem(f"nodes/{node.id}", "duplicate-id", message, "choose another")
            )
        added = replace(document, nodes=(*document.nodes, node))
        _require(form_problems(node))
        _require(check_node(added, node))
        _require(table_problems(added, node))
        self._document = added
        return Handle(node.id, node.size)

    def _node(self, what: Handle | Selection | str) -> Node:
        name = what if isinstance(what, str) else getattr(what, "id", None)
        node = self._document.node(name) if isinstance(name, str) else None
        if isinstance(what, Selection):
            message = f'a part of "{what.id}" can be recorded but not connected'
            remedy = "connect the whole population with rules.explicit"
            raise DocumentError(Problem("", "selection", message, remedy))
        if node is None:
            raise DocumentError(_no_node(self._document, name if name is not None else what))
        return node


def _require(problems: list[Problem]) -> None:
    found = [problem for problem in problems if problem.severity == "error"]
    if found:
        raise DocumentError(found)


def _no_node(document: Document, name: object) -> Problem:
    remedy = near(str(name), document.nodes_by_id) or "add it first"
    return Problem("", "unknown-node", f"there is no node {describe(name)}", remedy)


def _members(members: Any) -> Any:
    """Members as a document lists them: one, several in any form, or what it will judge."""
    found = plain(members)
    if isinstance(found, int):
        return [found]
    listed = isinstance(found, Iterable) and not isinstance(found, str | bytes | dict)
    return plain([*found]) if listed else found


def _size_of(geometry: dict[str, Any]) -> int:
    """How many members a geometry says there are, as far as it says it."""
    listed = plain(geometry.get("positions"))
    if isinstance(listed, list):
        return len(listed)
    said = [plain(geometry.get(name)) for name in (COLUMNS, ROWS, LAYERS)]
    counts = [1 if count is None else count for count in said]
    whole = all(isinstance(count, int) and count > 0 for count in counts)
    return math.prod(counts) if whole else 1


def _whole(value: Any) -> Any:
    """3.0 as 3; anything else as it is, to be judged with the node."""
    value = plain(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _in_ms(value: float | str, name: str) -> float:
    """A time as a number of ms; what is no number at all is told with the rest of the form."""
    value = plain(value)
    return quantity(value, "ms", name) if isinstance(value, str) else value
