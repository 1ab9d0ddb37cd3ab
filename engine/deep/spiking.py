"""A layer of spiking neurons of any model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.backends.cuda.device import Device
from engine.backends.cuda.training import CudaTraining
from engine.backends.numba_cpu.training import TrainingKernels
from engine.deep.chain import constants as differentiable
from engine.deep.on_device import KINDS, DevicePasses, training_kernels
from engine.deep.passes import passed
from engine.deep.work import Work
from engine.equations.adjoint import Adjoint, adjoint
from engine.equations.compile import compile_model
from engine.equations.constants import constants, resolve
from engine.equations.escape import DRAWN, given
from engine.equations.initial import initial_state
from engine.equations.stepmap import StepMap
from engine.errors import BackendError, DataError, DocumentError, near
from engine.models.check import check_parameters
from engine.models.compose import CURRENT_PORT
from engine.models.declaration import NeuronModel
from engine.models.registry import get
from engine.models.surrogates import USUAL
from engine.models.surrogates import surrogate as find_surrogate
from engine.runtime.plan import Constant

DTYPES = {torch.float32: np.dtype("float32"), torch.float64: np.dtype("float64")}


class Spiking(nn.Module):
    """Neurons of ``model`` (a name, or what `engine.define` gave), one for every value of a step.

    ``parameters`` are in the model's own units; each is a number or an array that broadcasts to the
    values of one step, and those in ``learn`` become `torch.nn.Parameter`s in ``learnt``, kept
    within the model's bounds.  ``surrogate`` is a name, or a name and its parameters.

    With step mode "m" the input is [T, ...] and the state starts anew at every call; with "s" the
    input is one step, and the state goes on until `reset`.  The input enters at ``port``: for
    "current" as a current during the step, for a spike port as weights arriving at its end.  The
    output is spikes, 0 or 1, of the input's shape and type, followed by the ``traces``: those state
    variables after every step.  The initial state counts as given: it has no gradient.  A model
    that fires by chance draws from torch's generator, as dropout does; backward sees the same
    numbers.

    An input on a CUDA GPU is worked on there (CuPy needed), in float64, float32, float16 or
    bfloat16: the latter two store 16 bits and compute with 32.

    Raises `DocumentError` for an unknown model or port, `EquationError` for an unknown parameter,
    `DataError` for a value, surrogate or mode that cannot be used; the call raises `BackendError`
    for an input on a device that is not there.
    """

    def __init__(
        self,
        model: str | NeuronModel,
        *,
        surrogate: str | tuple[str, Mapping[str, float]] = USUAL,
        step_mode: str = "m",
        learn: Sequence[str] = (),
        detach_reset: bool = False,
        dt: float = 1.0,
        port: str = CURRENT_PORT,
        solver: str | None = None,
        traces: Sequence[str] = (),
        **parameters: Any,
    ) -> None:
        super().__init__()
        if step_mode not in ("m", "s"):
            raise DataError(f"`{step_mode}` is not a step mode; use m (all steps) or s (one step)")
        self.model = _on_port(model, port)
        self.step_mode, self.dt, self.traces = step_mode, float(dt), tuple(traces)
        self.input = f"in_{port}"
        self.given = {name: np.asarray(value, float) for name, value in parameters.items()}
        options = {n: v for n, v in self.model.chosen(self.given).items() if n not in learn}
        self.step_map: StepMap = given(compile_model(self.model, None, solver, options))
        self._random = any(port.name == DRAWN for port in self.step_map.inputs)
        self.learnt = nn.ParameterDict(_learnt(self.model, self.given, learn))
        self._check(self.given)
        name, values = surrogate if isinstance(surrogate, tuple) else (surrogate, None)
        self.surrogate = find_surrogate(name)
        slope = self.surrogate.expression(values)
        self.adjoint: Adjoint = adjoint(
            self.step_map,
            slope,
            detach_reset=detach_reset,
            inputs=(self.input,),
            constants=self._learning(),
            traces=self.traces,
        )
        self.state: Tensor | None = None  # [S, N], with step mode "s"
        self.through: Device | None = None  # runs the CUDA kernels, on inputs of its own memory
        self._kernels: dict[torch.dtype, TrainingKernels] = {}
        self._on_devices: dict[tuple[torch.dtype, torch.device], CudaTraining] = {}
        self._last: tuple[Any, tuple[Mapping[str, Constant], Tensor]] | None = None

    def reset(self) -> None:
        """Start from the initial state again (step mode "s")."""
        self.state = None

    def forward(self, x: Tensor) -> Any:
        """Spikes for ``x``, or a tuple of spikes and traces; see the class."""
        self._check_input(x)
        shape = x.shape if self.step_mode == "m" else torch.Size((1, *x.shape))
        drive = x.reshape(shape[0], -1).contiguous()
        size = drive.shape[1]
        self._keep_in_bounds()
        numbers, start = self._numbers(shape[1:])
        chain = self._chain(size, shape[1:]) if self.learnt else {}
        state = self.state if self.step_mode == "s" else None
        if state is None:
            state = start.to(x.device, self._state_type(x)).expand(-1, size)
        elif (state.shape[1], state.dtype, state.device) != (size, self._state_type(x), x.device):
            raise DataError(
                f"the input has {size} values of {x.dtype} on {x.device}, the state "
                f"{state.shape[1]} of {state.dtype} on {state.device}; call reset() first"
            )
        wanted = [chain[name].to(x.device) for name, _ in self.adjoint.constants]
        keep = torch.is_grad_enabled() and any(t.requires_grad for t in (x, state, *wanted))
        draws = (torch.empty_like(drive).exponential_().log_(),) if self._random else ()
        if self._is_on_device(x):
            device_work = Work(self._device_kernels(x), numbers, self.dt, keep, draws)
            spikes, last, *traces = DevicePasses.apply(device_work, drive, state, *wanted)
        else:
            work = Work(self._kernel(x.dtype), numbers, self.dt, keep, draws)
            spikes, last, *traces = passed(work, drive, state, wanted)
        if self.step_mode == "s":
            self.state = last
        found = [result.reshape(x.shape) for result in (spikes, *traces)]
        return tuple(found) if self.traces else found[0]

    def extra_repr(self) -> str:
        """The model and how it is trained, for ``print``."""
        learnt = f", learn={tuple(self.learnt)}" if len(self.learnt) else ""
        return f"{self.model.name}, surrogate={self.surrogate.name}, {self.step_mode!r}{learnt}"

    def __getstate__(self) -> dict[str, Any]:
        """Everything but compiled kernels, which are found again by need."""
        made = {"_kernels": {}, "_on_devices": {}, "_last": None, "state": None}
        return {**self.__dict__, **made}

    def _kernel(self, dtype: torch.dtype) -> TrainingKernels:
        if dtype not in self._kernels:
            self._kernels[dtype] = TrainingKernels(
                self.step_map, DTYPES[dtype], self._given, self.adjoint, self.traces
            )
        self._kernels[dtype].threads = torch.get_num_threads()
        return self._kernels[dtype]

    @property
    def _given(self) -> tuple[str, ...]:
        """The inputs that have rows: the one of the layer, and the numbers it draws."""
        return (self.input, DRAWN) if self._random else (self.input,)

    def _is_on_device(self, x: Tensor) -> bool:
        """Whether ``x`` is for the CUDA kernels."""
        return self.through is not None or x.device.type == "cuda"

    def _state_type(self, x: Tensor) -> torch.dtype:
        """What states are computed in; rows of 16 bits in float32."""
        return getattr(torch, KINDS[x.dtype].dtype)

    def _device_kernels(self, x: Tensor) -> CudaTraining:
        place = x.dtype, x.device
        if place not in self._on_devices:
            parts = self.step_map, self._given, self.adjoint, self.traces
            self._on_devices[place] = training_kernels(*parts, x, self.through)
        return self._on_devices[place]

    def _check_input(self, x: Tensor) -> None:
        if x.device.type not in ("cpu", "cuda"):
            raise BackendError(f"the input is on {x.device}; move it to the CPU or to a CUDA GPU")
        known = KINDS if self._is_on_device(x) else DTYPES
        if x.dtype not in known:
            names = " or ".join(sorted(str(each).removeprefix("torch.") for each in known))
            raise DataError(f"the input is {x.dtype}; give {names} on {x.device}")
        if x.dim() < 1 + (self.step_mode == "m") or 0 in x.shape:
            wanted = "[T, ...]" if self.step_mode == "m" else "[...]"
            raise DataError(f"the input has the shape {tuple(x.shape)}; give {wanted}, not empty")

    def _check(self, values: Mapping[str, np.ndarray]) -> None:
        size = max((value.size for value in values.values()), default=1)
        flat = {name: value.reshape(-1) if value.ndim else value for name, value in values.items()}
        plain = {name: value if value.size == size else value.min() for name, value in flat.items()}
        if problems := check_parameters(self.model, plain, None, size):
            raise DocumentError(problems)

    def _keep_in_bounds(self) -> None:
        if not self.learnt:
            return
        with torch.no_grad():
            for name, value in self.learnt.items():
                low, high = self.model.parameters[name].bounds
                if bool(((value < low) | (value > high)).any()):
                    value.clamp_(low, high)

    def _values(self) -> dict[str, Any]:
        learnt = {
            name: value.detach().double().cpu().numpy() for name, value in self.learnt.items()
        }
        return {**self.given, **learnt}

    def _numbers(self, shape: torch.Size) -> tuple[Mapping[str, Constant], Tensor]:
        """The constants, and the initial state [S, N] or [S, 1]; kept until a value changes."""
        values = self._values()
        key = shape, *(value.tobytes() for value in values.values())
        if self._last is None or self._last[0] != key:
            plain = {name: _spread(value, shape) for name, value in values.items()}
            many = any(np.ndim(value) for value in plain.values())
            found = constants(self.step_map, plain, self.dt, shape.numel())
            start = initial_state(self.model, None, plain, shape.numel() if many else 1)
            self._last = key, (MappingProxyType(found), torch.from_numpy(start))
        return self._last[1]

    def _learning(self) -> list[str]:
        """The constants that follow from what is learnt."""
        tensors = {
            name: torch.tensor(np.ravel(value)[0].item(), requires_grad=name in self.learnt)
            for name, value in self._values().items()
        }
        chain = differentiable(self.step_map, tensors, self.dt)
        return [name for name, value in chain.items() if value.requires_grad]

    def _chain(self, size: int, shape: Sequence[int]) -> dict[str, Tensor]:
        """The constants, as functions of what is learnt; on the CPU, as all numbers are made."""
        tensors: dict[str, Tensor] = {
            name: torch.tensor(_spread(value, shape), dtype=torch.float64)  # a copy
            for name, value in self.given.items()
        }
        for name, value in self.learnt.items():
            here = value.cpu()
            tensors[name] = here.broadcast_to(shape).reshape(size) if value.dim() else here
        return differentiable(self.step_map, tensors, self.dt)


def _spread(value: np.ndarray, shape: Sequence[int]) -> Any:
    """A number, or the [N] values of one step."""
    return np.broadcast_to(value, shape).reshape(-1) if np.ndim(value) else float(value)


def _on_port(model: str | NeuronModel, port: str) -> NeuronModel:
    """The model with no synapses but those of ``port``."""
    found = get(model) if isinstance(model, str) else model
    if not isinstance(found, NeuronModel):
        raise DataError(f"`{model}` has no neurons; name a neuron model, such as lif_discrete")
    if port != CURRENT_PORT and port not in found.ports:
        hint = near(port, found.ports) or f"there are {', '.join((CURRENT_PORT, *found.ports))}"
        raise DataError(f"`{port}` is not a port of {found.name}; {hint}")
    ports = {port: found.ports[port]} if port != CURRENT_PORT else {}
    return replace(found, ports=ports)


def _learnt(
    model: NeuronModel, given: dict[str, np.ndarray], learn: Sequence[str]
) -> dict[str, nn.Parameter]:
    """What is learnt, taken out of ``given``, or with its default."""
    slots = model.compose().parameters
    for name in learn:
        if name not in slots or name not in model.parameters:
            hint = near(name, model.parameters) or f"there are {', '.join(model.parameters)}"
            raise DataError(f"`{name}` of {model.name} cannot be learnt; {hint}")
    defaults, dtype = resolve(slots.values(), {}, 1), torch.get_default_dtype()
    return {
        name: nn.Parameter(torch.tensor(np.asarray(given.get(name, defaults[name])), dtype=dtype))
        for name in learn
    }
