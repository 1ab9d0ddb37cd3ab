"""A spike adds a conductance that rises and falls as t exp(-t/tau); the weight is its peak.

g(t) = w (t/tau) exp(1 - t/tau): two equal time constants in a row, peak at tau, area w e tau.
"""

from engine.models.declaration import Parameter, SynapseModel

MODEL = SynapseModel(
    name="alpha_conductance",
    title="Alpha conductance",
    weight="conductance",
    equations="dh/dt = -h/tau : conductance\ndg/dt = (h - g)/tau : conductance",
    on_spike="h += w*exp(1)",
    current="g*(E - v)",
    parameters={
        "tau": Parameter(2, "ms", (0.01, 1e4), "time of the peak of the conductance"),
        "E": Parameter(0, "voltage", (-300, 300), "reversal potential of the synapse"),
    },
    ports={"inh": {"tau": 4, "E": -80}},
    doc="The conductance rises to the weight in tau and decays towards zero.",
    source="Rall 1967, J Neurophysiol 30:1138; Gerstner et al. 2014, section 3.1",
)
