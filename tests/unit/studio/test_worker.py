"""The process that learns a task: what it is told, what it says, and that nothing else gets in."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.child import spawn
from workbench.curves import Curve, Panel
from workbench.studio import task as tasks
from workbench.studio import worker
from workbench.studio.task import Panels, Stage, Task, Values
from workbench.studio.worker import FIRST_TO_GO, MOST_DATA, MOST_READ, Told, learn

XOR = "spikeprop_xor"


def answers(*lines: bytes) -> list[dict[str, Any]]:
    """What a worker says that is told ``lines``, in this process."""
    out = io.BytesIO()
    learn(Told(io.BytesIO(b"".join(lines)), out, lambda: None))
    return [json.loads(line) for line in out.getvalue().splitlines()]


def order(values: Any, task: Any = XOR) -> bytes:
    return json.dumps({"task": task, "values": values}).encode() + b"\n"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"", "not the name of a task"),
        (b"\x00\xff\n", "not the name of a task"),
        (b"[1, 2]\n", "not the name of a task"),
        (b"[" * 50_000 + b"\n", "not the name of a task"),
        (b'{"task": "spikeprop_xor"' + b" " * MOST_READ + b"}\n", "not the name of a task"),
        (order({}, task=["spikeprop_xor"]), "not the name of a task"),
        (order({}, task="os"), "`os` is not a task"),
        (order({}, task="spikeprop_xo"), "did you mean `spikeprop_xor`?"),
        (order([0.01]), "give them as JSON"),
        (order({"rat": 0.01}), "did you mean `rate`?"),
        (order({"rate": "0.01"}), "`rate` is a number"),
        (order({"rate": True}), "`rate` is a number"),
        (order({"rate": None}), "`rate` is a number"),
        (order({"rate": [0.01]}), "`rate` is a number"),
        (order({"rate": float("nan")}), "`rate` = nan is out of range"),
        (order({"rate": float("inf")}), "`rate` = inf is out of range"),
        (order({"rate": -1}), "give a number from 0.0001 to 1"),
        (order({"epochs": 10**4000}), "give a whole number from 1 to 20\u2009000"),
        (order({"hidden": 2.5}), "is no whole number; give a whole number from 2 to 20"),
        (order({"signs": 2}), "give a whole number from 0 to 1"),
    ],
)
def test_what_is_no_order_is_refused_in_one_sentence(line: bytes, words: str) -> None:
    [said] = answers(line)
    assert said["kind"] == "refused"
    assert words in said["text"]
    assert "\n" not in said["text"]
    assert len(said["text"]) < 200


def test_a_data_set_that_is_not_there_is_named_with_where_to_put_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    needs = Task("needs", "Needs data", "", "", lambda values, stage: "learnt", data="nowhere")
    monkeypatch.setitem(tasks.all_tasks(), "needs", needs)
    [said] = answers(order({}, task="needs"))
    assert said["kind"] == "refused"
    assert "“nowhere”" in said["text"]
    assert "WORKBENCH_DATA" in said["text"]


def test_a_bug_in_a_task_is_told_with_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(values: Values, stage: Stage) -> str:
        raise ZeroDivisionError("a bug")

    monkeypatch.setitem(tasks.all_tasks(), "buggy", Task("buggy", "Buggy", "", "", run))
    [said] = answers(order({}, task="buggy"))
    assert said["kind"] == "failed"
    assert "ZeroDivisionError: a bug" in said["trace"]


def test_a_lack_of_memory_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(values: Values, stage: Stage) -> str:
        return str(np.zeros(2**50))

    monkeypatch.setitem(tasks.all_tasks(), "greedy", Task("greedy", "Greedy", "", "", run))
    [said] = answers(order({}, task="greedy"))
    assert said["kind"] == "refused"
    assert "not enough memory" in said["text"]


def test_a_drawing_that_is_too_large_is_left_out_and_learning_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def draw(points: int) -> Panels:
        x = np.arange(points)
        return [Panel([Curve(x, x % 7, kind="dots")], "x", "y")]

    def run(values: Values, stage: Stage) -> str:
        stage.show(lambda: draw(1000), last=True)
        stage.show(lambda: draw(3), last=True)
        return "learnt"

    monkeypatch.setattr(worker, "MOST_DRAWN", 10_000)
    monkeypatch.setitem(tasks.all_tasks(), "large", Task("large", "Large", "", "", run))
    drawing, done = answers(order({}, task="large"))
    assert drawing["svg"].count("<circle") == 3
    assert done == {"kind": "done", "text": "learnt"}


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with spawn("workbench.studio.worker", **pipes) as made:
        yield made
        made.kill()


def said(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def tell(process: subprocess.Popen[bytes], line: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(line)
    process.stdin.flush()


def test_one_drawing_is_on_its_way_at_a_time_and_the_last_one_always_comes(
    process: subprocess.Popen[bytes],
) -> None:
    tell(process, order({"signs": 1, "epochs": 300, "pace": 1e5}))
    kinds, shares = [], []
    while (message := said(process))["kind"] != "done":
        kinds.append(message["kind"])
        shares += [message["share"]] if message["kind"] == "progress" else []
    assert "XOR is learnt after" in message["text"]
    assert kinds.count("drawing") == 2  # the first, which nobody has seen, and the last
    assert kinds[-1] == "drawing"
    assert shares == sorted(shares)
    assert process.wait(20) == 0


def test_what_is_stopped_says_what_it_has(process: subprocess.Popen[bytes]) -> None:
    tell(process, order({"epochs": 20_000, "rate": 1e-4}))
    while said(process)["kind"] != "drawing":
        pass
    tell(process, b'{"seen": true}\n')
    while (message := said(process))["kind"] != "drawing":
        pass
    assert message["svg"].startswith("<svg")
    tell(process, b'{"stop": true}\n')
    while (message := said(process))["kind"] != "done":
        pass
    assert message["text"].startswith("Stopped after ")
    assert process.wait(20) == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no interrupts to one process")
def test_an_interrupt_meant_for_the_server_is_not_its_own(
    process: subprocess.Popen[bytes],
) -> None:
    tell(process, order({"epochs": 20_000, "rate": 1e-4}))
    assert said(process)["kind"] == "drawing"
    if Path("/proc").is_dir():  # nor is all the memory of the machine
        limits = Path(f"/proc/{process.pid}/limits").read_text()
        assert re.search(rf"Max data size +{MOST_DATA} ", limits)
        assert Path(f"/proc/{process.pid}/oom_score_adj").read_text().strip() == FIRST_TO_GO
    process.send_signal(signal.SIGINT)
    tell(process, b'{"stop": true}\n')
    while (message := said(process))["kind"] == "progress":
        pass
    assert message["kind"] in ("drawing", "done")
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(20) == 0


def test_it_ends_when_nobody_tells_it_anything_any_more(process: subprocess.Popen[bytes]) -> None:
    tell(process, order({"epochs": 20_000, "rate": 1e-4}))
    assert said(process)["kind"] == "drawing"
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(20) == 0
