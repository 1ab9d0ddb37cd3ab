"""Independent Poisson spike trains."""

from engine.models.declaration import Parameter, SourceModel

MODEL = SourceModel(
    name="poisson",
    title="Poisson spikes",
    outputs="spikes",
    doc="Each member fires at random, independently of all others, at the same mean rate.",
    source="Dayan & Abbott 2001, Theoretical Neuroscience, section 1.4",
    parameters={"rate": Parameter(10, "Hz", (0, 1e5), "mean rate of each member")},
    symbol="poisson",
)
