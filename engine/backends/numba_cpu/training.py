"""Training on the CPU: spikes and gradients of [T, N] neuron steps by generated kernels.

`TrainingKernels` knows one step map, what is learnt of it, and a float type; it works on NumPy
arrays and leaves autograd to `engine/deep`.  Tiles of neurons are shared between threads; every
neuron is computed alone, so results do not depend on how.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from engine.backends.numba_cpu import machine_code
from engine.backends.numba_cpu.fission import weight
from engine.backends.numba_cpu.printer import resets_apart
from engine.backends.numba_cpu.training_printer import (
    BACKWARD_ARGUMENTS,
    FORWARD_ARGUMENTS,
    backward_source,
    forward_source,
    kinds,
)
from engine.equations.adjoint import Adjoint
from engine.equations.constants import as_rows, varying
from engine.equations.stepmap import StepMap
from engine.equations.tree import Assign, walk
from engine.errors import BackendError
from engine.runtime.plan import Constant, Floats

_HERE = Path(__file__).parent
_SUPPORT = (_HERE / "pointers.py", _HERE / "mathematics.py", _HERE.parent / "philox.py")
# Bytes carried from step to step by the neurons of one tile.  What fits a second-level cache is
# best: with LIF, tiles of 4 kB take 1.5 times as long, as every row is then read in pieces.
CARRIED = 256 * 1024
# By kernel: up to so many operations of a step, so many steps are taken in one turn of the loop.
# States then go to the cache and back half as often, or a quarter.  Kernels with exponentials gain
# nothing, nor do others by more steps: rows a power of two apart share lines of a cache.
TOGETHER = {
    "forward": ((25, 4), (45, 2)),
    "keeping": ((60, 2),),
    "backward": ((150, 2),),
}
# Operations from which one more thread is worth waking: some 0.1 ms, twice what waking it takes.
WORTH_A_THREAD = 10_000_000


@dataclass
class Kept:
    """What backward needs of a forward pass: see `Adjoint`."""

    rows: Floats  # [T + 1, K, N]
    bits: np.ndarray  # uint8 [T + 1, N], or [T + 1, 0] without bits
    drive: Sequence[Floats]  # [T, N] each; may be empty if ``reads_drive`` is False


@dataclass
class Passed:
    """The results of a forward pass."""

    spikes: Floats  # [T, N], 0 or 1
    state: Floats  # [S, N] after the last step
    traces: list[Floats]  # [T, N] each
    kept: Kept | None = None


@dataclass
class Gradients:
    """What a backward pass gives."""

    state: dict[str, Floats]  # of the state before the first step, active states only: [N]
    inputs: list[Floats]  # [T, N] of every input asked for
    constants: dict[str, np.ndarray]  # float64 [N] each, summed over the steps


@dataclass(frozen=True)
class _Numbers:
    """Constants as kernels read them."""

    constants: Mapping[str, Constant]
    size: int
    varied: frozenset[str]
    rows: tuple[Floats, Floats]  # held, as kernels know where they lie
    places: tuple[int, int]


@dataclass
class TrainingKernels:
    """Forward and backward over [T, N] of one step map.

    ``given`` are the inputs that have a drive (the others are 0), ``found`` the adjoint, None where
    nothing is learnt; ``traces`` are states to be given back after every step.
    """

    step_map: StepMap
    dtype: np.dtype
    given: tuple[str, ...]
    found: Adjoint | None = None
    traces: tuple[str, ...] = ()
    threads: int = 1
    _loaded: dict[tuple[str, frozenset[str]], Callable[..., None]] = field(default_factory=dict)
    _last: _Numbers | None = None

    def forward(
        self,
        drive: Sequence[Floats],
        state: Floats,
        constants: Mapping[str, Constant],
        dt: float,
        keep: bool,
    ) -> Passed:
        """``drive`` [T, N] of every given input, from ``state`` [S, N] on, which is not changed.

        With ``keep`` what backward needs is stored, else nothing.
        """
        steps, size = self._shape(drive)
        found = self.found if keep else None
        spikes = np.empty((steps, size), self.dtype)
        state = np.array(state, self.dtype, order="C", ndmin=2)
        traces = [np.empty((steps, size), self.dtype) for _ in self.traces]
        kept = None
        if found is not None:
            rows = np.empty((steps + 1, len(found.keep), size), self.dtype)
            bits = np.empty((steps + 1, size if found.bits else 0), np.uint8)
            kept = Kept(rows, bits, drive)
        numbers = self._numbers(constants, size)
        flags = np.zeros(size + 8 if self._marks else 0, np.uint8)
        tables = _addresses(drive), _addresses(traces)
        arguments = (
            *(size, dt, _at(state), _at(tables[0]), *numbers.places, _at(spikes)),
            *(_at(tables[1]), _at(kept and kept.rows), _at(kept and kept.bits), _at(flags)),
        )
        kind = "forward" if found is None else "keeping"
        self._run(self._kernel(kind, numbers.varied), kind, (steps, size, len(state)), arguments)
        return Passed(spikes, state, traces, kept)

    def backward(
        self,
        kept: Kept,
        constants: Mapping[str, Constant],
        dt: float,
        on_spikes: Floats,
        on_traces: Sequence[Floats] = (),
        on_state: Mapping[str, Floats] | None = None,
    ) -> Gradients:
        """From the gradients of spikes and traces [T, N] and of the last state to the others.

        The first axis of a gradient may have any stride, 0 too; the second is contiguous.
        """
        found = self.found
        if found is None:
            raise BackendError("these kernels have no adjoint; make them with one")
        steps, size = len(kept.rows) - 1, kept.rows.shape[2]
        carry = np.zeros((len(found.active), size), self.dtype)
        for row, name in enumerate(found.active):
            if on_state is not None and name in on_state:
                carry[row] = on_state[name]
        inputs = [np.empty((steps, size), self.dtype) for _ in found.inputs]
        on_constants = np.zeros((len(found.constants), size))
        given = (on_spikes, *on_traces)
        numbers = self._numbers(constants, size)
        strides = np.array([array.strides[0] for array in given], np.int64)
        tables = _addresses(kept.drive), _addresses(given), _addresses(inputs)
        arguments = (
            *(size, dt, _at(tables[0]), *numbers.places, _at(kept.rows), _at(kept.bits)),
            *(_at(tables[1]), _at(strides), _at(carry), _at(tables[2]), _at(on_constants)),
        )
        rows = len(carry) + on_constants.nbytes // max(1, size * self.dtype.itemsize)
        kernel = self._kernel("backward", numbers.varied)
        self._run(kernel, "backward", (steps, size, rows), arguments)
        return Gradients(
            dict(zip(found.active, carry, strict=True)),
            inputs,
            {name: on_constants[k] for k, (name, _) in enumerate(found.constants)},
        )

    @cached_property
    def reads_drive(self) -> bool:
        """Whether backward reads the inputs again."""
        return self.found is not None and any(name in self.found.reads for name in self.given)

    def source(self, kind: str, varied: frozenset[str] = frozenset()) -> str:
        """The text of the kernel ``forward`` (nothing kept), ``keeping`` or ``backward``."""
        together = self._together(kind)
        if kind == "backward" and self.found is not None:
            return backward_source(self.found, self.dtype, self.given, varied, together)
        found = self.found if kind == "keeping" else None
        return forward_source(
            self.step_map, self.dtype, self.given, varied, found, self.traces, together
        )

    def _together(self, kind: str) -> int:
        """Steps that one turn of a kernel's loop takes."""
        if any(weight(assign.value) for assign in self._programs[kind]):
            return 1
        count = self._operations[kind]
        return next((steps for most, steps in TOGETHER[kind] if count <= most), 1)

    def loops(self, kind: str, varied: frozenset[str] = frozenset()) -> machine_code.Loops:
        """What the kernel ``kind`` was compiled to, with a row for each constant in ``varied``."""
        return machine_code.loops("training", self.source(kind, varied), _SUPPORT)

    def prepare(self) -> None:
        """Compile, or load, the kernels for constants that all neurons share."""
        for kind in ("forward", "keeping", "backward") if self.found is not None else ("forward",):
            self._kernel(kind, frozenset())

    def _numbers(self, constants: Mapping[str, Constant], size: int) -> _Numbers:
        """``constants`` in rows; one mapping that nobody can change is put there once."""
        last = self._last
        if last is None or last.constants is not constants or last.size != size:
            rows = as_rows(self.step_map, constants, size, self.dtype)
            varied = frozenset(varying(self.step_map, constants))
            last = _Numbers(constants, size, varied, rows, (_at(rows[0]), _at(rows[1])))
            self._last = last if isinstance(constants, MappingProxyType) else None
        return last

    def _kernel(self, kind: str, varied: frozenset[str]) -> Callable[..., None]:
        if (kind, varied) not in self._loaded:
            source = self.source(kind, varied)
            arguments = BACKWARD_ARGUMENTS if kind == "backward" else FORWARD_ARGUMENTS
            self._loaded[kind, varied] = machine_code.load(
                "training", source, _SUPPORT, kinds(arguments)
            )
        return self._loaded[kind, varied]

    def _shape(self, drive: Sequence[Floats]) -> tuple[int, int]:
        shape = drive[0].shape
        for array in drive:
            whole = array.flags.c_contiguous and array.dtype == self.dtype
            if array.shape != shape or not whole:
                raise BackendError(
                    f"a drive is {array.dtype} {array.shape}; give {self.dtype} {shape} in C order"
                )
        return shape[0], shape[1]

    @cached_property
    def _marks(self) -> bool:
        """Whether a forward pass marks the neurons that spiked."""
        return resets_apart(self.step_map)

    @cached_property
    def _programs(self) -> dict[str, tuple[Assign, ...]]:
        """What a step computes, by kernel."""
        forward = (*self.step_map.update, *self.step_map.jumps, *self.step_map.reset)
        backward = self.found.body if self.found is not None else ()
        return {"forward": forward, "keeping": forward, "backward": backward}

    @cached_property
    def _operations(self) -> dict[str, int]:
        """Operations of one neuron and step, by kernel."""
        return {
            kind: 1 + sum(1 for assign in program for _ in walk(assign.value))
            for kind, program in self._programs.items()
        }

    def _run(
        self,
        kernel: Callable[..., None],
        kind: str,
        sizes: tuple[int, int, int],
        arguments: tuple[Any, ...],
    ) -> None:
        """Call a kernel for all neurons; ``sizes`` are steps, neurons, and rows that are carried
        from step to step."""
        steps, size, rows = sizes
        width = max(1024, CARRIED // (max(1, rows) * self.dtype.itemsize) // 64 * 64)
        worth = steps * size * self._operations[kind] // WORTH_A_THREAD
        threads = min(self.threads, 1 + worth, 1 + size // 64)
        if threads <= 1:
            kernel(steps, 0, size, width, *arguments)
            return
        share = -(-size // threads // 64) * 64
        bounds = [*range(0, size, share), size]
        waiting = [
            _pool(threads - 1).submit(kernel, steps, first, last, width, *arguments)
            for first, last in pairwise(bounds[1:])
        ]
        kernel(steps, bounds[0], bounds[1], width, *arguments)
        for one in waiting:
            one.result()


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="workbench-training")


def _at(array: np.ndarray | None) -> int:
    """Where an array lies; 0 without elements, as numpy takes a microsecond to tell."""
    return 0 if array is None or not array.size else array.__array_interface__["data"][0]


def _addresses(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return np.array([_at(array) for array in arrays], np.int64)
