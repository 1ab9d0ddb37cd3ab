"""The live tiles of a page: raster, membrane potential and firing rate, fed frame by frame."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import panel as pn
import param
from panel.custom import JSComponent
from panel.viewable import Viewer
from tornado.websocket import WebSocketClosedError

from engine.document import Document
from workbench.colours import colours_of
from workbench.live import node_lines, raster, rates, traces
from workbench.live.axis import TimeAxis
from workbench.live.board import tiles_of
from workbench.live.describe import layout_of
from workbench.live.esm import joined, stylesheet
from workbench.live.frames import Body, FramePacer
from workbench.live.learning import Look, Wish, kinds_of
from workbench.live.recording import LiveRecording
from workbench.live.requests import (
    LearningView,
    View,
    learning_view_of,
    reward_of,
    tiles_chosen,
    view_of,
)
from workbench.live.run import LiveRun
from workbench.live.shades import places_of
from workbench.locale import strings

log = logging.getLogger(__name__)


class TileBoard(JSComponent):
    """The browser's side; what it sends goes to ``heard``."""

    strings = param.Dict({})

    _esm = joined("panel.js")

    def __init__(self, heard: Callable[[Any], None], **params: Any) -> None:
        super().__init__(stylesheets=[stylesheet()], **params)
        self._heard = heard

    def send(self, header: dict[str, Any], body: bytes) -> None:
        """One frame."""
        self._send_msg({"header": header, "body": body})

    def _handle_msg(self, data: Any) -> None:
        self._heard(data)


