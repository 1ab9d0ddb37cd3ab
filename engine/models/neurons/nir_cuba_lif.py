"""NIR's CubaLIF: LIF behind an exponential synapse.

Pedersen et al. 2024, Nat. Commun. 15:8122; NIR 1.0.8.  An impulse of weight 1 makes
the current jump by w_in/tau_syn; Norse and snnTorch let it jump by w.  NIR fixes no unit
of time; here it is 1 ms.
"""

from engine.models.declaration import NeuronModel, Parameter, option

MODEL = NeuronModel(
    name="nir_cuba_lif",
    title="LIF, synaptic current (NIR)",
    group="NIR",
    source="Pedersen et al. 2024, Nat. Commun. 15:8122; NIR 1.0.8",
    equations="""di_syn/dt = (w_in*I - i_syn)/tau_syn : 1
dv/dt = (v_leak - v + R*i_syn)/tau_mem : 1""",
    threshold="v > v_th or (v == v_th and strict < 0.5)",
    reset="v = v_reset",
    parameters={
        "tau_syn": Parameter(5, "ms", (1e-3, 1e6), "time constant of the synaptic current"),
        "tau_mem": Parameter(20, "ms", (1e-3, 1e6), "membrane time constant"),
        "R": Parameter(1, "1", (-1e6, 1e6), "what the synaptic current is multiplied by"),
        "v_leak": Parameter(0, "1", (-1e6, 1e6), "where v decays to"),
        "w_in": Parameter(1, "1", (-1e6, 1e6), "what the input is multiplied by"),
        "v_th": Parameter(1, "1", (-1e6, 1e6), "spike threshold"),
        "v_reset": Parameter(0, "1", (-1e6, 1e6), "value of v after a spike"),
        "strict": option(1, "fires at v_th too", "fires above v_th only"),
    },
    checks=(("v_reset < v_th", "v_reset must lie below v_th, or the neuron fires without end"),),
    initial={"i_syn": 0, "v": "v_leak"},
    current_unit="1",
    ports={"exc": "pulse", "inh": "pulse"},
    options=("strict",),
    symbol="current_synapse",
    synonyms=("NIR", "CubaLIF", "CUBA"),
)
