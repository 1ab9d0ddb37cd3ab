"""The model page without a browser: what messages do, and that nothing sent to it can break it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from engine.document import Document
from engine.errors import DataError
from workbench.live.compute import ComputePool
from workbench.modelpage.newest import Newest
from workbench.modelpage.page import ModelPage
from workbench.session import Session


class Desk:
    """A model page whose messages to the browser are kept."""

    def __init__(self) -> None:
        self.session = Session(Document())
        self.placed: list[Any] = []
        self.page = ModelPage(self.session, self._place)
        self.sent: list[dict[str, Any]] = []
        self.page.send = lambda **message: self.sent.append(message)  # type: ignore[method-assign]

    def _place(self, *arguments: Any) -> bool:
        self.placed.append(arguments)
        return True

    def say(self, kind: str, **message: Any) -> None:
        """A message as the browser sends it."""
        self.page._handle_msg({"type": kind, "form": self.page.content.get("key"), **message})

    def until(self, holds: Callable[[], Any]) -> Any:
        end = time.monotonic() + 20
        while not (found := holds()):
            assert time.monotonic() < end
            time.sleep(0.01)
        return found

    def drawn(self, kind: str) -> dict[str, Any]:
        """The newest answer for a pane, once there is one since the last call."""
        message = self.until(lambda: next((m for m in self.sent if m.get("drawn") == kind), None))
        self.sent.clear()
        return message

    def mistakes(self) -> list[Any]:
        return self.page.checked["mistakes"]


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.page.close()


def test_a_model_opens_with_its_texts_rows_and_drawings(desk: Desk) -> None:
    desk.page.show("lif")
    assert desk.page.content["texts"]["equations"] == "dv/dt = (E_L - v)/tau_m + I/C : mV"
    assert not desk.page.content["own"]
    assert desk.drawn("trace")["data"]["count"] > 1
    assert desk.drawn("curve")["data"]["rate"]
    desk.page.hide()
    assert desk.page.content == {"open": False}


def test_an_unknown_model_opens_another_and_harms_nothing(desk: Desk) -> None:
    desk.page.show("nobody")
    assert desk.page.content["key"] == "lif"


def test_it_opens_at_the_selected_population_with_its_parameters(desk: Desk) -> None:
    session = desk.session
    session.do("add_node", model="adex", id="cells", parameters={"b": 40, "C": "0.1 nF"})
    session.do(
        "set_parameter",
        node="cells",
        name="a",
        value={"distribution": "uniform", "low": 1, "high": 3},
    )
    session.select(["cells"])
    desk.page.show_selected()
    values = {
        row["name"]: row["value"]
        for part in desk.page.form["sections"]
        for row in part["rows"]
        if row["kind"] == "quantity"
    }
    assert (values["b"], values["C"], values["a"]) == (40, 100, 2)


def test_a_shipped_model_cannot_be_written_only_copied(desk: Desk) -> None:
    desk.page.show("lif")
    desk.say("draft", texts={"equations": "dv/dt = -v/ms : mV"}, commit=True)
    assert desk.session.document.models == ()
    desk.say("edit", path="parameters/v_th", value=-45, number=1)
    desk.say("act", action="copy")
    [model] = desk.session.document.models
    assert model["name"] == desk.page.content["key"] == "my_lif"
    assert model["parameters"]["v_th"]["default"] == -50
    assert desk.page.form["varied"]
    desk.say("act", action="keep")
    assert desk.session.document.models[0]["parameters"]["v_th"]["default"] == -45
    assert not desk.page.form["varied"]
    desk.say("act", action="copy")
    assert [model["name"] for model in desk.session.document.models] == ["my_lif", "my_lif_2"]


def test_what_is_typed_is_checked_drawn_and_committed(desk: Desk) -> None:
    desk.page.show()
    desk.say("act", action="new")
    first = desk.session.document.models
    desk.say("draft", texts={"equations": "dv/dt = (E_L - v)/tau + I/C : mV"}, commit=False)
    [mistake] = desk.until(desk.mistakes)
    assert (mistake["line"], mistake["span"]) == (1, [18, 21])
    assert mistake["quoted"][1].index("^") == 18
    desk.say("draft", texts={"equations": "dv/dt = (E_L - v)/tau + I/C : mV"}, commit=True)
    desk.say("act", action="place")
    assert not desk.placed
    assert desk.session.document.models == first
    desk.sent.clear()
    desk.say("draft", texts={"equations": "dv/dt = 2*(E_L - v)/tau_m + I/C : mV"}, commit=False)
    desk.until(lambda: not desk.mistakes())
    assert desk.drawn("trace")["data"]
    assert desk.session.document.models == first  # not before the field is left
    desk.say("draft", commit=True)
    assert "2*(E_L" in desk.session.document.models[0]["equations"]
    desk.say("act", action="place")
    [(name, node)] = desk.placed
    assert (name, node.parameters, node.initial, node.solver) == ("my_neuron", {}, {}, None)
    desk.session.undo()
    desk.page.show()
    assert "2*" not in desk.page.content["texts"]["equations"]


def test_the_plane_of_a_large_model_is_chosen_and_says_what_is_held(desk: Desk) -> None:
    desk.page.show("hodgkin_huxley")
    data = desk.drawn("plane")["data"]
    assert (data["x"]["name"], data["y"]["name"]) == ("v", "n")
    assert "m at steady state; h = 0.8" in data["held"]
    assert "all 4 variables" in data["held"]
    desk.say("edit", path="plane/h", value="0.8 - q", number=1)
    assert "q" in desk.until(lambda: next((m["error"] for m in desk.sent if m.get("error")), ""))
    desk.sent.clear()
    desk.say("edit", path="plane/h", value="rest", number=2)
    assert "h as at rest" in desk.drawn("plane")["data"]["held"]
    desk.say("edit", path="plane/y", value="h", number=3)
    data = desk.drawn("plane")["data"]
    assert [row["path"] for row in data["rows"]] == ["plane/x", "plane/y", "plane/m", "plane/n"]


def test_spikes_drive_the_neuron_and_it_is_placed_with_the_synapse_tried(desk: Desk) -> None:
    desk.page.show("lif_cond_exp")
    desk.drawn("trace")
    desk.say("edit", path="drive/kind", value="poisson", number=1)
    data = desk.drawn("trace")["data"]
    assert len(data["arrivals"]) > 3
    assert [line["name"] for lane in data["lanes"] for line in lane["lines"]] == [
        "v",
        "g_exc",
        "I_exc",
    ]
    desk.say("edit", path="ports/exc", value="alpha_conductance", number=2)
    desk.say("edit", path="parameters/tau_exc", value=8, number=3)
    assert desk.drawn("trace")["data"]["lanes"]
    desk.say("act", action="place")
    [(_, node)] = desk.placed
    assert (node.ports, node.parameters) == ({"exc": "alpha_conductance"}, {"tau_exc": 8})


def test_a_current_that_was_sought_does_not_undo_what_was_chosen_meanwhile(desk: Desk) -> None:
    desk.page.show("adex")
    found = replace(desk.page._trial.drive, current=123.0)
    desk.say("edit", path="drive/current", value=500, number=1)
    desk.page._answer("adex", "seek", found)
    assert desk.page._trial.drive.current == 500
    desk.say("edit", path="drive/kind", value="regular", number=2)
    desk.page._answer("adex", "seek", found)
    assert desk.page._trial.drive.kind == "regular"


def test_undoing_the_model_itself_leads_to_one_that_exists(desk: Desk) -> None:
    desk.page.show("adex")
    desk.say("act", action="new")
    desk.session.undo()
    assert desk.page.content["key"] == "lif"
    desk.session.redo()
    assert desk.page.listing["groups"][0]["items"][0]["name"] == "my_neuron"


def test_a_new_name_is_followed_and_a_taken_one_refused(desk: Desk) -> None:
    desk.page.show()
    desk.say("act", action="new")
    desk.say("draft", name="lif", commit=True)
    assert "taken" in [m["refused"] for m in desk.sent if "refused" in m][-1]
    desk.say("draft", name="leaky", title="Leaky", commit=True)
    assert desk.page.content["key"] == "leaky"
    assert desk.session.document.models[0]["title"] == "Leaky"


@pytest.mark.parametrize(
    "message",
    [
        {"type": "edit", "path": "parameters/tau_m", "value": {"a": [1]}},
        {"type": "edit", "path": None, "value": 3},
        {"type": "edit", "path": "drive/current", "value": [1, 2]},
        {"type": "edit", "path": "preset", "value": {"x": 1}},
        {"type": "draft", "texts": {"equations": 5, "nobody": "x"}, "ports": [1], "commit": True},
        {"type": "draft", "texts": "x", "name": 3, "title": None, "crossing": "yes"},
        {"type": "draft", "texts": {"equations": "(" * 30_000}, "current_unit": "furlong"},
        {"type": "draft", "ports": {"<b>": "delta", "exc": "nobody"}, "commit": True},
        {"type": "act", "action": ["x"]},
        {"type": "show", "name": 17},
        {"type": "gesture"},
    ],
)
def test_no_message_breaks_the_page(desk: Desk, message: dict[str, Any]) -> None:
    desk.page.show("lif")
    desk.say("act", action="new")
    desk.say(**{"kind": message["type"], **{k: v for k, v in message.items() if k != "type"}})
    assert "inside the workbench" not in desk.session.message.text
    desk.page.show("lif")
    assert desk.drawn("trace")["data"]


def test_another_document_forgets_drafts(desk: Desk) -> None:
    desk.page.show()
    desk.say("act", action="new")
    desk.say("draft", texts={"equations": "nonsense"}, commit=True)
    desk.session.new()
    assert not desk.page.is_open
    desk.page.show("my_neuron")
    assert desk.page.content["key"] == "lif"


# Work of which the newest counts


@pytest.fixture
def pool() -> Iterator[ComputePool]:
    made = ComputePool(1, "test", idle=0.2)
    yield made
    made.shutdown()


def test_the_newest_of_a_kind_is_delivered_and_the_older_given_up(pool: ComputePool) -> None:
    got: list[Any] = []
    begun, done = threading.Event(), threading.Event()

    def endless() -> Generator[None, None, str]:
        while True:
            begun.set()
            yield

    def quick() -> Generator[None, None, str]:
        yield
        return "new"

    def deliver(kind: str, result: Any) -> None:
        got.append((kind, result))
        done.set()

    work = Newest(pool, ("a", "b"), deliver)
    work.ask("a", endless())
    assert begun.wait(5)
    work.ask("a", quick())
    assert done.wait(5)
    assert got == [("a", "new")]
    work.close()


def test_errors_and_bugs_are_delivered_and_the_rest_goes_on(
    pool: ComputePool, caplog: pytest.LogCaptureFixture
) -> None:
    got: dict[str, Any] = {}
    done = threading.Event()

    def failing(error: Exception) -> Generator[None, None, None]:
        yield
        raise error

    def good() -> Generator[None, None, int]:
        yield
        return 7

    def deliver(kind: str, result: Any) -> None:
        got[kind] = result
        if len(got) == 3:
            done.set()

    work = Newest(pool, ("a", "b", "c"), deliver)
    work.ask("c", good(), delay=0.05)
    work.ask("a", failing(DataError("no such thing")))
    work.ask("b", failing(KeyError("bug")))
    assert done.wait(5)
    assert str(got["a"]) == "no such thing"
    assert got["b"] is None
    assert got["c"] == 7
    assert "KeyError" in caplog.text
    work.close()
    work.ask("a", good())
    assert got["a"] is not None
