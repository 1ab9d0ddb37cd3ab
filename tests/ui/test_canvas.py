"""The graph canvas in a real browser: what a person does, and what the document then is."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import panel as pn
import pytest
from conftest import free_port
from playwright.sync_api import expect

from engine.document import Document, Edge, Layout, Node, RunSettings
from workbench import theme
from workbench.editor.canvas import GraphCanvas
from workbench.session import Session

MODEL = "application/x-workbench-model"
WAIT = 8.0  # s


def balanced() -> Document:
    """Drive, an excitatory and an inhibitory population, and a current."""
    rule = {"kind": "probability", "p": 0.02, "self_connections": True, "multapses": False}
    wires = [
        ("drive", "exc", "exc", 6.0),
        ("drive", "inh", "exc", 6.0),
        ("exc", "exc", "exc", 6.0),
        ("exc", "inh", "exc", 6.0),
        ("inh", "exc", "inh", 67.0),
        ("inh", "inh", "inh", 67.0),
    ]
    edges = tuple(Edge(f"{a}-{b}", a, b, port, rule, w, 1.5) for a, b, port, w in wires)
    nodes = (
        Node("drive", "poisson", 4000, "source", "Drive"),
        Node("exc", "lif_cond_exp", 3200, label="Excitatory"),
        Node("inh", "lif_cond_exp", 800, label="Inhibitory <b>&amp;</b>"),
        Node("read", "lif_psc_exp", 10, label="Read-out"),
        Node("step", "step_current", 1, "source", "Step"),
    )
    positions = {"drive": [0, 32], "exc": [320, 0], "inh": [320, 200], "read": [648, 88]}
    layout = Layout({**positions, "step": [0, 240]})
    return Document("Balanced", nodes=nodes, edges=edges, simulation=RunSettings(), layout=layout)


class Bench:
    """A served canvas: the page and, in the same process, its session."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.session = Session(document)
        self.canvas: GraphCanvas | None = None
        self.doc: Any = None
        self.page: Any = None

    def app(self) -> pn.Column:
        self.session = Session(self.document)
        self.canvas = GraphCanvas(self.session)
        self.doc = pn.state.curdoc
        return pn.Column(
            self.canvas, sizing_mode="stretch_both", margin=0, styles={"height": "100vh"}
        )

    def run(self, act: Callable[[], Any]) -> None:
        """Do something to the session as another part of the page would."""
        done = threading.Event()
        self.doc.add_next_tick_callback(lambda: (act(), done.set()))
        assert done.wait(WAIT)

    @contextmanager
    def busy(self) -> Iterator[None]:
        """A server that answers nothing meanwhile."""
        begun, done = threading.Event(), threading.Event()
        self.doc.add_next_tick_callback(lambda: (begun.set(), done.wait(WAIT)))
        assert begun.wait(WAIT)
        yield
        done.set()

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something is true of the session."""
        deadline = time.monotonic() + WAIT
        while not holds():
            assert time.monotonic() < deadline, f"still {json.dumps(self.ids())}"
            self.page.wait_for_timeout(20)

    def ids(self) -> dict[str, list[str]]:
        """Ids of nodes and wires."""
        document = self.session.document
        return {"nodes": [n.id for n in document.nodes], "edges": [e.id for e in document.edges]}

    def undos(self) -> int:
        """How many gestures can be undone."""
        return len(self.session.history.done)

    def middle(self, selector: str) -> tuple[float, float]:
        """The centre of an element on the page."""
        box = self.page.locator(selector).bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def port(self, node: str, port: str) -> tuple[float, float]:
        """The centre of a port."""
        return self.middle(f'.react-flow__node[data-id="{node}"] .port[data-handleid="{port}"]')

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press, move in steps, leave the button pressed."""
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
        self.page.mouse.move(*end, steps=6)

    def wire(self, start: tuple[str, str], end: tuple[float, float]) -> None:
        """Draw a wire from a port to a place, and hear first what would take it."""
        self.drag(self.port(*start), end)
        self.page.wait_for_selector(".port.valid, .card.refuses", state="attached")
        self.page.mouse.move(end[0] + 1, end[1])
        self.page.mouse.up()

    def click_node(self, node: str) -> None:
        """Select a node and wait until the session knows."""
        self.page.click(f'.react-flow__node[data-id="{node}"] .name')
        self.until(lambda: self.session.selection == (node,))

    def count(self, selector: str, number: int) -> None:
        """Wait until there are so many."""
        expect(self.page.locator(selector)).to_have_count(number, timeout=1000 * WAIT)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Bench, str]]:
    """One server for the module; every page gets a session of its own."""
    bench, port = Bench(balanced()), free_port()
    pn.config.raw_css = [theme.css()]
    server = pn.serve(
        bench.app,
        port=port,
        address="127.0.0.1",
        websocket_origin=f"127.0.0.1:{port}",
        threaded=True,
        show=False,
        static_dirs={"assets": str(theme.FRONTEND)},
    )
    yield bench, f"http://127.0.0.1:{port}/"
    server.stop()
    pn.config.raw_css = []


