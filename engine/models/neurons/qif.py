"""Quadratic integrate-and-fire neuron: the normal form of a saddle-node on a circle.

Ermentrout & Kopell 1986, SIAM J. Appl. Math. 46:233; Latham et al. 2000, J. Neurophysiol. 83:808.
The defaults are Izhikevich's regular-spiking cell (2007, section 8.2) without its recovery.  With
C = 1 pF, k = 1 nS/mV and both roots at 0 it is dv/dt = v^2 + I, all numbers without a dimension.
"""

from engine.models.declaration import NeuronModel, Parameter
from engine.models.protocol import Protocol

MODEL = NeuronModel(
    name="qif",
    title="Quadratic integrate-and-fire",
    group="quadratic",
    source="Ermentrout & Kopell 1986; Latham et al. 2000, J. Neurophysiol. 83:808",
    equations="dv/dt = (k*(v - v_rest)*(v - v_t) + I)/C : mV",
    threshold="v >= v_peak",
    reset="v = v_reset",
    refractory="t_ref",
    holds=("v",),
    caps={"v": "v_peak"},
    parameters={
        "C": Parameter(100, "pF", (1e-3, 1e6), "membrane capacitance"),
        "k": Parameter(0.7, "nS/mV", (1e-6, 1e6), "curvature: how fast v runs off"),
        "v_rest": Parameter(-60, "mV", (-200, 200), "where v rests without a current"),
        "v_t": Parameter(-40, "mV", (-200, 200), "beyond it v runs off without a current"),
        "v_peak": Parameter(35, "mV", (-1e6, 1e6), "peak of the spike, where v is reset"),
        "v_reset": Parameter(-50, "mV", (-1e6, 1e6), "value of v after a spike"),
        "t_ref": Parameter(0, "ms", (0, 1000), "refractory period: v is held at v_reset"),
    },
    checks=(
        ("v_reset < v_peak", "v_reset must lie below v_peak, or the neuron fires without end"),
        ("v_rest <= v_t", "v_rest must not lie above v_t: it is the lower of the two roots"),
        ("v_t < v_peak", "v_peak must lie above v_t, or the spike is cut before it begins"),
    ),
    initial={"v": "v_rest"},
    ports={"exc": "exp_current", "inh": "exp_current"},
    presets={
        "regular spiking": {"C": 100, "k": 0.7, "v_rest": -60, "v_t": -40, "v_peak": 35}
        | {"v_reset": -50},
        "dimensionless": {"C": 1, "k": 1, "v_rest": 0, "v_t": 0, "v_peak": 10, "v_reset": -10},
    },
    protocols={"regular spiking": Protocol(100, 200), "dimensionless": Protocol(1, 20, 0.01)},
    symbol="upstroke",
    synonyms=("QIF", "theta neuron", "saddle-node"),
)
