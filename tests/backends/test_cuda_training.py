"""Training kernels of the CUDA backend: gradients are autograd's, rows may have 16 bits."""

from __future__ import annotations

import numpy as np
import pytest
from gradient_cases import DT, SIZE, SLOPE, STEPS, Task, close
from plain_training import by_autograd

from engine.backends.cuda import nvrtc, shim
from engine.backends.cuda.training import CudaTraining
from engine.backends.cuda.training_printer import Kind, training_preamble
from engine.deep.on_device import DevicePasses, training_kernels
from engine.deep.work import Work
from engine.equations.adjoint import adjoint
from engine.equations.language import parse_expression
from engine.equations.stepmap import Input, StepMap
from engine.equations.tree import Assign
from engine.errors import BackendError

torch = pytest.importorskip("torch")
needs_compiler = pytest.mark.skipif(bool(shim.obstacle()), reason=shim.obstacle())

DOUBLE = Kind("float64", "float64")
# Those that have every form of an equation and of a reset.
SOME = (
    *("lif", "lif euler", "izhikevich 2003", "izhikevich rk4", "adex euler", "adex rk4"),
    *("hodgkin_huxley", "traub_miles"),
)


def kernels_of(task: Task, kind: Kind = DOUBLE, grid: int = 1, **more) -> CudaTraining:
    device = shim.ShimDevice(grid, 2)
    return CudaTraining(device, task.step_map, kind, ("in_current",), task.found, ("v",), **more)


@needs_compiler
@pytest.mark.parametrize("detach", [False, True], ids=["reset", "detached"])
@pytest.mark.parametrize("case", SOME)
def test_gradients_are_those_of_autograd(case: str, detach: bool) -> None:
    task = Task(case, detach)
    kernels = kernels_of(task)
    done = kernels.forward([task.drive], task.state, task.values, DT, keep=True)
    ours = kernels.backward(done.kept, task.values, DT, task.on_spikes, [task.on_v])

    leaves = {
        name: torch.tensor(np.asarray(value)).requires_grad_()
        for name, value in task.values.items()
    }
    start = torch.tensor(task.state).requires_grad_()
    drive = torch.tensor(task.drive).requires_grad_()
    emitted, end, traces = by_autograd(
        task.step_map, SLOPE, leaves, start, {"in_current": drive}, DT, detach
    )
    loss = (emitted * torch.tensor(task.on_spikes)).sum()
    (loss + (traces["v"] * torch.tensor(task.on_v)).sum()).backward()

    assert done.spikes.sum() > 3
    np.testing.assert_array_equal(done.spikes, emitted.detach())
    np.testing.assert_allclose(done.traces[0], traces["v"].detach(), rtol=1e-11, atol=1e-9)
    for row, name in enumerate(task.step_map.states):
        np.testing.assert_allclose(done.state[row], end[name].detach(), rtol=1e-11, atol=1e-9)
    close(ours.inputs[0], drive.grad)
    for row, name in enumerate(task.found.active):
        close(ours.state[row], start.grad[task.step_map.states.index(name)])
    for row, name in enumerate(task.wanted):
        close(ours.constants[row].sum(), leaves[name].grad)


@needs_compiler
def test_nothing_is_kept_where_nothing_is_learnt() -> None:
    task = Task("lif")
    plain = kernels_of(task).forward([task.drive], task.state, task.values, DT, keep=False)
    kept = kernels_of(task).forward([task.drive], task.state, task.values, DT, keep=True)
    assert plain.kept is None
    np.testing.assert_array_equal(plain.spikes, kept.spikes)
    np.testing.assert_array_equal(plain.state, kept.state)


