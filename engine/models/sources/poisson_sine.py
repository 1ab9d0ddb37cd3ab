"""Poisson spike trains whose common rate oscillates."""

from engine.models.declaration import Parameter, SourceModel

MODEL = SourceModel(
    name="poisson_sine",
    title="Poisson spikes, sine",
    outputs="spikes",
    doc="Random spikes at a rate that oscillates, the same for all members; never below 0.",
    rate="rate + amplitude*sin(2*pi*frequency*t + phase)",
    parameters={
        "rate": Parameter(20, "Hz", (0, 1e5), "mean rate of each member"),
        "amplitude": Parameter(20, "Hz", (0, 1e5), "how far the rate goes from its mean"),
        "frequency": Parameter(4, "Hz", (1e-6, 1e5), "oscillations in a second"),
        "phase": Parameter(0, "1", (-1e3, 1e3), "phase at time 0, in radians"),
        "dead_time": Parameter(0, "ms", (0, 1e4), "no spike comes so soon after another"),
    },
    symbol="poisson_sine",
)
