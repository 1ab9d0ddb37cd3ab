"""The public list: complete, lazy, and callable whatever was imported first."""

import subprocess
import sys

import pytest

import engine

HEAVY = ("numba", "torch", "sympy", "scipy", "panel", "bokeh", "numpy")


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_the_engine_brings_in_nothing_heavy():
    code = f"import engine, sys; print([name for name in {HEAVY} if name in sys.modules])"
    assert run(code) == "[]"


def test_describing_a_network_needs_no_compiler():
    code = (
        "import engine, sys\n"
        "net = engine.Network('n')\n"
        "net.population('a', 10, 'lif')\n"
        "net.connect('a', 'a', engine.rules.probability(0.1), port='exc')\n"
        "net.check()\n"
        "print([m for m in ('numba', 'torch', 'sympy', 'scipy', 'panel') if m in sys.modules])"
    )
    assert run(code) == "[]"


@pytest.mark.parametrize("first", ["engine.models.registry", "engine.response", "engine.network"])
def test_functions_that_share_a_modules_name_can_be_called_whatever_came_first(first):
    code = f"import {first}, engine; print(callable(engine.models), callable(engine.response))"
    assert run(code) == "True True"


def test_models_are_described_in_plain_data():
    description = engine.models()
    assert description["lif"]["parameters"]["C"]["unit"] == "pF"


def test_every_public_name_exists():
    missing = [name for name in engine.__all__ if getattr(engine, name, None) is None]
    assert missing == []
    assert set(engine.__all__) <= set(dir(engine))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'netwrok'"):
        engine.netwrok  # noqa: B018
