"""What cannot be learnt is refused in one sentence, at every entrance, before any harm is done."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine.document import loads, to_json
from engine.errors import DataError, DocumentError, RunStopped, WorkbenchError
from workbench.cli import main
from workbench.session import Session
from workbench.store.files import load_example

EXAMPLE = "mstdpet"  # two groups of inputs, a reward, cells
EDGE = "red-synapses"


def spoilt(change: Callable[[dict[str, Any], dict[str, Any]], object]) -> dict[str, Any]:
    """The example with ``change(document, edge)`` done to it, as JSON."""
    document = deepcopy(to_json(load_example(EXAMPLE)))
    change(document, next(edge for edge in document["edges"] if edge["id"] == EDGE))
    return document


def from_a_current(document: dict[str, Any], edge: dict[str, Any]) -> None:
    source = {"id": "step", "kind": "source", "model": "step_current", "size": 1}
    document["nodes"].append(source)
    edge.update(source="step", port="current")


def to_a_gap_junction(_: dict[str, Any], edge: dict[str, Any]) -> None:
    edge.update(source="cells", port="gap", delay=1)


def parameters(**values: float) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    return lambda _, edge: edge["plasticity"]["parameters"].update(values)


REFUSED: dict[str, tuple[Callable[[dict[str, Any], dict[str, Any]], object], str]] = {
    "no spikes": (from_a_current, '"step" gives a current, and synapses learn from spikes; leave'),
    "no weight": (to_a_gap_junction, "a gap junction passes no spikes, and synapses learn from"),
    "bounds reversed": (
        parameters(w_min=1, w_max=0), "w_min must lie below w_max; now w_max = 0, w_min = 1",
    ),
    "weight outside": (parameters(w_min=0.5), "weight 0.3 mV is outside of 0.5 to 1; change the"),
    "a rate of learning too high": (
        parameters(gamma=1e4), "`gamma` is 10000, outside of its bounds; choose a value from 0 to",
    ),
    "nobody rewards": (
        lambda _, edge: edge["plasticity"].update(reward="nobody"),
        'there is no node "nobody"; add it, or choose another',
    ),
    "a weight in words": (lambda _, edge: edge.update(weight="much"), '`weight`: "much" is not a'),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_rule_that_cannot_work_is_refused_at_every_entrance(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, sentence = REFUSED[case]
    document = spoilt(change)
    with pytest.raises(DocumentError, match=sentence):
        engine.simulate(loads(json.dumps(document)), 10.0)
    path = tmp_path / "spoilt.json"
    path.write_text(json.dumps(document))
    for command in (["check", str(path)], ["run", str(path), "--duration", "10"]):
        assert main(command) == 1
        said = capsys.readouterr().err.strip()
        assert len([line for line in said.splitlines() if EDGE in line]) == 1
        assert "Traceback" not in said
    session = Session()
    session.open_document(load_example(EXAMPLE))
    before = session.document
    edge = next(edge for edge in document["edges"] if edge["id"] == EDGE)
    if case in ("no spikes", "no weight"):
        return  # the inspector cannot move a wire
    for field in ("plasticity", "weight"):
        session.do("set_edge", id=EDGE, field=field, value=edge[field])
    assert session.document == before
    assert session.message.severity == "error"
    assert "\n" not in session.message.text


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), [0.3, float("nan")]])
def test_weights_that_are_no_numbers_are_refused_and_those_there_are_stay(
    wrong: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with engine.Simulation(load_example(EXAMPLE)) as running:
        running.run(50.0)
        before = running.weights(EDGE)
        with pytest.raises(DocumentError):
            running.set_weight(EDGE, wrong)
        np.testing.assert_array_equal(running.weights(EDGE), before)
        running.run(50.0)
    session = Session()
    session.open_document(load_example(EXAMPLE))
    assert not session.do("set_edge", id=EDGE, field="weight", value=wrong)
    path = tmp_path / "nan.json"
    path.write_text(json.dumps(spoilt(lambda _, edge: edge.update(weight=wrong))))
    assert main(["check", str(path)]) == 1
    said = capsys.readouterr().err
    assert f"edges/{EDGE}/weight" in said  # where it stands in the file
    assert "is not a number that JSON allows; write a finite number" in said


@pytest.mark.parametrize("wrong", ["yes", 2, float("nan")])
def test_a_switch_that_is_neither_on_nor_off_is_one_sentence(wrong: Any) -> None:
    with engine.Simulation(load_example(EXAMPLE)) as running:
        with pytest.raises(DocumentError, match="`on` of a learning rule is true or false"):
            running.set_plasticity(EDGE, on=wrong)
        running.run(300.0)
        before = running.weights(EDGE)
        running.set_plasticity(EDGE, on=np.bool_(False))  # type: ignore[arg-type]
        running.run(300.0)
        np.testing.assert_array_equal(running.weights(EDGE), before)
        running.set_plasticity(EDGE, on=True)
        running.run(300.0)
        assert (running.weights(EDGE) != before).any()


def hints(change: Callable[[dict[str, Any], dict[str, Any]], object]) -> list[str]:
    document = loads(json.dumps(spoilt(change)))
    return [str(problem) for problem in engine.check(document) if EDGE in problem.path]


def test_a_reward_that_never_comes_is_a_hint_and_nothing_is_learnt() -> None:
    assert hints(lambda *_: None) == []

    def nobody(_: dict[str, Any], edge: dict[str, Any]) -> None:
        del edge["plasticity"]["reward"]

    def a_source(model: str, **values: Any) -> Callable[[dict[str, Any], dict[str, Any]], None]:
        def change(document: dict[str, Any], _: dict[str, Any]) -> None:
            node = next(node for node in document["nodes"] if node["id"] == "reward")
            node.update(model=model, parameters=values)

        return change

    def silent(document: dict[str, Any], edge: dict[str, Any]) -> None:
        document["nodes"].append({"id": "critic", "model": "lif", "size": 1, "kind": "population"})
        edge["plasticity"]["reward"] = "critic"

    (said,) = hints(nobody)
    assert said.endswith(
        "mstdpet learns from rewards, and no node gives any; name one, or give rewards while it "
        "runs"
    )
    for change in (a_source("poisson", rate=0), a_source("spike_times")):
        (said,) = hints(change)
        assert said.endswith(
            '"Reward" is to give the reward, and nothing makes it spike; give it spikes or a rate, '
            "or choose another"
        )
    (said,) = hints(silent)
    assert said.endswith("nothing makes it spike; connect something to it, or choose another")
    for change in (nobody, silent):
        run = engine.simulate(loads(json.dumps(spoilt(change))), 2_000.0)
        assert set(run.weights(EDGE)) == {0.3}


def test_a_teacher_that_never_teaches_is_a_hint() -> None:
    document = to_json(load_example("supervised_hebb"))
    next(node for node in document["nodes"] if node["id"] == "teacher").update(
        model="poisson", parameters={"rate": 0}
    )
    (said,) = [str(problem) for problem in engine.check(loads(json.dumps(document)))]
    assert '"Teacher" is to give the teacher, and nothing makes it spike' in said


def exploding(document: dict[str, Any], edge: dict[str, Any]) -> None:
    edge["plasticity"]["parameters"].update(gamma=1000, w_max=1e10)
    edge["weight"] = 0.3


def test_a_learning_rate_that_makes_weights_explode_stops_the_run_and_keeps_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = spoilt(exploding)
    sentence = f'connection "{EDGE}": .*; lower its learning rate, or'
    with pytest.raises(RunStopped, match=sentence) as stopped:
        engine.simulate(loads(json.dumps(document)), 3_000.0)
    assert np.abs(stopped.value.run.weights(EDGE)).max() < 1.0
    path, out = tmp_path / "explodes.json", tmp_path / "kept.npz"
    path.write_text(json.dumps(document))
    assert main(["run", str(path), "--duration", "3000", "--out", str(out)]) == 1
    assert "lower its learning rate" in capsys.readouterr().err
    assert out.is_file()


@pytest.mark.parametrize(
    ("model", "where"), [("rate_code", "mnist/nothing.gz"), ("spike_file", "nothing/here.txt")]
)
def test_a_data_set_that_is_missing_is_named_with_where_it_was_looked_for(
    model: str, where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def change(document: dict[str, Any], _: dict[str, Any]) -> None:
        node = next(node for node in document["nodes"] if node["id"] == "red")
        node.update(model=model, parameters={"path": where})

    sentence = f'"{where}" was not found beside the document nor in the folder that WORKBENCH_DATA'
    document = loads(json.dumps(spoilt(change)))
    with pytest.raises(WorkbenchError, match=sentence):
        engine.simulate(document, 10.0)
    path = tmp_path / "missing.json"
    path.write_text(json.dumps(spoilt(change)))
    for command in (["check", str(path)], ["run", str(path)]):
        assert main(command) == 1
        assert sentence in capsys.readouterr().err
    session = Session()
    session.open_document(document)
    assert any(sentence in problem.message for problem in session.problems)


def test_a_learning_script_says_which_data_set_it_misses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    from workbench.store.files import examples_folder

    monkeypatch.setenv("WORKBENCH_DATA", str(tmp_path))
    monkeypatch.syspath_prepend(str(examples_folder() / "learning"))
    evolving = __import__("evolving_digits")
    try:
        with pytest.raises(DataError, match="mnist"):
            evolving.run(True)
    finally:
        sys.modules.pop("evolving_digits", None)
        sys.modules.pop("showing", None)