@pytest.fixture
def bench(served: tuple[Bench, str], open_page: Callable[..., Any]) -> Bench:
    """The canvas with the balanced network."""
    return opened(served, open_page, balanced())


def opened(served: tuple[Bench, str], open_page: Callable[..., Any], document: Document) -> Bench:
    bench, url = served
    bench.document = document
    bench.page = open_page(url, size=(1000, 620))
    bench.page.wait_for_selector(".card" if document.nodes else ".empty")
    bench.page.wait_for_timeout(100)
    return bench


def drop(bench: Bench, model: str, at: tuple[float, float]) -> None:
    """Drop a model of the palette on the canvas."""
    transfer = bench.page.evaluate_handle("new DataTransfer()")
    transfer.evaluate("(data, [type, name]) => data.setData(type, name)", [MODEL, model])
    for event in ("dragover", "drop"):
        details = {"dataTransfer": transfer, "clientX": at[0], "clientY": at[1], "bubbles": True}
        bench.page.dispatch_event(".react-flow__pane", event, details)


def test_the_canvas_draws_every_node_and_wire(bench: Bench) -> None:
    bench.count(".card", 5)
    bench.count(".wire", 6)
    name = bench.page.locator('.react-flow__node[data-id="inh"] .name')
    assert name.inner_text() == "Inhibitory <b>&amp;</b>"  # a label is text, never markup
    assert bench.page.locator('.react-flow__node[data-id="inh"] .swatch.round').count() == 1
    assert bench.page.locator(".react-flow__minimap-node").count() == 5


def test_a_dropped_model_stands_at_the_pointer_and_is_selected(bench: Bench) -> None:
    drop(bench, "izhikevich", (700, 500))
    bench.until(lambda: "izhikevich" in bench.ids()["nodes"])
    bench.count(".card.selected", 1)
    x, y = bench.middle('.react-flow__node[data-id="izhikevich"] .card')
    assert abs(x - 700) < 8
    assert abs(y - 500) < 8
    assert bench.undos() == 1


def test_dragging_from_port_to_port_connects(bench: Bench) -> None:
    bench.wire(("exc", "out"), bench.port("read", "exc"))
    bench.until(lambda: "exc-read" in bench.ids()["edges"])
    edge = bench.session.document.edge("exc-read")
    assert edge is not None
    assert (edge.source, edge.target, edge.port) == ("exc", "read", "exc")
    assert bench.undos() == 1
    bench.count(".wire", 7)


def test_a_wire_dropped_anywhere_on_a_node_finds_a_port_that_takes_it(bench: Bench) -> None:
    bench.wire(("step", "out"), bench.middle('.react-flow__node[data-id="inh"] .name'))
    bench.until(lambda: "step-inh" in bench.ids()["edges"])
    bench.wire(("inh", "out"), bench.middle('.react-flow__node[data-id="read"] .name'))
    bench.until(lambda: "inh-read" in bench.ids()["edges"])
    edges = bench.session.document.edges_by_id
    assert (edges["step-inh"].port, edges["inh-read"].port) == ("current", "inh")


def test_a_wire_dropped_before_the_server_has_answered_is_not_lost(bench: Bench) -> None:
    with bench.busy():
        bench.drag(bench.port("inh", "out"), bench.middle('[data-id="read"] .name'))
        bench.page.mouse.up()
    bench.until(lambda: "inh-read" in bench.ids()["edges"])
    assert bench.session.document.edges_by_id["inh-read"].port == "inh"
    with bench.busy():
        bench.drag(bench.port("exc", "out"), bench.middle('[data-id="drive"] .name'))
        bench.page.mouse.up()
    bench.page.wait_for_selector(".refusal")
    assert "is a source" in bench.page.inner_text(".refusal")


