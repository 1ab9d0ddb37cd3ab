"""Leaky integrate-and-fire neuron whose threshold jumps at a spike and relaxes.

Gerstner et al. 2014, Neuronal Dynamics, section 6.1.  The threshold relaxes also while v is held.
"""

from engine.models.declaration import NeuronModel, Parameter, option

MODEL = NeuronModel(
    name="lif_adaptive_threshold",
    title="LIF, adaptive threshold",
    group="integrate-and-fire",
    source="Gerstner et al. 2014, Neuronal Dynamics, section 6.1",
    equations="""dv/dt = (g_L*(E_L - v) + I)/C : mV
dth/dt = (th0 - th)/tau_th : mV""",
    threshold="v > th or (v == th and strict < 0.5)",
    reset="v = v_reset; th += d",
    refractory="t_ref",
    holds=("v",),
    parameters={
        "C": Parameter(200, "pF", (0.1, 1e6), "membrane capacitance"),
        "g_L": Parameter(10, "nS", (1e-3, 1e6), "leak conductance"),
        "E_L": Parameter(-65, "mV", (-200, 200), "leak reversal: where v rests"),
        "th0": Parameter(-50, "mV", (-200, 200), "the threshold at rest", {"v_th": "v_th"}),
        "v_th": Parameter("th0", "mV", (-200, 200), "another name of th0: set one of them"),
        "v_reset": Parameter(-65, "mV", (-200, 200), "value of v after a spike"),
        "t_ref": Parameter(2, "ms", (0, 1000), "refractory period: v is held at v_reset"),
        "d": Parameter(5, "mV", (0, 1000), "jump of the threshold at a spike"),
        "tau_th": Parameter(100, "ms", (0.01, 1e15), "time constant of the threshold"),
        "strict": option(0, "fires at the threshold too", "fires above it only"),
    },
    checks=(
        ("v_reset < th0", "v_reset must lie below th0, or the neuron fires without end"),
        ("v_th == th0", "th0 and v_th are one threshold and contradict one another: set one"),
    ),
    initial={"v": "E_L", "th": "th0"},
    ports={"exc": "exp_current", "inh": "exp_current"},
    symbol="adapting",
    synonyms=("SFA", "moving threshold", "MAT"),
    options=("strict",),
)
