"""spyx on JAX: a compiled scan over the steps, one thread.

Its neuron spikes one step after its v passes the threshold and is then reset, and its surrogate is
lower by a constant; both change nothing of the work.
"""

from __future__ import annotations

import os
import sys
from functools import partial

# before JAX starts its threads
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
os.environ["NPROC"] = "1"

import jax
import jax.numpy as jnp
import numpy as np
import spyx
from flax import nnx
from training_work import DECAY, THRESHOLD, Answer, Numbers, numbers, serve


def lif(*shape: int) -> nnx.Module:
    """v <- 0.9 v + x, reset by subtraction."""
    spike = spyx.axn.arctan(1)
    return spyx.nn.LIF(shape, beta=DECAY, threshold=THRESHOLD, activation=spike, rngs=nnx.Rngs(0))


def network(given: Numbers) -> nnx.Module:
    """The layers of a row, as the library's own, with the weights of the row."""
    if not given.weights:
        return lif(*given.x.shape[2:])
    linear = partial(nnx.Linear, use_bias=False, rngs=nnx.Rngs(0))
    conv = partial(nnx.Conv, kernel_size=(3, 3), use_bias=False, rngs=nnx.Rngs(0))
    pool = partial(nnx.avg_pool, window_shape=(2, 2), strides=(2, 2))
    if len(given.weights) == 1:
        layers = [linear(512, 512), lif(512)]
    else:
        layers = [conv(1, 32), lif(28, 28, 32), pool, conv(32, 64), lif(14, 14, 64), pool]
        layers += [spyx.nn.Flatten(), linear(64 * 7 * 7, 10), lif(10)]
    made = spyx.nn.Sequential(*layers)
    holders = [part for part in made.layers if hasattr(part, "kernel")]
    for part, weight in zip(holders, given.weights, strict=True):
        part.kernel.value = jnp.asarray(own_order(weight))
    return made


def own_order(weight: np.ndarray) -> np.ndarray:
    """A weight with its axes as flax has them: [..., in, out], channels last."""
    if weight.ndim == 4:
        return weight.transpose(2, 3, 1, 0)
    if weight.shape[1] == 64 * 7 * 7:
        weight = weight.reshape(-1, 64, 7, 7).transpose(0, 2, 3, 1).reshape(len(weight), -1)
    return weight.T


def main() -> None:
    """Serve a row."""
    given = numbers(sys.argv[1])
    x = jnp.asarray(given.x if given.x.ndim < 5 else given.x.transpose(0, 1, 3, 4, 2))
    factors = jnp.asarray(given.factors)
    graph, weights, rest = nnx.split(network(given), is_weight, ...)

    def forward(weights: nnx.State, x: jax.Array) -> jax.Array:
        return spyx.nn.run(nnx.merge(graph, weights, rest), x)[0]

    def loss(weights: nnx.State, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        spikes = forward(weights, x)
        return (spikes * factors).sum(), spikes.mean()

    fast = jax.jit(forward)
    gradient = jax.jit(jax.grad(loss, argnums=0 if given.weights else 1, has_aux=True))

    def both() -> Answer:
        gradients, rate = jax.block_until_ready(gradient(weights, x))
        sizes = [float(jnp.abs(one).sum()) for one in jax.tree.leaves(gradients)]
        return Answer(float(rate), sum(sizes))

    serve(lambda: Answer(float(jax.block_until_ready(fast(weights, x)).mean())), both)


def is_weight(path: tuple, value: object) -> bool:
    """Whether a value of the network is learnt: kernels are, decays are not."""
    del value
    return "kernel" in path


if __name__ == "__main__":
    main()
