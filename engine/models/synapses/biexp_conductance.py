"""A spike adds a conductance with a time constant of rise and one of decay; the weight is its peak.

g(t) = w F (exp(-t/tau_decay) - exp(-t/tau_rise)), F such that the peak is w.  As two stages in a
row, h into g, as in `biexp_current`; with equal time constants it is the alpha conductance.
"""

from engine.models.declaration import Parameter, SynapseModel
from engine.models.synapses.biexp_current import MODEL as CURRENT

MODEL = SynapseModel(
    name="biexp_conductance",
    title="Bi-exponential conductance",
    weight="conductance",
    equations="dh/dt = -h/tau_rise : conductance\ndg/dt = (h - g)/tau_decay : conductance",
    on_spike=CURRENT.on_spike,
    current="g*(E - v)",
    parameters={
        "tau_rise": Parameter(0.5, "ms", (0.01, 1e4), "time constant of the rise"),
        "tau_decay": Parameter(5, "ms", (0.01, 1e4), "time constant of the decay"),
        "E": Parameter(0, "voltage", (-300, 300), "reversal potential of the synapse"),
    },
    ports={"inh": {"tau_rise": 1, "tau_decay": 10, "E": -80}},
    doc="The conductance rises to the weight and decays towards zero.",
    source="Roth & van Rossum 2009, in Computational Modeling Methods for Neuroscientists, ch. 6",
)
