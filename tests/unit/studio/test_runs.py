"""Runs of tasks: one a core, the others in line; however one ends, the next has its turn."""

from __future__ import annotations

import logging
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.studio import runs
from workbench.studio.runs import ENDS, Event, Line, Run

LONG = {"epochs": 20_000, "rate": 1e-4}
PATIENCE = 30.0  # s
needs_proc = pytest.mark.skipif(
    not Path("/proc").is_dir(), reason="processes are looked at in /proc, on Linux only"
)


class Heard(Run):
    """A run whose events are kept."""

    def __init__(self) -> None:
        self.events: queue.Queue[Event] = queue.Queue()
        super().__init__("spikeprop_xor", LONG, lambda _, event: self.events.put(event))

    def next(self, *kinds: str) -> Event:
        """The next event of one of these kinds, or the end."""
        while (event := self.events.get(timeout=PATIENCE)).kind not in (*kinds, *ENDS):
            pass
        return event


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line(1)
    yield made
    made.close()


def begun(line: Line) -> Heard:
    """A run that has drawn something."""
    run = Heard()
    line.join(run)
    assert run.next("drawing").kind == "drawing"
    return run


def test_with_one_core_the_second_waits_and_the_third_behind_it(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "STOP_S", PATIENCE)  # a busy machine has its time
    first, second, third = begun(line), Heard(), Heard()
    line.join(second)
    line.join(third)
    assert (line.before(first), line.before(second), line.before(third)) == (None, 0, 1)
    assert second.next("waiting").kind == "waiting"
    line.stop(second)
    assert second.next().kind == "stopped"
    assert line.before(third) == 0
    line.drop(first)
    assert third.next("drawing").kind == "drawing"
    line.stop(third)
    end = third.next()
    assert (end.kind, end.text[:14]) == ("done", "Stopped after ")
    assert second.process_id is None  # nobody started it


def test_a_process_that_is_killed_is_told_of_and_the_next_begins(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = begun(line), Heard()
    line.join(second)
    assert first.process_id is not None
    with caplog.at_level(logging.ERROR, "workbench"):
        os.kill(first.process_id, signal.SIGKILL)
        assert first.next().kind == "failed"
    assert "ended with -9" in caplog.text
    assert second.next("drawing").kind == "drawing"


@pytest.mark.slow
def test_one_that_does_not_listen_is_ended_all_the_same(line: Line) -> None:
    run = begun(line)
    assert run.process_id is not None
    os.kill(run.process_id, signal.SIGSTOP)
    began = time.monotonic()
    line.stop(run)
    assert run.next().kind == "stopped"
    assert time.monotonic() - began >= runs.STOP_S  # all the time that it has for a last word


def test_one_that_has_been_stopped_can_be_ended_at_once(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "STOP_S", 10 * PATIENCE)
    run = begun(line)
    assert run.process_id is not None
    os.kill(run.process_id, signal.SIGSTOP)  # it does not listen
    line.stop(run)
    run.end()
    assert run.next() == Event("stopped")


def test_who_has_learnt_long_makes_room_for_who_waits(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "STOP_S", PATIENCE)  # a busy machine has its time
    first, second = begun(line), Heard()
    line.join(second)
    assert second.next("waiting").kind == "waiting"
    monkeypatch.setattr(runs, "LATE_S", 0.0)
    third = Heard()
    line.join(third)
    assert first.next("stopping").text.startswith("Others wait for a core")
    assert first.next().kind == "done"
    monkeypatch.undo()
    assert second.next("begun").kind == "begun"


def test_an_order_that_the_worker_refuses_is_its_sentence(line: Line) -> None:
    run = Heard()
    run.values = {"epochs": 0.5}
    line.join(run)
    end = run.next()
    assert (end.kind, "epochs" in end.text) == ("refused", True)


@needs_proc
@pytest.mark.slow
def test_it_has_one_core(line: Line) -> None:
    given = Path(f"/proc/{begun(line).process_id}/environ").read_bytes().split(b"\0")
    assert {b"WORKBENCH_CORES=1", b"OMP_NUM_THREADS=1"} <= set(given)


@needs_proc
def test_it_ends_with_a_server_that_is_killed() -> None:
    program = (
        "from workbench.studio.runs import Line, Run\n"
        "from threading import Event\n"
        "run = Run('spikeprop_xor', {'epochs': 20000, 'rate': 1e-4},"
        " lambda run, event: print(event.kind, run.process_id, flush=True))\n"
        "Line(1).join(run)\n"
        "Event().wait()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        words: list[bytes] = []
        while words[:1] != [b"drawing"]:
            words = server.stdout.readline().split()
        worker = int(words[1])
        assert is_running(worker)
        server.kill()
    end = time.monotonic() + PATIENCE
    while is_running(worker):
        assert time.monotonic() < end
        time.sleep(0.02)


def is_running(process: int) -> bool:
    """Whether it is there and not only its exit status."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
