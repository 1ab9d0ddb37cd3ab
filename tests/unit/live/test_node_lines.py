"""The live line of sources: what they give, as they are now, also where nobody records it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import engine
from engine.backends.reference_sources import ReferenceSources
from engine.runtime.plan import SourcePlan
from workbench.live import node_lines
from workbench.live.frames import Body
from workbench.live.run import LiveRun
from workbench.session import Session

WINDOW = 100.0  # ms


def network() -> engine.Network:
    net = engine.Network("sources", dt=0.1, seed=3)
    cells = net.population("cells", 4000, "lif_psc_delta")
    drive = net.source("drive", "poisson", 4000, rate=20_000.0)
    noise = net.source("noise", "noise_current", 4000, mean=10.0, std=50.0, interval=1.0)
    level = net.source("level", "constant_current", amplitude=30.0)
    net.connect(drive, cells, rule=engine.rules.one_to_one(), port="exc", weight=0.1, delay=1.5)
    net.connect(noise, cells, rule=engine.rules.one_to_one(), port="current", weight=1.0)
    net.connect(level, cells, rule=engine.rules.all_to_all(), port="current", weight=1.0)
    return net


@pytest.fixture
def session() -> Session:
    return Session(network().document)


@pytest.fixture
def run(session: Session) -> Iterator[LiveRun]:
    made = LiveRun(session, speed=0.0)
    made.step()
    wait(made, lambda: made.recording is not None and made.recording.steps >= 10)
    yield made
    made.close()


def wait(run: LiveRun, holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end, f"{run.state}: {run.message}"
        time.sleep(0.002)
        run.publish()


def advance(run: LiveRun, steps: int) -> None:
    """Go on in steps of the run until so many are done."""
    while run.recording.steps < steps:
        done = run.recording.steps
        wait(run, lambda: run.state == "paused")
        run.step()
        wait(run, lambda done=done: run.recording.steps > done)


def lines(run: LiveRun) -> tuple[dict[str, np.ndarray], dict[str, float | None]]:
    """The lines of all nodes and their rates."""
    body = Body()
    head = node_lines.take(run.recording, WINDOW, None, body)
    kind, offset, length = body.arrays["nodes.line"]
    ids = [member.id for member in run.recording.members]
    values = np.frombuffer(body.bytes(), kind, length, offset).reshape(len(ids), -1)
    return dict(zip(ids, values, strict=True)), dict(zip(ids, head["rates"], strict=True))


def test_noise_is_drawn_as_the_first_member_gets_it(run: LiveRun) -> None:
    advance(run, 200)
    noise = lines(run)[0]["noise"]
    assert noise.std() > 10.0
    assert noise.tolist() == lines(run)[0]["noise"].tolist()


def test_spikes_that_nobody_records_have_their_expected_rate(run: LiveRun) -> None:
    line, rates = lines(run)
    assert next(m for m in run.recording.members if m.id == "drive").emitter is None
    assert rates["drive"] == pytest.approx(20_000.0)
    assert np.isfinite(line["drive"]).all()


def test_a_current_changed_during_the_run_has_its_new_value(session: Session, run: LiveRun) -> None:
    assert set(lines(run)[0]["level"].tolist()) == {30.0}
    session.do("set_parameter", node="level", name="amplitude", value=80)
    advance(run, run.recording.steps + 50)
    assert lines(run)[0]["level"][-1] == 80.0


@pytest.mark.parametrize("decay", [0.0, 0.9, 0.995])
def test_the_line_of_noise_is_what_the_first_member_gets(decay: float) -> None:
    plan = SourcePlan("noise", 3, "current", 7, noise_std=1.0, noise_every=2, noise_decay=decay)
    truth = ReferenceSources([plan], seed=5)
    values = []
    for step in range(6000):
        truth.relax(step)
        values.append(truth.currents(0, step)[0])
    for steps in (np.arange(0, 400, 7), np.arange(5000, 6000, 13)):
        line = node_lines.noise_of_first(5, plan, steps // 2)
        np.testing.assert_allclose(line, np.array(values)[steps], atol=0.04)


def test_a_current_that_changes_with_time_is_drawn_as_it_was() -> None:
    net = engine.Network("sine", dt=0.1)
    sine = net.source("sine", "sine_current", amplitude=10.0, frequency=20.0)
    net.connect(sine, net.population("cells", 3, "lif"), port="current", weight=1.0)
    made = LiveRun(Session(net.document), speed=0.0)
    made.step()
    wait(made, lambda: made.recording is not None and made.recording.steps >= 10)
    advance(made, 1000)
    line = lines(made)[0]["sine"]
    made.close()
    assert line.max() == pytest.approx(10.0, rel=0.02)
    assert line.min() == pytest.approx(-10.0, rel=0.02)
