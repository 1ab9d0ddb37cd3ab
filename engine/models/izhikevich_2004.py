"""The 20 firing patterns of Izhikevich 2004, IEEE Trans. Neural Networks 15:1063, as its figure 1.

The published code goes through t = 0, dt, 2 dt ...: one Euler step of v, then one of u with the
new v, then the test of v against 30 (solver ``izhikevich_2004``).  It reads the input at the
beginning of a step and prints a spike with that time, where this engine says the end of the step.
Intervals are open, as there.  G and L have 4.1 v + 108 for 5 v + 140, R du/dt = a b (v + 65).
"""

from __future__ import annotations

from math import inf

from engine.models.protocol import Piece, Protocol

SOLVER = "izhikevich_2004"
STANDARD = {"k1": 5.0, "k0": 140.0, "v_u": 0.0, "leak_u": 1.0}
_CLASS_1 = {"k1": 4.1, "k0": 108.0}
_NO_DECAY = {"v_u": -65.0, "leak_u": 0.0}


def _on(start: float, stop: float, value: float, slope: float = 0.0, ends: str = "()") -> Piece:
    return Piece(start, stop, value, slope, ends)


def _pulses(width: float, value: float, *starts: float) -> tuple[Piece, ...]:
    return tuple(_on(start, start + width, value) for start in starts)


_INHIBITION = (_on(0, inf, 80, ends="[)"), _on(50, 250, -5, ends="[]"))
_RAMPS = (_on(0, 200, 0, 1 / 25, "[)"), _on(300, 312.5, 0, 4 / 12.5, "[)"))
_ONLY = "As published under its Euler step alone; an accurate solution "

# name: (a, b, c, d, v at first, dt, duration, input, note, other parameters)
_TABLE = {
    "tonic spiking": (0.02, 0.2, -65, 6, -70, 0.25, 100, (_on(10, inf, 14),)),
    "phasic spiking": (0.02, 0.25, -65, 6, -64, 0.25, 200, (_on(20, inf, 0.5),)),
    "tonic bursting": (0.02, 0.2, -50, 2, -70, 0.25, 220, (_on(22, inf, 15),)),
    "phasic bursting": (0.02, 0.25, -55, 0.05, -64, 0.2, 200, (_on(20, inf, 0.6),)),
    "mixed mode": (0.02, 0.2, -55, 4, -70, 0.25, 160, (_on(16, inf, 10),)),
    "spike frequency adaptation": (0.01, 0.2, -65, 8, -70, 0.25, 85, (_on(8.5, inf, 30),)),
    "class 1": (0.02, -0.1, -55, 6, -60, 0.25, 300, (_on(30, inf, 0, 0.075),), "", _CLASS_1),
    "class 2": (0.2, 0.26, -65, 0, -64, 0.25, 300, (_on(0, inf, -0.5, ends="[)"),
                _on(30, inf, 0, 0.015))),
    "spike latency": (0.02, 0.2, -65, 6, -70, 0.2, 100, _pulses(3, 7.04, 10)),
    "subthreshold oscillations": (0.05, 0.26, -60, 0, -62, 0.25, 200, _pulses(5, 2, 20)),
    "resonator": (0.1, 0.26, -60, -1, -62, 0.25, 400, _pulses(4, 0.65, 40, 60, 280, 320)),
    "integrator": (0.02, -0.1, -55, 6, -60, 0.25, 100,
                   _pulses(2, 9, 100 / 11, 100 / 11 + 5, 70, 80), "", _CLASS_1),
    "rebound spike": (0.03, 0.25, -60, 4, -64, 0.2, 200, _pulses(5, -15, 20)),
    "rebound burst": (0.03, 0.25, -52, 0, -64, 0.2, 200, _pulses(5, -15, 20),
                      _ONLY + "fires 14 times."),
    "threshold variability": (0.03, 0.25, -60, 4, -64, 0.25, 100,
                              (*_pulses(5, 1, 10, 80), *_pulses(5, -6, 70))),
    "bistability": (0.1, 0.26, -60, 0, -61, 0.25, 300,
                    (_on(0, inf, 0.24, ends="[)"), *_pulses(5, 1, 37.5, 216)),
                    _ONLY + "does not stop after the second pulse."),
    "depolarizing after-potential": (1, 0.2, -60, -21, -70, 0.1, 50, _pulses(2, 20, 9),
                                     _ONLY + "fires 8 times, and depends on dt."),
    "accommodation": (0.02, 1, -55, 4, -65, 0.5, 400, _RAMPS,
                      "du/dt = a b (v + 65), as the code has it; with - u there is no spike.",
                      _NO_DECAY),
    "inhibition-induced spiking": (-0.02, -1, -60, 8, -63.8, 0.5, 350, _INHIBITION,
                                   _ONLY + "fires 4 times."),
    "inhibition-induced bursting": (-0.026, -1, -45, -2, -63.8, 0.5, 350, _INHIBITION,
                                    _ONLY + "runs off: each spike brings the next one nearer."),
}  # fmt: skip


def _row(
    a: float, b: float, c: float, d: float, v: float, dt: float, duration: float,
    current: tuple[Piece, ...], note: str = "", more: dict[str, float] | None = None,
) -> tuple[dict[str, float], Protocol]:  # fmt: skip
    u = -16.0 if more is _NO_DECAY else b * v
    parameters = {"a": a, "b": b, "c": c, "d": d} | STANDARD | (more or {})
    initial = {"v": v, "u": u}
    return parameters, Protocol(current, duration, dt, SOLVER, initial, "start", note)


_ROWS = {name: _row(*row) for name, row in _TABLE.items()}
PRESETS = {name: parameters for name, (parameters, _) in _ROWS.items()}
PROTOCOLS = {name: protocol for name, (_, protocol) in _ROWS.items()}
