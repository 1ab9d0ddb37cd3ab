"""A spike moves the membrane potential by the weight, at once."""

from engine.models.declaration import SynapseModel

MODEL = SynapseModel(
    name="delta",
    title="Voltage jump",
    weight="voltage",
    on_spike="v += w",
    doc="v jumps by the weight when a spike arrives; nothing happens while v is held.",
    source="Brunel 2000, eq. 2",
)
