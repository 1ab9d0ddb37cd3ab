"""Kernels kept as machine code: made once, checked, loaded without numba."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.backends import cache
from engine.backends.numba_cpu import machine_code, pointers
from engine.errors import BackendError

ROOT = Path(__file__).parents[2]
SOURCE = f'''\
"""A generated module."""
from math import sin
from numba import njit
from numpy import float64

from engine.backends.numba_cpu.pointers import get, put


@njit("void(int64, float64, int64)", {machine_code.FLAGS})
def kernel(count, factor, address):
    for i in range(count):
        put(address, i, sin(factor * get(address, i, float64(0))))
'''
ARGUMENTS = ("int64", "float64", "int64")
SUPPORT = (Path(pointers.__file__),)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path))
    forget(monkeypatch)
    return tmp_path / "kernels"


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a new process would begin."""
    monkeypatch.setattr(cache, "_loaded", {})
    monkeypatch.setattr(machine_code, "_linked", {})


def run(source: str = SOURCE) -> np.ndarray:
    values = np.arange(5.0)
    kernel = machine_code.load("k", source, SUPPORT, ARGUMENTS)
    kernel(len(values), 2.0, values.ctypes.data)
    return values


def compiled(home: Path) -> list[Path]:
    return sorted(home.glob("__pycache__/*.code"))


def test_a_kernel_is_compiled_once_and_then_linked(home, monkeypatch) -> None:
    np.testing.assert_allclose(run(), np.sin(2.0 * np.arange(5.0)), rtol=1e-15)
    (file,) = compiled(home)
    before = file.stat().st_mtime_ns
    forget(monkeypatch)
    monkeypatch.setattr(cache, "_in_memory", None)  # what compiles
    np.testing.assert_allclose(run(), np.sin(2.0 * np.arange(5.0)), rtol=1e-15)
    assert file.stat().st_mtime_ns == before


@pytest.mark.parametrize("content", [b"", b"half", None])
@pytest.mark.parametrize("suffix", [".code", ".json", ".py"])
def test_a_damaged_file_is_made_again(home, monkeypatch, suffix: str, content) -> None:
    run()
    (path,) = (file for file in home.rglob("k_*") if file.suffix == suffix)
    whole = path.read_bytes()
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    forget(monkeypatch)
    assert run()[1] == np.sin(2.0)
    assert suffix == ".code" or path.read_bytes() == whole or suffix == ".json"
    assert cache._intact(next(home.glob("k_*.py")))


def test_where_nothing_can_be_written_it_is_compiled_into_memory(home, monkeypatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "write", full)
    assert run()[1] == np.sin(2.0)
    assert not compiled(home)


def test_what_the_loops_were_compiled_to_is_known(home) -> None:
    sine = machine_code.loops("k", SOURCE, SUPPORT)
    assert sine.calls > 0
    assert not sine.vectorised
    plain = SOURCE.replace("sin(factor", "(factor")
    assert machine_code.loops("k", plain, SUPPORT).vectorised
    chained = plain.replace("get(address, i, ", "get(address, i - 1, ")  # one after the other
    found = machine_code.loops("k", chained, SUPPORT)
    assert found.single > 0
    assert not found.vectorised


def test_a_kernel_that_needs_more_than_itself_is_refused(home) -> None:
    source = SOURCE.replace("put(address, i,", "print(")
    with pytest.raises(BackendError, match=r"a kernel calls .*; print it without"):
        run(source)
    assert not compiled(home)


def test_a_layer_that_was_compiled_before_trains_without_numba(home) -> None:
    pytest.importorskip("torch")
    program = """if True:
        import sys, torch
        from engine.deep import Spiking
        x = torch.full((5, 3), 1.5, requires_grad=True)
        Spiking("lif_discrete")(x).sum().backward()
        print("numba" in sys.modules, float(x.grad.abs().sum()) > 0)
        """
    said = [
        subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env=dict(os.environ),
            capture_output=True, text=True, check=True,
        ).stdout.split()
        for _ in range(2)
    ]  # fmt: skip
    assert said == [["True", "True"], ["False", "True"]]