def test_a_wrong_wire_is_refused_with_the_reason_at_the_pointer(bench: Bench) -> None:
    end = bench.port("read", "current")
    bench.wire(("exc", "out"), end)
    reason = bench.page.locator(".refusal")
    reason.wait_for()
    assert "takes a current" in reason.inner_text()
    box = reason.bounding_box()
    assert abs(box["x"] - end[0]) < 40
    assert abs(box["y"] - end[1]) < 40
    assert bench.ids()["edges"] == [edge.id for edge in balanced().edges]
    reason.wait_for(state="detached")


def test_a_source_refuses_wires_with_a_reason(bench: Bench) -> None:
    bench.wire(("exc", "out"), bench.middle('.react-flow__node[data-id="drive"] .name'))
    bench.page.wait_for_selector(".refusal")
    assert "is a source" in bench.page.inner_text(".refusal")


def test_deleting_a_node_with_wires_is_one_gesture_and_one_undo(bench: Bench) -> None:
    before = bench.session.document
    bench.click_node("exc")
    bench.page.keyboard.press("Delete")
    bench.until(lambda: "exc" not in bench.ids()["nodes"])
    bench.count(".wire", 2)
    assert bench.undos() == 1
    bench.run(bench.session.undo)
    assert bench.session.document == before
    bench.count(".wire", 6)


def test_moving_several_nodes_is_one_gesture(bench: Bench) -> None:
    bench.click_node("exc")
    bench.page.keyboard.down("Control")
    bench.page.click('.react-flow__node[data-id="inh"] .name')
    bench.page.keyboard.up("Control")
    bench.until(lambda: set(bench.session.selection) == {"exc", "inh"})
    x, y = bench.middle('.react-flow__node[data-id="inh"] .about')
    bench.drag((x, y), (x + 64, y + 40))
    bench.page.mouse.up()
    bench.until(lambda: bench.undos() == 1)
    was, now = balanced().layout.positions, bench.session.document.layout.positions
    moved = {name for name in was if now[name] != was[name]}
    assert moved == {"exc", "inh"}
    assert now["exc"][0] - was["exc"][0] == now["inh"][0] - was["inh"][0] > 0


def test_keys_select_duplicate_copy_paste_and_nudge(bench: Bench) -> None:
    bench.click_node("read")
    bench.page.keyboard.press("Control+d")
    bench.until(lambda: len(bench.ids()["nodes"]) == 6)
    bench.page.keyboard.press("Control+c")
    bench.page.keyboard.press("Control+v")
    bench.until(lambda: len(bench.ids()["nodes"]) == 7)
    bench.count(".card", 7)
    bench.count(".react-flow__node[data-id=read_3] .card.selected", 1)
    bench.page.keyboard.press("Control+a")
    bench.until(lambda: len(bench.session.selection) == 7)
    undos = bench.undos()
    for _ in range(3):
        bench.page.keyboard.press("ArrowRight")
    bench.until(lambda: bench.undos() == undos + 1)
    assert bench.session.document.layout.positions["exc"] == [320 + 24, 0]


def test_a_key_right_after_a_click_acts_on_what_was_clicked(bench: Bench) -> None:
    """The key comes before the click's selection has settled and been told to Python."""
    bench.click_node("exc")
    name = bench.page.locator('.react-flow__node[data-id="read"] .name')
    name.evaluate(
        """async (name) => {
            name.dispatchEvent(new MouseEvent("click", {bubbles: true, composed: true}))
            await null // as between two events of a person: React has drawn the first
            const key = {key: "d", ctrlKey: true, bubbles: true, composed: true}
            document.body.dispatchEvent(new KeyboardEvent("keydown", key))
        }"""
    )
    bench.until(lambda: len(bench.ids()["nodes"]) == 6)
    assert bench.ids()["nodes"][-1] == "read_2"
    bench.page.wait_for_timeout(200)  # whatever the browser may still have to say
    assert bench.session.selection == ("read_2",)
    bench.count(".card.selected", 1)
    bench.count(".react-flow__node[data-id=read_2] .card.selected", 1)


def test_a_marquee_selects_what_it_touches(bench: Bench) -> None:
    left, top = bench.middle('.react-flow__node[data-id="exc"] .card')
    right, bottom = bench.middle('.react-flow__node[data-id="inh"] .card')
    bench.page.keyboard.down("Shift")
    bench.drag((left - 110, top - 20), (right + 20, bottom + 20))
    bench.page.mouse.up()
    bench.page.keyboard.up("Shift")
    bench.until(lambda: {"exc", "inh"} <= set(bench.session.selection))
    assert "read" not in bench.session.selection


def test_selection_made_elsewhere_is_shown(bench: Bench) -> None:
    bench.run(lambda: bench.session.select(["drive-exc"]))
    bench.count(".wire.selected", 1)
    bench.run(lambda: bench.session.select(["read"]))
    bench.count(".wire.selected", 0)
    bench.count(".card.selected", 1)


