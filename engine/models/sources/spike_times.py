"""Spikes at given times."""

from engine.models.declaration import Parameter, SourceModel

MODEL = SourceModel(
    name="spike_times",
    title="Spike times",
    outputs="spikes",
    doc="Member senders[k] fires at times[k]; without senders, member 0 fires at all of them.",
    parameters={
        "times": Parameter((), "ms", (0, 1e9), "when a spike happens", kind="numbers"),
        "senders": Parameter((), "1", (0, 1e9), "which member fires", kind="numbers"),
    },
    symbol="spikes",
)
