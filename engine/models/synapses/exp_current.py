"""A spike adds the weight to a current that decays exponentially."""

from engine.models.declaration import Parameter, SynapseModel

MODEL = SynapseModel(
    name="exp_current",
    title="Exponential current",
    weight="current",
    equations="dI/dt = -I/tau : current",
    on_spike="I += w",
    current="I",
    parameters={"tau": Parameter(5, "ms", (0.01, 1e4), "decay time of the synaptic current")},
    ports={"inh": {"tau": 10}},
    doc="The current jumps by the weight and decays; a negative weight inhibits.",
    source="Gerstner et al. 2014, Neuronal Dynamics, section 3.1",
)
