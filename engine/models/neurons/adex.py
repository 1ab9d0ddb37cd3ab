"""Adaptive exponential integrate-and-fire neuron.

Brette & Gerstner 2005, J. Neurophysiol. 94:3637; firing patterns of Naud et al. 2008, Table 1.
"""

from engine.models.declaration import NeuronModel, Parameter


def _pattern(
    C: float, g_L: float, E_L: float, a: float, tau_w: float, b: float, v_reset: float
) -> dict[str, float]:
    shared = {"v_T": -50.0, "delta_T": 2.0, "v_peak": 0.0}
    return {"C": C, "g_L": g_L, "E_L": E_L, "a": a, "tau_w": tau_w, "b": b, **shared} | {
        "v_reset": v_reset
    }


MODEL = NeuronModel(
    name="adex",
    title="AdEx",
    group="integrate-and-fire",
    source="Brette & Gerstner 2005, J. Neurophysiol. 94:3637",
    equations="""dv/dt = (g_L*(E_L - v) + g_L*delta_T*exp((v - v_T)/delta_T) - w + I)/C : mV
dw/dt = (a*(v - E_L) - w)/tau_w : pA""",
    threshold="v >= v_peak",
    reset="v = v_reset; w += b",
    refractory="t_ref",
    holds=("v",),
    caps={"v": "v_peak"},
    parameters={
        "C": Parameter(281, "pF", (0.1, 1e6), "membrane capacitance"),
        "g_L": Parameter(30, "nS", (1e-3, 1e6), "leak conductance"),
        "E_L": Parameter(-70.6, "mV", (-200, 200), "leak reversal potential"),
        "v_T": Parameter(-50.4, "mV", (-200, 200), "threshold of spike initiation"),
        "delta_T": Parameter(2, "mV", (0.1, 50), "sharpness of spike initiation"),
        "v_peak": Parameter(0, "mV", (-100, 200), "peak of the spike, where v is reset"),
        "v_reset": Parameter(-70.6, "mV", (-200, 200), "value of v after a spike"),
        "t_ref": Parameter(0, "ms", (0, 1000), "refractory period: v is held at v_reset"),
        "tau_w": Parameter(144, "ms", (0.1, 1e5), "time constant of adaptation"),
        "a": Parameter(4, "nS", (-1e4, 1e4), "adaptation below threshold"),
        "b": Parameter(80.5, "pA", (-1e5, 1e5), "jump of w at a spike"),
    },
    checks=(("v_reset < v_peak", "v_reset must lie below v_peak, or it fires without end"),),
    initial={"v": "E_L", "w": 0},
    ports={"exc": "exp_conductance", "inh": "exp_conductance"},
    presets={
        "tonic": _pattern(200, 10, -70, 2, 30, 0, -58),
        "adaptation": _pattern(200, 12, -70, 2, 300, 60, -58),
        "initial burst": _pattern(130, 18, -58, 4, 150, 120, -50),
        "regular bursting": _pattern(200, 10, -58, 2, 120, 100, -46),
        "delayed accelerating": _pattern(200, 12, -70, -10, 300, 0, -58),
        "delayed regular bursting": _pattern(100, 10, -65, -10, 90, 30, -47),
        "transient": _pattern(100, 10, -65, 10, 90, 100, -47),
        "irregular": _pattern(100, 12, -60, -11, 130, 30, -48),
    },
    symbol="adex",
)
