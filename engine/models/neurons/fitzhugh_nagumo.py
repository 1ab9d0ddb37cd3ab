"""FitzHugh-Nagumo oscillator, in numbers without a dimension; one unit of time is 1 ms.

FitzHugh 1961, Biophys. J. 1:445; Nagumo et al. 1962; in the form of Izhikevich 2007 and Gerstner
et al. 2014.  FitzHugh's own form scales v and w by c = 1/sqrt(eps) and has w of the other sign.
"""

from engine.models.declaration import NeuronModel, Parameter
from engine.models.protocol import Protocol

MODEL = NeuronModel(
    name="fitzhugh_nagumo",
    title="FitzHugh-Nagumo",
    group="oscillator",
    source="FitzHugh 1961, Biophys. J. 1:445; Nagumo et al. 1962, Proc. IRE 50:2061",
    equations="""dv/dt = (v - v*v*v/3 - w + I)/ms : 1
dw/dt = eps*(v + a - b*w)/ms : 1""",
    threshold="v >= v_th",
    crossing=True,
    parameters={
        "a": Parameter(0.7, "1", (-10, 10), "where the w-nullcline cuts the axis of v, negated"),
        "b": Parameter(0.8, "1", (1e-3, 10), "decay of w; the w-nullcline has the slope 1/b"),
        "eps": Parameter(0.08, "1", (1e-6, 10), "how slow w is"),
        "v_th": Parameter(0, "1", (-10, 10), "an upward crossing of this is a spike"),
    },
    initial={"v": "rest", "w": "rest"},
    current_unit="1",
    ports={"exc": "exp_current", "inh": "exp_current"},
    protocols={
        "oscillation": Protocol(0.5, 200),
        "excitable": Protocol(0.0, 100, initial={"v": -0.5}, note="A kick of v from rest."),
    },
    symbol="oscillation",
    synonyms=("FHN", "Bonhoeffer-van der Pol"),
)
