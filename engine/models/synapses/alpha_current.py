"""A spike adds a current that rises and falls as t exp(-t/tau); the weight is its peak.

I(t) = w (t/tau) exp(1 - t/tau): two equal time constants in a row, peak at tau, charge w e tau.
"""

from engine.models.declaration import Parameter, SynapseModel

MODEL = SynapseModel(
    name="alpha_current",
    title="Alpha current",
    weight="current",
    equations="dh/dt = -h/tau : current\ndI/dt = (h - I)/tau : current",
    on_spike="h += w*exp(1)",
    current="I",
    parameters={"tau": Parameter(2, "ms", (0.01, 1e4), "time of the peak of the current")},
    ports={"inh": {"tau": 4}},
    doc="The current rises to the weight in tau and decays; a negative weight inhibits.",
    source="Rall 1967, J Neurophysiol 30:1138; Gerstner et al. 2014, section 3.1",
)
