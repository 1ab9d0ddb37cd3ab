"""A spike is a current of the weight that lasts one step."""

from engine.models.declaration import SynapseModel

MODEL = SynapseModel(
    name="pulse",
    title="Current pulse",
    weight="current",
    current="w",
    doc="The weight is a current during one step, so its charge is proportional to dt.",
    source="Izhikevich 2003, network code",
)
