"""The page of tasks without a browser: what messages do, what is kept, and what cannot break it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine.document import Document
from workbench.session import Session
from workbench.studio import runs
from workbench.studio import task as tasks
from workbench.studio.page import Studio
from workbench.studio.runs import Run
from workbench.studio.task import Task

XOR = "spikeprop_xor"


class Desk:
    """A page of tasks whose messages to the browser are kept."""

    def __init__(self) -> None:
        self.session = Session(Document())
        self.page = Studio(self.session)
        self.sent: list[dict[str, Any]] = []
        self.page.send = lambda **message: self.sent.append(message)  # type: ignore[method-assign]

    def say(self, kind: str, **message: Any) -> None:
        """A message as the browser sends it."""
        self.page._handle_msg({"type": kind, "form": self.page.content.get("key"), **message})

    def edit(self, name: str, value: Any) -> str | None:
        """Type into a field; the sentence under it, or None."""
        self.say("edit", path=f"values/{name}", value=value, number=len(self.sent))
        return self.sent[-1]["error"]

    def value(self, name: str) -> Any:
        rows = self.page.form["sections"][0]["rows"]
        return next(row["value"] for row in rows if row["path"] == f"values/{name}")

    def until(self, holds: Callable[[], Any]) -> Any:
        end = time.monotonic() + 30
        while not (found := holds()):
            assert time.monotonic() < end, self.page.course
            time.sleep(0.01)
        return found

    def ended(self) -> dict[str, Any]:
        """How it stands once nothing is being learnt."""
        self.until(lambda: not self.page.course["learning"])
        return self.page.course

    def drawn(self) -> Any:
        return next((each for each in self.sent if "drawing" in each), None)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(runs, "STOP_S", 30.0)  # a busy machine has its time for a last word
    made = Desk()
    made.page.show(XOR)
    yield made
    made.page.close()


def test_xor_is_learnt_with_the_numbers_that_were_typed(desk: Desk) -> None:
    usual = desk.value("pace")
    assert desk.edit("signs", "1") is None
    assert desk.edit("epochs", "300") is None
    assert desk.edit("pace", "100 kHz") is None
    assert (desk.value("epochs"), desk.value("pace")) == (300, 1e5)
    desk.say("act", action="learn")
    assert desk.until(desk.drawn)["drawing"].startswith("<svg")
    desk.say("seen")
    ended = desk.ended()
    assert (ended["state"], ended["share"]) == ("done", 1.0)
    assert ended["result"].startswith("XOR is learnt after")
    assert not desk.session.message.text  # it was seen on the page
    desk.page.hide()
    desk.sent.clear()
    desk.page.show()
    assert desk.drawn()  # what was drawn is kept, and so are the numbers
    assert desk.value("pace") == 1e5
    desk.say("act", action="reset")
    assert desk.value("pace") == usual


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("rate", "fast", "fast"),
        ("rate", "1 ms", "ms"),
        ("rate", "5", "give a number from 0.0001 to 1"),
        ("hidden", "2.5", "no whole number"),
        ("signs", "7", "give a whole number from 0 to 1"),
        ("epochs", {"distribution": "normal"}, "is a number"),
        ("__class__", 1, "cannot be set here"),
    ],
)
def test_a_wrong_number_is_one_sentence_and_changes_nothing(
    desk: Desk, name: str, value: Any, words: str
) -> None:
    before = desk.page.form
    sentence = desk.edit(name, value)
    assert sentence is not None
    assert words in sentence
    assert "\n" not in sentence
    assert desk.page.form == before


def test_numbers_set_while_it_learns_are_for_the_next_run(desk: Desk) -> None:
    desk.edit("epochs", 20_000)
    desk.edit("rate", 1e-4)
    desk.say("act", action="learn")
    desk.until(desk.drawn)
    assert not desk.page.course["note"]
    desk.edit("rate", 0.01)
    assert "next run" in desk.page.course["note"]
    desk.say("act", action="learn")  # pressed twice: there is one run all the same
    desk.page.hide()
    desk.page._stop()
    ended = desk.ended()
    assert ended["state"] == "stopped"
    assert ended["result"].startswith("Stopped after ")
    assert "XOR by spike times: Stopped after " in desk.session.message.text  # nobody looked on


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot halt a process")
def test_what_is_stopped_is_ended_at_once_when_a_person_says_so(desk: Desk) -> None:
    desk.edit("rate", 1e-4)
    desk.say("act", action="learn")
    desk.until(desk.drawn)
    desk.say("act", action="end")  # which means nothing before it is stopped
    assert desk.page.course["state"] in ("starting", "learning")
    run = desk.page._course.run
    assert run is not None
    assert run.process_id is not None
    os.kill(run.process_id, signal.SIGSTOP)  # busy with something
    desk.say("act", action="stop")
    assert desk.page.course["state"] == "stopping"
    desk.say("act", action="end")
    ended = desk.ended()
    assert ended["state"] == "stopped"
    assert ended["result"].startswith("Stopped before it could say")


def test_a_run_that_makes_room_for_others_says_why_it_was_stopped(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = desk.page._line = runs.Line(1)
    desk.edit("rate", 1e-4)
    desk.say("act", action="learn")
    desk.until(desk.drawn)
    monkeypatch.setattr(runs, "LATE_S", 0.0)
    line.join(Run(XOR, {}, lambda run, event: None))
    ended = desk.ended()
    line.close()
    assert ended["state"] == "stopped"
    assert ended["result"].startswith("Stopped after ")
    assert ". Others wait for a core, so it was stopped" in ended["result"]


def test_another_task_waits_until_the_first_is_stopped(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Task("other", "Something else", "", "", lambda values, stage: "learnt")
    monkeypatch.setitem(tasks.all_tasks(), "other", other)
    desk.edit("rate", 1e-4)
    desk.say("act", action="learn")
    desk.say("show", name="other")
    assert desk.page.course["other"] == XOR
    assert "“XOR by spike times” is being learnt" in desk.page.course["note"]
    desk.say("act", action="learn")
    assert desk.page.course["state"] == "fresh"
    desk.say("show", name=XOR)
    desk.say("act", action="stop")
    assert desk.ended()["state"] == "stopped"


def test_what_is_learnt_ends_with_the_session(desk: Desk) -> None:
    desk.say("act", action="learn")
    desk.until(desk.drawn)
    run = desk.page._course.run
    assert run is not None
    assert run._process is not None
    desk.page.close()
    desk.until(lambda: run._process.returncode is not None)


def test_in_line_it_says_how_many_are_before_and_can_be_left(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = runs.Line(0)
    desk.page._line = line
    for _ in range(2):
        line.join(Run(XOR, {}, lambda run, event: None))
    desk.say("act", action="learn")
    assert desk.page.course["state"] == "waiting"
    assert desk.page.course["words"] == "Waits for a free core, 2 before you"
    desk.say("act", action="stop")
    assert (desk.page.course["state"], desk.page.course["result"]) == ("stopped", "Left the line")


@pytest.mark.parametrize("error", [OSError("no room for a process"), ValueError("odd")])
def test_a_process_that_cannot_be_started_is_told_as_such_and_one_can_try_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def spawn(*_: Any, **__: Any) -> None:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(runs, "spawn", spawn)
        desk.say("act", action="learn")
        ended = desk.ended()
        assert (ended["state"], ended["elapsed"]) == ("failed", 0.0)
        assert "ended unexpectedly" in ended["result"]
    desk.say("act", action="learn")
    assert desk.until(desk.drawn)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "show", "name": {"a": 1}},
        {"type": "show", "name": "../../etc"},
        {"type": "edit", "path": None, "value": 1},
        {"type": "edit", "path": "values/rate", "value": [[1]], "number": "x"},
        {"type": "act", "action": ["learn"]},
        {"type": "seen", "number": -1},
        {"type": ["close"]},
    ],
)
def test_odd_messages_change_nothing(desk: Desk, message: dict[str, Any]) -> None:
    content, form, course = desk.page.content, desk.page.form, desk.page.course
    desk.page._handle_msg({"form": XOR, **message})
    assert (desk.page.content, desk.page.form, desk.page.course) == (content, form, course)
