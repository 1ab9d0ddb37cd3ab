"""Leaky integrator in steps as snnTorch's ``Leaky``: the reset of a spike acts one step later.

Eshraghian et al. 2023, Proc. IEEE 111:1016; snnTorch 1.0.0.  r says whether v was above v_th when
the step began; then v := beta v + x - r v_th, or beta v (1 - r) + x with the reset to zero.  No
gradient passes through r.  With the reset at once (``reset_delay`` 0) by subtraction a neuron whose
v is still above v_th fires above 2 v_th only: so the package computes it.
"""

from engine.models.declaration import NeuronModel, Parameter, option

MODEL = NeuronModel(
    name="snntorch_leaky",
    title="Leaky, in steps (snnTorch)",
    group="discrete",
    source="Eshraghian et al. 2023, Proc. IEEE 111:1016; snnTorch 1.0.0",
    equations="""r := where(v > v_th or (v == v_th and strict < 0.5), 1, 0) : 1
keep = where(reset_delay > 0.5 and soft_reset < 0.5, 1 - r, 1) : 1
off = where(reset_delay > 0.5 and soft_reset > 0.5, r*v_th, 0) : 1
level = where(reset_delay < 0.5 and soft_reset > 0.5, v_th + r*v_th, v_th) : 1
v := beta*v*keep + I - off : 1""",
    threshold="v > level or (v == level and strict < 0.5)",
    reset="v = where(reset_delay > 0.5, v, where(soft_reset > 0.5, v - v_th, 0))",
    parameters={
        "beta": Parameter(0.9, "1", (0, 1), "what a step leaves of v"),
        "v_th": Parameter(1, "1", (1e-6, 1e6), "spike threshold"),
        "soft_reset": option(1, "hard: v goes to 0", "soft: v_th is taken off v"),
        "reset_delay": option(1, "resets at once", "resets one step later"),
        "strict": option(1, "fires at v_th too", "fires above v_th only"),
    },
    initial={"v": 0, "r": 0},
    current_unit="1",
    ports={"exc": "delta", "inh": "delta"},
    options=("soft_reset", "reset_delay", "strict"),
    symbol="steps",
    synonyms=("snntorch", "Leaky", "LIF"),
)
