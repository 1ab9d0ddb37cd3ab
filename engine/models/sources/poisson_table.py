"""Poisson spike trains whose common rate is given by points."""

from engine.models.declaration import Parameter, SourceModel, Table

MODEL = SourceModel(
    name="poisson_table",
    title="Poisson spikes by table",
    outputs="spikes",
    doc="Random spikes at a rate that changes: its value at given times, held or joined by lines.",
    rate="value",
    tables={"value": Table("times", "rates", "between")},
    parameters={
        "times": Parameter((0.0, 300.0, 600.0), "ms", (0, 1e9), "rising times", kind="numbers"),
        "rates": Parameter(
            (5.0, 50.0, 5.0), "Hz", (0, 1e5), "the rate from each time on", kind="numbers"
        ),
        "between": Parameter(
            "step", doc="held till the next time, or in a line to it", kind="choice",
            choices=("step", "line"),
        ),
        "dead_time": Parameter(0, "ms", (0, 1e4), "no spike comes so soon after another"),
    },
    symbol="poisson_table",
)  # fmt: skip
