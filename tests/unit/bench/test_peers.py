"""Other simulators beside ours: how they are found, asked and compared."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import BackendError
from workbench.bench import agreement, beside
from workbench.bench.beside import SCRIPTS, SIMULATORS, WORKS, Simulator, compared, in_turn, ours
from workbench.bench.networks import CASES
from workbench.bench.peers import definitions, serving
from workbench.store.files import load_example

# A simulator of one neuron that fires once a millisecond, or refuses to; it speaks as peers do.
STAND_IN = """
import sys
sys.path.insert(0, {scripts!r})
import numpy as np
from serving import Run, serve, settings
chosen = settings(["cuba", "izhikevich", "building"])
def run(seed):
    times = np.arange(1.0, chosen.duration + 1)
    return Run(float(seed), 2.0, len(times), 1, times, np.zeros(len(times), int), 44.0)
serve(chosen, run)
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch) -> Simulator:
    script = tmp_path / "stand_in.py"
    script.write_text(STAND_IN.format(scripts=str(SCRIPTS)))
    monkeypatch.setenv("BENCH_STAND_IN", sys.executable)
    return Simulator("Stand-in", "BENCH_STAND_IN", str(script), "a stand-in")


@pytest.fixture
def unnamed(monkeypatch) -> None:
    for simulator in SIMULATORS:
        monkeypatch.delenv(simulator.variable, raising=False)


def test_a_peer_answers_with_times_rate_bytes_and_its_spikes(stand_in, tmp_path):
    peer = stand_in.start("cuba", duration=50.0, record=True)
    try:
        file = tmp_path / "spikes.npz"
        answer = peer.ask(json.dumps({"seed": 3, "spikes": str(file)}))
    finally:
        peer.close()
    assert answer == {"run_s": 3.0, "build_s": 2.0, "rate_hz": 1000.0, "bytes_per_synapse": 44.0}
    with np.load(file) as spikes:
        assert spikes["times"].tolist() == list(range(1, 51))


def test_runs_go_in_turn_with_the_same_seeds_and_the_first_round_is_dropped(stand_in):
    order = []

    def arm(seed: int) -> dict[str, float]:
        order.append(seed)
        return {"run_s": 10.0 * seed}

    peer = stand_in.start("cuba", duration=5.0)
    try:
        seconds, answers = in_turn({"ours": arm}, peer, "run_s", 3)
    finally:
        peer.close()
    assert order == [1, 2, 3, 4]
    assert seconds == {"peer": [2.0, 3.0, 4.0], "ours": [20.0, 30.0, 40.0]}
    assert len(answers) == 4


def test_a_work_beside_a_peer_gives_a_ratio_for_either_precision(stand_in):
    work = next(work for work in WORKS if work.name == "izhikevich")
    found = compared(replace(work, quick=20.0), stand_in, True, 2)
    names = [figure.name for figure in found]
    assert names == [
        "izhikevich: Stand-in's time over ours (float32)",
        "izhikevich: Stand-in's time over ours (float64)",
    ]
    for figure in found:
        assert len(figure.values) == 2
        pairs = zip(figure.values, figure.extra["theirs_s"], figure.extra["ours_s"], strict=True)
        assert all(ratio == theirs / mine for ratio, theirs, mine in pairs)
        assert "theirs fires at 1000.0 Hz" in figure.note


def test_building_is_timed_by_what_either_says_of_building(stand_in):
    work = next(work for work in WORKS if work.name == "building")
    small = replace(work, ours=lambda: load_example("one_neuron"))
    figure = compared(small, stand_in, True, 1)[0]
    assert figure.extra["theirs_s"] == [2.0]
    assert figure.extra["bytes_per_synapse"] == 44.0
    assert "44.0 bytes a synapse" in figure.note


def test_our_answer_has_the_rate_of_all_neurons_without_sources():
    answer = ours(load_example("poisson_lif"), 300.0, "float64", 1)
    run_s, built_s, rate = (answer[name] for name in ("run_s", "build_s", "rate_hz"))
    assert run_s > 0
    assert built_s > 0
    assert 0 < rate < 200


def test_a_peer_that_fails_is_a_sentence_and_the_others_are_measured(stand_in, monkeypatch):
    monkeypatch.setattr(beside, "SIMULATORS", (stand_in,))
    works = [work for work in WORKS if work.name in ("brunel", "izhikevich")]
    monkeypatch.setattr(beside, "WORKS", [replace(work, quick=10.0) for work in works])
    found = beside.beside((), True, 1)
    figures = [next(found), next(found)]
    with pytest.raises(BackendError, match="brunel beside Stand-in: Stand-in could not run") as no:
        next(found)
    assert "to see why" in str(no.value)
    assert str(no.value).count("\n") == 0
    assert [figure.name.partition(":")[0] for figure in figures] == ["izhikevich"] * 2


@pytest.mark.usefixtures("unnamed")
@pytest.mark.parametrize("measure", [beside.beside, agreement.agreement])
def test_without_a_peer_the_sentence_says_how_to_name_one(measure):
    with pytest.raises(BackendError, match="set WORKBENCH_BENCH_BRIAN2 or WORKBENCH_BENCH_NEST"):
        list(measure((), True, 1))


@pytest.mark.usefixtures("unnamed")
def test_a_peer_that_is_no_file_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("WORKBENCH_BENCH_NEST", str(tmp_path / "python"))
    with pytest.raises(BackendError, match=r"WORKBENCH_BENCH_NEST names .* which is not a file"):
        list(beside.beside((), True, 1))


