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
from typing import Any

import numpy as np

from engine.backends import cache as compiled
from engine.backends.numba_cpu.training_printer import backward_source, forward_source
from engine.equations.adjoint import Adjoint
from engine.equations.constants import as_rows, varying
from engine.equations.stepmap import StepMap
from engine.equations.tree import walk
from engine.errors import BackendError
from engine.runtime.plan import Constant, Floats

_HERE = Path(__file__).parent
_SUPPORT = (_HERE / "pointers.py", _HERE / "mathematics.py", _HERE.parent / "philox.py")
# Bytes carried from step to step by the neurons of one tile.  What fits a second-level cache is
# best: with LIF, tiles of 4 kB take 1.5 times as long, as every row is then read in pieces.
CARRIED = 256 * 1024
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
        fixed, varied = as_rows(self.step_map, constants, size, self.dtype)
        flags = np.zeros(size + 8, np.uint8)
        tables = _addresses(drive), _addresses(traces)
        arguments = (
            *(size, dt, _at(state), _at(tables[0]), _at(fixed), _at(varied), _at(spikes)),
            *(_at(tables[1]), _at(kept and kept.rows), _at(kept and kept.bits), _at(flags)),
        )
        kind = "forward" if found is None else "keeping"
        self._run(kind, constants, (steps, size, len(state)), arguments)
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
        fixed, varied = as_rows(self.step_map, constants, size, self.dtype)
        strides = np.array([array.strides[0] for array in given], np.int64)
        tables = _addresses(kept.drive), _addresses(given), _addresses(inputs)
        arguments = (
            *(size, dt, _at(tables[0]), _at(fixed), _at(varied), _at(kept.rows), _at(kept.bits)),
            *(_at(tables[1]), _at(strides), _at(carry), _at(tables[2]), _at(on_constants)),
        )
        rows = len(carry) + on_constants.nbytes // max(1, size * self.dtype.itemsize)
        self._run("backward", constants, (steps, size, rows), arguments)
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
        if kind == "backward" and self.found is not None:
            return backward_source(self.found, self.dtype, self.given, varied)
        found = self.found if kind == "keeping" else None
        return forward_source(self.step_map, self.dtype, self.given, varied, found, self.traces)

    def prepare(self) -> None:
        """Compile, or load, the kernels for constants that all neurons share."""
        shared = dict.fromkeys(self.step_map.constants, 0.0)
        for kind in ("forward", "keeping", "backward") if self.found is not None else ("forward",):
            self._kernel(kind, shared)

    def _kernel(self, kind: str, constants: Mapping[str, Constant]) -> Callable[..., None]:
        varied = frozenset(varying(self.step_map, constants))
        if (kind, varied) not in self._loaded:
            source = self.source(kind, varied)
            self._loaded[kind, varied] = compiled.load("training", source, _SUPPORT).kernel
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
    def _operations(self) -> dict[str, int]:
        """Operations of one neuron and step, by kernel."""
        forward = (*self.step_map.update, *self.step_map.jumps, *self.step_map.reset)
        lists = {"forward": forward, "keeping": forward}
        lists["backward"] = self.found.body if self.found is not None else ()
        return {
            kind: 1 + sum(1 for assign in assigns for _ in walk(assign.value))
            for kind, assigns in lists.items()
        }

    def _run(
        self,
        kind: str,
        constants: Mapping[str, Constant],
        sizes: tuple[int, int, int],
        arguments: tuple[Any, ...],
    ) -> None:
        """Call a kernel for all neurons; ``sizes`` are steps, neurons, and rows that are carried
        from step to step."""
        kernel, (steps, size, rows) = self._kernel(kind, constants), sizes
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
    return 0 if array is None else array.ctypes.data


def _addresses(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return np.array([_at(array) for array in arrays], np.int64)
