"""Exponential integrate-and-fire neuron, fitted to a conductance-based one.

Fourcaud-Trocme et al. 2003, J. Neurosci. 23:11628, table 1; per cm^2 of membrane.  Where the spike
is cut (v_peak) moves an interval by 0.002 ms between -30 and 0 mV.
"""

from engine.models.declaration import NeuronModel, Parameter

MODEL = NeuronModel(
    name="eif",
    title="Exponential integrate-and-fire",
    group="integrate-and-fire",
    source="Fourcaud-Trocme et al. 2003, J. Neurosci. 23:11628",
    equations="dv/dt = (g_L*(E_L - v) + g_L*delta_T*exp((v - v_T)/delta_T) + I)/C : mV",
    threshold="v >= v_peak",
    reset="v = v_reset",
    refractory="t_ref",
    holds=("v",),
    caps={"v": "v_peak"},
    parameters={
        "C": Parameter(1, "uF/cm^2", (0.01, 100), "membrane capacitance per area"),
        "g_L": Parameter(0.1, "mS/cm^2", (1e-6, 1e4), "leak conductance"),
        "E_L": Parameter(-65, "mV", (-200, 200), "leak reversal potential"),
        "v_T": Parameter(-59.9, "mV", (-200, 200), "threshold of spike initiation"),
        "delta_T": Parameter(3.48, "mV", (0.1, 50), "sharpness of spike initiation"),
        "v_peak": Parameter(-30, "mV", (-100, 200), "peak of the spike, where v is reset"),
        "v_reset": Parameter(-68, "mV", (-200, 200), "value of v after a spike"),
        "t_ref": Parameter(1.7, "ms", (0, 1000), "refractory period: v is held at v_reset"),
    },
    checks=(
        ("v_reset < v_peak", "v_reset must lie below v_peak, or it fires without end"),
        ("v_T < v_peak", "v_peak must lie above v_T, or the spike is cut before it begins"),
    ),
    initial={"v": "E_L"},
    current_unit="uA/cm^2",
    ports={"exc": "exp_conductance", "inh": "exp_conductance"},
    symbol="upstroke",
    synonyms=("EIF", "ExpIF"),
)
