"""Compiling ahead: after it, a run compiles nothing, and nothing is written beside the source."""

from __future__ import annotations

import shutil
from itertools import product
from pathlib import Path

import pytest

import engine
from engine.backends import cache, registry
from engine.backends.numba_cpu import ahead, kernels, machine_code
from engine.document.structure import FLOAT_TYPES
from engine.errors import DocumentError
from engine.models.registry import neuron_models
from engine.runtime import Simulation
from engine.runtime.warm import (
    is_shipped_warm,
    is_warm,
    note_shipped,
    shipped,
    shipped_driver,
    shipped_training,
    warm_driver,
    warm_up,
)


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty kernel cache, but for the driver, which takes seconds to compile."""
    kernels.driver(document().float_type)
    kernels.row_splitter()
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path))
    shared = ("driver", "splitter")
    kept = {name: module for name, module in cache._loaded.items() if name.startswith(shared)}
    monkeypatch.setattr(cache, "_loaded", kept)
    monkeypatch.setattr(kernels, "_kernels", {})
    monkeypatch.setattr(machine_code, "_linked", {})
    return tmp_path


def document() -> engine.Document:
    """Three rules, drawn weights and initial values, and a source."""
    net = engine.Network("varied", dt=0.1, seed=3)
    start = {"v": {"distribution": "uniform", "low": -70.0, "high": -60.0}}
    first = net.population("first", 30, "lif_psc_exp", initial=start)
    second = net.population("second", 30, "izhikevich")
    drive = net.source("drive", "poisson", 10, rate=50.0)
    weights = {"distribution": "normal", "mean": 10.0, "std": 1.0}
    net.connect(drive, first, rule=engine.rules.fixed_indegree(20), weight=weights, port="exc")
    net.connect(first, second, rule=engine.rules.probability(0.2), weight=1.0, port="exc")
    net.connect(second, first, rule=engine.rules.all_to_all(), weight=1.0, port="exc")
    return net.document


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_after_warming_up_a_run_compiles_nothing(empty_cache: Path) -> None:
    made = document()
    warm_up(made)
    before = files(empty_cache)
    assert any(name.startswith("connect_") for name in before)
    said: list[str] = []
    with Simulation(made, progress=lambda _, words: said.append(words)) as running:
        running.run(5.0)
    assert files(empty_cache) == before
    assert not [words for words in said if words.startswith("compiling")]


def test_warm_is_where_the_driver_is_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm_driver(document())
    assert is_warm(document())
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setattr(cache, "_loaded", {})
    assert not is_warm(document())


def test_progress_names_what_is_compiled_and_never_goes_back(empty_cache: Path) -> None:
    heard: list[tuple[float, str]] = []
    Simulation(document(), progress=lambda share, words: heard.append((share, words))).close()
    compiled = [words for _, words in heard if words.startswith("compiling")]
    assert compiled == [
        "compiling lif_psc_exp, once on this machine",
        "compiling izhikevich, once on this machine",
    ]
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert heard[-1] == (1.0, "built")


def test_no_compiled_file_stands_beside_the_source(empty_cache: Path) -> None:
    warm_up(document())
    package = Path(engine.__file__).parent
    assert not list(package.rglob("*.nbi"))


def test_what_cannot_be_run_is_not_warmed_up() -> None:
    with pytest.raises(DocumentError):
        warm_up(engine.Document())


def test_that_all_is_compiled_is_remembered_for_this_version(
    empty_cache: Path, monkeypatch
) -> None:
    assert not is_shipped_warm()
    note_shipped()
    assert is_shipped_warm()
    monkeypatch.setattr(cache, "_toolchain", lambda: "another version")
    assert not is_shipped_warm()


def test_learning_compiles_nothing_after_warming_up(empty_cache: Path) -> None:
    net = engine.Network("learns", seed=3)
    cells = net.population("cells", 20, "lif_psc_exp")
    drive = net.source("drive", "poisson", 10, rate=50.0)
    net.connect(drive, cells, weight=60.0, port="exc", plasticity="stdp")
    warm_up(net.document)
    before = files(empty_cache)
    assert any(name.startswith("plastic_") for name in before)
    with Simulation(net.document) as running:
        running.run(5.0)
    assert files(empty_cache) == before


def test_a_layer_compiles_nothing_after_its_model_is_warm(empty_cache: Path) -> None:
    torch = pytest.importorskip("torch")
    from engine.deep import Spiking

    titles = dict(shipped_training())
    assert set(titles) == {f"training {name}" for name in neuron_models()}
    titles["training lif_discrete"]()
    before = files(empty_cache)
    assert any(name.startswith("training_") for name in before)
    made, x = Spiking("lif_discrete"), torch.ones(4, 3, requires_grad=True)
    made(x).sum().backward()
    with torch.no_grad():
        made(x)
    assert files(empty_cache) == before


@pytest.mark.slow
def test_networks_of_shipped_models_compile_nothing_once_all_is_warm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for precision in FLOAT_TYPES:
        for _, act in (shipped_driver(precision), *shipped(precision)):
            act()
    # From here on in a copy: tests beside this one fill the cache of all.
    shared = cache.folder()
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path))
    shutil.copytree(shared, cache.folder(), dirs_exist_ok=True)
    before = files(cache.folder())
    prompt, late = 0.01, 1.0  # ms: delays of one step and of more have kernels of their own
    for precision, delay in product(FLOAT_TYPES, (prompt, late)):
        for name in neuron_models():
            net = engine.Network("one", dt=0.01, precision=precision)
            many = net.population("many", 20, name)
            port = next(iter(neuron_models()[name].ports), None)
            if port is not None:
                few = engine.rules.fixed_indegree(3)
                net.connect(many, many, rule=few, weight=0.0, delay=delay, port=port)
            with Simulation(net.document) as running:
                assert registry.is_warm(running.plan)
                running.run(1.0)
    assert files(cache.folder()) == before


def test_a_driver_that_is_there_is_not_compiled_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    kernels.driver("float64")
    monkeypatch.setattr(ahead, "_begun", {})
    monkeypatch.setattr(ahead, "spawn", None)  # calling it would fail
    assert not ahead.begin("float64")


def test_on_one_core_nothing_is_compiled_beside(empty_cache: Path, monkeypatch) -> None:
    monkeypatch.setattr(cache, "_loaded", {})
    monkeypatch.setattr(ahead, "_begun", {})
    monkeypatch.setattr(ahead, "spawn", None)
    monkeypatch.setattr(ahead, "allowed_cores", lambda: 1)
    assert not ahead.begin("float64")


@pytest.mark.slow
def test_a_cold_start_compiles_the_driver_beside_and_runs(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_loaded", {})
    monkeypatch.setattr(ahead, "_begun", {})
    monkeypatch.setattr(ahead, "allowed_cores", lambda: 2)
    said: list[str] = []
    with Simulation(document(), progress=lambda _, words: said.append(words)) as running:
        assert set(ahead._begun) == {document().float_type}
        running.run(5.0)
    assert ahead._begun[document().float_type].wait(60) == 0
    # The process compiled it; this one, which waited, loaded what it found.
    assert kernels.driver(document().float_type).stats.cache_hits
    assert "compiling the network driver, once on this machine" in said
