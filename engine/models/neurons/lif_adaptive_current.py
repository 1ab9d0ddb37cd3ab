"""Leaky integrate-and-fire neuron with a current that grows by b at a spike and decays.

Gerstner et al. 2014, Neuronal Dynamics, section 6.1, with a = 0.
"""

from engine.models.declaration import NeuronModel, Parameter, option

MODEL = NeuronModel(
    name="lif_adaptive_current",
    title="LIF, adaptation current",
    group="integrate-and-fire",
    source="Gerstner et al. 2014, Neuronal Dynamics, section 6.1",
    equations="""dv/dt = (g_L*(E_L - v) - w + I)/C : mV
dw/dt = -w/tau_w : pA""",
    threshold="v > v_th or (v == v_th and strict < 0.5)",
    reset="v = v_reset; w += b",
    refractory="t_ref",
    holds=("v",),
    parameters={
        "C": Parameter(200, "pF", (0.1, 1e6), "membrane capacitance"),
        "g_L": Parameter(10, "nS", (1e-3, 1e6), "leak conductance"),
        "E_L": Parameter(-65, "mV", (-200, 200), "leak reversal: where v rests"),
        "v_th": Parameter(-50, "mV", (-200, 200), "spike threshold"),
        "v_reset": Parameter(-65, "mV", (-200, 200), "value of v after a spike"),
        "t_ref": Parameter(2, "ms", (0, 1000), "refractory period: v is held at v_reset"),
        "b": Parameter(20, "pA", (-1e5, 1e5), "jump of w at a spike"),
        "tau_w": Parameter(100, "ms", (0.01, 1e5), "time constant of adaptation"),
        "strict": option(0, "fires at v_th too", "fires above v_th only"),
    },
    checks=(("v_reset < v_th", "v_reset must lie below v_th, or the neuron fires without end"),),
    initial={"v": "E_L", "w": 0},
    ports={"exc": "exp_current", "inh": "exp_current"},
    symbol="adapting",
    synonyms=("SFA", "spike-frequency adaptation", "aLIF"),
    options=("strict",),
)
