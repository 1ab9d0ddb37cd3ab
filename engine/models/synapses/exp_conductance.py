"""A spike adds the weight to a conductance that decays exponentially."""

from engine.models.declaration import Parameter, SynapseModel

MODEL = SynapseModel(
    name="exp_conductance",
    title="Exponential conductance",
    weight="conductance",
    equations="dg/dt = -g/tau : conductance",
    on_spike="g += w",
    current="g*(E - v)",
    parameters={
        "tau": Parameter(5, "ms", (0.01, 1e4), "decay time of the synaptic conductance"),
        "E": Parameter(0, "voltage", (-300, 300), "reversal potential of the synapse"),
    },
    ports={"inh": {"tau": 10, "E": -80}},
    doc="The conductance jumps by the weight and decays towards zero.",
    source="Gerstner et al. 2014, Neuronal Dynamics, section 3.1",
)
