"""A live run: the same spikes as a batch run, edits at once, and every way it can end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import engine
from engine.document import replace
from engine.runtime import simulate
from engine.runtime.plan import Chunk
from workbench.live.run import LiveRun
from workbench.session import Session


def network() -> engine.Network:
    """A small noisy network: drive -> exc -> inh."""
    net = engine.Network("small", dt=0.1, seed=3)
    drive = net.source("drive", "poisson", 40, rate=60.0)
    exc = net.population("exc", 50, "lif_psc_exp", label="Excitatory")
    inh = net.population("inh", 20, "lif_psc_exp", label="Inhibitory")
    rule = engine.rules.probability(0.5)
    net.connect(drive, exc, rule=rule, weight=120.0, delay=1.5, port="exc")
    net.connect(exc, inh, rule=rule, weight=120.0, delay=1.5, port="exc")
    net.record(exc, "spikes")
    net.record(inh, "spikes")
    return net


@pytest.fixture
def session() -> Session:
    made = Session(network().document)
    # A first edit, so that there is a history: a session without one has just been opened.
    made.do("set_node", id="exc", field="label", value="Excitatory cells")
    return made


@pytest.fixture
def run(session: Session) -> Iterator[LiveRun]:
    made = LiveRun(session, speed=0.0)
    yield made
    made.close()


def until(run: LiveRun, condition: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while True:
        run.publish()
        if condition():
            return
        assert time.monotonic() < end, f"{run.state}: {run.message}"
        time.sleep(0.003)


def listen(run: LiveRun) -> list[Chunk]:
    """All chunks of the run that ``run`` has paused at its beginning."""
    chunks: list[Chunk] = []
    recording = run.recording
    assert recording is not None
    recording.listeners.append(chunks.append)
    return chunks


def built(run: LiveRun) -> None:
    """Build and stand still at time 0."""
    run.run()
    run.pause()
    until(run, lambda: run.state == "paused")


def test_live_spikes_are_those_of_a_batch_run(session: Session, run: LiveRun) -> None:
    built(run)
    chunks = listen(run)
    run.run()
    until(run, lambda: run.time_ms > 120)
    run.pause()
    time.sleep(0.02)
    run.run()
    until(run, lambda: run.time_ms > 300)
    run.pause()
    batch = simulate(session.document, 300.0)
    for place, node in enumerate(("exc", "inh")):
        step = np.concatenate([chunk.spikes[place][0] for chunk in chunks])
        sender = np.concatenate([chunk.spikes[place][1] for chunk in chunks])
        inside = step < 3000
        found = sorted(zip(step[inside].tolist(), sender[inside].tolist(), strict=True))
        spikes = batch[node].spikes
        steps = np.rint(np.asarray(spikes.times) / 0.1).astype(int) - 1
        assert found == sorted(zip(steps.tolist(), spikes.senders.tolist(), strict=True))
        assert len(found) > 50


def test_states_in_order_and_reset_forgets(session: Session, run: LiveRun) -> None:
    seen = [run.state]
    run.param.watch(lambda event: seen.append(event.new), "state")
    run.run()
    until(run, lambda: run.time_ms > 20)
    run.pause()
    run.publish()
    assert seen == ["ready", "building", "running", "paused"]
    epoch = run.epoch
    run.reset()
    assert (run.state, run.time_ms, run.recording) == ("ready", 0.0, None)
    assert run.epoch > epoch


def test_a_step_is_one_millisecond_and_then_it_stands(run: LiveRun) -> None:
    run.step()
    until(run, lambda: run.state == "paused" and run.time_ms > 0)
    assert run.time_ms == pytest.approx(1.0)
    run.step()
    until(run, lambda: run.time_ms > 1.5)
    time.sleep(0.02)
    run.publish()
    assert run.time_ms == pytest.approx(2.0)
    assert run.state == "paused"


def test_pause_stands_still_within_a_fifth_of_a_second(run: LiveRun) -> None:
    run.run()
    until(run, lambda: run.time_ms > 20)
    begin = time.monotonic()
    run.pause()
    assert run.state == "paused"
    recording = run.recording
    assert recording is not None
    steps = -1
    while steps != recording.steps:
        steps = recording.steps
        time.sleep(0.03)
    assert time.monotonic() - begin < 0.2


def test_a_parameter_changed_during_a_run_acts_at_once(session: Session, run: LiveRun) -> None:
    run.run()
    until(run, lambda: run.time_ms > 400)
    recording = run.recording
    assert recording is not None
    run.pause()
    until(run, lambda: run.state == "paused")
    before = recording.rates()["exc"]
    session.do("set_parameter", node="drive", name="rate", value=600.0)
    run.run()
    until(run, lambda: recording.rates()["exc"] > 1.5 * before)
    assert run.reasons == []


def test_a_weight_changed_during_a_run_acts_at_once(session: Session, run: LiveRun) -> None:
    run.run()
    until(run, lambda: run.time_ms > 400)
    edge = next(edge.id for edge in session.document.edges if edge.target == "inh")
    assert session.do("set_edge", id=edge, field="weight", value=0.0), session.message
    recording = run.recording
    assert recording is not None
    until(run, lambda: recording.rates()["inh"] < 0.05)


def test_a_learning_rule_changed_during_a_run_acts_at_once(session: Session, run: LiveRun) -> None:
    edge = next(edge.id for edge in session.document.edges if edge.target == "inh")
    still = engine.plasticity("stdp", A_plus=0, A_minus=0)
    assert session.do("set_edge", id=edge, field="plasticity", value=still), session.message
    run.run()
    until(run, lambda: run.time_ms > 400)
    weakens = engine.plasticity("stdp", A_plus=0, A_minus=0.5)
    assert session.do("set_edge", id=edge, field="plasticity", value=weakens), session.message
    recording = run.recording
    assert recording is not None
    until(run, lambda: recording.rates()["inh"] < 0.05)
    assert run.reasons == []


def test_learning_switched_off_during_a_run_holds_the_weights(
    session: Session, run: LiveRun
) -> None:
    edge = next(edge.id for edge in session.document.edges if edge.target == "inh")
    weakens = engine.plasticity("stdp", A_plus=0, A_minus=0.5)
    assert session.do("set_edge", id=edge, field="plasticity", value=weakens), session.message
    run.run()
    assert session.do("set_edge", id=edge, field="plasticity", value=None), session.message
    until(run, lambda: run.time_ms > 1500)
    recording = run.recording
    assert recording is not None
    assert recording.rates()["inh"] > 1
    assert run.reasons == []
    assert session.undo()
    until(run, lambda: recording.rates()["inh"] < 0.05)
    assert run.reasons == []


def test_why_a_network_cannot_be_built_is_said_with_the_names_on_the_page() -> None:
    document = network().document
    wrong = [replace(node, parameters={"tua_m": 10}) for node in document.nodes[1:2]]
    broken = LiveRun(Session(replace(document, nodes=(*wrong, *document.nodes[2:]), edges=())))
    broken.run()
    until(broken, lambda: broken.state == "failed")
    broken.close()
    assert broken.failure.startswith("Excitatory: ")
    assert "tua_m" in broken.failure


def test_a_changed_size_asks_for_a_rebuild_and_run_rebuilds(session: Session, run: LiveRun) -> None:
    run.run()
    until(run, lambda: run.time_ms > 20)
    session.do("set_node", id="inh", field="size", value=30)
    assert run.state == "running"
    assert run.reasons
    assert "Rebuild" in run.message
    session.undo()
    assert run.reasons == []
    assert run.message == ""
    session.redo()
    epoch = run.epoch
    run.run()
    until(run, lambda: run.state == "running" and run.time_ms > 0 and run.epoch > epoch)
    assert run.reasons == []
    recording = run.recording
    assert recording is not None
    assert [member.size for member in recording.populations] == [50, 30]


def test_another_document_ends_the_run(session: Session, run: LiveRun) -> None:
    run.run()
    until(run, lambda: run.time_ms > 20)
    session.open_document(engine.Network("empty").document)
    assert run.state == "empty"
    assert run.recording is None


def test_an_impossible_document_fails_with_its_sentence(session: Session, run: LiveRun) -> None:
    session.do("set_parameter", node="exc", name="tau_m", value="20 mV")
    session.open_document(
        engine.document.replace(
            session.document,
            simulation=engine.document.replace(session.document.simulation, dt=0.0),
        )
    )
    run.run()
    until(run, lambda: run.state == "failed")
    assert "dt" in run.message
    assert "Traceback" not in run.message


def test_the_watchdog_stops_the_run_and_what_was_shown_stays() -> None:
    net = engine.Network("blow up", dt=1.0, seed=1)
    source = net.source("step", "constant_current", amplitude=1e9)
    hh = net.population("hh", 3, "hodgkin_huxley")
    net.connect(source, hh, rule=engine.rules.all_to_all(), port="current")
    run = LiveRun(Session(net.document), speed=0.0)
    run.run()
    until(run, lambda: run.state == "stopped")
    assert "hh" in run.message
    assert run.recording is not None
    run.close()


def test_stop_ends_but_keeps_what_is_shown(run: LiveRun) -> None:
    run.run()
    until(run, lambda: run.time_ms > 20)
    run.stop()
    assert run.state == "stopped"
    assert run.recording is not None
    old = run.recording
    run.run()
    until(run, lambda: run.state == "running" and run.recording is not old)


def test_a_paced_run_keeps_to_its_speed_and_speed_can_change(run: LiveRun) -> None:
    run.speed = 1.0
    run.run()
    until(run, lambda: run.time_ms > 0)
    begin, first = time.monotonic(), run.time_ms
    time.sleep(1.0)
    run.publish()
    passed = (time.monotonic() - begin) * 1000
    assert (run.time_ms - first) / passed == pytest.approx(1.0, abs=0.25)
    run.speed = 0.0
    until(run, lambda: run.time_ms > 5000)


def test_closing_leaves_no_job_behind(session: Session) -> None:
    run = LiveRun(session, speed=0.0)
    run.run()
    until(run, lambda: run.time_ms > 20)
    ticket = run._ticket
    run.close()
    assert ticket is not None
    assert ticket.wait(2.0)
