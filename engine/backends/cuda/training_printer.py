"""Step map and adjoint -> CUDA C of the training kernels, forward and backward over [T, N].

One thread a neuron takes all steps, forward with its state and backward with its adjoints in
registers; neighbours read neighbouring numbers of a row.  What forward keeps is what `Adjoint`
lists.  Rows may be stored in 16 bits while the numbers computed with are 32: a kept row is then
rounded to the nearest, or to the other side where the nearest would change whether the neuron
spiked, so that backward sees the spikes that forward had.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from engine.backends.cuda.printer import Expressions
from engine.backends.cuda.source import preamble, text
from engine.equations.adjoint import LATER, SPIKE, Adjoint, at_cut, before, carried, gradient
from engine.equations.stepmap import StepMap
from engine.equations.tree import Number, names
from engine.errors import BackendError

STORAGE = {"float64": "", "float32": "", "float16": "STORED_HALF", "bfloat16": "STORED_BRAIN"}


@dataclass(frozen=True)
class Kind:
    """The float type that kernels compute with and the one that rows are stored in."""

    dtype: str  # "float64" | "float32"
    storage: str  # the same, or with float32 "float16" | "bfloat16"

    def __post_init__(self) -> None:
        narrow = self.storage in ("float16", "bfloat16") and self.dtype == "float32"
        if self.storage != self.dtype and not narrow:
            raise BackendError(
                f"rows of {self.storage} cannot be trained with {self.dtype}; "
                "store float32, float16 or bfloat16 and compute with float32"
            )

    @property
    def narrow(self) -> bool:
        """Whether rows are stored in 16 bits."""
        return bool(STORAGE[self.storage])


def training_preamble(kind: Kind) -> str:
    """What precedes training kernels of ``kind``."""
    flags = [f"#define {flag} {int(STORAGE[kind.storage] == flag)}" for flag in STORAGE.values()
             if flag]  # fmt: skip
    return "\n".join([preamble(kind.dtype), *flags, text("storage.cuh")]) + "\n"


@dataclass
class _Lines:
    once: list[str] = field(default_factory=list)  # a launch
    neuron: list[str] = field(default_factory=list)  # a neuron, before the first step
    step: list[str] = field(default_factory=list)  # a neuron and step
    last: list[str] = field(default_factory=list)  # a neuron, after the last step


def forward_kernel(
    step_map: StepMap,
    kind: Kind,
    given: Sequence[str],
    varied: Collection[str],
    found: Adjoint | None,
    traces: Sequence[str] = (),
    name: str = "forward",
) -> str:
    """The forward kernel alone.

    ``given`` are the inputs that have a drive, the others are 0; ``varied`` the constants that
    differ between neurons; ``found`` tells what to keep for backward, None for nothing; ``traces``
    the states that are written out after every step.
    """
    printer, lines = Expressions({"dt": "step_width", "t": "time"}), _Lines()
    _constants(step_map, printer, lines, varied, None)
    for k, state in enumerate(step_map.states):
        printer.known[state] = f"s{k}"
        lines.neuron.append(f"real s{k} = state[{k} * size + n];")
        lines.last.append(f"last[{k} * size + n] = s{k};")
    lines.neuron += _kept_lines(found, printer, kind, "0", "false", None)
    _inputs(step_map, given, printer, lines, None)
    step = lines.step
    step += [printer.assign(assign) for assign in (*step_map.update, *step_map.jumps)]
    threshold = step_map.threshold
    spiked = printer.expression(threshold) if threshold is not None else "false"
    step.append(f"const bool spiked = {spiked};")
    step += _kept_lines(found, printer, kind, "(t + 1)", "true", step_map)
    step.append("spikes[t * size + n] = rounded(spiked ? real(1.0) : real(0.0));")
    if step_map.reset:
        inner = Expressions(dict(printer.known))
        step += ["if (spiked) {", *_indented(map(inner.assign, step_map.reset)), "}"]
    step += [
        f"r{k}[t * size + n] = rounded({printer.known[trace]});" for k, trace in enumerate(traces)
    ]
    parameters = [
        *("long long steps", "long long size", "double dt", "const real* state", "real* last"),
        *("const real* fixed", "const real* varied", "stored* spikes", "stored* kept"),
        *("unsigned char* bits", *(f"const stored* d{k}" for k in range(len(given)))),
        *(f"stored* r{k}" for k in range(len(traces))),
    ]
    return _kernel(name, parameters, lines, "long long t = 0; t < steps; ++t")


def backward_kernel(
    found: Adjoint,
    kind: Kind,
    given: Sequence[str],
    varied: Collection[str],
    name: str = "backward",
) -> str:
    """The backward kernel of ``found`` alone; see `forward_kernel`.

    ``carry`` [A, N] holds the adjoints of the last state and becomes those of the first;
    gradients of spikes and traces may have any stride between steps, 0 too.
    """
    printer, lines = Expressions({"dt": "step_width", "t": "time", LATER: "later"}), _Lines()
    reads, step = found.reads, lines.step
    _constants(found.step_map, printer, lines, varied, reads)
    step.append("const bool later = t > 0;")
    _inputs(found.step_map, given, printer, lines, reads)
    _kept_reads(found, printer, lines)
    for k, leaf in enumerate((SPIKE, *map(gradient, found.traces))):
        if leaf in reads:
            step.append(f"const real g{k} = loaded(on{k}[t * stride{k} + n]);")
            printer.known[leaf] = f"g{k}"
    for k, state in enumerate(found.active):
        lines.neuron.append(f"real a{k} = carry[{k} * size + n];")
        lines.last.append(f"carry[{k} * size + n] = a{k};")
        printer.known[carried(state)] = f"a{k}"
    step += [printer.assign(assign) for assign in found.body]
    for k, (_, atom) in enumerate(found.inputs):
        step.append(f"o{k}[t * size + n] = rounded({printer.expression(atom)});")
    for k, (_, atom) in enumerate(found.constants):
        if atom != Number(0.0):
            lines.neuron.append(f"double q{k} = 0.0;")
            step.append(f"q{k} += (double){printer.expression(atom)};")
            lines.last.append(f"on_constants[{k} * size + n] = q{k};")
    for k, (_, atom) in enumerate(found.states):
        step.append(f"const real b{k} = {printer.expression(atom)};")
    step += [f"a{k} = b{k};" for k in range(len(found.states))]
    gradients = range(1 + len(found.traces))
    parameters = [
        *("long long steps", "long long size", "double dt", "const real* fixed"),
        *("const real* varied", "const stored* kept", "const unsigned char* bits"),
        *("real* carry", "double* on_constants"),
        *(part for k in gradients for part in (f"const stored* on{k}", f"long long stride{k}")),
        *(f"const stored* d{k}" for k in range(len(given))),
        *(f"stored* o{k}" for k in range(len(found.inputs))),
    ]
    return _kernel(name, parameters, lines, "long long t = steps - 1; t >= 0; --t")


def _kernel(name: str, parameters: Sequence[str], lines: _Lines, loop: str) -> str:
    body = [
        "const real step_width = (real)dt;",
        *lines.once,
        "EACH(n, size) {",
        *_indented(lines.neuron),
        f"    for ({loop}) {{",
        "        const real time = (real)t * step_width;",
        *_indented(_indented(lines.step)),
        "    }",
        *_indented(lines.last),
        "}",
    ]
    head = f'extern "C" __global__ void {name}(\n    ' + ", ".join(parameters) + ") {"
    return "\n".join([head, *_indented(body), "}"]) + "\n"


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _constants(
    step_map: StepMap,
    printer: Expressions,
    lines: _Lines,
    varied: Collection[str],
    used: Collection[str] | None,
) -> None:
    fixed = apart = 0
    for k, constant in enumerate(step_map.constants):
        wanted = used is None or constant in used
        printer.known[constant] = f"c{k}"
        if constant in varied:
            if wanted:
                lines.neuron.append(f"const real c{k} = varied[{apart} * size + n];")
            apart += 1
        else:
            if wanted:
                lines.once.append(f"const real c{k} = fixed[{fixed}];")
            fixed += 1


def _inputs(
    step_map: StepMap,
    given: Sequence[str],
    printer: Expressions,
    lines: _Lines,
    used: Collection[str] | None,
) -> None:
    for port in step_map.inputs:
        printer.known[port.name] = "real(0.0)"
    for k, name in enumerate(given):
        if used is None or name in used:
            printer.known[name] = f"i{k}"
            lines.step.append(f"const real i{k} = loaded(d{k}[t * size + n]);")


def _kept_lines(
    found: Adjoint | None,
    printer: Expressions,
    kind: Kind,
    row: str,
    later: str,
    step_map: StepMap | None,
) -> list[str]:
    """What is kept at a cut, or before the first step (``step_map`` None), as row ``row``."""
    if found is None:
        return []
    at_hand = Expressions({n: "real(0.0)" for n in found.keep} | printer.known | {LATER: later})
    lines = []
    for k, bit in enumerate(found.bits):
        lines.append(f"const bool b{k} = {at_hand.expression(bit.value)};")
        at_hand.known[bit.target] = f"b{k}"
    if found.bits:
        byte = " | ".join(f"(b{k} ? {1 << k} : 0)" for k in range(len(found.bits)))
        lines.append(f"bits[{row} * size + n] = (unsigned char)({byte});")
    for k, name in enumerate(found.keep):
        lines.append(f"stored k{k} = rounded({at_hand.known[name]});")
    threshold = step_map.threshold if step_map is not None and kind.narrow else None
    if threshold is not None:
        seen = {n: f"loaded(k{k})" for k, n in enumerate(found.keep)}
        again = Expressions(printer.known | seen).expression(threshold)
        turned = [
            f"    k{k} = other_side(k{k}, {at_hand.known[name]});"
            for k, name in enumerate(found.keep)
            if name in names(threshold)
        ]
        if turned:
            lines += [f"if ({again} != spiked) {{", *turned, "}"]
    count = len(found.keep)
    lines += [f"kept[({row} * {count} + {k}) * size + n] = k{k};" for k in range(count)]
    return ["{", *_indented(lines), "}"]


def _kept_reads(found: Adjoint, printer: Expressions, lines: _Lines) -> None:
    """The rows of two neighbouring cuts; the later one is what was read in the step before."""
    count, reads = len(found.keep), found.reads
    for k, name in enumerate(found.keep):
        place = f"kept[(steps * {count} + {k}) * size + n]"
        lines.neuron.append(f"real p{k} = loaded({place});")
        lines.step.append(f"const real h{k} = p{k};")
        lines.step.append(f"p{k} = loaded(kept[(t * {count} + {k}) * size + n]);")
        printer.known[at_cut(name)], printer.known[before(name)] = f"h{k}", f"p{k}"
    if found.bits:
        lines.neuron.append("unsigned char w = bits[steps * size + n];")
        lines.step += ["const unsigned char v = w;", "w = bits[t * size + n];"]
    for letter, leaf_of in (("v", at_cut), ("w", before)):
        for k, bit in enumerate(found.bits):
            if leaf_of(bit.target) in reads:
                lines.step.append(f"const bool {letter}{k} = ({letter} & {1 << k}) != 0;")
                printer.known[leaf_of(bit.target)] = f"{letter}{k}"
