"""Compiling ahead of a run on a GPU, with a word on what is being compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from engine.backends.cuda import gpu
from engine.backends.cuda.plastic_printer import plastic_source
from engine.backends.cuda.printer import kernel_source
from engine.backends.cuda.release import release_source
from engine.backends.cuda.source import fixed_source
from engine.backends.cuda.third_printer import third_source
from engine.equations.constants import varying
from engine.equations.release import ReleaseMap
from engine.runtime.plan import NetworkPlan, index_type


def sources(plan: NetworkPlan) -> Iterator[tuple[str, str]]:
    """(what it is, source) of everything that a run of ``plan`` compiles."""
    dtype = np.dtype(plan.dtype)
    yield "the kernels of all networks", fixed_source(dtype.name)
    for population in plan.populations:
        step_map = population.step_map
        varied = varying(step_map, population.constants)
        yield step_map.model, kernel_source(step_map, dtype, varied)
    for rule, sources_of, targets_of in plan.rules:
        if isinstance(rule, ReleaseMap):
            yield rule.model, release_source(rule)
            continue
        ends = index_type(sources_of), index_type(targets_of)
        yield rule.model, plastic_source(rule, dtype, *ends)
        if rule.clock is not None:
            yield rule.model, third_source(rule)


def prepare(
    plan: NetworkPlan, threads: int = 1, progress: Callable[[float, str], None] | None = None
) -> None:
    """Compile, or load, what ``plan`` needs; ``progress`` is told what is not in the cache yet."""
    device, wanted = gpu.GpuDevice(), list(sources(plan))
    for done, (title, source) in enumerate(wanted):
        if progress is not None and not gpu.is_built(source):
            progress(done / len(wanted), f"compiling {title} for the GPU")
        device.build(source)


def is_warm(plan: NetworkPlan, threads: int = 1) -> bool:
    """Whether `prepare` would find everything in the cache."""
    return all(gpu.is_built(source) for _, source in sources(plan))
