"""A leaky membrane without a spike: cables, dendrites, and what electrotonic theory is about.

Rall 1959, Exp. Neurol. 1:491.  R_m = 1/g_L is the resistance of a square centimetre of membrane.
"""

from engine.models.declaration import NeuronModel, Parameter

MODEL = NeuronModel(
    name="passive",
    title="Passive membrane",
    group="cables",
    source="Rall 1959, Exp. Neurol. 1:491",
    doc="Per area of membrane.  With a geometry it is a passive cable or dendrite.",
    equations="dv/dt = (g_L*(E_L - v) + I)/C : mV",
    parameters={
        "C": Parameter(1, "uF/cm^2", (0.01, 100), "membrane capacitance per area"),
        "g_L": Parameter(
            0.05, "mS/cm^2", (1e-7, 1e4), "leak conductance per area, 1/R_m", {"R_m": "1/R_m"}
        ),
        "R_m": Parameter("1/g_L", "kOhm*cm^2", (1e-4, 1e7), "resistance of an area of membrane"),
        "E_L": Parameter(-65, "mV", (-200, 200), "leak reversal: where v rests"),
    },
    checks=(("abs(R_m*g_L - 1) <= 0.001", "R_m and g_L contradict one another: set one"),),
    initial={"v": "E_L"},
    current_unit="uA/cm^2",
    ports={"exc": "exp_conductance", "inh": "exp_conductance"},
    symbol="passive",
    synonyms=("leaky membrane", "cable", "dendrite", "RC"),
)
