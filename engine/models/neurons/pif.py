"""Perfect integrate-and-fire neuron: a capacitance without a leak.

Lapicque 1907; Abbott 1999, Brain Res. Bull. 50:303.  It fires at 1/(t_ref + C (v_th - v_reset)/I).
"""

from engine.models.declaration import NeuronModel, Parameter, option

MODEL = NeuronModel(
    name="pif",
    title="Perfect integrate-and-fire",
    group="integrate-and-fire",
    source="Lapicque 1907; Abbott 1999, Brain Res. Bull. 50:303",
    equations="""dv/dt = I/C : mV
slack = 1e-9*mV : mV""",
    # Charging for a whole number of steps must not take one more because of rounding.
    threshold="(v >= v_th - slack and strict < 0.5) or (v > v_th + slack and strict > 0.5)",
    reset="v = v_reset",
    refractory="t_ref",
    holds=("v",),
    parameters={
        "C": Parameter(200, "pF", (0.1, 1e6), "membrane capacitance"),
        "v_th": Parameter(-50, "mV", (-200, 200), "spike threshold"),
        "v_reset": Parameter(-65, "mV", (-200, 200), "value of v after a spike, and at first"),
        "t_ref": Parameter(0, "ms", (0, 1000), "refractory period: v is held at v_reset"),
        "strict": option(0, "fires at v_th too", "fires above v_th only"),
    },
    checks=(("v_reset < v_th", "v_reset must lie below v_th, or the neuron fires without end"),),
    initial={"v": "v_reset"},
    ports={"exc": "exp_current", "inh": "exp_current"},
    options=("strict",),
    symbol="sawtooth",
    synonyms=("PIF", "IF", "non-leaky", "integrator"),
)
