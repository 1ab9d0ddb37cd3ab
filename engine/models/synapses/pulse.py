"""A spike is a current within one step whose charge is that of the weight held for 1 ms.

With steps of 1 ms, as in the published network, the weight is the current itself; with other steps
the same charge arrives, so the effect of a weight does not depend on dt.
"""

from engine.models.declaration import SynapseModel

MODEL = SynapseModel(
    name="pulse",
    title="Current pulse",
    weight="current",
    current="w*ms/dt",
    doc="The weight is a current held for 1 ms, given within one step.",
    source="Izhikevich 2003, network code",
)
