"""Coloured noise: a current of the kind of Ornstein and Uhlenbeck.

x follows tau dx/dt = mean - x + std sqrt(2 tau) xi(t), taken from step to step by its exact
transition (Gillespie 1996), so mean, std and the correlation exp(-lag/tau) hold for any dt.  It
starts in its stationary distribution.
"""

from engine.models.declaration import Parameter, SourceModel

MODEL = SourceModel(
    name="ou_current",
    title="Ornstein-Uhlenbeck noise",
    outputs="current",
    doc="Noise with a memory, of every member its own: one to one is private, a size of 1 shared.",
    source="Uhlenbeck & Ornstein 1930; exact update: Gillespie 1996, Phys. Rev. E 54, eq. 3.1",
    parameters={
        "mean": Parameter(0, "pA", (-1e9, 1e9), "mean of the current"),
        "std": Parameter(50, "pA", (0, 1e9), "standard deviation of the current"),
        "tau": Parameter(10, "ms", (1e-3, 1e6), "how long it remembers"),
    },
    symbol="ou",
)
