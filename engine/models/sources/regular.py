"""Spikes like clockwork."""

from engine.models.declaration import Parameter, SourceModel

MODEL = SourceModel(
    name="regular",
    title="Regular spikes",
    outputs="spikes",
    doc="A spike every 1/rate; with jitter each is moved by a normal number of its own.",
    parameters={
        "rate": Parameter(10, "Hz", (1e-6, 1e5), "spikes of each member in a second"),
        "start": Parameter(50, "ms", (0, 1e9), "when the first comes; a list staggers members"),
        "jitter": Parameter(0, "ms", (0, 1e4), "standard deviation of each time"),
        "number": Parameter(0, "1", (0, 1e9), "how many of each member; 0 for no end",
                            kind="integer"),
    },
    symbol="regular",
)  # fmt: skip
