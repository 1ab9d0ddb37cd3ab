"""Synapses that tire on a device: what every spike of a block releases, and its delivery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from engine.backends.cuda.device import Launch, Memory, blocks_for
from engine.backends.cuda.frame import Frame
from engine.backends.cuda.populations import Population
from engine.backends.cuda.printer import Expressions
from engine.backends.cuda.projections import SpikeProjection
from engine.backends.cuda.source import preamble
from engine.equations.release import ELAPSED, NEVER, SHARE, ReleaseMap
from engine.errors import BackendError
from engine.runtime.plan import ReleasePlan

# A source stands once in a step, so it has one thread, which goes through the steps of the block.
_KERNELS = """\
// What spikes release, generated; see engine/backends/cuda/release.py.  `times` [block, sources]
// says how often a source spiked in a step, `shares` what these spikes release together.
extern "C" __global__ void note(
    const long long* clock, const entry* list, const long long* cells, long long sources,
    unsigned short* times) {
    EACH(i, cells[1] - cells[0]) {
        const entry spike = list[cells[0] + i];
        const long long k = clock[1] - clock[0] + (long long)(spike >> 48);
        const long long sender = (long long)((spike >> 16) & 0xffffffffULL);
        times[k * sources + sender] = (unsigned short)(spike & 0xffffULL);
    }
}

extern "C" __global__ void release(
    const long long* clock, long long sources, double dt, int on, const double* fixed,
    double* state, long long* last, unsigned short* times, double* shares) {
"""


def release_source(rule: ReleaseMap) -> str:
    """The source of the kernels ``note`` and ``release``; in double precision always."""
    printer = Expressions({ELAPSED: "elapsed", SHARE: "share"})
    lines = []
    for k, name in enumerate(rule.constants):
        printer.known[name] = f"c{k}"
        lines.append(f"const double c{k} = fixed[{k}];")
    lines.append("EACH(n, sources) {")
    for k, state in enumerate(rule.states):
        printer.known[state] = f"s{k}"
        lines.append(f"    double s{k} = state[{k} * sources + n];")
    lines += [
        "    for (long long k = 0; k < clock[2]; ++k) {",
        "        const int often = times[k * sources + n];",
        "        double released = 0.0;",
        "        for (int time = 0; time < often; ++time) {",
        "            const double elapsed = (double)(clock[0] + k - last[n]) * dt;",
        "            double share = 0.0;",
        "            last[n] = clock[0] + k;",
        *(f"            {printer.assign(each)}" for each in rule.program),
        "            released += on ? share : 1.0;",
        "        }",
        "        if (often) {",
        "            times[k * sources + n] = 0;",
        "            shares[k * sources + n] = released;",
        "        }",
        "    }",
        *(f"    state[{k} * sources + n] = s{k};" for k in range(len(rule.states))),
        "}",
    ]
    body = "\n".join(f"    {line}" for line in lines)
    return f"{preamble('float64')}\n{_KERNELS}{body}\n}}\n"


class ReleaseProjection(SpikeProjection):
    """One projection whose spikes deliver a share of their weights, known when they happen."""

    kernel = "share_rows"

    def __init__(self, frame: Frame, index: int, target: Population) -> None:
        super().__init__(frame, index, target)
        plan, rows = self.plan.release, self._rows
        if plan is None or rows is None:
            raise BackendError(f'projection "{self.plan.id}": it has no rule of release')
        self._sources, zeros = rows.sources, frame.device.zeros
        self._kernels = frame.device.build(release_source(plan.rule))
        size = max(1, rows.sources)
        self._state: Memory = zeros((max(1, len(plan.rule.states)), size), np.float64)
        self._last: Memory = frame.device.upload(np.full(size, NEVER, np.int64))
        self._times: Memory = zeros((frame.block, size), np.uint16)
        self._shares: Memory = zeros((frame.block, size), np.float64)
        self.set_rule(plan)

    def set_rule(self, plan: ReleasePlan) -> None:
        """The numbers of the rule, and whether it is on."""
        self._on = int(plan.on)
        numbers = [plan.constants[name] for name in plan.rule.constants]
        self._fixed = self.frame.device.upload(np.array([*numbers, 0.0], np.float64))

    @property
    def shares(self) -> list[Memory]:
        """What the spikes of the block release, as the kernels of rows take it."""
        return [self._shares, self._sources]

    def launches(self, source_list: Memory) -> Iterator[Launch]:
        """Settle what the spikes of a block release, and deliver it."""
        frame, cells = self.frame, self.frame.cells_of(self.plan.source)
        grid = blocks_for(max(1, self._sources))
        yield self._kernels.ready(
            "note", grid, 128, [frame.clock, source_list, cells, self._sources, self._times]
        )
        yield self._kernels.ready(
            "release", grid, 128,
            [frame.clock, self._sources, frame.plan.dt, self._on, self._fixed, self._state,
             self._last, self._times, self._shares],
        )  # fmt: skip
        yield from super().launches(source_list)

    # -- checkpoints ------------------------------------------------------------------------------

    def saved(self) -> dict[str, np.ndarray]:
        """The states of the sources, and when each spiked last."""
        download, name = self.frame.device.download, f"release/{self.index}"
        return {f"{name}/state": download(self._state), f"{name}/last": download(self._last)}

    def restore(self, saved: Mapping[str, np.ndarray]) -> None:
        """Go back to what `saved` gave."""
        overwrite, name = self.frame.device.overwrite, f"release/{self.index}"
        overwrite(self._state, saved[f"{name}/state"])
        overwrite(self._last, saved[f"{name}/last"])
