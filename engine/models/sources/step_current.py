"""A current that is on for a while."""

from engine.models.declaration import Parameter, SourceModel

MODEL = SourceModel(
    name="step_current",
    title="Step current",
    outputs="current",
    doc="A current between start and stop, in the current unit of the neuron it goes to.",
    parameters={
        "amplitude": Parameter(100, "pA", (-1e9, 1e9), "the current while it is on"),
        "start": Parameter(100, "ms", (0, 1e9), "when it begins"),
        "stop": Parameter(600, "ms", (0, 1e9), "when it ends"),
    },
    checks=(("start <= stop", "the step must start before it stops"),),
    symbol="step",
)
