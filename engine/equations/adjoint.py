"""One step run backward: the vector-Jacobian product of a step map, as data that a backend prints.

The forward pass is cut right after the jumps, before the threshold.  It stores what ``Adjoint``
lists of the state there; everything else backward rebuilds from that, the inputs and the constants,
since step t starts from the reset of the cut of step t - 1.

The spike is 0 or 1 forward; backward its derivative by the distance to the threshold is the
surrogate's, where the threshold's other conditions hold (Neftci et al. 2019, IEEE Signal Process.
Mag. 36:51).  The reset is differentiated as v + spike (v_reset - v), or its spike is detached.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from engine.equations.algebra import ZERO
from engine.equations.kept import bits_of
from engine.equations.stepmap import StepMap
from engine.equations.tape import Atom, Tape
from engine.equations.tree import Assign, Binary, Call, Expr, Name, Number, names
from engine.errors import EquationError

LATER = "later"  # a condition: false in the first step, where nothing came before
SPIKE = "gradient:spike"  # dL/d(spike of this step), as the caller gives it
_LARGEST = 1e30  # change of a state by a reset; beyond it the reset is taken to be undefined


def at_cut(name: str) -> str:
    """``name`` (a state, or a bit) at the cut of this step."""
    return f"cut:{name}"


def before(name: str) -> str:
    """``name`` (a state, or a bit) at the cut of the step before this one."""
    return f"before:{name}"


def carried(state: str) -> str:
    """dL/d(``state`` after this step), from the steps that follow."""
    return f"carried:{state}"


def gradient(trace: str) -> str:
    """dL/d(recorded value of ``trace`` after this step), as the caller gives it."""
    return f"gradient:{trace}"


@dataclass(frozen=True)
class Adjoint:
    """What forward keeps and what one step backward computes; arrays are rows over neurons.

    Forward stores, at the cut of every step t, the values of ``keep`` as row t + 1 of
    ``kept[T + 1, len(keep), N]`` and the conditions ``bits`` (over names at the cut, earlier bits,
    constants and ``later``, which is true) as bit 0, 1 ... of a byte, ``bits[T + 1, N]``.  Row 0 is
    the same of the state before the first step, ``later`` being false.

    Backward, from the last step to the first, gives every name in ``reads`` its value, runs
    ``body`` (each name is assigned once; a value that is a condition makes the name a condition)
    and takes the results, each a name, a name with a minus sign, or a number:

    ``states``     dL/d(state before the step): the ``carried`` of the step before, for the states
                   of ``active``; other states need no gradient.
    ``inputs``     dL/d(drive of this step) of the inputs asked for.
    ``constants``  what this step adds to dL/d(constant), one value a neuron.

    ``reads`` holds ``at_cut``/``before`` of kept names and of bits, ``carried`` of active states,
    ``gradient`` of ``traces``, SPIKE, LATER, inputs, constants, and ``dt`` or ``t``.
    """

    step_map: StepMap
    traces: tuple[str, ...]  # states whose value after each step the caller reads
    keep: tuple[str, ...]
    bits: tuple[Assign, ...]  # bit name -> condition
    active: tuple[str, ...]
    body: tuple[Assign, ...]
    states: tuple[tuple[str, Atom], ...]
    inputs: tuple[tuple[str, Atom], ...]
    constants: tuple[tuple[str, Atom], ...]

    @property
    def reads(self) -> frozenset[str]:
        """The names that ``body`` and the results take from outside."""
        made = {assign.target for assign in self.body}
        read = {name for assign in self.body for name in names(assign.value)}
        for _, atom in (*self.states, *self.inputs, *self.constants):
            read |= names(atom)
        return frozenset(read - made)


def adjoint(
    step_map: StepMap,
    slope: Expr | None = None,
    *,
    detach_reset: bool = False,
    inputs: Collection[str] | None = None,
    constants: Sequence[str] = (),
    traces: Sequence[str] = (),
) -> Adjoint:
    """How gradients run backward through one step of ``step_map``.

    ``slope`` is the surrogate's derivative as an expression of ``x``, the distance to the
    threshold; None gives the spike no derivative.  ``inputs`` (names; all, if None) and
    ``constants`` are those whose gradient is wanted.  Raises `EquationError` for a step map with
    noise, an unknown name, or a threshold without a distance.
    """
    _check_trainable(step_map)
    known = [port.name for port in step_map.inputs]
    wanted = tuple(known if inputs is None else inputs)
    for name, among in (
        *((name, known) for name in wanted),
        *((name, step_map.constants) for name in constants),
        *((name, step_map.states) for name in traces),
    ):
        if name not in among:
            raise EquationError(f"`{name}` of {step_map.model} has no gradient")
    active = tuple(dict.fromkeys(traces))
    while True:  # a state matters if what it is at the start of a step reaches a result
        back = _Backward(step_map, slope, detach_reset, active, traces)
        found = [s for s in step_map.states if s in active or back.start(s) != ZERO]
        if tuple(found) == tuple(s for s in step_map.states if s in active):
            return back.finish(wanted, tuple(constants))
        active = tuple(found)


def _check_trainable(step_map: StepMap) -> None:
    if step_map.draws:
        remedy = "let its numbers come in from outside, or train without"
        raise EquationError(f"{step_map.model} has noise", remedy=remedy)
    after = set().union(*(names(assign.value) for assign in step_map.reset))
    after |= names(step_map.threshold) if step_map.threshold is not None else set()
    if after & {port.name for port in step_map.inputs}:
        message = f"the threshold or the reset of {step_map.model} reads an input"
        raise EquationError(message, remedy="let the input act through a variable")


def distance(threshold: Expr) -> Expr:
    """How far beyond the threshold: v - v_th of ``v >= v_th and ...``, the first comparison.

    Raises `EquationError` where the first comparison has none.
    """
    match threshold:
        case Binary(op="and" | "or"):
            return distance(threshold.left)
        case Binary(op=">" | ">="):
            return Binary("-", threshold.left, threshold.right)
        case Binary(op="<" | "<="):
            return Binary("-", threshold.right, threshold.left)
    remedy = "write it as a comparison, such as v >= v_th"
    raise EquationError("this threshold has no distance that a surrogate could take", remedy=remedy)


def other_conditions(threshold: Expr) -> list[Expr]:
    """The conditions beside the first comparison that must hold too."""
    if isinstance(threshold, Binary) and threshold.op == "and":
        return [*other_conditions(threshold.left), threshold.right]
    return []


class _Backward:
    """The tape of one step: forward parts rebuilt, then the sweep back through them."""

    def __init__(
        self,
        step_map: StepMap,
        slope: Expr | None,
        detach_reset: bool,
        active: tuple[str, ...],
        traces: Iterable[str],
    ) -> None:
        self.map, self.slope, self.detach = step_map, slope, detach_reset
        self.active = active
        self.traces = tuple(dict.fromkeys(traces))
        self.tape = Tape({*step_map.constants, "dt"})
        self.held = (*step_map.states, *step_map.temporaries)
        self.resets: dict[str, tuple[Atom, Atom]] = {}  # chosen by the spike: value, old
        self._rebuild_start()
        update = self._rebuild_update()
        self.seeds = self._through_end(self._rebuild_end())
        self._through_update(update)

    def start(self, state: str) -> Atom:
        """dL/d(``state`` before the step)."""
        return self.seeds.get(f"start:{state}", ZERO)

    def finish(self, inputs: tuple[str, ...], constants: tuple[str, ...]) -> Adjoint:
        """The adjoint, with only the operations that the results need."""
        states = tuple((state, self.start(state)) for state in self.active)
        on_inputs = tuple((name, self.seeds.get(name, ZERO)) for name in inputs)
        on_constants = tuple((name, self.seeds.get(name, ZERO)) for name in constants)
        wanted = [atom for _, atom in (*states, *on_inputs, *on_constants)]
        bits = bits_of(self.tape, wanted, (at_cut(""), before("")), LATER)
        body = self.tape.program(wanted)
        read = set[str]().union(*(names(assign.value) for assign in body))
        read |= set[str]().union(*(names(atom) for atom in wanted))
        keep = [n for n in self.held if {at_cut(n), before(n)} & read]
        return Adjoint(
            step_map=self.map,
            traces=self.traces,
            keep=tuple(keep),
            bits=bits,
            active=self.active,
            body=body,
            states=states,
            inputs=on_inputs,
            constants=on_constants,
        )

    def _rebuild_start(self) -> None:
        """start:state = the reset of the cut of the step before."""
        tape = self.tape
        values: dict[str, Atom] = {name: Name(before(name)) for name in self.held}
        if self.map.threshold is not None and self.map.reset:
            spiked = tape.put(Binary("and", self.map.threshold, Name(LATER)), values)
            self._reset(values, spiked, {})
        for state in self.map.states:
            tape.define(f"start:{state}", values[state])

    def _rebuild_update(self) -> dict[str, Atom]:
        """The update and the jumps; what each name is at the cut."""
        mark = len(self.tape.nodes)
        values: dict[str, Atom] = {state: Name(f"start:{state}") for state in self.map.states}
        for assign in (*self.map.update, *self.map.jumps):
            values[assign.target] = self.tape.put(assign.value, values)
        self.inner = self._made_since(mark)
        return values

    def _rebuild_end(self) -> dict[str, Atom]:
        """The threshold and the reset; what each state is after the step."""
        tape, mark = self.tape, len(self.tape.nodes)
        values: dict[str, Atom] = {name: Name(at_cut(name)) for name in self.held}
        if self.map.threshold is not None:
            spiked = tape.put(self.map.threshold, values)
            if self.slope is not None:
                self.distance = tape.put(distance(self.map.threshold), values)
                others = other_conditions(self.map.threshold)
                self.others = [tape.put(condition, values) for condition in others]
            self.upto = self._made_since(mark)
            mark = len(tape.nodes)
            self._reset(values, spiked, self.resets)
            self.after = self._made_since(mark)
        return values

    def _made_since(self, mark: int) -> list[str]:
        """Operations on what changes, in order; those on constants alone wait for the end."""
        return [name for name in list(self.tape.nodes)[mark:] if name not in self.tape.fixed]

    def _reset(
        self, values: dict[str, Atom], spiked: Atom, resets: dict[str, tuple[Atom, Atom]]
    ) -> None:
        """Give the states of ``values`` what the reset makes of them where ``spiked``."""
        changed = dict(values)
        for assign in self.map.reset:
            changed[assign.target] = self.tape.put(assign.value, changed)
        for state in self.map.states:
            value, old = changed[state], values[state]
            new = values[state] = self.tape.when(spiked, value, old)
            if new != old and isinstance(new, Name):
                resets[new.name] = value, old

    def _through_end(self, end: dict[str, Atom]) -> dict[str, Atom]:
        """Adjoints at the cut: through the reset first, then through the spike."""
        tape, seeds = self.tape, dict[str, Atom]()
        for state in self.active:
            tape.grow(seeds, end[state], Name(carried(state)))
        for trace in self.traces:
            tape.grow(seeds, end[trace], Name(gradient(trace)))
        if self.map.threshold is None:
            return seeds
        spike: dict[str, Atom] = {"spike": Name(SPIKE)}
        for name in reversed(self.after):
            if name in self.resets and name in seeds and not self.detach:
                tape.grow(spike, Name("spike"), self._by_spike(name, seeds[name]))
            tape.backward(seeds, [name])
        if self.slope is not None:
            soft = tape.scaled(spike["spike"], tape.put(self.slope, {"x": self.distance}))
            for condition in self.others:
                soft = tape.when(condition, soft, ZERO)
            tape.grow(seeds, self.distance, soft)
        return tape.backward(seeds, self.upto)

    def _by_spike(self, name: str, adjoint: Atom) -> Atom:
        """What the derivative of a reset by the spike, value - old, makes of an adjoint."""
        value, old = self.resets[name]
        change = self.tape.put(Binary("-", value, old))
        if self.tape.is_risky(change):
            # A reset may be undefined for a neuron far from its threshold.
            small = Binary("<", Call("abs", (change,)), Number(_LARGEST))
            change = self.tape.when(self.tape.put(small), change, ZERO)
        return self.tape.scaled(adjoint, change)

    def _through_update(self, values: dict[str, Atom]) -> None:
        """On from the cut, through jumps and update, to the start of the step."""
        tape, seeds = self.tape, self.seeds
        for name in self.held:
            adjoint = seeds.get(at_cut(name), ZERO)
            if name in values:
                tape.grow(seeds, values[name], adjoint)
        tape.backward(seeds, self.inner)
        tape.backward(seeds, [name for name in tape.nodes if name in tape.fixed])
