"""The command line does what it says, and says what is wrong in one message without a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import engine
from engine import Network, load_run, rules
from workbench.cli import main


@pytest.fixture
def document(tmp_path: Path) -> Path:
    network = Network("pair", dt=0.1, seed=3)
    network.population("exc", 50, "lif", initial={"v": engine.uniform(-65.0, -50.0)}, E_L=-49.0)
    network.population("inh", 20, "lif")
    network.connect("exc", "inh", rules.probability(0.2), 100.0, 1.0, port="exc")
    network.record("exc", "spikes")
    path = tmp_path / "pair.json"
    network.save(path)
    return path


def fails(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one message of a command that fails."""
    assert main([str(entry) for entry in arguments]) != 0
    said = capsys.readouterr()
    assert said.err.startswith("workbench: ")
    assert "Traceback" not in said.err
    return said.err


def test_run_prints_one_json_object(document, capsys):
    assert main(["run", str(document), "--duration", "200", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    contract = {"build_s", "run_s", "bio_s", "neurons", "synapses", "device", "rates_hz", "cv_isi"}
    assert contract <= said.keys()
    assert said["bio_s"] == 0.2
    assert said["neurons"] == 70
    assert said["device"] == "cpu"
    assert said["rates_hz"].keys() == {"exc", "inh"}
    assert said["rates_hz"]["exc"] > 5


def test_run_gives_the_spikes_of_the_python_call(document, capsys, tmp_path):
    out = tmp_path / "run.npz"
    given = ["--duration", "0.2 s", "--seed", "3", "--threads", "2", "--out", str(out)]
    assert main(["run", str(document), *given]) == 0
    assert "exc" in capsys.readouterr().out
    expected = Network.load(document).simulate(200.0)["exc"].spikes
    assert load_run(out)["exc"].spikes.times.tolist() == expected.times.tolist()
    assert load_run(out)["exc"].spikes.senders.tolist() == expected.senders.tolist()


def test_run_with_another_seed_is_another_run(document, capsys):
    summaries = []
    for seed in ("3", "4"):
        main(["run", str(document), "--duration", "100", "--seed", seed, "--json"])
        summaries.append(json.loads(capsys.readouterr().out)["synapses"])
    assert summaries[0] != summaries[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--duration", "-5"], "duration"),
        (["--duration", "5 mV"], "--duration"),
        (["--device", "cuda"], "cuda"),
        (["--threads", "0"], "threads"),
        (["--seed", "-1"], "seed"),
        (["--out", "x.nwb"], "NWB files are not available in this version; use .npz"),
        (["--out", "x.csv"], "results are saved as .npz"),
        (["--out", "absent/x.npz"], "there is no such folder"),
    ],
)
def test_run_refuses_what_it_cannot_do(document, capsys, arguments, said):
    assert said in fails(capsys, "run", document, *arguments)


def test_documents_that_cannot_be_run_are_refused(tmp_path, capsys):
    (tmp_path / "text.json").write_text("no JSON")
    newer = {"format": "spiking-workbench", "version": 7, "nodes": []}
    (tmp_path / "newer.json").write_text(json.dumps(newer))
    assert "JSON" in fails(capsys, "run", tmp_path / "text.json")
    assert "newer" in fails(capsys, "run", tmp_path / "newer.json")
    assert "absent.json" in fails(capsys, "run", tmp_path / "absent.json")


def test_check_lists_all_problems_at_once(document, capsys, tmp_path):
    assert main(["check", str(document)]) == 0
    assert "no errors" in capsys.readouterr().out
    data = json.loads(document.read_text())
    data["simulation"]["dt"] = 0
    data["nodes"][0]["parameters"]["tua_m"] = 4
    data["nodes"][1]["size"] = -2
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(data))
    said = fails(capsys, "check", broken)
    for part in ("simulation/dt", "did you mean `tau_m`", "nodes/inh/size"):
        assert part in said


