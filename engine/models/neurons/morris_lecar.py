"""Morris-Lecar neuron: calcium at once, potassium delayed; the textbook of excitability classes.

Morris & Lecar 1981, Biophys. J. 35:193; sets of Rinzel & Ermentrout 1998, Methods in Neuronal
Modeling, table 7.1.  phi of the class I set is printed as 0.067 or as 1/15; here it is 1/15.
"""

from engine.models.declaration import NeuronModel, Parameter
from engine.models.protocol import Protocol

MODEL = NeuronModel(
    name="morris_lecar",
    title="Morris-Lecar",
    group="conductance-based",
    source="Morris & Lecar 1981, Biophys. J. 35:193; Rinzel & Ermentrout 1998, table 7.1",
    equations="""m_inf = 0.5*(1 + tanh((v - V1)/V2)) : 1
w_inf = 0.5*(1 + tanh((v - V3)/V4)) : 1
rate = phi*cosh((v - V3)/(2*V4)) : 1/ms
dw/dt = rate*(w_inf - w) : 1
dv/dt = (g_L*(V_L - v) + g_Ca*m_inf*(V_Ca - v) + g_K*w*(V_K - v) + I)/C : mV""",
    threshold="v >= v_th",
    crossing=True,
    parameters={
        "C": Parameter(20, "uF/cm^2", (0.01, 1e4), "membrane capacitance per area"),
        "g_L": Parameter(2, "mS/cm^2", (1e-6, 1e4), "leak conductance"),
        "g_Ca": Parameter(4.4, "mS/cm^2", (0, 1e4), "greatest calcium conductance"),
        "g_K": Parameter(8, "mS/cm^2", (0, 1e4), "greatest potassium conductance"),
        "V_L": Parameter(-60, "mV", (-200, 200), "leak reversal potential"),
        "V_Ca": Parameter(120, "mV", (-300, 300), "calcium reversal potential"),
        "V_K": Parameter(-84, "mV", (-300, 300), "potassium reversal potential"),
        "V1": Parameter(-1.2, "mV", (-200, 200), "where half of the calcium channels are open"),
        "V2": Parameter(18, "mV", (0.1, 200), "width of the opening of calcium channels"),
        "V3": Parameter(2, "mV", (-200, 200), "where half of the potassium channels are open"),
        "V4": Parameter(30, "mV", (0.1, 200), "width of the opening of potassium channels"),
        "phi": Parameter(0.04, "1/ms", (1e-6, 100), "slowest rate of the potassium channels"),
        "v_th": Parameter(0, "mV", (-100, 100), "an upward crossing of this is a spike"),
    },
    initial={"v": "rest", "w": "rest"},
    current_unit="uA/cm^2",
    ports={"exc": "exp_conductance", "inh": "exp_conductance"},
    presets={
        "class II": {"g_Ca": 4.4, "V3": 2, "V4": 30, "phi": 0.04},
        "class I": {"g_Ca": 4, "V3": 12, "V4": 17.4, "phi": 1 / 15},
        "homoclinic": {"g_Ca": 4, "V3": 12, "V4": 17.4, "phi": 0.23},
    },
    protocols={
        "class II": Protocol(100, 500),
        "class I": Protocol(42, 500),
        "homoclinic": Protocol(40, 1500),
    },
    symbol="oscillation",
    synonyms=("ML", "barnacle muscle", "class I", "class II"),
)
