"""NIR's CubaLI: a leaky integrator behind an exponential synapse; it never fires.

Pedersen et al. 2024, Nat. Commun. 15:8122; NIR 1.0.8.  An impulse of weight 1 makes
the current jump by w_in/tau_syn; Norse and snnTorch let it jump by w.  NIR fixes no unit
of time; here it is 1 ms.
"""

from engine.models.declaration import NeuronModel, Parameter

MODEL = NeuronModel(
    name="nir_cuba_li",
    title="Leaky integrator, synaptic current (NIR)",
    group="NIR",
    source="Pedersen et al. 2024, Nat. Commun. 15:8122; NIR 1.0.8",
    equations="""di_syn/dt = (w_in*I - i_syn)/tau_syn : 1
dv/dt = (v_leak - v + R*i_syn)/tau_mem : 1""",
    parameters={
        "tau_syn": Parameter(5, "ms", (1e-3, 1e6), "time constant of the synaptic current"),
        "tau_mem": Parameter(20, "ms", (1e-3, 1e6), "membrane time constant"),
        "R": Parameter(1, "1", (-1e6, 1e6), "what the synaptic current is multiplied by"),
        "v_leak": Parameter(0, "1", (-1e6, 1e6), "where v decays to"),
        "w_in": Parameter(1, "1", (-1e6, 1e6), "what the input is multiplied by"),
    },
    initial={"i_syn": 0, "v": "v_leak"},
    current_unit="1",
    ports={"exc": "pulse", "inh": "pulse"},
    symbol="current_synapse",
    synonyms=("NIR", "CubaLI", "CUBA"),
)
