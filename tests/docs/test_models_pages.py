"""The pages of the models are what the declarations say, and their code runs."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from new_model import one_more
from test_documentation import FENCE

import engine
from engine.models import neurons, registry
from engine.testing import check_neuron

DOCS = Path(__file__).parents[2] / "docs"
LEAKY = '''"""Leaky integrator of one\'s own."""

from engine.models.declaration import NeuronModel, Parameter

MODEL = NeuronModel(
    name="a_new_leaky",
    title="A new leaky neuron",
    group="integrate-and-fire",
    source="this test",
    equations="dv/dt = (E_L - v)/tau + I/C : mV",
    threshold="v >= v_th",
    reset="v = E_L",
    parameters={
        "E_L": Parameter(-65, "mV", (-200, 200), "leak reversal potential"),
        "v_th": Parameter(-50, "mV", (-200, 200), "threshold"),
        "tau": Parameter(20, "ms", (0.1, 1e4), "time constant"),
        "C": Parameter(200, "pF", (0.1, 1e6), "capacitance"),
    },
    initial={"v": "E_L"},
    ports={"exc": "exp_current", "inh": "exp_current"},
)
'''


@pytest.fixture(scope="module")
def make() -> Iterator[ModuleType]:
    sys.path.insert(0, str(DOCS))
    yield importlib.import_module("make_models")
    sys.path.remove(str(DOCS))


def test_every_page_is_what_the_declarations_say(make: ModuleType) -> None:
    """If it is not: python docs/make_models.py."""
    pages = make.pages()
    assert set(pages) == set((DOCS / "models").glob("*.md"))
    for path, text in pages.items():
        assert path.read_text("utf-8") == text, path.name


def test_every_model_synapse_and_source_has_a_page_or_stands_on_one(make: ModuleType) -> None:
    written = "\n".join(make.pages().values())
    sources = [source.name for source in make.own_sources()]
    for name in (*registry.neuron_models(), *registry.synapse_models(), *sources):
        assert f"`{name}`" in written, name


def test_pictures_are_there_and_small(make: ModuleType) -> None:
    pictures = {path.name for path in (DOCS / "images/models").iterdir()}
    bare = {"README", "source_spike_file"}  # which needs a file
    assert pictures == {f"{path.stem}.svg" for path in make.pages() if path.stem not in bare}
    for path in (DOCS / "images/models").iterdir():
        assert path.stat().st_size < 30_000, path.name


def test_a_picture_is_drawn_from_a_run(make: ModuleType) -> None:
    """Not compared number by number: the last digits are those of a machine."""
    drawn = make.picture_of_neuron(registry.get("fitzhugh_nagumo"))
    assert drawn.count("<polyline") == 3  # v, w, current
    stored = (DOCS / "images/models/fitzhugh_nagumo.svg").read_text("utf-8")
    assert drawn.count("<text") == stored.count("<text")


@pytest.mark.slow
def test_the_code_of_every_page_runs(make: ModuleType, tmp_path: Path) -> None:
    fences = [
        body for text in make.pages().values() for kind, body in FENCE.findall(text)
        if kind == "python"
    ]  # fmt: skip
    assert len(fences) == len(make.own_pages()) + len(make.own_sources())
    program = tmp_path / "pages.py"
    program.write_text("\n".join(fences))
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program)], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def one_more_file(tmp_path: Path) -> Iterator[str]:
    """A neuron that is a file in the folder of neurons and nothing else."""
    with one_more(neurons, registry.neuron_models, "a_new_leaky", LEAKY, tmp_path) as name:
        yield name


def test_a_new_neuron_is_one_file(one_more_file: str, make: ModuleType) -> None:
    from workbench.editor.palette import groups

    assert len(LEAKY.splitlines()) <= 60
    assert engine.models()[one_more_file]["parameters"]["tau"]["default"] == 20
    shown = [item for group in groups(engine.Document()) for item in group["items"]]
    assert one_more_file in {item["name"] for item in shown}
    page = make.pages()[DOCS / "models" / f"{one_more_file}.md"]
    assert "time constant" in page
    assert "<polyline" in make.picture_of_neuron(registry.get(one_more_file))
    assert not check_neuron(one_more_file).broken
    net = engine.Network()
    net.population("cells", 3, one_more_file)
    net.connect(net.source("drive", "constant_current", amplitude=300.0), "cells")
    net.record("cells", "spikes")
    assert net.simulate(100.0)["cells"].spikes.times.size > 0
