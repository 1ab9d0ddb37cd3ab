"""The backends by name: which there are, which can run here, and the executor that one makes.

Nothing is imported before it is used: a backend that is missing is a normal state with a sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from types import ModuleType

from engine.errors import BackendError, near
from engine.runtime.plan import Executor, NetworkPlan

Progress = Callable[[float, str], None]  # share done, and what is being done


@dataclass(frozen=True)
class Backend:
    """One way to run a network."""

    name: str
    device: str  # "cpu" | "cuda"
    title: str
    available: bool
    message: str  # why it is not available and what to do; empty if it is


@dataclass(frozen=True)
class _Entry:
    device: str
    title: str
    needs: str  # the package without which it cannot run
    remedy: str
    make: Callable[[NetworkPlan, int], Executor] | None
    compiler: Callable[[], ModuleType] | None = None  # with `prepare` and `is_warm`


def _numba_cpu(plan: NetworkPlan, threads: int) -> Executor:
    from engine.backends.numba_cpu.executor import NumbaExecutor

    return NumbaExecutor(plan, threads)


def _numba_compiler() -> ModuleType:
    from engine.backends.numba_cpu import kernels

    return kernels


def _torch_reference(plan: NetworkPlan, threads: int) -> Executor:
    from engine.backends.torch_reference import TorchExecutor

    return TorchExecutor(plan)


_ENTRIES = {
    "numba_cpu": _Entry(
        "cpu",
        "Compiled CPU code",
        "numba",
        "install it with `pip install numba`",
        _numba_cpu,
        _numba_compiler,
    ),
    "torch_reference": _Entry(
        "cpu",
        "PyTorch, step by step (slow, for checking)",
        "torch",
        "install it with `pip install torch`",
        _torch_reference,
    ),
    "cuda": _Entry(
        "cuda",
        "NVIDIA GPU",
        "cupy",
        "install Spiking Workbench with its extra `gpu`, or choose the device cpu",
        None,
    ),
}
_OF_DEVICE = {"cpu": "numba_cpu", "cuda": "cuda"}


def backends() -> dict[str, Backend]:
    """Every backend that this version knows, available or not."""
    return {name: _describe(name, entry) for name, entry in _ENTRIES.items()}


def devices() -> tuple[str, ...]:
    """The devices that can run a network here."""
    known = backends()
    return tuple(device for device, name in _OF_DEVICE.items() if known[name].available)


def _describe(name: str, entry: _Entry) -> Backend:
    if find_spec(entry.needs) is None:
        message = f"{entry.title}: the package {entry.needs} is not installed; {entry.remedy}"
    elif entry.make is None:
        message = (
            f"{entry.title}: this version runs networks on the CPU only; choose the device cpu"
        )
    else:
        message = ""
    return Backend(name, entry.device, entry.title, not message, message)


def make_executor(
    plan: NetworkPlan, device: str = "cpu", threads: int = 1, backend: str | None = None
) -> Executor:
    """An executor for ``plan`` on ``device``, or of the ``backend`` named.

    Raises `BackendError` for a name that does not exist or a backend that cannot run here.
    """
    make = _usable(device, backend).make
    assert make is not None
    return make(plan, threads)


def prepare(
    plan: NetworkPlan,
    progress: Progress | None = None,
    device: str = "cpu",
    threads: int = 1,
    backend: str | None = None,
) -> None:
    """Compile what the populations of ``plan`` need, which may be all that it has yet.

    `make_executor` would do the same, without a word to ``progress``.  Raises as that does.
    """
    compiler = _usable(device, backend).compiler
    if compiler is not None:
        compiler().prepare(plan, threads, progress)


def begin(plan: NetworkPlan, device: str = "cpu", backend: str | None = None) -> None:
    """Begin to compile, beside this process, what takes longest of a plan that is still empty.

    Where it pays; `prepare` and `make_executor` find it done or do it.  Raises as these do.
    """
    start = getattr(_compiler(device, backend), "begin", None)
    if start is not None:
        start(plan)


def _compiler(device: str, backend: str | None) -> ModuleType | None:
    compiler = _usable(device, backend).compiler
    return None if compiler is None else compiler()


def is_warm(
    plan: NetworkPlan, device: str = "cpu", threads: int = 1, backend: str | None = None
) -> bool:
    """Whether `prepare` would find everything compiled.  Raises as that does."""
    compiler = _usable(device, backend).compiler
    return compiler is None or compiler().is_warm(plan, threads)


def _usable(device: str, backend: str | None) -> _Entry:
    name = backend if backend is not None else _backend_of(device)
    entry = _ENTRIES.get(name)
    if entry is None:
        raise BackendError(f"there is no backend `{name}`; {_suggestion(name, list(_ENTRIES))}")
    described = _describe(name, entry)
    if entry.make is None or not described.available:
        raise BackendError(described.message)
    return entry


def _backend_of(device: str) -> str:
    if device not in _OF_DEVICE:
        raise BackendError(
            f"there is no device `{device}`; {_suggestion(device, list(_OF_DEVICE))}"
        )
    return _OF_DEVICE[device]


def _suggestion(name: str, known: list[str]) -> str:
    return near(name, known) or f"use one of {', '.join(known)}"
