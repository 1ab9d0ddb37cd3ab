"""Squid giant axon, with the resting potential at -65 mV and the modern sign of v.

Hodgkin & Huxley 1952, J. Physiol. 117:500.  The rates of m and n are written with exprel, which has
their limits at v = -40 and -55 mV.  Temperature speeds all gates by 3 per 10 degrees.
"""

from engine.models.declaration import NeuronModel, Parameter
from engine.models.protocol import Protocol, step

MODEL = NeuronModel(
    name="hodgkin_huxley",
    title="Hodgkin-Huxley",
    group="conductance-based",
    source="Hodgkin & Huxley 1952, J. Physiol. 117:500",
    equations="""phi = 3**((temperature - 6.3*degC)/(10*degC)) : 1
alpha_m = phi/exprel(-(v + 40*mV)/(10*mV))/ms : 1/ms
beta_m = 4*phi*exp(-(v + 65*mV)/(18*mV))/ms : 1/ms
alpha_h = 0.07*phi*exp(-(v + 65*mV)/(20*mV))/ms : 1/ms
beta_h = phi/(1 + exp(-(v + 35*mV)/(10*mV)))/ms : 1/ms
alpha_n = 0.1*phi/exprel(-(v + 55*mV)/(10*mV))/ms : 1/ms
beta_n = 0.125*phi*exp(-(v + 65*mV)/(80*mV))/ms : 1/ms
dm/dt = alpha_m*(1 - m) - beta_m*m : 1
dh/dt = alpha_h*(1 - h) - beta_h*h : 1
dn/dt = alpha_n*(1 - n) - beta_n*n : 1
G_Na = g_Na*m**3*h : mS/cm^2
G_K = g_K*n**4 : mS/cm^2
dv/dt = (G_Na*(E_Na - v) + G_K*(E_K - v) + g_L*(E_L - v) + I)/C : mV""",
    threshold="v >= v_th",
    crossing=True,
    parameters={
        "C": Parameter(1, "uF/cm^2", (0.01, 100), "membrane capacitance per area"),
        "g_Na": Parameter(120, "mS/cm^2", (0, 1e4), "greatest sodium conductance"),
        "g_K": Parameter(36, "mS/cm^2", (0, 1e4), "greatest potassium conductance"),
        "g_L": Parameter(0.3, "mS/cm^2", (1e-6, 1e4), "leak conductance"),
        "E_Na": Parameter(50, "mV", (-200, 200), "sodium reversal potential"),
        "E_K": Parameter(-77, "mV", (-200, 200), "potassium reversal potential"),
        "E_L": Parameter(-54.387, "mV", (-200, 200), "leak reversal potential"),
        "temperature": Parameter(6.3, "degC", (-5, 50), "sets the speed of the gates"),
        "v_th": Parameter(-20, "mV", (-100, 100), "an upward crossing of this is a spike"),
    },
    initial={"v": "rest", "m": "rest", "h": "rest", "n": "rest"},
    current_unit="uA/cm^2",
    ports={"exc": "exp_conductance", "inh": "exp_conductance"},
    protocols={
        "repetitive firing": Protocol(10, 100, 0.025),
        "one spike": Protocol(step(0, 20, 1), 20, 0.01, note="20 uA/cm^2 for 1 ms."),
        "anode break": Protocol(step(0, -3, 50), 100, 0.01, note="It fires when the current ends."),
        "one spike and silence": Protocol(5, 100, 0.025, note="Below 6.26 it stops firing."),
    },
    symbol="hodgkin_huxley",
    synonyms=("HH", "squid axon", "sodium potassium"),
)
