"""Release map -> the source of the function that says what a spike delivers of its weights.

As in `printer.py` the text holds nothing but names and numbers made here: ``s0`` a state, ``c0`` a
constant.  It computes in float64 whatever the network's float type: it runs once a spike, not once
a synapse, and slow recoveries would be lost in rounding.
"""

from __future__ import annotations

from engine.backends.numba_cpu.printer import statements
from engine.equations.release import ELAPSED, SHARE, ReleaseMap

_HEADER = '''\
"""What a spike releases, generated; see engine/backends/numba_cpu/release_printer.py."""

from numba import cfunc
from numpy import float64 as real
from math import cos, sin, sqrt

from engine.backends.numba_cpu.mathematics import (
    clip, cosh, exp, exprel, log, maximum, minimum, over_exprel, power, sinh, tanh
)
from engine.backends.numba_cpu.pointers import floor, get, put, select
from engine.backends.numba_cpu.release_events import RELEASE


@cfunc(RELEASE, cache=True, error_model="numpy")
def release(sender, elapsed, state, stride, fixed):
    zero = real(0)
'''


def release_source(rule: ReleaseMap) -> str:
    """The source of ``release``, which is called as `release_events.RELEASE` says."""
    known = {ELAPSED: "elapsed", SHARE: "share"}
    lines = []
    for k, name in enumerate(rule.constants):
        known[name] = f"c{k}"
        lines.append(f"c{k} = get(fixed, {k}, zero)")
    for k, state in enumerate(rule.states):
        known[state] = f"s{k}"
        lines.append(f"s{k} = get(state, {k} * stride + sender, zero)")
    lines += statements(rule.program, known)
    lines += [f"put(state, {k} * stride + sender, s{k})" for k in range(len(rule.states))]
    lines.append("return share")
    return _HEADER + "".join(f"    {line}\n" for line in lines)
