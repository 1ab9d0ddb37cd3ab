"""A network plan laid out for the driver: arrays, and the records that hold their addresses.

Everything that a record points to is kept in ``Layout.arrays`` under the record's place and field,
so an array lives exactly as long as its address is in use.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.backends import philox
from engine.backends.numba_cpu import dense, dense_layout, kernels
from engine.backends.numba_cpu import layout as tables
from engine.backends.numba_cpu.checks import check_plan, delays_of
from engine.backends.numba_cpu.gap_layout import Gaps
from engine.backends.numba_cpu.late import kernel_map, late_rows
from engine.backends.numba_cpu.layout import address, aligned, padded, shares
from engine.backends.numba_cpu.plastic_layout import PlasticRows, block_limit, history_needed
from engine.backends.numba_cpu.release_layout import ReleaseRows
from engine.backends.numba_cpu.source_layout import Sources
from engine.backends.workload import SOURCE_NS, neuron_cost
from engine.equations.constants import as_rows, varying
from engine.errors import BackendError
from engine.runtime.plan import (
    Constant,
    MonitorPlan,
    NetworkPlan,
    PopulationPlan,
)

# Drive of a block: a longer one gained nothing where it left the cache.  Threads have a cache each
# and meet once a block, so theirs is longer, and at least two steps wherever the delays allow it.
BLOCK_BYTES, LEAST_BLOCK = 64 * 1024, 1
SHARED_BYTES, LEAST_SHARED = 256 * 1024, 2
LONGEST_BLOCK = 64


class Layout:
    """The records of a plan and the arrays behind them.  Shapes are checked here, once."""

    def __init__(self, plan: NetworkPlan, parts: int) -> None:
        self.plan, self.parts = plan, parts
        self.dtype = np.dtype(plan.dtype)
        self.arrays: dict[tuple[str, int, str], np.ndarray] = {}
        check_plan(plan)
        self.sizes = [emitter.size for emitter in (*plan.populations, *plan.sources)]
        self._late = [late_rows(population) for population in plan.populations]
        self.order = sorted(range(len(plan.projections)), key=lambda k: (self._turn(k), k))
        self.place = {projection: place for place, projection in enumerate(self.order)}
        self.delays = [delays_of(projection) for projection in plan.projections]
        self._measure()
        self._bounds = self._divide()
        self.network = np.zeros(1, tables.NETWORK)
        self.populations = np.zeros(len(plan.populations), tables.POPULATION)
        self.sources = np.zeros(len(plan.sources), tables.SOURCE)
        self.projections = np.zeros(len(plan.projections), tables.PROJECTION)
        self.monitors = np.zeros(len(plan.monitors), tables.MONITOR)
        self._lay_monitors()
        for place, population in enumerate(plan.populations):
            self._lay_population(place, population)
        self.emitting = Sources(self)
        self.plastic, self.releases, self.gaps = PlasticRows(self), ReleaseRows(self), Gaps(self)
        for index in range(len(plan.projections)):
            self._lay_projection(index)
        self._tell_tables()
        self.share(parts)

    def _tell_tables(self) -> None:
        """Where the driver finds the tables of this layout; the spike lists tell of their own."""
        for name in tables.TABLES:
            table = getattr(self, name, None)
            if table is not None:
                self.network[0][name], self.network[0][f"{name}_count"] = address(table), table.size

    # -- what the plan as a whole decides ---------------------------------------------------------

    def is_current(self, emitter: int) -> bool:
        """Whether an emitter is a current source."""
        source = self.source_of(emitter)
        return source is not None and self.plan.sources[source].kind == "current"

    def is_poisson(self, emitter: int) -> bool:
        """Whether an emitter is a Poisson source."""
        source = self.source_of(emitter)
        return source is not None and self.plan.sources[source].kind == "poisson"

    def source_of(self, emitter: int) -> int | None:
        """The place among the sources of an emitter, None for a population."""
        place = emitter - len(self.plan.populations)
        return place if place >= 0 else None

    def _measure(self) -> None:
        """Longest delays and the length of a block."""
        spiking = [k for k, p in enumerate(self.plan.projections)
                   if not (p.gap or self.is_current(p.source))]  # fmt: skip
        shortest = min((self.delays[k][0] for k in spiking), default=LONGEST_BLOCK)
        widest = max(
            (
                padded(p.size) * (len(p.step_map.inputs) + len(p.step_map.draws))
                for p in self.plan.populations
            ),
            default=1,
        )
        alone = self.parts == 1
        room, least = (BLOCK_BYTES, LEAST_BLOCK) if alone else (SHARED_BYTES, LEAST_SHARED)
        fitting = max(least, room // max(1, widest * self.dtype.itemsize))
        most = block_limit(self.plan) or LONGEST_BLOCK  # where synapses learn, or are gaps
        if any(population.stepwise for population in self.plan.populations):
            most = 1
        self.block = int(max(1, min(shortest, fitting, most, LONGEST_BLOCK)))
        own = [k for k in spiking if self._uses_ring(k)]
        shared = [self.delays[k][1] for k in spiking if k not in set(own)]
        self.history = int(max(*shared, history_needed(self.plan), 0))
        self.longest = int(max((self.delays[k][1] for k in spiking), default=0))
        self.ring = self.longest + self.block

    def _turn(self, projection: int) -> int:
        """When it is delivered: population by population, to late ports after the others."""
        plan = self.plan.projections[projection]
        return 2 * plan.target + (plan.port in self._late[plan.target])

    def _has_own_delays(self, projection: int) -> bool:
        plan = self.plan.projections[projection]
        delay = plan.connections.delay if plan.connections and not plan.one_to_one else 0
        return isinstance(delay, np.ndarray)

    def _uses_ring(self, projection: int) -> bool:
        """Whether spikes are added to a ring when they happen, not when they arrive."""
        released = self.plan.projections[projection].release is not None
        return released or self._has_own_delays(projection)

    # -- parts and threads ------------------------------------------------------------------------

    def _divide(self) -> dict[int, np.ndarray]:
        """Bounds of the parts of rows of so many tiles, such that the parts have equal work."""
        work: dict[int, float] = {}
        for size in self.sizes:
            work.setdefault(padded(size) // tables.TILE, SOURCE_NS)
        for population in self.plan.populations:
            work[padded(population.size) // tables.TILE] += neuron_cost(population.step_map)
        return shares(work, self.parts)

    def bounds(self, size: int) -> np.ndarray:
        """Bounds of every part's neurons in a row of ``size``, int64[parts + 1]."""
        return self._bounds[padded(size) // tables.TILE].copy()

    def share(self, threads: int) -> None:
        """Let ``threads`` (at most as many as parts) share the work from the next call on."""
        cuts = np.arange(threads + 1) * self.parts // threads
        record = self.network[0]
        record["parts"], record["threads"] = self.parts, threads
        if ("network", 0, "cuts") not in self.arrays:
            record["cuts"] = self.room("network", 0, "cuts", self.parts + 1, np.int64)
        self.array("network", 0, "cuts")[: threads + 1] = cuts
        for emitter, size in enumerate(self.sizes):
            source = self.source_of(emitter)
            table = ("population", emitter) if source is None else ("source", source)
            self.array(*table, "bounds")[: threads + 1] = self.bounds(size)[cuts]
        self.emitting.share()
        self.plastic.share()
        self.releases.share()

    # -- arrays -----------------------------------------------------------------------------------

    def keep(self, table: str, place: int, name: str, array: np.ndarray | None) -> int:
        """Keep ``array`` alive for the field ``name`` of a record and return its address."""
        if array is None:
            self.arrays.pop((table, place, name), None)
            return 0
        array = np.ascontiguousarray(array)
        self.arrays[table, place, name] = array
        return address(array)

    def room(self, table: str, place: int, name: str, shape: Any, dtype: Any) -> int:
        """As `keep`, for a new array of zeros that begins at a cache line."""
        return self.keep(table, place, name, aligned(shape, dtype))

    def array(self, table: str, place: int, name: str) -> np.ndarray:
        """The array behind a field."""
        return self.arrays[table, place, name]

    def padded_row(self, values: Constant, stride: int, dtype: Any) -> np.ndarray:
        """``values`` of every neuron in a padded row; the last one fills the rest."""
        row = aligned(stride, dtype)
        values = np.broadcast_to(np.asarray(values, dtype), np.shape(values) or (stride,))
        row[: len(values)] = values
        row[len(values) :] = values[-1] if len(values) else 0
        return row

    # -- populations ------------------------------------------------------------------------------

    def _lay_population(self, place: int, plan: PopulationPlan) -> None:
        record, step_map = self.populations[place], plan.step_map
        stride = padded(plan.size)
        inputs, draws = len(step_map.inputs), len(step_map.draws)
        record["size"], record["stride"] = plan.size, stride
        record["inputs"], record["normals"] = inputs, len(step_map.normals)
        record["escapes"] = len(step_map.escapes)
        record["spikes"] = step_map.threshold is not None
        record["emitter"] = place
        record["seed"], record["stream"] = philox.key(self.plan.seed, plan.stream)
        keep = ("population", place)
        state = aligned((len(step_map.states), stride), self.dtype)
        record["state"], record["states"] = self.keep(*keep, "state", state), len(state)
        self.set_state(place, plan.state)
        # Each thread uses its range of rows of its own: processors fetch lines past an end.
        shape = (self.parts, self.block, inputs + draws, stride)
        record["drive"] = self.room(*keep, "drive", shape, self.dtype)
        record["drive_step"] = self.array(*keep, "drive").strides[0]
        shape = (self.parts, self.block, stride)
        record["spiked"] = self.room(*keep, "spiked", shape, np.uint8)
        record["spiked_step"] = self.array(*keep, "spiked").strides[0]
        record["bounds"] = self.keep(*keep, "bounds", self.bounds(plan.size))
        self._lay_ports(place, inputs)
        turns = [self._turn(k) for k in self.order]
        names = ("first_projection", "first_late", "last_projection")
        for name, turn in zip(names, (2 * place, 2 * place + 1, 2 * place + 2), strict=True):
            record[name] = np.searchsorted(turns, turn)
        watched = [monitor.population for monitor in self.watching]
        record["first_monitor"] = np.searchsorted(watched, place, "left")
        record["last_monitor"] = np.searchsorted(watched, place, "right")
        self.set_constants(place, plan.constants)

    def _lay_ports(self, place: int, inputs: int) -> None:
        late = np.full(inputs, -1, np.int64)
        for port, row in self._late[place].items():
            late[port] = row
        record = self.populations[place]
        record["late"] = self.keep("population", place, "late", late)
        record["late_ports"] = len(self._late[place])
        rings = np.zeros(inputs, np.int64)
        own: set[int] = set()
        for index, projection in enumerate(self.plan.projections):
            if projection.target != place:
                continue
            if self._uses_ring(index) and not self.is_current(projection.source):
                own.add(projection.port)
        record["rings"] = self.keep("population", place, "rings", rings)
        for port in own:
            self.ring_of(place, port)

    def ring_of(self, place: int, port: int) -> np.ndarray:
        """The ring [steps, stride] of a port, made when it is first asked for."""
        field = ("population", place, f"ring {port}")
        if field not in self.arrays:
            shape = (self.ring, int(self.populations[place]["stride"]))
            self.array("population", place, "rings")[port] = self.room(*field, shape, self.dtype)
        return self.arrays[field]

    def set_state(self, place: int, state: np.ndarray) -> None:
        """Write [S, N]; the padding repeats the last neuron, so that it stays as tame as that."""
        rows = self.array("population", place, "state")
        rows[:, : state.shape[1]] = state
        rows[:, state.shape[1] :] = state[:, -1:]

    def set_constants(self, place: int, constants: dict[str, Constant]) -> None:
        """New constants, and the kernel that takes them (another one if other constants vary)."""
        plan = self.plan.populations[place]
        plan.require(constants)
        varied = varying(plan.step_map, constants)
        kernel = kernels.kernel(kernel_map(plan), self.dtype, varied)
        record, stride = self.populations[place], padded(plan.size)
        fixed, own = as_rows(plan.step_map, constants, plan.size, self.dtype)
        rows = aligned((len(varied), stride), self.dtype)
        for row, values in zip(rows, own, strict=True):
            row[:] = self.padded_row(values, stride, self.dtype)
        record["fixed"] = self.keep("population", place, "fixed", fixed)
        record["varied"] = self.keep("population", place, "varied", rows)
        record["kernel"] = kernel.address

    # -- projections ------------------------------------------------------------------------------

    def kind_of(self, index: int, weight: Constant) -> int:
        """How the projection is delivered with such a weight."""
        plan = self.plan.projections[index]
        source = self.source_of(plan.source)
        if source is not None and self.is_current(plan.source):
            if plan.one_to_one:
                return tables.CURRENT_ONE
            noisy = self.sources[source]["noise_std"] != 0.0
            return tables.CURRENT_ROWS if noisy else tables.CURRENT_TOTAL
        if plan.one_to_one:
            return tables.COUNT_ONE if self.is_poisson(plan.source) else tables.LIST_ONE
        if plan.plasticity is not None:
            return tables.PLASTIC_ROWS
        if plan.gap:
            return tables.GAP_ROWS
        if plan.release is not None:
            return tables.RELEASE_ROWS
        if self._has_own_delays(index):
            return tables.RING_ROWS
        if plan.connections is None:
            return tables.LIST_ROWS
        return dense.form(plan.connections, weight)

    def _lay_projection(self, index: int) -> None:
        plan, place = self.plan.projections[index], self.place[index]
        record = self.projections[place]
        record["source"], record["target"] = plan.source, plan.target
        record["current"] = self.source_of(plan.source) or 0
        record["port"] = plan.port
        record["delay"] = self.delays[index][0]
        connections = plan.connections
        if not plan.one_to_one and connections is not None:
            record["sources"] = connections.sources
            row = np.ascontiguousarray(connections.row, np.int64)
            self._lay_rows(place, row, connections.target)
            record["wide"] = connections.target.dtype == np.uint32
            if self._has_own_delays(index):
                delays = np.asarray(connections.delay)
                if delays.dtype != np.uint8:
                    delays = delays.astype(np.uint16, copy=False)
                record["narrow"] = delays.dtype == np.uint8
                record["delays"] = self.keep("projection", place, "delays", delays)
        if plan.plasticity is not None:
            self.plastic.lay(index)
        self.releases.lay(index)
        self.gaps.lay(index)
        weight = plan.weight if plan.one_to_one or connections is None else connections.weight
        self.set_weight(index, weight)

    def _lay_rows(self, place: int, row: np.ndarray, target: np.ndarray) -> None:
        """The synapses of a projection: where every row begins, and every part of it."""
        record, index = self.projections[place], self.order[place]
        record["targets"] = self.keep("projection", place, "targets", target)
        record["row_parts"] = 1 if self._has_own_delays(index) else self.parts
        begins = self.divide_rows(place, row, target)
        record["row_first"] = self.keep("projection", place, "rows", begins)

    def divide_rows(self, place: int, row: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Where every part of every row of a projection begins, int64[rows * parts + 1]."""
        plan = self.plan.projections[self.order[place]]
        parts = int(self.projections[place]["row_parts"])
        if parts == 1:
            return row
        begins = np.empty((row.size - 1) * parts + 1, np.int64)
        split = kernels.row_splitter()
        if not split(row, target, self.bounds(self.sizes[plan.target]), begins):
            raise BackendError(f'projection "{plan.id}": a row is not sorted by target')
        return begins

    def set_weight(self, index: int, weight: Constant) -> None:
        """New weights of a projection."""
        plan, place = self.plan.projections[index], self.place[index]
        if plan.plasticity is not None:
            self.plastic.set_weights(index, weight)
            self.projections[place]["kind"] = self.kind_of(index, weight)
            return
        record, connections = self.projections[place], plan.connections
        count = self.sizes[plan.target]
        if not plan.one_to_one and connections is not None:
            count = connections.synapses
        values = None
        if np.ndim(weight):
            if np.shape(weight) != (count,):
                raise BackendError(
                    f'projection "{plan.id}": {np.shape(weight)} weights, not ({count},)'
                )
            values = np.asarray(weight, self.dtype)
            if plan.one_to_one:
                values = self.padded_row(values, padded(count), self.dtype)
        kind = self.kind_of(index, weight)
        if connections is not None:
            kind = dense_layout.lay(self, place, connections, kind)
        record["kind"] = kind
        record["weight"] = 0.0 if values is not None else float(weight)
        record["weights"] = self.keep("projection", place, "weights", values)
        if self.is_current(plan.source) and not plan.one_to_one and connections is not None:
            totals = np.bincount(
                connections.target,
                None if values is None else values.astype(np.float64),
                padded(connections.targets),
            )
            totals = totals * (1.0 if values is not None else float(weight))
            totals = self.padded_row(totals, padded(connections.targets), self.dtype)
            record["totals"] = self.keep("projection", place, "totals", totals)

    # -- monitors ---------------------------------------------------------------------------------

    def _lay_monitors(self) -> None:
        """Records of monitors, ordered by population; ``monitor_place`` finds them."""
        plans = self.plan.monitors
        order = sorted(range(len(plans)), key=lambda k: plans[k].population)
        self.monitor_place = {monitor: place for place, monitor in enumerate(order)}
        self.watching: list[MonitorPlan] = [plans[k] for k in order]
        for place, plan in enumerate(self.watching):
            population = self.plan.populations[plan.population]
            record = self.monitors[place]
            record["row"], record["every"] = plan.row, max(1, plan.every)
            record["kind"] = tables.MEAN if plan.kind == "mean" else tables.STATE
            record["tiles"] = padded(population.size) // tables.TILE
            if plan.kind != "mean":
                indices = plan.indices if plan.indices is not None else np.arange(population.size)
                indices = np.asarray(indices, np.int64)
                record["count"] = indices.size
                record["indices"] = self.keep("monitor", place, "indices", indices)
