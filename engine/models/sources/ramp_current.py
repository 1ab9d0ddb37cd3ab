"""A current that rises or falls at a constant slope."""

from engine.models.declaration import Parameter, SourceModel

MODEL = SourceModel(
    name="ramp_current",
    title="Ramp current",
    outputs="current",
    doc="From one current to another in a straight line; before and after it stays there.",
    current="initial + (final - initial)*clip((t - start)/(stop - start), 0, 1)",
    parameters={
        "initial": Parameter(0, "pA", (-1e9, 1e9), "the current before the ramp"),
        "final": Parameter(300, "pA", (-1e9, 1e9), "the current after it"),
        "start": Parameter(100, "ms", (0, 1e9), "when the ramp begins"),
        "stop": Parameter(900, "ms", (0, 1e9), "when it ends"),
    },
    checks=(("start < stop", "the ramp must start before it stops"),),
    symbol="ramp",
)