class FrameMaker:
    """Makes frames of a run for one browser, each holding what is new since the one before."""

    def __init__(self, session: Any, run: LiveRun) -> None:
        self._session, self._run = session, run
        self.view: View | None = None
        self.learning: LearningView | None = None
        self._edge = ""  # that learns and is shown
        self._looked: Look | None = None  # what the browser has of it
        self.maps = False  # whether the browser shows where members fire
        self._mapped: str | None = None  # whose members those are
        self._placed: str | None = None  # whose places the browser has
        self._epoch = -1
        self._layout: dict[str, Any] | None = None
        self._traced: str | None = None
        self._described: tuple[Document | None, tuple[str, ...]] = (None, ())
        self._rows: raster.Rows | None = None
        self._next: dict[str, int] = {}  # tile -> column to begin with

    def forget(self) -> None:
        """The browser has nothing: send everything with the next frame."""
        self._next.clear()
        self._layout, self._rows, self._looked, self._placed = None, None, None, None

    def make(self) -> tuple[dict[str, Any], bytes]:
        """(header, body) of the newest frame."""
        run = self._run
        if run.epoch != self._epoch:
            self._epoch = run.epoch
            self.forget()
        header: dict[str, Any] = {
            "epoch": run.epoch,
            "state": run.state,
            "time": run.time_ms,
            "factor": run.real_time_factor,
            "possible": run.possible_factor,
            "tiles": self._tiles(),
        }
        body = Body()
        recording, document = run.recording, run.document
        if recording is not None and document is not None:
            self._describe(recording, document, header)
            if self.view is not None and recording.steps:
                with recording.lock:
                    header["time"] = recording.time
                    self._fill(recording, self.view, header, body)
        header["arrays"] = body.arrays
        return header, body.bytes()

    def _tiles(self) -> dict[str, list[str]]:
        """The tiles that the network which runs has something for; open as the newest says."""
        newest, running = self._session.document, self._run.document
        return tiles_of(newest if running is None else running, newest.layout.tiles)

    def _describe(
        self, recording: LiveRecording, document: Document, header: dict[str, Any]
    ) -> None:
        """Add the layout where it has changed: names, colours or the population traced.

        A node that is no longer drawn goes on running under its old name and colour.
        """
        newest, selection = self._session.document, self._session.selection
        if self._layout is not None and (newest, selection) == self._described:
            return
        self._described = (newest, selection)
        traced = self._choose(recording)
        nodes = {**document.nodes_by_id, **newest.nodes_by_id}
        colours = {**colours_of(document), **colours_of(newest)}
        layout = layout_of(recording, newest, nodes, colours, traced)
        if layout != self._layout:
            if traced != self._traced:
                self._next.pop("traces", None)
            self._layout, self._traced = layout, traced
            header["layout"] = layout

    def _choose(self, recording: LiveRecording) -> str | None:
        """The population whose traces are shown: the one selected, or else the one before."""
        for node in self._session.selection:
            if node in recording.traces:
                return node
        if self._traced in recording.traces:
            return self._traced
        return next(iter(recording.traces), None)

    def _fill(
        self, recording: LiveRecording, view: View, header: dict[str, Any], body: Body
    ) -> None:
        header["view"] = view.id
        if view.raster is not None:
            header["raster"] = self._raster(recording, view.window, view.raster, body)
        if self._traced is not None and view.traces is not None:
            axis = TimeAxis(view.window, view.traces, recording.dt)
            head = traces.take(recording, self._traced, axis, self._next.get("traces"), body)
            if head is not None:
                header["traces"] = {**head, "columns": view.traces}
        if view.rates is not None:
            since = self._next.get("rates")
            header["rates"] = rates.take(recording, view.window, view.rates, since, body)
        header["nodes"] = node_lines.take(recording, view.window, self._next.get("nodes"), body)
        self._fill_drawn(recording, header, body)
        self._fill_learning(recording, header, body)
        for tile in ("raster", "traces", "rates", "nodes"):
            if tile in header:
                self._next[tile] = header[tile]["settled"]

    def _raster(
        self, recording: LiveRecording, window: float, sides: tuple[int, int, int], body: Body
    ) -> dict[str, Any]:
        """The new columns of the raster, and where its populations stand."""
        columns, height, gap = sides
        if self._rows is None:
            sizes = {member.id: member.size for member in recording.populations}
            self._rows = raster.rows(sizes, height, gap)
        axis = TimeAxis(window, columns, recording.dt)
        return {
            **raster.take(recording, axis, self._rows, self._next.get("raster"), body),
            "columns": columns,
            "rows": height,
            "groups": [list(group) for group in self._rows.groups],
        }

    def _fill_learning(self, recording: LiveRecording, header: dict[str, Any], body: Body) -> None:
        """Add the newest look at the connection that is shown, and say what to look at."""
        watch, view = recording.learning, self.learning
        if watch is None or not watch.learners:
            return
        if view is None:
            watch.wish = None  # the tile is closed: looking would cost the run
            return
        chosen = [each for each in self._session.selection if each in watch.learners]
        edge = self._edge
        if edge not in watch.learners or chosen:
            edge = self._edge = next(iter(chosen or watch.learners))
        known = kinds_of(watch.learners[edge])
        kind = view.kind if view.kind in known else known[0]
        wish = Wish(edge, kind, view.columns, view.rows)
        if wish != watch.wish:
            watch.wish = wish
            self._run.look()
        look = watch.look
        if look is not None and look.wish == wish and look is not self._looked:
            self._looked = look
            header["learning"] = look.add_to(body)

    def _fill_drawn(self, recording: LiveRecording, header: dict[str, Any], body: Body) -> None:
        """Add the shades of members that the inspector draws, of the selected node, and the map."""
        selected = next((node for node in self._session.selection if node in recording.drawn), None)
        if selected is not None:
            found = recording.drawn[selected].take()
            if found is not None:
                body.add("drawn.shades", found[0])
                header["drawn"] = {"id": selected, "words": found[1]}
        if not (self.maps and recording.maps):
            return
        chosen = [node for node in self._session.selection if node in recording.maps]
        if chosen or self._mapped not in recording.maps:
            self._mapped = next(iter(chosen or recording.maps))
        self._fill_map(recording, self._mapped, header, body)

    def _fill_map(
        self, recording: LiveRecording, node: str, header: dict[str, Any], body: Body
    ) -> None:
        """Add how brightly the members of ``node`` shine, and first where they are."""
        header["map"] = {"id": node, "shades": "drawn.shades", "fade": recording.fade_of(node)}
        if header.get("drawn", {}).get("id") != node:
            found = recording.drawn[node].take()
            header["map"]["shades"] = "map.shades"
            body.add("map.shades", np.zeros(0, np.uint8) if found is None else found[0])
        if self._placed != node and self._run.document is not None:
            self._placed = node
            places = places_of(self._run.document, node)
            header["map"]["axes"] = places.shape[1]
            body.add("map.places", places)