@needs_compiler
def test_constants_of_each_neuron_get_a_gradient_each() -> None:
    threshold = np.linspace(-55.0, -45.0, SIZE)
    task = Task("lif", v_th=threshold)
    kernels = kernels_of(task, grid=3)
    done = kernels.forward([task.drive], task.state, task.values, DT, keep=True)
    found = kernels.backward(done.kept, task.values, DT, task.on_spikes, [task.on_v])
    varied = found.constants[task.wanted.index("v_th")]
    assert np.unique(varied).size == SIZE
    for n in range(SIZE):
        one = {k: v[n] if np.ndim(v) else v for k, v in task.values.items()}
        alone = kernels.forward([task.drive[:, n : n + 1].copy()], task.state[:, n : n + 1].copy(),
                                one, DT, keep=True)  # fmt: skip
        again = kernels.backward(alone.kept, one, DT, task.on_spikes[:, n : n + 1].copy(),
                                 [task.on_v[:, n : n + 1].copy()])  # fmt: skip
        assert again.constants[task.wanted.index("v_th")][0] == varied[n]


@needs_compiler
def test_gradients_of_the_last_state_and_of_any_stride_are_taken() -> None:
    """A sum over time has a gradient that torch expands: stride 0."""
    task = Task("lif")
    kernels = kernels_of(task)
    done = kernels.forward([task.drive], task.state, task.values, DT, keep=True)
    row = task.on_spikes[:1]
    wide = np.broadcast_to(row, (STEPS, SIZE))
    last = np.ones((len(task.found.active), SIZE))
    one = kernels.backward(done.kept, task.values, DT, wide, [task.on_v], last)
    other = kernels.backward(done.kept, task.values, DT, wide.copy(), [task.on_v], last)
    np.testing.assert_array_equal(one.inputs[0], other.inputs[0])
    none = kernels.backward(done.kept, task.values, DT, wide, [task.on_v])
    assert (one.inputs[0][-1] != none.inputs[0][-1]).any()


@needs_compiler
def test_tensors_of_torch_are_used_where_they_lie() -> None:
    task = Task("lif")

    def room(shape: tuple[int, ...], kind: str) -> torch.Tensor:
        return torch.empty(shape, dtype=getattr(torch, kind))

    kernels = kernels_of(task, room=room)
    drive, state = torch.tensor(task.drive), torch.tensor(task.state)
    done = kernels.forward([drive], state, task.values, DT, keep=True)
    on_spikes = torch.tensor(task.on_spikes[:1]).expand(STEPS, SIZE)
    found = kernels.backward(done.kept, task.values, DT, on_spikes, [torch.tensor(task.on_v)])
    assert isinstance(done.spikes, torch.Tensor)
    plain = kernels_of(task)
    expected = plain.forward([task.drive], task.state, task.values, DT, keep=True)
    again = plain.backward(expected.kept, task.values, DT, on_spikes.numpy(), [task.on_v])
    np.testing.assert_array_equal(done.spikes, expected.spikes)
    np.testing.assert_array_equal(found.inputs[0], again.inputs[0])


# -- rows of 16 bits ------------------------------------------------------------------------------

CONVERT = """
extern "C" __global__ void convert(long long count, const float* x, stored* out, float* back,
                                   stored* other) {
    EACH(i, count) {
        out[i] = rounded(x[i]);
        back[i] = loaded(out[i]);
        other[i] = other_side(out[i], x[i]);
    }
}
"""


def converted(storage: str, x: np.ndarray) -> list[np.ndarray]:
    source = training_preamble(Kind("float32", storage)) + CONVERT
    out, other = np.zeros((2, x.size), np.uint16)
    back = np.zeros(x.size, np.float32)
    arguments = [x.size, x, out, back, other]
    shim.ShimDevice().build(source).ready("convert", 1, 1, arguments)()
    return [out, back, other]


def some_floats() -> np.ndarray:
    rng = np.random.default_rng(0)
    drawn = rng.normal(size=200_000) * 10.0 ** rng.uniform(-9.0, 5.5, 200_000)
    halves = np.arange(2**16, dtype=np.uint16).view(np.float16).astype(np.float32)
    ties = np.nextafter(halves, np.float32(np.inf)) / 2 + halves / 2
    special = [0.0, -0.0, np.inf, -np.inf, np.nan, 65519.0, 65520.0, 65535.0, 2.0**-24, 2.0**-25]
    with np.errstate(over="ignore"):
        return np.concatenate([drawn, halves, ties, special]).astype(np.float32)


