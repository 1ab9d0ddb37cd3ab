"""A current drawn afresh, for every member, every interval."""

from engine.models.declaration import Parameter, SourceModel

MODEL = SourceModel(
    name="noise_current",
    title="Noise current",
    outputs="current",
    doc="Normal numbers, independent between members, each held for one interval.",
    parameters={
        "mean": Parameter(0, "pA", (-1e9, 1e9), "mean of the current"),
        "std": Parameter(50, "pA", (0, 1e9), "standard deviation of the current"),
        "interval": Parameter(1, "ms", (1e-3, 1e6), "how long each value is held"),
    },
    symbol="noise",
)
