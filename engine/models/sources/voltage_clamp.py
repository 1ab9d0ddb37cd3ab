"""A command that membranes follow, whatever that takes."""

from engine.models.declaration import Parameter, SourceModel

MODEL = SourceModel(
    name="voltage_clamp",
    title="Voltage clamp",
    outputs="command",
    doc="Holds v of every member of a population at levels[k] from times[k] on; the current that "
    "this takes can be recorded there as I_clamp. The population fires no spikes meanwhile.",
    source="Hodgkin, Huxley & Katz 1952, J. Physiol. 116:424",
    parameters={
        "levels": Parameter(
            (-65.0, 0.0, -65.0), "mV", (-1e4, 1e4), "what v is held at", kind="numbers"
        ),
        "times": Parameter(
            (0.0, 10.0, 40.0), "ms", (0, 1e9), "when each level begins, from 0", kind="numbers"
        ),
    },
    symbol="clamp",
    synonyms=("SEVC", "patch clamp"),
)