def test_agreement_samples_a_peer_within_the_window(stand_in):
    case = next(case for case in CASES if case.name == "izhikevich")
    sample = agreement.sampled_from(replace(case, window=(10.0, 60.0)), stand_in, (1, 2))
    assert sample.rate == pytest.approx(1.0)  # 1,000 a second of one neuron among 1,000
    assert sample.CV == pytest.approx(0.0)


def sample(rate: float, cv: float) -> agreement.Sample:
    drawn = np.random.default_rng(1)
    return agreement.Sample(drawn.normal(rate, 0.5, 12), drawn.normal(cv, 0.01, 12))


def test_agreement_tells_the_same_from_the_different():
    mine, same, other = sample(20.0, 1.0), sample(20.1, 1.0), sample(23.0, 1.0)
    case = CASES[0]
    rate, cv = agreement.tested(case, "NEST", "float64", mine, same)
    assert rate.name == "cuba: rate as NEST's (float64)"
    assert rate.note.startswith("agree: ours 2")
    assert cv.note.startswith("agree")
    rate, cv = agreement.tested(case, "NEST", "float64", mine, other)
    assert rate.values[0] < agreement.LEVEL
    assert rate.note.startswith("differ")
    assert cv.note.startswith("agree")


def test_the_peers_numbers_are_those_of_the_gallery():
    common, known = definitions.VOGELS_ABBOTT, definitions.CUBA
    nodes, edges = parts("vogels_abbott")
    for node in nodes:
        parameters = node.parameters
        assert parameters["E_L"] == known["E_L"]
        shared = {"C": "C", "g_L": "g_L", "v_th": "v_th", "v_reset": "v_reset", "t_ref": "t_ref"}
        assert {name: parameters[name] for name in shared} == {n: common[n] for n in shared}
        start = node.initial["v"]
        assert (start["low"], start["high"]) == (known["v_low"], known["v_high"])
    assert {edge.weight for edge in edges} == {known["w_e"], known["w_i"]}
    assert {edge.delay for edge in edges} == {common["delay"]}
    assert {edge.rule["p"] for edge in edges} == {common["p"]}


@pytest.mark.parametrize("example", ["vogels_abbott_coba", "vogels_abbott_hh"])
def test_the_peers_start_from_the_gallerys_conductances(example):
    common, known = definitions.VOGELS_ABBOTT, definitions.CONDUCTANCES
    nodes, edges = parts(example)
    for node in nodes:
        starts = [node.initial[state] for state in ("v", "g_exc", "g_inh")]
        assert [(start["mean"], start["std"]) for start in starts] == [
            known["v"],
            known["g_e"],
            known["g_i"],
        ]
        assert node.parameters["E_L"] == known["E_L"]
        assert node.parameters["tau_exc"] == common["tau_e"]
        assert node.parameters["tau_inh"] == common["tau_i"]
    assert {edge.weight for edge in edges} == {known["w_e"], known["w_i"]}


def test_the_peers_numbers_of_brunel_are_the_gallerys():
    known = definitions.BRUNEL
    nodes, edges = parts("brunel")
    for node in nodes:
        if node.kind == "population":
            names = ("tau_m", "v_th", "v_reset", "t_ref")
            assert [node.parameters[name] for name in names] == [known[name] for name in names]
        else:
            assert node.parameters["rate"] == known["inputs"] * known["input_rate"]
    degrees = {edge.rule.get("n") for edge in edges} - {None}
    assert degrees == {known["from_excitatory"], known["from_inhibitory"]}
    assert {edge.weight for edge in edges} == {known["J"], -known["g"] * known["J"]}


def test_the_peers_have_the_gallerys_thousand_cells():
    cells = definitions.izhikevich_cells()
    exc, inh = (load_example("izhikevich_1000").nodes_by_id[name] for name in ("exc", "inh"))
    assert exc.parameters["c"] == cells["c"][:800].tolist()
    assert exc.parameters["d"] == cells["d"][:800].tolist()
    assert inh.parameters["a"] == cells["a"][800:].tolist()
    assert inh.parameters["b"] == cells["b"][800:].tolist()


def parts(example: str):
    made = load_example(example)
    return made.nodes, made.edges


def test_resident_memory_is_told_or_left_out():
    held = serving.resident_bytes()
    assert held is None or held > 1_000_000
    run = serving.Run(1.0, 2.0, 10, 5)
    assert serving.answer(run, 1000.0) == {"run_s": 1.0, "build_s": 2.0, "rate_hz": 2.0}


@pytest.mark.slow
@pytest.mark.parametrize("simulator", SIMULATORS, ids=lambda simulator: simulator.name)
@pytest.mark.parametrize("case", ["cuba", "coba", "cobahh", "izhikevich", "stdp"])
def test_an_installed_peer_runs_every_network_and_repeats_a_seed(simulator, case):
    if not os.environ.get(simulator.variable):
        pytest.skip(f"{simulator.variable} is not set")
    assert Path(SCRIPTS / simulator.script).is_file()
    peer = simulator.start(case, duration=100.0)
    try:
        first, other, again = (peer.ask(json.dumps({"seed": seed})) for seed in (1, 2, 1))
    finally:
        peer.close()
    assert first["rate_hz"] == again["rate_hz"]
    assert case == "stdp" or first["rate_hz"] != other["rate_hz"]
    assert first["run_s"] > 0
