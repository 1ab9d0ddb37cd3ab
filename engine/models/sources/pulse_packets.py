"""Volleys of spikes: in each every member fires once."""

from engine.models.declaration import Parameter, SourceModel

MODEL = SourceModel(
    name="pulse_packets",
    title="Pulse packets",
    outputs="spikes",
    doc="At each time every member fires once, scattered around it by a normal distribution.",
    source="Diesmann, Gewaltig & Aertsen 1999, Nature 402, 529-533",
    parameters={
        "times": Parameter(
            (100.0, 300.0, 500.0), "ms", (0, 1e9), "centres of the volleys", kind="numbers"
        ),
        "std": Parameter(3, "ms", (0, 1e4), "how widely a volley is scattered"),
    },
    symbol="packets",
)
