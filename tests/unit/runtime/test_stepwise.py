"""Which populations take one step at a time, known before there is a synapse."""

from __future__ import annotations

from pathlib import Path

import pytest

import engine
from engine.runtime import Simulation
from engine.runtime.build import build
from engine.runtime.warm import warm_up


def two(delay, **more) -> engine.Network:
    """One population that is wired to another over ``delay``."""
    net = engine.Network("two", dt=0.1, seed=3)
    first = net.population("first", 20, "lif_psc_exp")
    second = net.population("second", 20, "lif_psc_exp")
    net.connect(first, second, weight=10.0, delay=delay, port="exc", **more)
    return net


@pytest.mark.parametrize(
    ("delay", "more", "expected"),
    [
        (0.1, {}, True),
        ("100 us", {}, True),
        (0.04, {}, True),  # the shortest delay there is, a step
        (0.2, {}, False),
        (engine.uniform(0.1, 0.3), {}, False),  # drawn later
        (1.5, {"plasticity": "stdp"}, True),  # the next step may need the weight of this one
        (1.5, {"plasticity": {"model": "stdp", "delay": "dendritic"}}, False),
    ],
    ids=str,
)
def test_a_target_of_prompt_synapses_takes_single_steps(delay, more, expected: bool) -> None:
    first, second = build(two(delay, **more).document).plan.populations
    assert (first.stepwise, second.stepwise) == (False, expected)


def test_a_current_is_not_prompt() -> None:
    net = engine.Network("driven", dt=0.1)
    cells = net.population("cells", 20, "lif_psc_exp")
    net.connect(net.source("drive", "constant_current", amplitude=100.0), cells)
    assert not build(net.document).plan.populations[0].stepwise


def test_after_warming_up_a_prompt_network_compiles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.backends import cache
    from engine.backends.numba_cpu import kernels

    net = two(0.1)
    kernels.driver(net.document.float_type)
    kernels.row_splitter()
    kept = {name: each for name, each in cache._loaded.items() if name.startswith("driver")}
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setattr(cache, "_loaded", kept)
    monkeypatch.setattr(kernels, "_kernels", {})
    warm_up(net.document)
    said: list[str] = []
    with Simulation(net.document, progress=lambda _, words: said.append(words)) as running:
        running.run(5.0)
    assert not [words for words in said if words.startswith("compiling")]
