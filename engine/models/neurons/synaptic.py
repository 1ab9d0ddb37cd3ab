"""Leaky integrator behind a leaky synapse, in steps, as snnTorch's ``Synaptic``.

Eshraghian et al. 2023, Proc. IEEE 111:1016; snnTorch 1.0.0.  A spike acts on v one step later (r):
it takes v_th off, or sets v to 0; the synapse is never reset.
"""

from engine.models.declaration import NeuronModel, Parameter

MODEL = NeuronModel(
    name="synaptic",
    title="Synaptic, in steps (snnTorch)",
    group="discrete",
    source="Eshraghian et al. 2023, Proc. IEEE 111:1016; snnTorch 1.0.0",
    equations="""keep = where(soft_reset > 0.5, 1, 1 - r) : 1
off = where(soft_reset > 0.5, r*v_th, 0) : 1
syn := alpha*syn + I : 1
v := (beta*v + syn)*keep - off : 1
r := 0 : 1""",
    threshold="v > v_th or (v == v_th and strict < 0.5)",
    reset="r = reset_delay; v = where(reset_delay > 0.5, v, where(soft_reset > 0.5, v - v_th, 0))",
    parameters={
        "alpha": Parameter(0.8, "1", (0, 1), "what a step leaves of the synaptic current"),
        "beta": Parameter(0.9, "1", (0, 1), "what a step leaves of v"),
        "v_th": Parameter(1, "1", (1e-6, 1e6), "spike threshold"),
        "soft_reset": Parameter(1, "1", (0, 1), "1: a spike takes v_th off v; 0: v goes to 0"),
        "reset_delay": Parameter(
            1, "1", (0, 1), "1: the reset acts one step after the spike; 0: at once"
        ),
        "strict": Parameter(1, "1", (0, 1), "1: it fires above v_th only; 0: also at v_th"),
    },
    initial={"syn": 0, "v": 0, "r": 0},
    current_unit="1",
    ports={"exc": "pulse", "inh": "pulse"},
    symbol="lif",
)
