"""Compiled code by need: population kernels from step maps, and the driver of all networks.

Both go through `backends/cache.py`, keyed by the text that is compiled and by the text of every
file of this folder that it leans on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.backends import cache
from engine.backends.numba_cpu.dense import counts_spikes
from engine.backends.numba_cpu.late import kernel_map
from engine.backends.numba_cpu.plastic_printer import event_source, programs_of, reward_source
from engine.backends.numba_cpu.printer import kernel_source
from engine.backends.numba_cpu.release_printer import release_source
from engine.document.structure import AUTO
from engine.equations.constants import varying
from engine.equations.plastic import PlasticMap
from engine.equations.release import ReleaseMap
from engine.equations.stepmap import StepMap
from engine.runtime.plan import NetworkPlan, index_type

_HERE = Path(__file__).parent
# What a population kernel may call: a change in one of these builds all kernels anew.
_KERNEL_SUPPORT = (
    _HERE / "pointers.py",
    _HERE / "mathematics.py",
    _HERE.parent / "philox.py",
)
_TREE_SUPPORT = (*_KERNEL_SUPPORT, _HERE / "hines.py")
RANDOM_SUPPORT = (_HERE / "pointers.py", _HERE / "random.py", _HERE.parent / "philox.py")
_DRIVER_SUPPORT = (
    *_KERNEL_SUPPORT,
    _HERE / "random.py",
    _HERE / "layout.py",
    _HERE / "records.py",
    _HERE / "counting.py",
    _HERE / "rows.py",
    _HERE / "gaps.py",
    _HERE / "delivery.py",
    _HERE / "sources.py",
    _HERE / "atomics.py",
    _HERE / "mail.py",
    _HERE / "meeting.py",
    _HERE / "plastic_events.py",
    _HERE / "release_events.py",
    _HERE / "calls.py",
    _HERE / "driver.py",
)
EVENT_SUPPORT = (*_KERNEL_SUPPORT, _HERE / "plastic_events.py")
_CHANCE_SUPPORT = (*EVENT_SUPPORT, _HERE / "random.py")
_RELEASE_SUPPORT = (*_KERNEL_SUPPORT, _HERE / "release_events.py")
_COLUMNS_SUPPORT = (_HERE / "plastic_columns.py",)
_SPLITTER_SUPPORT = (_HERE / "splitting.py",)
_BITS_SUPPORT = (_HERE / "bits.py",)

_DRIVER = '''\
"""The driver for {dtype}, compiled; see engine/backends/numba_cpu/driver.py."""

import numpy as np
from numba import njit

from engine.backends.numba_cpu import calls, driver

ZERO = np.{dtype}(0)


@njit(driver.SIGNATURE, cache=True, nogil=True, error_model="numpy")
def work(tables, thread, order, start, step, end):
    return driver.work(tables, thread, order, start, step, end, ZERO)


@njit(calls.SPIKES_SIGNATURE, cache=True)
def fill_spikes(tables, reported, start, steps, senders):
    calls.fill_spikes(tables, reported, start, steps, senders)
'''

_SPLITTER = '''\
"""The division of rows into parts, compiled; see engine/backends/numba_cpu/splitting.py."""

from numba import njit

from engine.backends.numba_cpu import splitting


@njit(splitting.SIGNATURES, cache=True, nogil=True)
def split_rows(row, target, bounds, begins):
    return splitting.split_rows(row, target, bounds, begins)
'''

_BITS = '''\
"""Rows of synapses made rows of bits, compiled; see engine/backends/numba_cpu/bits.py."""

from numba import njit

from engine.backends.numba_cpu import bits


@njit(bits.SIGNATURES, cache=True, nogil=True)
def fill_bits(row, target, bits_, again, rest):
    return bits.fill_bits(row, target, bits_, again, rest)
'''

_COLUMNS = '''\
"""Synapses by target, compiled; see engine/backends/numba_cpu/plastic_columns.py."""

from numba import njit

from engine.backends.numba_cpu import plastic_columns


@njit(plastic_columns.SIGNATURES, cache=True, nogil=True)
def fill_columns(row, target, column, source, synapse):
    plastic_columns.fill_columns(row, target, column, source, synapse)
'''

_kernels: dict[str, Kernel] = {}
_guard = threading.Lock()


@dataclass(frozen=True)
class Kernel:
    """A compiled population kernel; kept as long as the process lives, so its address stays."""

    source: str
    address: int
    compiled: Any = None  # keeps the code at ``address`` alive


def kernel(step_map: StepMap, dtype: np.dtype | str, varied: Collection[str] = ()) -> Kernel:
    """The kernel of ``step_map`` for float type ``dtype``; ``varied`` constants are rows.

    The first use of new mathematics compiles (about a second); later ones read the cache.
    """
    source = kernel_source(step_map, np.dtype(dtype), varied)
    with _guard:
        if source not in _kernels:
            compiled = cache.load("population", source, _support(step_map)).kernel
            _kernels[source] = Kernel(source, compiled.address, compiled)
        return _kernels[source]


def _support(step_map: StepMap) -> tuple[Path, ...]:
    """The files that the kernel of ``step_map`` calls into."""
    return _KERNEL_SUPPORT if step_map.tree is None else _TREE_SUPPORT


def driver(dtype: np.dtype | str) -> Callable[..., Any]:
    """The compiled `driver.work` for float type ``dtype``, the same for all networks."""
    return cache.load("driver", _DRIVER.format(dtype=np.dtype(dtype)), _DRIVER_SUPPORT).work


def spike_filler(dtype: np.dtype | str) -> Callable[..., None]:
    """The compiled `calls.fill_spikes`, which comes with the driver for float type ``dtype``."""
    text = _DRIVER.format(dtype=np.dtype(dtype))
    return cache.load("driver", text, _DRIVER_SUPPORT).fill_spikes


def holds_driver(dtype: np.dtype | str) -> bool:
    """Whether `driver` would only load."""
    return cache.holds("driver", _DRIVER.format(dtype=np.dtype(dtype)), _DRIVER_SUPPORT)


def begin(plan: NetworkPlan) -> None:
    """Begin to compile the driver in another process, where it is missing and that pays."""
    from engine.backends.numba_cpu import ahead

    ahead.begin(plan.dtype)


def row_splitter() -> Callable[..., bool]:
    """The compiled `splitting.split_rows`."""
    return cache.load("splitter", _SPLITTER, _SPLITTER_SUPPORT).split_rows


def event_programs(
    rule: PlasticMap, dtype: np.dtype | str, source: np.dtype | type, target: np.dtype | type
) -> dict[str, int]:
    """Addresses of the compiled programs of ``rule``, with these types of indices.

    They last as long as the process.
    """
    text = event_source(rule, np.dtype(dtype), source, target)
    module = cache.load("plastic", text, _event_support(rule))
    found = {name: getattr(module, name).address for name in programs_of(rule)}
    if rule.on_reward:
        module = cache.load("plastic", reward_source(rule), EVENT_SUPPORT)
        found["on_reward"] = module.on_reward.address
    return found


def _event_support(rule: PlasticMap) -> tuple[Path, ...]:
    """The files that the programs of ``rule`` call into."""
    return _CHANCE_SUPPORT if rule.chance else EVENT_SUPPORT


def release_program(rule: ReleaseMap) -> int:
    """Address of the compiled program of ``rule``; it lasts as long as the process."""
    return cache.load("release", release_source(rule), _RELEASE_SUPPORT).release.address


def column_filler() -> Callable[..., None]:
    """The compiled `plastic_columns.fill_columns`."""
    return cache.load("columns", _COLUMNS, _COLUMNS_SUPPORT).fill_columns


def bit_filler() -> Callable[..., int]:
    """The compiled `bits.fill_bits`."""
    return cache.load("bits", _BITS, _BITS_SUPPORT).fill_bits


@dataclass(frozen=True)
class _Entry:
    """Something compiled that a plan needs, as the cache knows it."""

    title: str
    kind: str
    source: str
    support: tuple[Path, ...]


def _entries(plan: NetworkPlan, threads: int | str) -> list[_Entry]:
    dtype = np.dtype(plan.dtype)
    found = []
    for population in plan.populations:
        step_map = kernel_map(population)
        varied = varying(step_map, population.constants)
        source = kernel_source(step_map, dtype, varied)
        found.append(_Entry(step_map.model, "population", source, _support(step_map)))
    found += [entry for rule in plan.rules for entry in _rule_entries(*rule, dtype)]
    if threads == AUTO or (isinstance(threads, int) and threads > 1):
        found.append(_Entry("the division of work", "splitter", _SPLITTER, _SPLITTER_SUPPORT))
    driver = _DRIVER.format(dtype=dtype)
    found.append(_Entry("the network driver", "driver", driver, _DRIVER_SUPPORT))
    return found


def _rule_entries(
    rule: PlasticMap | ReleaseMap, sources: int, targets: int, dtype: np.dtype
) -> Iterator[_Entry]:
    if isinstance(rule, ReleaseMap):
        yield _Entry(rule.model, "release", release_source(rule), _RELEASE_SUPPORT)
        return
    for traces in (rule.pre, rule.post):
        if traces.states:
            source = kernel_source(traces, dtype, ())
            yield _Entry(rule.model, "population", source, _KERNEL_SUPPORT)
    programs = event_source(rule, dtype, index_type(sources), index_type(targets))
    yield _Entry(rule.model, "plastic", programs, _event_support(rule))
    if rule.on_reward:
        yield _Entry(rule.model, "plastic", reward_source(rule), EVENT_SUPPORT)
    if rule.clock is not None:
        source = kernel_source(rule.clock, np.dtype(np.float64), ())
        yield _Entry(rule.model, "population", source, _KERNEL_SUPPORT)
    yield _Entry("the order of synapses", "columns", _COLUMNS, _COLUMNS_SUPPORT)


def prepare(
    plan: NetworkPlan, threads: int | str = 1, progress: Callable[[float, str], None] | None = None
) -> None:
    """Compile, or load, what the populations of ``plan`` need and the driver.

    ``progress`` is told, before each piece that must be compiled, the share done (0 to 1) and what
    it is; nothing where all is in the cache.  A driver that `begin` has begun is left alone.
    """
    from engine.backends.numba_cpu import ahead

    entries = _entries(plan, threads)
    for done, entry in enumerate(entries):
        if entry.kind == "driver" and ahead.is_busy(plan.dtype):
            continue  # whoever needs it first waits for it
        held = cache.holds(entry.kind, entry.source, entry.support)
        if progress is not None and not held:
            progress(done / len(entries), f"compiling {entry.title}, once on this machine")
        cache.load(entry.kind, entry.source, entry.support)
    # Half a second, and known only where a plan has its projections: not worth a word.
    if any(counts_spikes(projection) for projection in plan.projections):
        bit_filler()


def is_warm(plan: NetworkPlan, threads: int | str = 1) -> bool:
    """Whether `prepare` would compile nothing worth a word."""
    return all(cache.holds(e.kind, e.source, e.support) for e in _entries(plan, threads))
