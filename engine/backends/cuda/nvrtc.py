"""NVIDIA's run-time compiler without a GPU: whatever source this backend makes, does it compile?

The library (`libnvrtc`, in the package nvidia-cuda-nvrtc-cu12) needs no driver and no device, so
tests compile for all architectures on any machine, with the options that a GPU's code is compiled
with.  (CuPy's own compilation would flush small numbers to 0, which a CPU does not.)
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from ctypes.util import find_library
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engine.backends.cuda import entries
from engine.backends.cuda.source import OPTIONS
from engine.errors import BackendError

_FOLDERS = ("nvidia.cuda_nvrtc", "nvidia.cu13", "nvidia.cu12")  # of packages that hold the library


@dataclass(frozen=True)
class Compiler:
    """Something that compiles CUDA C to machine code of a GPU."""

    title: str
    architectures: tuple[int, ...]  # such as 70 for sm_70
    compile: Callable[[str, int], bytes]  # source, architecture -> machine code


@cache
def compiler() -> Compiler | None:
    """The CUDA compiler of this machine: the run-time library, or nvcc, or none."""
    for path in _libraries():
        try:
            return _of_library(ctypes.CDLL(path))
        except (OSError, AttributeError):
            continue
    return _of_nvcc()


def architecture_for(capability: int) -> int:
    """What to compile for, for a GPU of this capability (90 for 9.0).

    Machine code runs on later GPUs of the same generation, not on those of the next.  Raises
    `BackendError` where there is no compiler or none that knows the generation.
    """
    found = compiler()
    if found is None:
        raise BackendError(
            "the CUDA compiler was not found; install Spiking Workbench with its extra `gpu`"
        )
    fitting = [a for a in found.architectures if a <= capability and a // 10 == capability // 10]
    if not fitting:
        raise BackendError(
            f"{found.title} does not compile for this GPU (sm_{capability}); "
            "install a matching nvidia-cuda-nvrtc, or choose the device cpu"
        )
    return max(fitting)


def machine_code(source: str, architecture: int) -> Path:
    """The file with the code of ``source``, from the cache or made now."""
    found = compiler()
    assert found is not None

    def make(path: Path) -> None:
        path.write_bytes(found.compile(source, architecture))

    return entries.entry("cuda", _key(found, source, architecture), ".cubin", make)


def holds(source: str, architecture: int) -> bool:
    """Whether `machine_code` would compile nothing."""
    found = compiler()
    return found is not None and entries.holds("cuda", _key(found, source, architecture), ".cubin")


def _key(found: Compiler, source: str, architecture: int) -> tuple[str, ...]:
    return (source, found.title, str(architecture), *OPTIONS)


def _libraries() -> Iterator[str]:
    for name in _FOLDERS:
        try:
            spec = find_spec(name)
        except ModuleNotFoundError:
            continue
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            for pattern in ("lib/libnvrtc.so.*", "bin/nvrtc64_*_0.dll"):
                yield from (str(path) for path in sorted(Path(folder).glob(pattern)))
    installed = find_library("nvrtc")
    if installed:
        yield installed


def _of_library(library: Any) -> Compiler:
    major, minor, count = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
    _check(library, library.nvrtcVersion(ctypes.byref(major), ctypes.byref(minor)))
    _check(library, library.nvrtcGetNumSupportedArchs(ctypes.byref(count)))
    architectures = (ctypes.c_int * count.value)()
    _check(library, library.nvrtcGetSupportedArchs(architectures))
    title = f"NVRTC {major.value}.{minor.value}"

    def compile_for(source: str, architecture: int) -> bytes:
        return _compiled(library, source, architecture)

    return Compiler(title, tuple(architectures), compile_for)


def _compiled(library: Any, source: str, architecture: int) -> bytes:
    """Machine code by the library; raises `BackendError` with what it found wrong."""
    program = ctypes.c_void_p()
    text = source.encode()
    made = library.nvrtcCreateProgram(ctypes.byref(program), text, b"kernels.cu", 0, None, None)
    _check(library, made)
    try:
        options = [f"--gpu-architecture=sm_{architecture}", *OPTIONS]
        given = (ctypes.c_char_p * len(options))(*(option.encode() for option in options))
        if library.nvrtcCompileProgram(program, len(options), given):
            raise _refused(_bytes(library, "ProgramLog", program).decode(errors="replace"))
        return _bytes(library, "CUBIN", program)
    finally:
        library.nvrtcDestroyProgram(ctypes.byref(program))


def _bytes(library: Any, what: str, program: ctypes.c_void_p) -> bytes:
    size = ctypes.c_size_t()
    _check(library, getattr(library, f"nvrtcGet{what}Size")(program, ctypes.byref(size)))
    room = ctypes.create_string_buffer(size.value)
    _check(library, getattr(library, f"nvrtcGet{what}")(program, room))
    return room.raw[: size.value]


def _check(library: Any, code: int) -> None:
    if code:
        library.nvrtcGetErrorString.restype = ctypes.c_char_p
        said = (library.nvrtcGetErrorString(code) or b"").decode()
        raise BackendError(f"NVIDIA's run-time compiler failed: {said}; install it anew")


def _refused(log: str) -> BackendError:
    first = next((line for line in log.splitlines() if "error" in line), log[:200])
    return BackendError(
        f"the CUDA compiler refused generated source: {first[:300]}; "
        "report this as a fault of the CUDA backend"
    )


def _of_nvcc() -> Compiler | None:
    path = shutil.which("nvcc")
    if path is None:
        return None
    said = subprocess.run(
        [path, "--list-gpu-code"], capture_output=True, text=True, check=False
    ).stdout  # fmt: skip
    names = (line.strip().removeprefix("sm_") for line in said.splitlines())
    architectures = tuple(int(name) for name in names if name.isdigit())

    def compile_for(source: str, architecture: int) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            text, made = Path(folder) / "kernels.cu", Path(folder) / "kernels.cubin"
            text.write_text(source, encoding="utf-8")
            target = ["-cubin", f"-arch=sm_{architecture}", *OPTIONS, "-o", str(made), str(text)]
            done = subprocess.run([path, *target], capture_output=True, text=True, check=False)
            if done.returncode:
                raise _refused(done.stderr)
            return made.read_bytes()

    return Compiler("nvcc", architectures, compile_for)
