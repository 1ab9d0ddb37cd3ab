"""e-prop: gradients of recurrent spiking networks forward in time, by eligibility traces.

Bellec et al. 2020, Nature Communications 11:3625.  The gradient of the error E is written as a sum
over time of a learning signal of each neuron times an eligibility of each synapse,

    dE/dW_ji = sum_t L_j e_ji,   e_ji = psi_j (eps_i - beta_j eps_a_ji),
    eps_i = alpha eps_i + z_i,   eps_a_ji = psi_j eps_i + (rho - psi_j beta_j) eps_a_ji,

where psi is the surrogate slope at the threshold (their eqs. 4, 13 and 23 to 25) and e is low-pass
filtered like the read-out.  Nothing is kept of the past but traces, so the memory needed does not
grow with the length of a sequence.  The neurons are the model ``alif``; with beta = 0 it is LIF.
For one feed-forward layer without reset the gradient is that of back-propagation through time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from engine.backends.torch_reference import evaluate
from engine.checked import array, choice, finite, flag, number, told, whole
from engine.deep.spiking import DTYPES, Spiking
from engine.errors import DataError, RunStopped
from engine.learning.course import Cancel, Progress, Trained, Watch, follow
from engine.learning.draws import Draws
from engine.models.surrogates import surrogate as find_surrogate

SMALL = 2**20  # numbers that a step works on: below, threads wait for each other more than they do
LOOK_STEPS = 32  # time steps between two looks at whether to stop
MOST_TRACES = 2**28  # numbers that eligibilities may take: 1 GiB of float32
FEEDBACK = ("symmetric", "random")
LOSSES = ("squared", "cross_entropy")
Batch = tuple[Tensor, Tensor, Tensor | None]  # inputs, targets and when they count


class EProp(nn.Module):
    """A recurrent layer of ALIF neurons with a leaky read-out, trained by e-prop.

    ``beta`` is a number or one a neuron (0: LIF); time constants count steps.  The learning signal
    reaches neurons by the read-out's own weights (``feedback="symmetric"``) or by fixed random ones
    ("random", broadcast alignment).  ``rate_cost`` pulls the mean rate of each neuron (spikes a
    step) to ``rate_target``.  A neuron has no synapse onto itself.

    Raises DataError for sizes and numbers that cannot be used.
    """

    beta: Tensor  # [neurons]
    fixed: Tensor  # random feedback [outputs, neurons]

    def __init__(
        self,
        inputs: int,
        neurons: int,
        outputs: int,
        *,
        tau: float = 20.0,
        tau_a: float = 200.0,
        beta: float | np.ndarray = 0.0,
        v_th: float = 1.0,
        tau_out: float = 20.0,
        recurrent: bool = True,
        resets: bool = True,
        feedback: str = "symmetric",
        rate_cost: float = 0.0,
        rate_target: float = 0.02,
        seed: int = 0,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        for size, what in ((inputs, "inputs"), (neurons, "neurons"), (outputs, "outputs")):
            whole(size, what)
        if not isinstance(dtype, torch.dtype) or dtype not in DTYPES:
            raise DataError(f"`dtype` must be torch.float32 or torch.float64, not {told(dtype)}")
        beta = array(beta, "beta")
        if beta.shape not in ((), (1,), (neurons,)):
            raise DataError(f"`beta` must be a finite number, or {neurons} of them; one a neuron")
        self.recurrent = flag(recurrent, "recurrent")
        self.feedback = choice(feedback, "feedback", FEEDBACK)
        self.rate_cost = number(rate_cost, "rate_cost", 0, open_low=False)
        self.rate_target = finite(rate_target, "rate_target")
        self.alpha = math.exp(-1.0 / number(tau, "tau", 0))
        self.rho = math.exp(-1.0 / number(tau_a, "tau_a", 0))
        self.kappa = math.exp(-1.0 / number(tau_out, "tau_out", 0))
        shape = {"gamma": 0.3, "width": number(v_th, "v_th", 0)}
        self.slope = find_surrogate("triangle").expression(shape)
        self.layer = Spiking(
            "alif", surrogate=("triangle", shape), step_mode="s", traces=("v", "a"), tau=tau,
            tau_a=tau_a, beta=beta, v_th=v_th, resets=float(flag(resets, "resets")),
        )  # fmt: skip
        self.v_th = v_th
        self._start(inputs, neurons, outputs, seed, dtype)
        self.register_buffer(
            "beta", torch.as_tensor(beta, dtype=dtype).broadcast_to(neurons).clone()
        )

    def _start(
        self, inputs: int, neurons: int, outputs: int, seed: int, dtype: torch.dtype
    ) -> None:
        """Normal weights of variance 1/senders, as the paper's, from the engine's streams."""
        draws = Draws(seed, "e-prop")

        def normal(rows: int, columns: int) -> Tensor:
            return torch.tensor(draws.normal(rows, columns) / math.sqrt(columns), dtype=dtype)

        self.w_in = nn.Parameter(normal(neurons, inputs))
        self.w_rec = nn.Parameter(normal(neurons, neurons).fill_diagonal_(0.0))
        self.w_rec.requires_grad_(self.recurrent)
        self.w_out = nn.Parameter(normal(outputs, neurons))
        self.bias = nn.Parameter(torch.zeros(outputs, dtype=dtype))
        self.register_buffer("fixed", normal(outputs, neurons))

    @property
    def synapses(self) -> int:
        """Synapses that have an eligibility."""
        return self.w_in.numel() + self.recurrent * self.w_rec.numel()

    @contextmanager
    def _threads(self, batch: int) -> Iterator[None]:
        """One thread of torch for small steps: on a busy machine two are many times slower."""
        before = torch.get_num_threads()
        if batch * self.synapses < SMALL:
            torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)

    @torch.no_grad()
    def forward(self, x: Tensor | np.ndarray) -> tuple[Tensor, Tensor]:
        """Read-out [T, B, outputs] and spikes [T, B, neurons] for inputs [T, B, inputs]."""
        given: Tensor = _tensor(x)
        self._check(given)
        now = _Now(self, given)
        outputs, spikes = [], []
        with self._threads(given.shape[1]):
            for step in given:
                now.advance(step)
                outputs.append(now.y)
                spikes.append(now.z)
        return torch.stack(outputs), torch.stack(spikes)

    def gradients(
        self,
        x: Tensor,
        target: Tensor,
        when: Tensor | None = None,
        loss: str = "squared",
    ) -> float:
        """The loss for inputs [T, B, inputs]; its e-prop gradients are set as ``.grad``.

        "squared": the mean over steps and samples of half the squared distance to ``target`` [T, B,
        outputs].  "cross_entropy": of the softmax of the read-out at classes ``target`` [T, B].
        ``when`` [T, B] weighs steps (0: does not count).  Memory: one number a sample and synapse.
        """
        sweep = self.sweep(x, target, when, loss)
        with self._threads(x.shape[1]):
            for _ in sweep:
                pass
        return sweep.loss

    def sweep(self, x: Tensor, target: Tensor, when: Tensor | None, loss: str) -> Sweep:
        """The pass of `gradients`, to be iterated over: it gives way every few steps."""
        self._check(x)
        choice(loss, "loss", LOSSES)
        for what, given in (("target", target), ("when", when)):
            if not isinstance(given, Tensor) and (given is not None or what == "target"):
                raise DataError(f"`{what}` must be a tensor, not {told(given)}; give one")
        steps = tuple(x.shape[:2])
        wanted = (*steps, self.w_out.shape[0]) if loss == "squared" else steps
        if tuple(target.shape) != wanted or (when is not None and tuple(when.shape) != steps):
            given = " x ".join(map(str, target.shape))
            raise DataError(f"`target` is {given}, it must be {' x '.join(map(str, wanted))}")
        classes = loss == "cross_entropy"
        if not torch.isfinite(target).all():
            raise DataError("`target` holds NaN or infinity; remove it")
        if classes and not 0 <= int(target.min()) <= int(target.max()) < self.w_out.shape[0]:
            raise DataError(f"`target` must be classes 0 to {self.w_out.shape[0] - 1}; see it")
        if 3 * x.shape[1] * self.synapses > MOST_TRACES:
            most = MOST_TRACES // (3 * self.synapses)
            raise DataError(f"eligibilities of {x.shape[1]} samples need too much; take {most}")
        return Sweep(self, x, target, when, loss)

    def _check(self, x: Tensor) -> None:
        if not isinstance(x, Tensor):
            raise DataError(f"the input must be a tensor or an array, not {told(x)}; give one")
        if x.dim() != 3 or x.shape[2] != self.w_in.shape[1] or not x.numel():
            given = " x ".join(map(str, x.shape))
            raise DataError(
                f"the input is {given}; it must be steps x samples x {self.w_in.shape[1]}"
            )
        if x.dtype != self.w_in.dtype:
            raise DataError(f"the input is {x.dtype}; it must be {self.w_in.dtype}")
        if not torch.isfinite(x).all():
            raise DataError("the input holds NaN or infinity; remove it")

    def psi(self, v: Tensor, a: Tensor) -> Tensor:
        """The surrogate slope where the potential is ``v`` and the adaptation ``a``."""
        return evaluate(self.slope, {"x": v - self.v_th - self.beta * a}).to(v.dtype)


class _Now:
    """The network at one step: spikes, potential, adaptation and read-out."""

    def __init__(self, net: EProp, x: Tensor) -> None:
        self.net = net
        net.layer.reset()
        self.z = torch.zeros(x.shape[1], net.w_in.shape[0], dtype=x.dtype)
        self.y = torch.zeros(x.shape[1], net.w_out.shape[0], dtype=x.dtype)

    def advance(self, step: Tensor) -> None:
        """One step with input [B, inputs]."""
        net = self.net
        drive = step @ net.w_in.T
        if net.recurrent:
            drive = drive + self.z @ net.w_rec.T
        self.z, self.v, self.a = net.layer(drive)
        self.y = net.kappa * self.y + self.z @ net.w_out.T + net.bias


class Sweep:
    """The traces of one pass through a batch: iterate over it, then read ``loss``."""

    def __init__(
        self, net: EProp, x: Tensor, target: Tensor, when: Tensor | None, loss: str
    ) -> None:
        self.net, self.x, self.target, self.kind = net, x, target, loss
        self.when = torch.ones(x.shape[:2], dtype=x.dtype) if when is None else when.to(x.dtype)
        senders = net.w_in.shape[1] + net.recurrent * net.w_in.shape[0]
        batch, neurons = x.shape[1], net.w_in.shape[0]
        self.came = torch.zeros(batch, 1, senders, dtype=x.dtype)  # eps
        self.adapted = torch.zeros(batch, neurons, senders, dtype=x.dtype)  # eps_a
        self.filtered = torch.zeros_like(self.adapted)
        self.found = torch.zeros(neurons, senders, dtype=x.dtype)
        self.summed = torch.zeros_like(self.found)
        self.spikes = torch.zeros(neurons, dtype=x.dtype)
        self.sent = torch.zeros(batch, neurons, dtype=x.dtype)
        self.leak = 0.0
        self.out, self.bias = torch.zeros_like(net.w_out), torch.zeros_like(net.bias)
        self.adapts = bool((net.beta != 0).any())
        self.loss = 0.0

    @torch.no_grad()
    def _step(self, now: _Now, t: int, psi: Tensor) -> Tensor:
        net = self.net
        if self.adapts:  # psi and eps of the step before
            beta = net.beta[:, None]
            self.adapted = psi * self.came + (net.rho - psi * beta) * self.adapted
        sender = torch.cat([self.x[t], now.z], 1) if net.recurrent else self.x[t]
        self.came = net.alpha * self.came + sender[:, None]
        now.advance(self.x[t])
        psi = net.psi(now.v, now.a)[:, :, None]
        eligible = psi * self.came
        if self.adapts:
            eligible = eligible - psi * net.beta[:, None] * self.adapted
        self.filtered.mul_(net.kappa).add_(eligible)
        error = self._error(now.y, t)
        back = net.fixed if net.feedback == "random" else net.w_out
        self.found += torch.einsum("bj,bji->ji", error @ back, self.filtered)
        if net.rate_cost:
            self.summed += eligible.sum(0)
            self.spikes += now.z.sum(0)
        self.sent = net.kappa * self.sent + now.z
        self.leak = net.kappa * self.leak + 1.0
        self.out += error.T @ self.sent
        self.bias += self.leak * error.sum(0)
        return psi

    def _error(self, y: Tensor, t: int) -> Tensor:
        """dE/dy of this step, [B, outputs]; the loss is added up."""
        share = (self.when[t] / self.when.sum().clamp(min=1e-12))[:, None]
        if self.kind == "squared":
            apart = y - self.target[t]
            self.loss += float(0.5 * (share * apart.square()).sum())
            return share * apart
        chances = torch.softmax(y, 1)
        right = torch.nn.functional.one_hot(self.target[t].long(), y.shape[1])
        self.loss -= float((share * right * torch.log_softmax(y, 1)).sum())
        return share * (chances - right)

    def __iter__(self) -> Iterator[None]:
        now = _Now(self.net, self.x)
        psi = torch.zeros(self.x.shape[1], self.net.w_in.shape[0], 1, dtype=self.x.dtype)
        for t in range(len(self.x)):
            psi = self._step(now, t, psi)
            if t % LOOK_STEPS == 0:
                yield
        self._finish()

    @torch.no_grad()
    def _finish(self) -> None:
        net = self.net
        if net.rate_cost:
            steps = self.x.shape[0] * self.x.shape[1]
            excess = self.spikes / steps - net.rate_target
            self.found += net.rate_cost * excess[:, None] * self.summed / steps
        inputs = net.w_in.shape[1]
        net.w_in.grad = self.found[:, :inputs].clone()
        if net.recurrent:
            net.w_rec.grad = self.found[:, inputs:].clone().fill_diagonal_(0.0)
        net.w_out.grad, net.bias.grad = self.out, self.bias


def fit_eprop(
    net: EProp,
    batch: Callable[[int], Batch],
    steps: int,
    *,
    rate: float = 0.003,
    loss: str = "squared",
    tolerance: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    watch: Watch | None = None,
) -> Trained[dict[str, np.ndarray]]:
    """Train ``net`` by Adam on what ``batch(n)`` gives for step n: inputs, targets and when.

    The result's error is the loss of each step; its state, and the network, have the weights of the
    last of them.  ``watch`` may run the network at the end of a step, not within.  Raises
    DataError, or RunStopped where the loss or weights explode: the network
    then has the weights before.
    """
    number(rate, "rate", 0)
    if not isinstance(net, EProp):
        raise DataError(f"`net` must be an EProp, not {told(net)}; make one")
    if not callable(batch):
        raise DataError(f"`batch` must be a function of the step, not {told(batch)}; give one")
    optimiser = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=rate)

    def weights() -> dict[str, np.ndarray]:
        return {name: value.detach().numpy().copy() for name, value in net.named_parameters()}

    def course() -> Iterator[tuple[dict[str, np.ndarray], float | None]]:
        for step in range(steps):
            now = weights()
            x, target, when = _three(batch(step))
            sweep = net.sweep(x, target, when, loss)
            with net._threads(x.shape[1]):
                for _ in sweep:
                    yield now, None
            yield now, sweep.loss
            optimiser.step()

    try:
        done = follow(
            course(), weights(), whole(steps, "steps"), tolerance=tolerance, progress=progress,
            cancel=cancel, watch=watch, text="e-prop", measure="loss",
        )  # fmt: skip
    except RunStopped as stopped:
        _give(net, cast("Trained[dict[str, np.ndarray]]", stopped.run).state)
        raise
    _give(net, done.state)
    return done


def _three(given: object) -> Batch:
    """What a batch is made of; DataError otherwise."""
    if not isinstance(given, tuple | list) or len(given) != 3:
        raise DataError(
            f"`batch` must give inputs, targets and when they count (or None), not {told(given)}; "
            "return the three"
        )
    x, target, when = given
    return _tensor(x), _tensor(target), _tensor(when)


def _tensor(given: Any) -> Any:
    """An array of numbers as a tensor; what is none as it is, to be judged where it is used."""
    numbers = isinstance(given, np.ndarray) and given.dtype.kind in "fiub"
    return torch.from_numpy(given) if numbers else given


def _give(net: EProp, weights: dict[str, np.ndarray]) -> None:
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            parameter.copy_(torch.from_numpy(weights[name]))
