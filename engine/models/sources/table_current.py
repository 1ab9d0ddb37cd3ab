"""A current given by points."""

from engine.models.declaration import Parameter, SourceModel, Table

MODEL = SourceModel(
    name="table_current",
    title="Current by table",
    outputs="current",
    doc="Any course of a current: the value at given times, held or joined by lines.",
    current="value",
    tables={"value": Table("times", "values", "between")},
    parameters={
        "times": Parameter((0.0, 200.0, 400.0), "ms", (0, 1e9), "rising times", kind="numbers"),
        "values": Parameter(
            (0.0, 200.0, 100.0), "pA", (-1e9, 1e9), "the current from each time on", kind="numbers"
        ),
        "between": Parameter(
            "step", doc="held till the next time, or in a line to it", kind="choice",
            choices=("step", "line"),
        ),
    },
    symbol="table",
)  # fmt: skip
