"""The graph canvas: shows a session's document and turns gestures of the browser into commands.

``GraphCanvas(session)`` hides which library draws.  It is never the source of truth: a gesture
becomes ``session.do(...)``, one command and so one undo, and what the document then is goes to the
browser; where a command is refused the browser goes back to the document and says why.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import param
from panel.viewable import Viewer

from engine.document import Document
from engine.document.lookup import INHIBITORY, POTENTIAL, ports_of
from engine.document.validate import port_reason
from workbench.editor import graph
from workbench.editor.flow import FlowView
from workbench.editor.placing import HEIGHT, WIDTH, free_place, places_of, snap
from workbench.locale import strings
from workbench.session import Session

EVENTS = ("palette", "examples", "file")


class GraphCanvas(Viewer):
    """The canvas of one session; a Panel viewable.

    ``on(event, callback)`` tells of what the rest of the page answers: ``"palette"`` (a double
    click on the empty canvas), ``"examples"`` (wanted by the empty canvas) and ``"file"``
    (``callback(name, text)`` for a dropped file; without a listener the session opens it).
    """

    session = param.ClassSelector(class_=Session, constant=True)

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(session=session, **params)
        self._listeners: dict[str, list[Callable[..., None]]] = {name: [] for name in EVENTS}
        self._centre = (0.0, 0.0)
        self._heard = 0  # number of the newest selection that the browser told
        self._flow = FlowView(
            **self._drawing(),
            picked=self._picked(),
            strings=strings("canvas"),
            color_mode=_mode(session.theme),
            sizing_mode="stretch_both",
            min_height=0,
        )
        self._answer_gestures()
        session.param.watch(self._refresh, ["document", "problems"])
        session.param.watch(self._show_whole, "opened")
        session.param.watch(self._show_selection, "selection")
        session.param.watch(self._show_theme, "theme")

    def __panel__(self) -> FlowView:
        return self._flow

    def on(self, event: str, callback: Callable[..., None]) -> None:
        """Call ``callback`` on an event; see the class."""
        self._listeners[event].append(callback)

    def add_at_centre(self, model: str, parameters: dict[str, Any] | None = None) -> bool:
        """Add a node of ``model`` in the middle of what is seen; False if it was refused."""
        return self._add(model, self._centre, parameters)

    # --- document -> browser -------------------------------------------------------------------

    def _drawing(self) -> dict[str, list[dict[str, Any]]]:
        session, document = self.session, self.session.document
        inhibitory = (n.id for n in document.nodes if session.sign_of(n.id) == "inhibitory")
        problems = graph.problems_by_item(session.problems)
        look = graph.Look(session.colours(), frozenset(inhibitory), problems)
        return {"nodes": graph.nodes_of(document, look), "edges": graph.edges_of(document, look)}

    def _refresh(self, *_: param.parameterized.Event) -> None:
        """Send the parts of the drawing that changed."""
        drawing = self._drawing()
        changed = {name: now for name, now in drawing.items() if now != getattr(self._flow, name)}
        if changed:
            self._flow.param.update(**changed)

    def _show_whole(self, _: param.parameterized.Event) -> None:
        self._flow.send("fit")

    def _picked(self) -> dict[str, Any]:
        """What is selected; a browser that has selected since by itself waits for its answer."""
        return {"ids": list(self.session.selection), "answers": self._heard}

    def _show_selection(self, *_: param.parameterized.Event) -> None:
        self._flow.picked = self._picked()

    def _show_theme(self, event: param.parameterized.Event) -> None:
        self._flow.color_mode = _mode(event.new)

    # --- browser -> document -------------------------------------------------------------------

    def _answer_gestures(self) -> None:
        answers: dict[str, Callable[[dict[str, Any]], Any]] = {
            "select": self._on_select,
            "move": self._on_move,
            "connect": self._on_connect,
            "remove": lambda message: self._do("remove", ids=_ids(message)),
            "copy": self._on_copy,
            "cut": lambda message: self._on_copy(message) and self._do("remove", ids=_ids(message)),
            "paste": self._on_paste,
            "duplicate": self._on_duplicate,
            "add": lambda message: self._add(str(message["model"]), _point(message["position"])),
            "reasons": self._on_reasons,
            "view": self._on_view,
            "file": self._on_file,
            "palette": lambda _: self._tell("palette"),
            "examples": lambda _: self._tell("examples"),
        }
        for kind, answer in answers.items():
            self._flow.on(kind, answer)

    def _do(self, name: str, **arguments: Any) -> bool:
        """One command; the browser goes back to the document and says why if it is refused."""
        refusal = self.session.attempt(name, **arguments)
        if refusal:
            self._flow.send("refused", text=refusal)
            self._flow.send("reset")
        return not refusal

    def _tell(self, event: str, *arguments: Any) -> None:
        for callback in self._listeners[event]:
            callback(*arguments)

    def _on_select(self, message: dict[str, Any]) -> None:
        self._heard = int(message["number"])
        self.session.select(_ids(message))
        self._show_selection()

    def _on_move(self, message: dict[str, Any]) -> None:
        places = places_of(self.session.document)
        wanted = {str(name): _point(at) for name, at in message["positions"].items()}
        moved = {n: list(at) for n, at in wanted.items() if n in places and at != places[n]}
        if moved:
            self._do("move", positions=moved)

    def _on_connect(self, message: dict[str, Any]) -> None:
        """Wire two nodes; one dropped on the node rather than on a port goes where it fits."""
        ends = {end: str(message[end]) for end in ("source", "target")}
        port = message["port"]
        self._do("connect", **ends, port=self._port_for(**ends) if port is None else str(port))

    def _port_for(self, source: str, target: str) -> str | None:
        """The port of ``target`` that suits the sign of ``source``, of those that take its wire."""
        document = self.session.document
        node = document.node(target)
        known = {} if node is None else ports_of(document, node)
        ports = [name for name, port in known.items() if port.takes != POTENTIAL]
        fitting = [port for port in ports if port_reason(document, source, target, port) is None]
        inhibits = document.node(source) and self.session.sign_of(source) == "inhibitory"
        suits = [p for p in fitting if p.startswith(INHIBITORY) == bool(inhibits)]
        return next(iter(suits or fitting), None)

    def _add(
        self, model: str, centre: tuple[float, float], parameters: dict[str, Any] | None = None
    ) -> bool:
        corner = (centre[0] - WIDTH / 2, centre[1] - HEIGHT / 2)
        place = free_place(corner, list(places_of(self.session.document).values()))
        return self._do("add_node", model=model, position=list(place), parameters=parameters or {})

    def _on_copy(self, message: dict[str, Any]) -> bool:
        self.session.select(_ids(message))
        return self.session.copy_selection()

    def _on_duplicate(self, message: dict[str, Any]) -> None:
        self.session.select(_ids(message))
        self.session.duplicate_selection()

    def _on_paste(self, message: dict[str, Any]) -> None:
        """Paste with the middle of what was copied at the pointer, or at what is seen."""
        part = self.session.clipboard
        if part is None:
            return
        corners = list(part["layout"]["positions"].values())
        if not corners:
            self.session.paste()
            return
        at = _point(message["position"]) if message["position"] else self._centre
        middle = [(min(axis) + max(axis)) / 2 for axis in zip(*corners, strict=True)]
        corner = (at[0] - WIDTH / 2 - middle[0], at[1] - HEIGHT / 2 - middle[1])
        self.session.paste(snap(corner))

    def _on_reasons(self, message: dict[str, Any]) -> None:
        """Which ports would take the wire that is being drawn, and why the others would not."""
        document, node = self.session.document, str(message["node"])
        if message["side"] == "source":
            reasons = _reasons_onto(document, node)
        else:
            reasons = _reasons_from(document, node, str(message["port"]))
        self._flow.send("reasons", request=message["request"], reasons=reasons)

    def _on_view(self, message: dict[str, Any]) -> None:
        self._centre = _point(message["centre"])

    def _on_file(self, message: dict[str, Any]) -> None:
        name, content = str(message["name"]), str(message["text"])
        if self._listeners["file"]:
            self._tell("file", name, content)
        else:
            self.session.open_text(content)


def _reasons_onto(document: Document, source: str) -> dict[str, str | None]:
    """ "node/port" -> why ``source`` cannot be wired to it, or None."""
    return {
        f"{target.id}/{port}": port_reason(document, source, target.id, port)
        for target in document.nodes
        for port in ports_of(document, target) or (graph.OUTPUT,)
    }


def _reasons_from(document: Document, target: str, port: str) -> dict[str, str | None]:
    """ "node/out" -> why that node cannot be wired to ``port`` of ``target``, or None."""
    return {
        f"{source.id}/{graph.OUTPUT}": port_reason(document, source.id, target, port)
        for source in document.nodes
    }


def _mode(theme: str) -> str:
    return "light" if theme == "light" else "dark"


def _ids(message: dict[str, Any]) -> list[str]:
    return [str(name) for name in message["ids"]]


def _point(value: Any) -> tuple[float, float]:
    x, y = value
    return float(x), float(y)
