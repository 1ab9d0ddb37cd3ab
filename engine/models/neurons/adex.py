"""Adaptive exponential integrate-and-fire neuron.

Brette & Gerstner 2005, J. Neurophysiol. 94:3637; firing patterns of Naud et al. 2008, Table 1.
"""

from engine.models.declaration import NeuronModel, Parameter
from engine.models.protocol import Protocol

_NAMES = ("C", "g_L", "E_L", "a", "tau_w", "b", "v_reset")
_NAUD = {  # in the order of _NAMES, and the current of the step in pA
    "tonic": (200, 10, -70, 2, 30, 0, -58, 500),
    "adaptation": (200, 12, -70, 2, 300, 60, -58, 500),
    "initial burst": (130, 18, -58, 4, 150, 120, -50, 400),
    "regular bursting": (200, 10, -58, 2, 120, 100, -46, 210),
    "delayed accelerating": (200, 12, -70, -10, 300, 0, -58, 300),
    "delayed regular bursting": (100, 10, -65, -10, 90, 30, -47, 110),
    "transient": (100, 10, -65, 10, 90, 100, -47, 180),
    "irregular": (100, 12, -60, -11, 130, 30, -48, 160),
}
_SHARED = {"v_T": -50.0, "delta_T": 2.0, "v_peak": 0.0}

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
    presets={name: dict(zip(_NAMES, row, strict=False)) | _SHARED for name, row in _NAUD.items()},
    protocols={name: Protocol(row[-1], 500) for name, row in _NAUD.items()},
    symbol="adex",
    synonyms=(
        "adaptive exponential integrate-and-fire",
        "aEIF",
        "AdExp",
        "Naud",
        "Brette-Gerstner",
    ),
)
