"""A current that oscillates."""

from engine.models.declaration import Parameter, SourceModel

MODEL = SourceModel(
    name="sine_current",
    title="Sine current",
    outputs="current",
    doc="A sine around a mean, from the first step on.",
    current="mean + amplitude*sin(2*pi*frequency*t + phase)",
    parameters={
        "amplitude": Parameter(100, "pA", (0, 1e9), "how far it goes from the mean"),
        "frequency": Parameter(5, "Hz", (1e-6, 1e5), "oscillations in a second"),
        "phase": Parameter(0, "1", (-1e3, 1e3), "phase at time 0, in radians"),
        "mean": Parameter(0, "pA", (-1e9, 1e9), "the current around which it oscillates"),
    },
    symbol="sine",
)
