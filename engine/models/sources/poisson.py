"""Independent Poisson spike trains.

With a dead time d the rate is r/(1 + r d) and the coefficient of variation 1/(1 + r d).
"""

from engine.models.declaration import Parameter, SourceModel

MODEL = SourceModel(
    name="poisson",
    title="Poisson spikes",
    outputs="spikes",
    doc="Each member fires at random, independently of all others, at the same mean rate.",
    source="Dayan & Abbott 2001, Theoretical Neuroscience, section 1.4",
    rate="rate",
    parameters={
        "rate": Parameter(10, "Hz", (0, 1e5), "mean rate of each member, without dead time"),
        "dead_time": Parameter(0, "ms", (0, 1e4), "no spike comes so soon after another"),
    },
    symbol="poisson",
)
