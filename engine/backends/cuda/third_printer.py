"""What a third factor of learning needs on a device, as CUDA C: its clock, and synapses' own state.

The clock is one thread's work, in double precision whatever the network's float type; the kernels
of synapses (`plastic_printer.py`) read it from ``third``.  See `engine/equations/third.py`.  Names
are those of `numba_cpu/plastic_printer.py`: ``e`` the eligibility, ``g0`` a modulator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.backends.cuda.printer import Expressions
from engine.backends.cuda.source import preamble, text
from engine.equations.plastic import WEIGHT, PlasticMap
from engine.equations.third import AMOUNT, DUE, EARNED, FADED
from engine.equations.tree import Assign, names

_AT_A_RENEWAL = "if (k >= clock[2] || (clock[0] + k + 1) % renewed != 0) return;"
_TICK = """\
extern "C" __global__ void {prefix}tick(
    const long long* clock, int k, double dt, int learns, double* third, const double* fixed) {{
    if (k >= clock[2] || INDEX > 0) return;
    const double step_width = dt, time = (double)(clock[0] + k) * dt;
{lines}
}}

extern "C" __global__ void {prefix}reward(
    const long long* clock, int k, long long lag, const entry* kept, const long long* counts,
    long long slots, long long members, double* third, const double* fixed) {{
    if (INDEX > 0) return;
    const Instant met = instant_of(clock, k, lag, kept, counts, slots, members);
    const double one = 1.0;
    for (long long at = 0; at < met.count; ++at)
        for (long long time = 0; time < times_of(met.spikes[at]); ++time) {{
{rewarded}
        }}
}}

extern "C" __global__ void {prefix}restart(
    const long long* clock, int k, long long renewed, double* third) {{
    if (INDEX > 0) return;
    {renewal}
{restarted}
}}
"""


def third_source(rule: PlasticMap) -> str:
    """The source of the kernels ``tick``, ``reward`` and ``restart`` of a rule with a clock."""
    return "\n".join([preamble("float64"), text("plastic.cuh"), clock_kernels(rule)])


def clock_kernels(rule: PlasticMap, prefix: str = "") -> str:
    """The kernels alone, their names behind ``prefix``; see `third_source`."""
    restarted = [f"third[{row(rule, FADED)}] = 1.0;"] if rule.eligibility else []
    restarted += [f"third[{row(rule, EARNED)}] = 0.0;"] if rule.drifts else []
    return _TICK.format(
        prefix=prefix,
        lines=_in(_ticked(rule), 1),
        rewarded=_in(_rewarded(rule), 3),
        renewal=_AT_A_RENEWAL,
        restarted=_in(restarted, 1),
    )


def row(rule: PlasticMap, state: str) -> int:
    """The place of a state in ``third``."""
    assert rule.clock is not None
    return rule.clock.states.index(state)


def _ticked(rule: PlasticMap) -> list[str]:
    """The clock advances by a step; while learning is off nothing is earned."""
    step_map = rule.clock
    assert step_map is not None
    printer = Expressions({"dt": "step_width", "t": "time"})
    lines = []
    for k, constant in enumerate(step_map.constants):
        printer.known[constant] = f"c{k}"
        lines.append(f"const double c{k} = fixed[{k}];")
    for k, state in enumerate(step_map.states):
        printer.known[state] = f"s{k}"
        lines.append(f"double s{k} = third[{k}];")
    lines += [printer.assign(each) for each in step_map.update]
    for k, state in enumerate(step_map.states):
        condition = "if (learns) " if state == EARNED else ""
        lines.append(f"{condition}third[{k}] = s{k};")
    return lines


def _rewarded(rule: PlasticMap) -> list[str]:
    """What one spike of the emitter that rewards does."""
    if not rule.on_reward:
        return []
    read = {name for each in rule.on_reward for name in names(each.value)}
    printer = Expressions({AMOUNT: "one"})
    lines = []
    for k, name in enumerate(rule.constants):
        printer.known[name] = f"c{k}"
        if name in read:
            lines.append(f"const double c{k} = fixed[{k}];")
    for k, name in enumerate(rule.modulators):
        printer.known[name] = f"g{k}"
        lines.append(f"double g{k} = third[{k}];")
    lines += [printer.assign(each) for each in rule.on_reward]
    return lines + [f"third[{k}] = g{k};" for k in range(len(rule.modulators))]


class Own:
    """Lines for what a synapse has of its own; none for a rule without it."""

    def __init__(self, rule: PlasticMap) -> None:
        self._rule = rule
        self._printer = Expressions({WEIGHT: "w", DUE: "due"})
        self.constants: set[str] = {name for each in rule.touch for name in names(each.value)}
        self._printer.known |= {name: f"c{k}" for k, name in enumerate(rule.constants)}

    @property
    def before(self) -> list[str]:
        """Lines that stand before the loops."""
        rule, found = self._rule, []
        if rule.eligibility:
            found.append(f"const double faded = third[{row(rule, FADED)}];")
        if rule.drifts:
            found.append(f"const double earned = third[{row(rule, EARNED)}];")
        return found

    def touch(self, at: str, last: str = "earned") -> list[str]:
        """Lines that bring the weight ``w`` of synapse ``at`` up to date."""
        if not self._rule.drifts:
            return []
        due = f"const real due = (real)((double)own[{at}] * (earned - lasts[{at}]));"
        lines = [self._printer.assign(each) for each in self._rule.touch]
        return [
            "{",
            f"    {due}",
            *(f"    {line}" for line in lines),
            "}",
            f"lasts[{at}] = {last};",
        ]

    def around(
        self, program: Sequence[Assign], lines: Sequence[str], at: str, known: Mapping[str, str]
    ) -> list[str]:
        """``lines`` of a program that may read and change the eligibility of synapse ``at``."""
        name = self._rule.eligibility
        changed = name in {each.target for each in program}
        read = name in {other for each in program for other in names(each.value)}
        if not name or not (changed or read):
            return list(lines)
        e = known[name]
        found = [f"real {e} = (real)((double)own[{at}] * faded);", *lines]
        return [*found, f"own[{at}] = (real)((double){e} / faded);"] if changed else found


def renewal(rule: PlasticMap, constants: Sequence[str], name: str) -> str:
    """The kernel that touches all synapses and moves their base time, every ``renewed`` steps."""
    own = Own(rule)
    parameters = (
        "const long long* clock, int k, long long renewed, long long synapses, real* weights,\n"
        "    const real* fixed, real* own, double* lasts, const double* third"
    )
    body = (
        ["real w = weights[j];", *own.touch("j", "0.0"), "weights[j] = w;"] if rule.drifts else []
    )
    body.append("own[j] = (real)((double)own[j] * faded);")
    lines = [_AT_A_RENEWAL, *constants, *own.before, "EACH(j, synapses) {"]
    inside = _in(body, 2) if rule.eligibility else ""
    head = f'extern "C" __global__ void {name}(\n    {parameters}) {{\n'
    return head + _in(lines, 1) + f"\n{inside}\n    }}\n}}\n"


def _in(lines: Sequence[str], depth: int) -> str:
    return "\n".join("    " * depth + line for line in lines)