@needs_compiler
@pytest.mark.parametrize("storage", ["float16", "bfloat16"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_16_bits_are_rounded_as_torch_rounds_them(storage: str) -> None:
    x = some_floats()
    out, back, _ = converted(storage, x)
    expected = torch.tensor(x).to(getattr(torch, storage))
    np.testing.assert_array_equal(back, expected.to(torch.float32))
    number = ~np.isnan(x)
    bits = expected.view(torch.int16).numpy().view(np.uint16)
    np.testing.assert_array_equal(out[number], bits[number])


@needs_compiler
@pytest.mark.parametrize("storage", ["float16", "bfloat16"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_other_side_is_the_neighbour_across(storage: str) -> None:
    x = some_floats()
    x = x[np.isfinite(x) & (np.abs(x) < 60000.0)]
    out, back, other = converted(storage, x)
    bits = torch.tensor(other.view(np.int16)).view(getattr(torch, storage))
    across = bits.to(torch.float32).numpy()
    np.testing.assert_array_equal(out == other, back == x)
    assert (np.minimum(back, across) <= x).all()
    assert (x <= np.maximum(back, across)).all()
    step = np.abs(other.astype(np.int32) - out)
    assert set(np.unique(step)) <= {0, 1, 2**15 - 1, 2**15 + 1, 2**15}


def leaky() -> StepMap:
    """v <- 0.9 v + x, a spike at 1, which is taken off: a state of size one."""
    update = (Assign("v", parse_expression("d*v + x")),)
    reset = (Assign("v", parse_expression("v - v_th")),)
    inputs = (Input("current", "x", "hold"),)
    threshold = parse_expression("v >= v_th")
    return StepMap("leaky", "map", ("v",), inputs, ("d", "v_th"), update, (), threshold, reset)


@needs_compiler
@pytest.mark.parametrize(("storage", "most"), [("float16", 0.005), ("bfloat16", 0.04)])
def test_16_bit_rows_leave_spikes_and_bend_gradients_little(storage: str, most: float) -> None:
    step_map, numbers_of = leaky(), {"d": 0.9, "v_th": 1.0}
    found = adjoint(step_map, SLOPE, constants=["d"])
    # Drives that 16 bits hold exactly, so that only what is kept is rounded.
    drive = torch.rand((STEPS, 500), generator=torch.Generator().manual_seed(1))
    drive = (0.5 * drive).to(getattr(torch, storage))
    passes = []
    for kind in (Kind("float32", "float32"), Kind("float32", storage)):
        own = getattr(torch, kind.storage)
        kernels = CudaTraining(
            shim.ShimDevice(), step_map, kind, ("x",), found, room=lambda shape, name: torch.empty(
                shape, dtype=getattr(torch, name))
        )  # fmt: skip
        state = torch.zeros((1, 500))
        done = kernels.forward([drive.to(own)], state, numbers_of, 1.0, keep=True)
        ones = torch.ones((1, 1), dtype=own).expand(STEPS, 500).contiguous()
        passes.append((done, kernels.backward(done.kept, numbers_of, 1.0, ones)))
    (wide, exact), (narrow, rough) = passes
    assert wide.spikes.sum() > 500
    torch.testing.assert_close(narrow.spikes.float(), wide.spikes, rtol=0.0, atol=0.0)
    torch.testing.assert_close(narrow.state, wide.state, rtol=0.0, atol=0.0)
    # What backward reads is on the side of the threshold where the neuron was.
    seen = narrow.kept.rows[1:, 0].float() >= 1.0
    assert narrow.kept.rows.element_size() == 2
    assert torch.equal(seen, wide.spikes > 0.5)
    for ours, theirs in ((rough.inputs[0], exact.inputs[0]), (rough.constants, exact.constants)):
        assert (ours.double() - theirs.double()).norm() < most * theirs.double().norm()


def test_kinds_that_make_no_sense_are_refused() -> None:
    with pytest.raises(BackendError, match="rows of float16 cannot be trained with float64"):
        Kind("float64", "float16")


# -- compilation for GPUs -------------------------------------------------------------------------


def compiled(cases: list[str], kind: Kind, architecture: int) -> bytes:
    """Machine code of the kernels of all ``cases`` together."""
    compiler = nvrtc.compiler()
    if compiler is None:
        pytest.skip("neither libnvrtc nor nvcc is on this machine")
    if architecture not in compiler.architectures:
        pytest.skip(f"{compiler.title} does not compile for sm_{architecture}")
    whole = training_preamble(kind)
    for k, case in enumerate(cases):
        task = Task(case)
        parts = task.step_map, kind, ("in_current",), task.found, ("v",)
        kernels = CudaTraining(None, *parts).source().removeprefix(training_preamble(kind))
        for name in ("forward", "keeping", "backward"):
            kernels = kernels.replace(f"void {name}(", f"void {name}_{k}(")
        whole += kernels
    return compiler.compile(whole, architecture)


@pytest.mark.parametrize("storage", ["float32", "float16", "bfloat16"])
def test_training_kernels_compile(storage: str) -> None:
    assert compiled(["lif"], Kind("float32", storage), 80)[:4] == b"\x7fELF"


@pytest.mark.slow
@pytest.mark.parametrize("kind", [DOUBLE, Kind("float32", "bfloat16")], ids=["double", "narrow"])
@pytest.mark.parametrize("architecture", [70, 80, 90])
def test_training_kernels_of_every_model_compile(architecture: int, kind: Kind) -> None:
    assert compiled(list(SOME), kind, architecture)[:4] == b"\x7fELF"


# -- as a function of torch -----------------------------------------------------------------------


@needs_compiler
@pytest.mark.parametrize("case", ["lif", "adex euler", "izhikevich 2003"])
def test_the_function_of_torch_has_the_gradients_of_autograd(case: str) -> None:
    task = Task(case)
    drive = torch.tensor(task.drive).requires_grad_()
    parts = task.step_map, ("in_current",), task.found, ("v",), drive
    kernels = training_kernels(*parts, shim.ShimDevice())
    results = []
    for own in (True, False):
        given = torch.tensor(task.drive).requires_grad_()
        start = torch.tensor(task.state).requires_grad_()
        leaves = {k: torch.tensor(np.asarray(v)).requires_grad_() for k, v in task.values.items()}
        if own:
            work = Work(kernels, task.values, DT, keep=True)
            wanted = [leaves[name] for name in task.wanted]
            spikes, last, v = DevicePasses.apply(work, given, start, *wanted)
            end = last[task.step_map.states.index("v")]
        else:
            spikes, ends, traces = by_autograd(
                task.step_map, SLOPE, leaves, start, {"in_current": given}, DT
            )
            v, end = traces["v"], ends["v"]
        # Sums have gradients of stride 0, a part of a result has one of another stride.
        (spikes.sum() + v[:, ::2].sum() + (end * end).sum()).backward()
        results.append((given.grad, start.grad, [leaves[name].grad for name in task.wanted]))
    (ours, first, constants), (theirs, expected, others) = results
    close(ours.numpy(), theirs)
    active = [task.step_map.states.index(name) for name in task.found.active]
    close(first[active].numpy(), expected[active])
    for mine, other in zip(constants, others, strict=True):
        close(mine.numpy(), other)


def test_a_drive_of_whole_numbers_is_refused() -> None:
    task = Task("lif")
    drive = torch.zeros((3, 2), dtype=torch.int64)
    with pytest.raises(
        BackendError, match=r"a drive of torch.int64 .* use one of float64, float32"
    ):
        training_kernels(task.step_map, ("in_current",), task.found, (), drive)
