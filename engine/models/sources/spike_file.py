"""Recorded spikes from a file."""

from engine.models.declaration import Parameter, SourceModel

MODEL = SourceModel(
    name="spike_file",
    title="Spike file",
    outputs="spikes",
    doc="Spike times from a text, csv or npz file beside the document or in the data folder.",
    parameters={
        "path": Parameter("", "", doc="file, relative to the document or data folder", kind="text"),
        "column": Parameter(0, "1", (0, 1000), "column that holds the times", kind="integer"),
        "unit": Parameter(
            "ms", doc="unit of the times in the file", kind="choice", choices=("us", "ms", "s")
        ),
        "scale": Parameter(1, "1", (1e-6, 1e6), "factor on all times: 0.1 plays ten times faster"),
    },
    symbol="file",
)
