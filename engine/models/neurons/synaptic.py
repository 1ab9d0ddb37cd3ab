"""Leaky integrator behind a leaky synapse, in steps, as snnTorch's ``Synaptic``.

Eshraghian et al. 2023, Proc. IEEE 111:1016; snnTorch 1.0.0.  r says whether v was above v_th when
the step began; then v_th is taken off, or v starts from 0; the synapse is never reset.  Gradients
and the reset at once are as in `snntorch_leaky`.
"""

from engine.models.declaration import NeuronModel, Parameter, option

MODEL = NeuronModel(
    name="synaptic",
    title="Synaptic, in steps (snnTorch)",
    group="discrete",
    source="Eshraghian et al. 2023, Proc. IEEE 111:1016; snnTorch 1.0.0",
    equations="""r := where(v > v_th or (v == v_th and strict < 0.5), 1, 0) : 1
keep = where(reset_delay > 0.5 and soft_reset < 0.5, 1 - r, 1) : 1
off = where(reset_delay > 0.5 and soft_reset > 0.5, r*v_th, 0) : 1
level = where(reset_delay < 0.5 and soft_reset > 0.5, v_th + r*v_th, v_th) : 1
syn := alpha*syn + I : 1
v := (beta*v + syn)*keep - off : 1""",
    threshold="v > level or (v == level and strict < 0.5)",
    reset="v = where(reset_delay > 0.5, v, where(soft_reset > 0.5, v - v_th, 0))",
    parameters={
        "alpha": Parameter(0.8, "1", (0, 1), "what a step leaves of the synaptic current"),
        "beta": Parameter(0.9, "1", (0, 1), "what a step leaves of v"),
        "v_th": Parameter(1, "1", (1e-6, 1e6), "spike threshold"),
        "soft_reset": option(1, "hard: v goes to 0", "soft: v_th is taken off v"),
        "reset_delay": option(1, "resets at once", "resets one step later"),
        "strict": option(1, "fires at v_th too", "fires above v_th only"),
    },
    initial={"syn": 0, "v": 0, "r": 0},
    current_unit="1",
    ports={"exc": "pulse", "inh": "pulse"},
    options=("soft_reset", "reset_delay", "strict"),
    symbol="steps_synapse",
    synonyms=("snntorch", "Synaptic", "second-order LIF"),
)
