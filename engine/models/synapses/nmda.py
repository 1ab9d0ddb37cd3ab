"""An NMDA receptor: a slow conductance that magnesium blocks unless the membrane is depolarised.

Jahr & Stevens 1990: the open share is B(v) = 1/(1 + exp(-slope v) Mg/K_Mg).  Other fits in use
have K_Mg 0.33 mM or slope 0.08 /mV.  The course of g is that of `biexp_conductance`.
"""

from dataclasses import replace

from engine.models.declaration import Parameter, SynapseModel
from engine.models.synapses.biexp_conductance import MODEL as COURSE

MODEL = SynapseModel(
    name="nmda",
    title="NMDA",
    weight="conductance",
    equations=COURSE.equations,
    on_spike=COURSE.on_spike,
    current="g*(E - v)/(1 + exp(-slope*v)*Mg/K_Mg)",
    parameters={
        "tau_rise": replace(COURSE.parameters["tau_rise"], default=2),
        "tau_decay": replace(COURSE.parameters["tau_decay"], default=100),
        "E": COURSE.parameters["E"],
        "Mg": Parameter(1, "mM", (0, 100), "magnesium outside; 0 leaves no block"),
        "K_Mg": Parameter(3.57, "mM", (1e-3, 1e3), "magnesium that blocks half at 0 mV"),
        "slope": Parameter(0.062, "1/mV", (0, 1), "steepness of the block"),
    },
    doc="The weight is the peak of the conductance without block; magnesium leaves B(v) of it.",
    source="Jahr & Stevens 1990, Journal of Neuroscience 10:3178",
)
