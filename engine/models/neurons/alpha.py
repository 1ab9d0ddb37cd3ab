"""Difference of two leaky synapses as the potential itself, in steps, as snnTorch's ``Alpha``.

snnTorch 1.0.0.  v := tau_alpha (syn_exc + syn_inh).  A spike acts one step later, by r, which says
whether v was above v_th when the step began: all becomes 0; with the soft reset v_th is taken off
syn_exc, and syn_inh starts anew.  No gradient passes through r.  An error text of that package has
another tau_alpha; this is what its code computes.
"""

from engine.models.declaration import NeuronModel, Parameter, option

MODEL = NeuronModel(
    name="alpha",
    title="Alpha, in steps (snnTorch)",
    group="discrete",
    source="Eshraghian et al. 2023, Proc. IEEE 111:1016; snnTorch 1.0.0",
    equations="""r := where(v > v_th or (v == v_th and strict < 0.5), 1, 0) : 1
tau_alpha = log(alpha)/(log(beta) - log(alpha)) + 1 : 1
keep = where(soft_reset > 0.5, 1, 1 - r) : 1
off = where(soft_reset > 0.5, r, 0) : 1
v := tau_alpha*(alpha*syn_exc + beta*syn_inh)*keep + off*syn_inh : 1
syn_exc := (alpha*syn_exc + I)*keep - off*v_th : 1
syn_inh := (beta*syn_inh - I)*(1 - r) : 1""",
    threshold="v > v_th or (v == v_th and strict < 0.5)",
    parameters={
        "alpha": Parameter(0.9, "1", (1e-6, 1), "what a step leaves of syn_exc"),
        "beta": Parameter(0.8, "1", (1e-6, 0.999999), "what a step leaves of syn_inh"),
        "v_th": Parameter(1, "1", (1e-6, 1e6), "spike threshold"),
        "soft_reset": option(0, "hard: all becomes 0", "soft: v_th is taken off syn_exc"),
        "strict": option(1, "fires at v_th too", "fires above v_th only"),
    },
    checks=(("beta < alpha", "alpha must be greater than beta, or v has the wrong sign"),),
    initial={"v": 0, "syn_exc": 0, "syn_inh": 0, "r": 0},
    current_unit="1",
    ports={"exc": "pulse", "inh": "pulse"},
    options=("soft_reset", "strict"),
    symbol="steps_synapse",
    synonyms=("snntorch", "Alpha"),
)
