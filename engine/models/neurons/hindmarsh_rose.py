"""Hindmarsh-Rose neuron: spikes in bursts, ended by a slow z; numbers without a dimension.

Hindmarsh & Rose 1984, Proc. R. Soc. Lond. B 221:87.  One unit of time is 1 ms.  The paper's x_R is
-(1 + sqrt(5))/2 = -1.618, most codes have -1.6 and r = 0.006.
"""

from engine.models.declaration import NeuronModel, Parameter
from engine.models.protocol import Protocol

MODEL = NeuronModel(
    name="hindmarsh_rose",
    title="Hindmarsh-Rose",
    group="oscillator",
    source="Hindmarsh & Rose 1984, Proc. R. Soc. Lond. B 221:87",
    equations="""dx/dt = (y - a*x*x*x + b*x*x - z + I)/ms : 1
dy/dt = (c - d*x*x - y)/ms : 1
dz/dt = r*(s*(x - x_R) - z)/ms : 1""",
    threshold="x >= x_th",
    crossing=True,
    parameters={
        "a": Parameter(1, "1", (1e-3, 100), "cubic part of the x-nullcline"),
        "b": Parameter(3, "1", (-100, 100), "quadratic part of the x-nullcline"),
        "c": Parameter(1, "1", (-100, 100), "y without x"),
        "d": Parameter(5, "1", (-100, 100), "quadratic part of the y-nullcline"),
        "r": Parameter(0.006, "1", (1e-6, 10), "how slow z is"),
        "s": Parameter(4, "1", (-100, 100), "how strongly z follows x"),
        "x_R": Parameter(-1.6, "1", (-10, 10), "where z drives x to: x at rest"),
        "x_th": Parameter(0, "1", (-10, 10), "an upward crossing of this is a spike"),
    },
    initial={"x": -1.6, "y": -12, "z": 2},
    current_unit="1",
    membrane="x",
    ports={"exc": "exp_current", "inh": "exp_current"},
    protocols={
        "single spikes": Protocol(1.5, 1000, 0.02),
        "bursts of two": Protocol(2, 1000, 0.02),
        "bursts of three": Protocol(2.5, 1000, 0.02),
        "irregular bursts": Protocol(3.25, 2000, 0.02),
        "tonic": Protocol(4, 500, 0.02),
    },
    symbol="burst",
    synonyms=("HR", "bursting"),
)
