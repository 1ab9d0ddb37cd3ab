"""Izhikevich's quadratic neuron with recovery.

Izhikevich 2003, IEEE Trans. Neural Networks 14:1569, Fig. 2.  The published *scheme* is another
thing than the published equations: it is the solver ``izhikevich_2003``.
"""

from engine.models.declaration import NeuronModel, Parameter


def _cell(a: float, b: float, c: float, d: float) -> dict[str, float]:
    return {"a": a, "b": b, "c": c, "d": d}


MODEL = NeuronModel(
    name="izhikevich",
    title="Izhikevich",
    group="quadratic",
    source="Izhikevich 2003, IEEE Trans. Neural Networks 14:1569",
    equations="""dv/dt = (0.04/mV*v*v + 5*v + 140*mV - u + I*mV)/ms : mV
du/dt = a*(b*v - u)/ms : mV""",
    threshold="v >= v_peak",
    reset="v = c; u += d",
    caps={"v": "v_peak"},
    parameters={
        "a": Parameter(0.02, "1", (-10, 10), "rate of recovery"),
        "b": Parameter(0.2, "1", (-10, 10), "how strongly u follows v"),
        "c": Parameter(-65, "mV", (-200, 30), "value of v after a spike"),
        "d": Parameter(8, "mV", (-100, 100), "jump of u at a spike"),
        "v_peak": Parameter(30, "mV", (-50, 200), "peak of the spike, where v is reset"),
    },
    checks=(("c < v_peak", "c must lie below v_peak, or the neuron fires without end"),),
    initial={"v": -65, "u": "b*v"},
    current_unit="1",
    ports={"exc": "pulse", "inh": "pulse"},
    presets={
        "RS": _cell(0.02, 0.2, -65, 8),
        "IB": _cell(0.02, 0.2, -55, 4),
        "CH": _cell(0.02, 0.2, -50, 2),
        "FS": _cell(0.1, 0.2, -65, 2),
        "LTS": _cell(0.02, 0.25, -65, 2),
        "TC": _cell(0.02, 0.25, -65, 0.05),
        "RZ": _cell(0.1, 0.26, -65, 2),
    },
    symbol="izhikevich",
)
