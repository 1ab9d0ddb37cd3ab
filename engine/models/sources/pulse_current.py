"""A train of rectangular pulses of current."""

from engine.models.declaration import Parameter, SourceModel

MODEL = SourceModel(
    name="pulse_current",
    title="Pulse train",
    outputs="current",
    doc="Rectangular pulses of one width, one every period.",
    current="amplitude*where(t >= start and (number == 0 or t < start + number*period)"
    " and (t - start) - period*floor((t - start)/period) < width, 1, 0)",
    parameters={
        "amplitude": Parameter(300, "pA", (-1e9, 1e9), "the current during a pulse"),
        "width": Parameter(20, "ms", (1e-3, 1e9), "how long a pulse lasts"),
        "period": Parameter(100, "ms", (1e-3, 1e9), "from one pulse to the next"),
        "start": Parameter(50, "ms", (0, 1e9), "when the first begins"),
        "number": Parameter(0, "1", (0, 1e9), "how many; 0 for no end", kind="integer"),
    },
    checks=(("width <= period", "a pulse must end before the next begins: width is over period"),),
    symbol="pulse",
)
