"""A spike adds a current with a time constant of rise and one of decay; the weight is its peak.

I(t) = w F (exp(-t/tau_decay) - exp(-t/tau_rise)), F such that the peak is w.  As two stages in a
row, h into I, the peak is w if h starts at w exp(q ln(q)/(q - 1)), q = tau_decay/tau_rise: no part
of that is 0/0 where the two are equal, and the course is then that of the alpha current.
"""

from engine.models.declaration import Parameter, SynapseModel

MODEL = SynapseModel(
    name="biexp_current",
    title="Bi-exponential current",
    weight="current",
    equations="dh/dt = -h/tau_rise : current\ndI/dt = (h - I)/tau_decay : current",
    on_spike="h += w*exp(tau_decay/tau_rise/exprel(log(tau_decay/tau_rise)))",
    current="I",
    parameters={
        "tau_rise": Parameter(0.5, "ms", (0.01, 1e4), "time constant of the rise of the current"),
        "tau_decay": Parameter(5, "ms", (0.01, 1e4), "time constant of the decay of the current"),
    },
    ports={"inh": {"tau_rise": 1, "tau_decay": 10}},
    doc="The current rises to the weight and decays; a negative weight inhibits.",
    source="Roth & van Rossum 2009, in Computational Modeling Methods for Neuroscientists, ch. 6",
)