def test_new_writes_a_document_that_checks_and_never_replaces_one(capsys, tmp_path):
    target = tmp_path / "mine.json"
    assert main(["new", "one_neuron", "-o", str(target)]) == 0
    capsys.readouterr()
    assert main(["check", str(target)]) == 0
    capsys.readouterr()
    before = target.read_bytes()
    assert "exists already" in fails(capsys, "new", "one_neuron", "-o", target)
    assert target.read_bytes() == before
    assert main(["new", "one_neuron", "-o", str(target), "--force"]) == 0
    capsys.readouterr()
    assert "did you mean `one_neuron`" in fails(capsys, "new", "one_neurone")
    assert main(["new"]) == 0
    assert "vogels_abbott" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["fly"], ["run"], ["run", "x.json", "--port", "3"], []])
def test_a_wrong_command_line_is_one_line(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "--help" in said


def test_debug_shows_where(document, capsys):
    assert main(["run", str(document), "--device", "cuda", "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_bench_measures_what_is_named(capsys):
    assert main(["bench", "startup", "--quick", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert figures[0]["name"] == "startup: import engine"
    assert 0 < figures[0]["median"] < 5
    assert "did you mean `cuba`" in fails(capsys, "bench", "cubaa")


def test_bench_of_the_page_says_what_is_missing(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    assert "install it with `pip install playwright`" in fails(capsys, "bench", "live", "--quick")


def test_bench_without_a_peer_says_how_to_name_one(capsys, monkeypatch):
    for peer in ("BRIAN2", "NEST", "TORCH", "SPYX"):
        monkeypatch.delenv(f"WORKBENCH_BENCH_{peer}", raising=False)
    assert main(["bench", "cuba", "--quick", "--peers"]) == 0
    said = capsys.readouterr().out
    assert "cuba: run" in said
    assert "set WORKBENCH_BENCH_BRIAN2" in said
    assert "set WORKBENCH_BENCH_BRIAN2" in fails(capsys, "bench", "beside")


def test_an_interrupted_run_keeps_what_it_has(document, tmp_path):
    out = tmp_path / "run.npz"
    command = [sys.executable, "-m", "workbench", "run", str(document), "--duration", "1e8"]
    command += ["--json", "--out", str(out)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(4.0)
    running.send_signal(signal.SIGINT)
    printed, said = running.communicate(timeout=20)
    assert running.returncode == 130
    assert said.startswith("workbench: interrupted after")
    assert said.count("\n") == 1
    assert json.loads(printed)["complete"] is False
    assert load_run(out).bio_s > 0


def test_a_reader_that_goes_away_is_no_error(document):
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "workbench", "new"]  # lists the templates
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert done.returncode == 141
    assert done.stderr == ""


def test_check_refuses_what_would_not_fit_naming_place_and_figures(tmp_path, capsys):
    network = Network("huge")
    network.population("exc", 10**9, "lif")
    network.save(tmp_path / "huge.json")
    for command in ("check", "run"):
        said = fails(capsys, command, tmp_path / "huge.json")
        assert "1,000,000,000 neurons" in said
        assert "most of it nodes/exc with" in said
        assert "make populations smaller" in said


def test_a_result_that_cannot_be_saved_is_still_told(document, tmp_path):
    """As on a full disk: the file that was there stays, and so does what was computed."""
    out = tmp_path / "kept.npz"
    out.write_bytes(b"older")
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048)); "
    code = f"{limited}from workbench.cli import main; raise SystemExit(main())"
    given = ["run", str(document), "--duration", "500", "--out", str(out), "--json"]
    ended = subprocess.run([sys.executable, "-c", code, *given], capture_output=True, text=True)
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["bio_s"] == 0.5
    assert ended.stderr.startswith("workbench: cannot save")
    assert "Traceback" not in ended.stderr
    assert out.read_bytes() == b"older"
    assert list(tmp_path.glob("*.tmp")) == []
