"""NIR's LI: a leaky integrator that never fires.

Pedersen et al. 2024, Nat. Commun. 15:8122; NIR 1.0.8.  NIR fixes no unit of time; here it is 1 ms.
"""

from engine.models.declaration import NeuronModel, Parameter

MODEL = NeuronModel(
    name="nir_li",
    title="Leaky integrator (NIR)",
    group="NIR",
    source="Pedersen et al. 2024, Nat. Commun. 15:8122; NIR 1.0.8",
    equations="dv/dt = (v_leak - v + R*I)/tau : 1",
    parameters={
        "tau": Parameter(20, "ms", (1e-3, 1e6), "membrane time constant"),
        "R": Parameter(1, "1", (-1e6, 1e6), "what a current is multiplied by"),
        "v_leak": Parameter(0, "1", (-1e6, 1e6), "where v decays to"),
    },
    initial={"v": "v_leak"},
    current_unit="1",
    ports={"exc": "pulse", "inh": "pulse"},
    symbol="passive",
    synonyms=("NIR", "LI"),
)
