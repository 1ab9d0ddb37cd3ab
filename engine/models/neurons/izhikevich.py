"""Izhikevich's quadratic neuron with recovery.

Izhikevich 2003, IEEE Trans. Neural Networks 14:1569, Fig. 2; the 20 patterns are those of 2004.
The published *schemes* are another thing than the published equations: they are the solvers
``izhikevich_2003`` and ``izhikevich_2004``.
"""

from engine.models.declaration import NeuronModel, Parameter
from engine.models.izhikevich_2004 import PRESETS, PROTOCOLS, STANDARD
from engine.models.protocol import Protocol


def _cell(a: float, b: float, c: float, d: float) -> dict[str, float]:
    return {"a": a, "b": b, "c": c, "d": d} | STANDARD


CELLS = {
    "RS": _cell(0.02, 0.2, -65, 8),
    "IB": _cell(0.02, 0.2, -55, 4),
    "CH": _cell(0.02, 0.2, -50, 2),
    "FS": _cell(0.1, 0.2, -65, 2),
    "LTS": _cell(0.02, 0.25, -65, 2),
    "TC": _cell(0.02, 0.25, -65, 0.05),
    "RZ": _cell(0.1, 0.26, -65, 2),
}
MODEL = NeuronModel(
    name="izhikevich",
    title="Izhikevich",
    group="quadratic",
    source="Izhikevich 2003, IEEE Trans. Neural Networks 14:1569",
    equations="""dv/dt = (k2*v*v + k1*v + k0 - u + I*mV)/ms : mV
du/dt = a*(b*(v - v_u) - leak_u*u)/ms : mV""",
    threshold="v >= v_peak",
    reset="v = c; u += d",
    caps={"v": "v_peak"},
    parameters={
        "a": Parameter(0.02, "1", (-10, 10), "rate of recovery"),
        "b": Parameter(0.2, "1", (-10, 10), "how strongly u follows v"),
        "c": Parameter(-65, "mV", (-200, 30), "value of v after a spike"),
        "d": Parameter(8, "mV", (-100, 100), "jump of u at a spike"),
        "v_peak": Parameter(30, "mV", (-50, 200), "peak of the spike, where v is reset"),
        "k2": Parameter(0.04, "1/mV", (1e-6, 100), "quadratic part of the v-nullcline"),
        "k1": Parameter(5, "1", (-100, 100), "linear part of the v-nullcline"),
        "k0": Parameter(140, "mV", (-1e4, 1e4), "constant part of the v-nullcline"),
        "v_u": Parameter(0, "mV", (-200, 200), "v at which nothing drives u"),
        "leak_u": Parameter(1, "1", (0, 10), "decay of u by itself; 0 in one pattern of 2004"),
    },
    checks=(("c < v_peak", "c must lie below v_peak, or the neuron fires without end"),),
    initial={"v": -65, "u": "b*v"},
    current_unit="1",
    ports={"exc": "pulse", "inh": "pulse"},
    presets=CELLS | PRESETS,
    protocols={n: Protocol(4 if n in ("TC", "RZ") else 10) for n in CELLS} | PROTOCOLS,
    options=("v_u", "leak_u"),
    symbol="izhikevich",
    synonyms=("Izhikevich 2003", "Izhikevich 2004", "regular spiking", "20 patterns"),
)
