"""React Flow with our own front end: the component behind the graph canvas.

``panel_reactflow`` gives the Python side (nodes and edges as parameters, ``on``, messages); what is
drawn, and every gesture, is ``workbench/frontend/canvas``, built into one bundle that ships with
the package.  The stock class applies each event of the browser to its own lists; here an event is
only passed on, because the session's document is the truth and the lists follow it.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal

import panel_reactflow
import param
from bokeh.embed.bundle import extension_dirs

DIST = Path(__file__).parents[1] / "frontend" / "dist"
# The server gives the files of an extension's folder out at static/extensions/NAME/.
extension_dirs["spiking-workbench"] = DIST


@cache
def _bundle_hash(path: os.PathLike) -> str:
    """The content of the bundle and of its styles, so that a browser never shows an older one."""
    parts = (Path(path), Path(path).with_suffix(".css"))
    return hashlib.md5(b"".join(part.read_bytes() for part in parts)).hexdigest()


class FlowView(panel_reactflow.ReactFlow):
    """The component.  Listen with ``on(type, callback)``; answer with ``send(type, ...)``.

    Messages of the browser, each one gesture: ``select(ids, number)``, ``move(positions)``,
    ``connect(source, target, port)``, ``remove|copy|cut|duplicate(ids)``, ``paste(position)``,
    ``add(model, position)``, ``reasons(request, node, port, side)``, ``view(centre)``,
    ``file(name, text)``, ``palette()``, ``examples()``.
    """

    picked = param.Dict(
        default={"ids": [], "answers": 0},
        doc="Ids of selected nodes and edges, and the number of the newest ``select`` heard.",
    )
    strings = param.Dict(default={}, doc="Visible strings by key.")

    _bundle = DIST / "canvas.bundle.js"
    _esm = DIST / "canvas.bundle.js"
    _importmap: ClassVar[dict[str, Any]] = {"imports": {}}
    _stylesheets: ClassVar[list[Any]] = []

    def __init__(self, **params: Any) -> None:
        super().__init__(editor_mode="side", default_node_editor=_no_editor, **params)

    @classmethod
    def _render_esm(cls, compiled: bool | Literal["compiling"] = True, server: bool = False) -> str:
        """The bundle's address, or its text where there is no server (a notebook)."""
        path = cls._esm_path(compiled=compiled)
        if not server or compiled == "compiling":
            return path.read_text(encoding="utf-8")
        address = super()._render_esm(compiled=compiled, server=server)
        return f"{address.partition('?')[0]}?{_bundle_hash(path)}"

    def _process_msg(self, msg: dict[str, Any]) -> None:
        if isinstance(msg.get("type"), str):
            self._emit(msg["type"], msg)

    def send(self, kind: str, **values: Any) -> None:
        """Send one message to the browser: ``refused``, ``reasons``, ``reset`` or ``fit``."""
        self._send_msg({"type": kind, **values})


def _no_editor(*_: Any, **__: Any) -> None:
    """The stock class makes an editor for every node; ours is the inspector, outside."""
