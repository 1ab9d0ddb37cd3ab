"""Hippocampal pyramidal cell as a point: the neuron of the COBAHH benchmark.

Brette et al. 2007, J. Comput. Neurosci. 23:349, appendix 2, benchmark 3, after Traub & Miles 1991.
All potentials of the rates count from v_T.  Without a current it has no resting state: it fires.
"""

from engine.models.declaration import NeuronModel, Parameter
from engine.models.protocol import Protocol

MODEL = NeuronModel(
    name="traub_miles",
    title="Traub-Miles",
    group="conductance-based",
    source="Traub & Miles 1991, as in Brette et al. 2007, J. Comput. Neurosci. 23:349",
    equations="""alpha_m = 1.28/exprel((13*mV + v_T - v)/(4*mV))/ms : 1/ms
beta_m = 1.4/exprel((v - v_T - 40*mV)/(5*mV))/ms : 1/ms
alpha_h = 0.128*exp((17*mV + v_T - v)/(18*mV))/ms : 1/ms
beta_h = 4/(1 + exp((40*mV + v_T - v)/(5*mV)))/ms : 1/ms
alpha_n = 0.16/exprel((15*mV + v_T - v)/(5*mV))/ms : 1/ms
beta_n = 0.5*exp((10*mV + v_T - v)/(40*mV))/ms : 1/ms
dm/dt = alpha_m*(1 - m) - beta_m*m : 1
dh/dt = alpha_h*(1 - h) - beta_h*h : 1
dn/dt = alpha_n*(1 - n) - beta_n*n : 1
G_Na = g_Na*m**3*h : nS
G_K = g_K*n**4 : nS
dv/dt = (G_Na*(E_Na - v) + G_K*(E_K - v) + g_L*(E_L - v) + I)/C : mV""",
    threshold="v >= v_th",
    crossing=True,
    parameters={
        "C": Parameter(200, "pF", (0.1, 1e6), "membrane capacitance"),
        "g_Na": Parameter(20_000, "nS", (0, 1e9), "greatest sodium conductance"),
        "g_K": Parameter(6_000, "nS", (0, 1e9), "greatest potassium conductance"),
        "g_L": Parameter(10, "nS", (1e-3, 1e6), "leak conductance"),
        "E_Na": Parameter(50, "mV", (-200, 200), "sodium reversal potential"),
        "E_K": Parameter(-90, "mV", (-200, 200), "potassium reversal potential"),
        "E_L": Parameter(-60, "mV", (-200, 200), "leak reversal potential"),
        "v_T": Parameter(-63, "mV", (-200, 200), "where the rates of the gates count from"),
        "v_th": Parameter(-20, "mV", (-100, 100), "an upward crossing of this is a spike"),
    },
    initial={"v": -65, "m": "rest", "h": "rest", "n": "rest"},
    ports={"exc": "exp_conductance", "inh": "exp_conductance"},
    protocols={"spontaneous": Protocol(0, 500, note="It rests below -31.81 pA only.")},
    symbol="hodgkin_huxley",
    synonyms=("COBAHH", "HH", "hippocampal pyramidal"),
)
