"""A current that never changes."""

from engine.models.declaration import Parameter, SourceModel

MODEL = SourceModel(
    name="constant_current",
    title="Constant current",
    outputs="current",
    doc="The same current all the time, in the current unit of the neuron it goes to.",
    parameters={"amplitude": Parameter(100, "pA", (-1e9, 1e9), "the current")},
    symbol="constant",
)
