"""NIR's I: an integrator that never fires.

Pedersen et al. 2024, Nat. Commun. 15:8122; NIR 1.0.8.  NIR fixes no unit of time; here it is 1 ms.
"""

from engine.models.declaration import NeuronModel, Parameter

MODEL = NeuronModel(
    name="nir_i",
    title="Integrator (NIR)",
    group="NIR",
    source="Pedersen et al. 2024, Nat. Commun. 15:8122; NIR 1.0.8",
    equations="dv/dt = R*I : 1",
    parameters={
        "R": Parameter(1, "1/ms", (-1e6, 1e6), "what a current is multiplied by"),
    },
    initial={"v": 0},
    current_unit="1",
    ports={"exc": "pulse", "inh": "pulse"},
    symbol="integrator",
    synonyms=("NIR", "I", "integrator"),
)
