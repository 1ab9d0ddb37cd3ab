"""What all parts of a network on a device share: the clock, the length of a block, the lists."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.backends.cuda.device import Device, Memory, Module
from engine.backends.cuda.source import fixed_source
from engine.backends.numba_cpu.checks import delays_of
from engine.backends.numba_cpu.plastic_layout import block_limit
from engine.runtime.plan import Floats, NetworkPlan, ProjectionPlan

LONGEST_BLOCK = 64
BLOCK_ENTRIES = 1 << 24  # neurons times steps of a block, which could all be spikes
SLICE = 8192  # steps between two looks at the device; an entry of a list can tell 65,536 apart
SLICE_ENTRIES = 1 << 22

Spikes = tuple[np.ndarray, np.ndarray]  # int64 steps, uint32 senders


@dataclass
class Frame:
    """A plan's measures and the memory that every kernel looks at."""

    plan: NetworkPlan
    device: Device
    dtype: np.dtype = field(init=False)
    kernels: Module = field(init=False)
    sizes: list[int] = field(init=False)  # of emitters: populations, then sources
    block: int = field(init=False)  # steps that are done in one sequence of launches
    slice: int = field(init=False)  # steps whose spikes always find room
    longest: int = field(init=False)  # longest delay of a spike in a ring
    clock: Memory = field(init=False)
    cells: Memory = field(init=False)  # int64[emitters, 2]: begin of the block in a list, its end

    def __post_init__(self) -> None:
        plan = self.plan
        self.dtype = np.dtype(plan.dtype)
        self.kernels = self.device.build(fixed_source(self.dtype.name))
        self.sizes = [emitter.size for emitter in (*plan.populations, *plan.sources)]
        inner = [p for p in plan.projections if p.source < len(plan.populations) and not p.gap]
        # What sources emit is delivered before the neurons of the same block look, so only the
        # delays between neurons limit the block.
        # So do those of synapses that learn, which look back at the spikes of their targets.
        inner += [p for p in plan.projections if p.plasticity is not None]
        shortest = min((delays_of(p)[0] for p in inner), default=LONGEST_BLOCK)
        shortest = min(shortest, block_limit(plan) or shortest)
        largest = max(self.sizes, default=1)
        self.block = max(1, min(shortest, LONGEST_BLOCK, BLOCK_ENTRIES // max(1, largest)))
        self.slice = max(self.block, min(SLICE, SLICE_ENTRIES // max(1, largest)))
        # What learning synapses bring is added when it arrives, not ahead.
        spiking = [p for p in plan.projections if not self.flows(p) and p.plasticity is None]
        self.longest = max((delays_of(p)[1] for p in spiking), default=0)
        self.clock = self.device.zeros(3, np.int64)
        self.cells = self.device.zeros((max(1, len(self.sizes)), 2), np.int64)

    @property
    def ring_rows(self) -> int:
        """Rows of a ring: those being read, and those that spikes of this block can reach."""
        return self.longest + self.block

    def source_of(self, emitter: int) -> int | None:
        """The place among the sources of an emitter, None for a population."""
        place = emitter - len(self.plan.populations)
        return place if place >= 0 else None

    def is_current(self, emitter: int) -> bool:
        """Whether an emitter is a current source."""
        place = self.source_of(emitter)
        return place is not None and self.plan.sources[place].kind == "current"

    def flows(self, projection: ProjectionPlan) -> bool:
        """Whether a projection brings a current, of a source or of another membrane."""
        return projection.gap or self.is_current(projection.source)

    def outgoing(self, emitter: int) -> list[ProjectionPlan]:
        """The projections of an emitter."""
        return [p for p in self.plan.projections if p.source == emitter]

    def is_heard(self, emitter: int) -> bool:
        """Whether anyone needs the spikes of an emitter."""
        return bool(self.outgoing(emitter)) or emitter in self.plan.heard

    def cells_of(self, emitter: int) -> Memory:
        """The two cells of an emitter."""
        return self.cells[emitter]

    def reals(self, values: Floats) -> Memory:
        """``values`` on the device in the network's float type."""
        return self.device.upload(np.asarray(values, self.dtype))


def unpacked(entries: np.ndarray, first: int) -> Spikes:
    """Steps and senders, in this order, of the entries of a slice that begins at step ``first``."""
    entries = np.sort(entries)
    steps = (entries >> np.uint64(48)).astype(np.int64) + first
    senders = ((entries >> np.uint64(16)) & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    times = (entries & np.uint64(0xFFFF)).astype(np.int64)
    if times.size and times.max() > 1:
        return np.repeat(steps, times), np.repeat(senders, times)
    return steps, senders