def test_a_refused_edit_goes_back_to_the_document(bench: Bench) -> None:
    drop(bench, "no_such_model", (600, 400))
    bench.page.wait_for_selector(".refusal")
    assert "no_such_model" in bench.page.inner_text(".refusal")
    assert bench.session.document == balanced()


def test_the_theme_switches_while_the_page_is_open(bench: Bench) -> None:
    colour = (
        "getComputedStyle(document.querySelector('.bk-Column') ? document.body : document.body)"
    )
    assert bench.page.evaluate(f"{colour}.backgroundColor") == "rgb(15, 18, 22)"
    bench.page.evaluate("document.documentElement.dataset.theme = 'light'")
    bench.run(lambda: setattr(bench.session, "theme", "light"))
    bench.page.wait_for_selector(".react-flow.light")
    surfaces = {
        selector: bench.page.locator(selector).first.evaluate(
            "element => getComputedStyle(element).backgroundColor"
        )
        for selector in (".card", ".react-flow__minimap", ".zoom")
    }
    assert set(surfaces.values()) == {"rgb(255, 255, 255)"}, surfaces


def test_frames_draw_live_lines_and_rates_without_python(bench: Bench) -> None:
    blank = "canvas => !canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)"
    blank += ".data.some(value => value)"
    canvas = bench.page.locator('.react-flow__node[data-id="exc"] canvas')
    assert canvas.evaluate(blank)
    bench.page.evaluate(
        "window.dispatchEvent(new CustomEvent('workbench:frame', {detail: {time: 5, nodes: {exc: {"
        "line: Float32Array.from({length: 80}, (_, i) => Math.sin(i / 5)), min: -1, max: 1,"
        "kind: 'trace', rate: 5.63}}}}))"
    )
    rate = bench.page.locator('.react-flow__node[data-id="exc"] .rate:not(:empty)')
    rate.wait_for()
    assert rate.inner_text().endswith("5.6 Hz")
    assert not canvas.evaluate(blank)


def test_no_wire_runs_over_another_between_the_same_nodes(bench: Bench) -> None:
    bench.run(lambda: bench.session.do("connect", source="exc", target="inh", port="inh"))
    bench.run(lambda: bench.session.do("connect", source="drive", target="exc", port="exc"))
    bench.count(".wire", 8)
    paths = bench.page.locator(".wire-line").evaluate_all(
        "paths => paths.map(path => path.getAttribute('d'))"
    )
    assert len(set(paths)) == 8


def test_an_empty_canvas_shows_three_ways_to_begin(
    served: tuple[Bench, str], open_page: Callable[..., Any]
) -> None:
    bench = opened(served, open_page, Document())
    assert bench.page.locator(".way").count() == 3
    heard: list[str] = []
    assert bench.canvas is not None
    bench.canvas.on("examples", lambda: heard.append("examples"))
    bench.canvas.on("palette", lambda: heard.append("palette"))
    bench.page.locator(".way").nth(0).click()
    bench.until(lambda: heard == ["examples"])
    bench.page.mouse.dblclick(80, 80)
    bench.until(lambda: heard == ["examples", "palette"])
    assert bench.run(lambda: bench.canvas and bench.canvas.add_at_centre("lif")) is None
    bench.count(".empty", 0)
    x, y = bench.middle(".card")
    assert abs(x - 500) < 12
    assert abs(y - 310) < 12


def test_an_opened_document_is_shown_whole(bench: Bench) -> None:
    nodes = tuple(Node(f"far{k}", "lif", 1) for k in range(2))
    layout = Layout({"far0": [5000, 5000], "far1": [5400, 5300]})
    bench.run(lambda: bench.session.open_document(Document(nodes=nodes, layout=layout)))
    bench.count(".card", 2)
    bench.page.wait_for_timeout(300)
    for node in ("far0", "far1"):
        x, y = bench.middle(f'.react-flow__node[data-id="{node}"] .card')
        assert 0 < x < 1000
        assert 0 < y < 620


def test_the_network_stays_in_view_when_the_canvas_changes_its_size(bench: Bench) -> None:
    bench.page.set_viewport_size({"width": 640, "height": 420})
    bench.page.wait_for_timeout(200)
    for node in bench.ids()["nodes"]:
        x, y = bench.middle(f'.react-flow__node[data-id="{node}"] .card')
        assert 0 < x < 640
        assert 0 < y < 420