class LiveTiles(Viewer):
    """The tiles of ``run``; put it where they shall stand.  Frames flow while the page is open."""

    def __init__(self, session: Any, run: LiveRun, **params: Any) -> None:
        super().__init__(**params)
        self._session, self._run = session, run
        self._maker = FrameMaker(session, run)
        self._pacer = FramePacer()
        self._board = TileBoard(
            self._heard, strings=strings("live"), sizing_mode="stretch_both", margin=0
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told = False
        self._watcher = session.param.watch(self._looks_changed, ["document", "selection"])
        run.on_news(self._news)
        pn.state.onload(self._stream)
        if pn.state.curdoc is not None:
            pn.state.on_session_destroyed(self._destroyed)

    def __panel__(self) -> TileBoard:
        return self._board

    def close(self) -> None:
        """Send no more frames."""
        self._pacer.close()
        self._session.param.unwatch(self._watcher)

    def _destroyed(self, _: Any) -> None:
        self.close()

    def _looks_changed(self, *_: Any) -> None:
        self._pacer.news()

    def _news(self) -> None:
        """Called from any thread; wakes the loop once, however much happens before it looks."""
        if not self._told and self._loop is not None:
            self._told = True
            # The server may be shutting down; the run must not fail for that.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._pacer.news)

    def _heard(self, data: Any) -> None:
        """A message of the browser, not to be trusted: a new view, or a frame drawn."""
        if not isinstance(data, dict):
            return
        if isinstance(data.get("ack"), int):
            self._pacer.acknowledge(data["ack"])
        try:
            if "learning" in data:
                asked = data["learning"]
                self._maker.learning = None if asked is None else learning_view_of(asked)
                self._pacer.news()
            if "map" in data:
                self._maker.maps = data["map"] is True
                self._pacer.news()
            if "tiles" in data:
                self._session.do("set_tiles", tiles=tiles_chosen(data["tiles"]))
            if "reward" in data:
                self._run.reward(*reward_of(data["reward"]))
            if "view" in data:
                self._maker.view = view_of(data["view"])
                self._maker.forget()
                self._pacer.news()
        except ValueError as error:
            log.warning("a browser asked for a view that cannot be: %s", error)

    async def _stream(self) -> None:
        """Send frames until the page is closed."""
        self._loop = asyncio.get_running_loop()
        context = getattr(pn.state.curdoc, "session_context", None)
        self._pacer.news()
        lost = 0
        while await self._pacer.turn():
            self._told = False
            try:
                self._run.publish()
                if self._pacer.lost != lost:
                    lost = self._pacer.lost
                    self._maker.forget()
                    if _left(context):
                        # Nobody looks on; a browser that comes back finds the run as it was.
                        self._run.pause()
                header, body = self._maker.make()
                self._board.send({**header, "seq": self._pacer.sent()}, body)
            except WebSocketClosedError:
                continue  # the page was closed at this moment; the session ends soon
            except Exception:
                # One bad frame must not end the view of a run that goes on.
                log.exception("a frame could not be made")
                await asyncio.sleep(1.0)


def _left(context: Any) -> bool:
    """Whether no browser is connected to the session of ``context``."""
    session = getattr(context, "session", None)
    return session is not None and session.connection_count == 0
