"""A population on a device: its states, its constants, and the ring of what is still to come.

Drives are summed as whole numbers, one count being 2**-e of the port's unit: the sum of whole
numbers does not depend on the order, so spikes can be delivered in any order and the run is still
the same every time.  The exponent e is chosen so that the largest sum that can come in one step
fills 59 of 63 bits (three are left for weights that grow while the network runs).  A count is then
at most 2**-58 of that sum, a weight is rounded by half a count, and the sum of all is rounded once
to the network's float type: closer than adding one after the other in float64.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import frexp

import numpy as np

from engine.backends import philox
from engine.backends.cuda.device import Launch, Memory, blocks_for
from engine.backends.cuda.frame import Frame, Spikes, unpacked
from engine.backends.cuda.printer import kernel_source
from engine.equations.constants import as_rows, varying
from engine.errors import BackendError
from engine.runtime.plan import Constant, PopulationPlan

BITS = 62  # of a count, so that a sum never reaches the sign
SPARE_BITS = 3
COARSE_BITS = 16  # bits that may lie idle before a ring is counted in smaller units


class Population:
    """One population; ``place`` is its number in the plan and as an emitter."""

    def __init__(self, frame: Frame, place: int) -> None:
        self.frame, self.place = frame, place
        self.plan: PopulationPlan = frame.plan.populations[place]
        size, device = self.plan.size, frame.device
        incoming = [p for p in frame.plan.projections if p.target == place]
        by_spikes = sorted({p.port for p in incoming if not frame.flows(p)})
        by_currents = sorted({p.port for p in incoming if frame.flows(p)})
        self._slots = {port: slot for slot, port in enumerate(by_spikes)}
        self._current_slots = {port: slot for slot, port in enumerate(by_currents)}
        self.current_slots = len(by_currents)
        self.exponents: dict[int, int] = {}
        self.state = frame.reals(self.plan.state)
        self.pitch = len(by_spikes) * size
        shape = (frame.ring_rows, len(by_spikes), size)
        self.ring: Memory | None = device.zeros(shape, np.int64) if by_spikes else None
        rows = (frame.block, len(by_currents), size)
        self.currents: Memory | None = device.zeros(rows, frame.dtype) if by_currents else None
        normals = (frame.block, len(self.plan.step_map.draws), size)
        self._normals = device.zeros(normals, frame.dtype) if normals[1] else None
        spikes = self.plan.step_map.threshold is not None
        self.list = device.zeros(max(1, size * frame.slice if spikes else 1), np.uint64)
        self._lay_watched()
        self.set_constants(self.plan.constants)

    def slot_of(self, port: int) -> int:
        """The place of a port in a row of the ring."""
        return self._slots[port]

    def current_slot_of(self, port: int) -> int:
        """The place of a port in a row of currents."""
        return self._current_slots[port]

    # -- what changes -----------------------------------------------------------------------------

    def set_constants(self, constants: dict[str, Constant]) -> None:
        """New constants, and the kernel that takes them (another one if other constants vary)."""
        plan = self.plan
        plan.require(constants)
        varied = varying(plan.step_map, constants)
        source = kernel_source(plan.step_map, self.frame.dtype, varied)
        self._kernel = self.frame.device.build(source)
        fixed, rows = as_rows(plan.step_map, constants, plan.size, self.frame.dtype)
        self._varied = self.frame.reals(rows) if rows.size else None
        self._fixed = self.frame.reals(fixed) if fixed.size else None

    def set_bounds(self, bounds: dict[int, float]) -> None:
        """Choose what one count is worth, from the largest sums that can reach every port."""
        for port, bound in bounds.items():
            if not np.isfinite(bound):
                raise BackendError(
                    f'population "{self.plan.id}": what its spikes bring cannot be summed; '
                    "use smaller weights"
                )
            best = BITS - SPARE_BITS - frexp(bound or 1.0)[1]
            now = self.exponents.get(port)
            if now is None:
                self.exponents[port] = best
            elif now > best + SPARE_BITS or now < best - COARSE_BITS:
                self.count_in(port, best)

    def count_in(self, port: int, exponent: int) -> None:
        """Count a port in units of 2**-exponent, or in the smallest that its ring allows."""
        device, now = self.frame.device, self.exponents[port]
        ring = device.download(self.ring)
        row = ring[:, self.slot_of(port)]
        free = BITS - int(np.abs(row).max(initial=0)).bit_length()
        exponent = min(exponent, now + free)
        row[...] = shifted(row, exponent - now)
        self.exponents[port] = exponent
        device.overwrite(self.ring, ring)

    # -- monitors ---------------------------------------------------------------------------------

    def _lay_watched(self) -> None:
        """Room for the states that monitors look at, over a block."""
        watching = [m for m in self.frame.plan.monitors if m.population == self.place]
        rows = sorted({monitor.row for monitor in watching})
        watch = np.full(max(1, len(self.plan.step_map.states)), -1, np.int64)
        watch[rows] = np.arange(len(rows)) * self.frame.block * self.plan.size
        self._watch = self.frame.device.upload(watch)
        shape = (max(1, len(rows)), self.frame.block, self.plan.size if rows else 1)
        self._history = self.frame.device.zeros(shape, self.frame.dtype)
        self._watched = {row: k for k, row in enumerate(rows)}

    def history(self, row: int) -> Memory:
        """Where the values of a state over the block stand, [block, size]."""
        return self._history[self._watched[row]]

    # -- advancing --------------------------------------------------------------------------------

    def launches(self) -> Iterator[Launch]:
        """Advance by a block."""
        plan, frame, step_map = self.plan, self.frame, self.plan.step_map
        if not plan.size:
            return
        seed, stream = (int(word) for word in philox.key(frame.plan.seed, plan.stream))
        draws = [("draw_normals", philox.NORMAL + k) for k in range(len(step_map.normals))]
        draws += [("draw_escapes", philox.ESCAPE + k) for k in range(len(step_map.escapes))]
        for row, (kernel, purpose) in enumerate(draws):
            work = -(-plan.size // 4) * frame.block
            yield frame.kernels.ready(
                kernel, blocks_for(work), 128,
                [frame.clock, plan.size, purpose, seed, stream, row, len(draws), self._normals],
            )  # fmt: skip
        ports, units = np.full((max(1, len(step_map.inputs)), 2), -1, np.int64), [1.0]
        if step_map.inputs:
            places = range(len(step_map.inputs))
            units = [2.0 ** -self.exponents.get(port, 0) for port in places]
            ports[:, 0] = [self._slots.get(port, -1) for port in places]
            ports[:, 1] = [self._current_slots.get(port, -1) for port in places]
        upload = frame.device.upload
        yield self._kernel.ready(
            "population", blocks_for(plan.size, 64), 64,
            [frame.clock, plan.size, frame.plan.dt, self.state, self._fixed, self._varied,
             self._normals, self.ring, frame.ring_rows, self.pitch, self.currents,
             self.current_slots, upload(ports), upload(np.array(units)), self._watch,
             self._history, self.list, frame.cells_of(self.place)],
        )  # fmt: skip

    def spikes(self, first: int, last: int, count: int) -> Spikes:
        """Spikes of steps [first, last), ``count`` entries of the list."""
        return unpacked(self.frame.device.download(self.list, count), first)

    # -- checkpoints ------------------------------------------------------------------------------

    def saved(self, step: int) -> dict[str, np.ndarray]:
        """State and drives from ``step`` on, and what a count of each is worth."""
        found = {f"state/{self.place}": self.frame.device.download(self.state)}
        if self.ring is not None:
            rows = (step + np.arange(self.frame.longest)) % self.frame.ring_rows
            found[f"ring/{self.place}"] = self.frame.device.download(self.ring)[rows]
            found[f"exponents/{self.place}"] = np.array(self._exponents(), np.int64)
        return found

    def _exponents(self) -> Iterable[int]:
        return [self.exponents[port] for port in self._slots]

    def restore(self, checkpoint: dict[str, np.ndarray], step: int) -> None:
        """Go back to what `saved` gave."""
        device = self.frame.device
        device.overwrite(self.state, checkpoint[f"state/{self.place}"].astype(self.frame.dtype))
        if self.ring is None:
            return
        ring = np.zeros(tuple(self.ring.shape), np.int64)
        rows = (step + np.arange(self.frame.longest)) % self.frame.ring_rows
        ring[rows] = checkpoint[f"ring/{self.place}"]
        saved = checkpoint[f"exponents/{self.place}"]
        for slot, (port, exponent) in enumerate(zip(self._slots, saved, strict=True)):
            ring[:, slot] = shifted(ring[:, slot], self.exponents[port] - int(exponent))
        device.overwrite(self.ring, ring)


def shifted(counts: np.ndarray, bits: int) -> np.ndarray:
    """Counts in units that are 2**bits times smaller, rounded where they are larger."""
    if bits >= 0:
        return counts << min(bits, 63)
    bits = min(-bits, 63)
    return (counts + (np.int64(1) << (bits - 1))) >> bits
