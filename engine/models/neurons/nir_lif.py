"""NIR's LIF: a leaky integrator that fires above its threshold and starts from v_reset again.

Pedersen et al. 2024, Nat. Commun. 15:8122; NIR 1.0.8.  NIR fixes no unit of time; here it
is 1 ms.  It has no refractoriness and no soft reset.
"""

from engine.models.declaration import NeuronModel, Parameter, option

MODEL = NeuronModel(
    name="nir_lif",
    title="LIF (NIR)",
    group="NIR",
    source="Pedersen et al. 2024, Nat. Commun. 15:8122; NIR 1.0.8",
    equations="dv/dt = (v_leak - v + R*I)/tau : 1",
    threshold="v > v_th or (v == v_th and strict < 0.5)",
    reset="v = v_reset",
    parameters={
        "tau": Parameter(20, "ms", (1e-3, 1e6), "membrane time constant"),
        "R": Parameter(1, "1", (-1e6, 1e6), "what a current is multiplied by"),
        "v_leak": Parameter(0, "1", (-1e6, 1e6), "where v decays to"),
        "v_th": Parameter(1, "1", (-1e6, 1e6), "spike threshold"),
        "v_reset": Parameter(0, "1", (-1e6, 1e6), "value of v after a spike"),
        "strict": option(1, "fires at v_th too", "fires above v_th only"),
    },
    checks=(("v_reset < v_th", "v_reset must lie below v_th, or the neuron fires without end"),),
    initial={"v": "v_leak"},
    current_unit="1",
    ports={"exc": "pulse", "inh": "pulse"},
    options=("strict",),
    symbol="lif",
    synonyms=("NIR", "LIF"),
)
