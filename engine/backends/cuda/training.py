"""Training on a device: spikes and gradients of [T, N] neuron steps by generated kernels.

`CudaTraining` is to a GPU what `numba_cpu/training.py` is to the CPU.  Its arrays are whatever has
an address on the device: CuPy's, torch's (no copy is made of either), or NumPy's on the shim.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.backends.cuda.device import Device, Launch, Memory, Module, blocks_for
from engine.backends.cuda.training_printer import (
    Kind,
    backward_kernel,
    forward_kernel,
    training_preamble,
)
from engine.equations.adjoint import Adjoint
from engine.equations.constants import as_rows, varying
from engine.equations.stepmap import StepMap
from engine.errors import BackendError
from engine.runtime.plan import Constant

Room = Callable[[tuple[int, ...], str], Memory]  # shape, type -> new memory, "uint8" or a float


@dataclass
class Kept:
    """What backward needs of a forward pass, see `Adjoint`."""

    rows: Memory  # [T + 1, K, N]
    bits: Memory | None  # uint8 [T + 1, N]
    drive: Sequence[Memory]  # [T, N] each


@dataclass
class Passed:
    """The results of a forward pass."""

    spikes: Memory  # [T, N], 0 or 1
    state: Memory  # [S, N] after the last step
    traces: list[Memory]  # [T, N] each
    kept: Kept | None = None


@dataclass
class Gradients:
    """What a backward pass gives."""

    state: Memory  # [A, N], of the active states before the first step
    inputs: list[Memory]  # [T, N] of every input asked for
    constants: Memory  # float64 [C, N], summed over the steps


@dataclass
class CudaTraining:
    """Forward and backward over [T, N] of one step map.

    ``given`` are the inputs that have a drive (the others are 0), ``found`` the adjoint, None where
    nothing is learnt; ``traces`` are states to be given back after every step.  ``room`` makes new
    memory where results are to lie in that of another library.
    """

    device: Device
    step_map: StepMap
    kind: Kind
    given: tuple[str, ...]
    found: Adjoint | None = None
    traces: tuple[str, ...] = ()
    room: Room | None = None
    _built: dict[frozenset[str], Module] = field(default_factory=dict)

    def source(self, varied: frozenset[str] = frozenset()) -> str:
        """The text with the kernels ``forward`` (nothing kept), ``keeping`` and ``backward``."""
        parts = (self.step_map, self.kind, self.given, varied)
        kernels = [forward_kernel(*parts, None, self.traces)]
        if self.found is not None:
            kernels.append(forward_kernel(*parts, self.found, self.traces, "keeping"))
            kernels.append(backward_kernel(self.found, self.kind, self.given, varied))
        return training_preamble(self.kind) + "\n".join(kernels)

    def forward(
        self,
        drive: Sequence[Memory],
        state: Memory,
        constants: Mapping[str, Constant],
        dt: float,
        keep: bool,
    ) -> Passed:
        """``drive`` [T, N] of every given input, from ``state`` [S, N] on, which is not changed.

        With ``keep`` what backward needs is stored, else nothing.  All arrays are in C order.
        """
        steps, size = self._shape(drive)
        found = self.found if keep else None
        spikes = self._row(steps, size)
        last = self._new((len(self.step_map.states), size), self.kind.dtype)
        traces = [self._row(steps, size) for _ in self.traces]
        kept = None
        if found is not None:
            rows = self._new((steps + 1, max(1, len(found.keep)), size), self.kind.storage)
            bits = self._new((steps + 1, size), "uint8") if found.bits else None
            kept = Kept(rows, bits, drive)
        fixed, varied = self._numbers(constants, size)
        arguments = [
            *(steps, size, dt, state, last, fixed, varied, spikes),
            *(kept and kept.rows, kept and kept.bits, *drive, *traces),
        ]
        self._launch("keeping" if found is not None else "forward", constants, size, arguments)
        return Passed(spikes, last, traces, kept)

    def backward(
        self,
        kept: Kept,
        constants: Mapping[str, Constant],
        dt: float,
        on_spikes: Memory,
        on_traces: Sequence[Memory] = (),
        on_state: Memory | None = None,
    ) -> Gradients:
        """From the gradients of spikes and traces [T, N] and of the last active states [A, N].

        A gradient's last axis is contiguous, its first may have any stride, 0 too.
        """
        found = self.found
        if found is None:
            raise BackendError("these kernels have no adjoint; make them with one")
        steps, size = int(kept.rows.shape[0]) - 1, int(kept.rows.shape[2])
        carry = self._new((max(1, len(found.active)), size), self.kind.dtype)
        carry[...] = 0.0 if on_state is None else on_state
        inputs = [self._row(steps, size) for _ in found.inputs]
        on_constants = self._new((max(1, len(found.constants)), size), "float64")
        on_constants[...] = 0.0
        fixed, varied = self._numbers(constants, size)
        pairs = [(given, _stride(given)) for given in (on_spikes, *on_traces)]
        arguments = [
            *(steps, size, dt, fixed, varied, kept.rows, kept.bits, carry, on_constants),
            *(part for pair in pairs for part in pair),
            *(*kept.drive, *inputs),
        ]
        self._launch("backward", constants, size, arguments)
        return Gradients(carry[: len(found.active)], inputs, on_constants[: len(found.constants)])

    def _launch(
        self, kernel: str, constants: Mapping[str, Constant], size: int, arguments: list[Any]
    ) -> None:
        varied = frozenset(varying(self.step_map, constants))
        if varied not in self._built:
            self._built[varied] = self.device.build(self.source(varied))
        launch: Launch = self._built[varied].ready(kernel, blocks_for(size), 128, arguments)
        with self.device.working():
            launch()

    def _shape(self, drive: Sequence[Memory]) -> tuple[int, int]:
        shapes = {tuple(array.shape) for array in drive}
        if len(drive) != len(self.given) or len(shapes) != 1:
            raise BackendError(
                f"{len(self.given)} drives of one shape [T, N] are needed, "
                f"not {', '.join(map(str, shapes)) or 'none'}"
            )
        steps, size = shapes.pop()
        return int(steps), int(size)

    def _numbers(
        self, constants: Mapping[str, Constant], size: int
    ) -> tuple[Memory | None, Memory | None]:
        """The constants on the device; None where there are none of a sort."""
        fixed, varied = as_rows(self.step_map, constants, size, self.kind.dtype)
        upload = self.device.upload
        with self.device.working():  # in line with the kernels that read them
            return upload(fixed) if fixed.size else None, upload(varied) if varied.size else None

    def _row(self, steps: int, size: int) -> Memory:
        return self._new((steps, size), self.kind.storage)

    def _new(self, shape: tuple[int, ...], kind: str) -> Memory:
        if self.room is not None:
            return self.room(shape, kind)
        return self.device.zeros(shape, {"bfloat16": "uint16"}.get(kind, kind))


def _stride(array: Memory) -> int:
    """Elements from one step to the next."""
    if hasattr(array, "stride"):  # torch counts elements
        return int(array.stride(0))
    return int(array.strides[0] // array.dtype.itemsize)
