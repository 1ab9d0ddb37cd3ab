"""Generalised integrate-and-fire neuron: it fires by chance, and remembers its spikes.

Mensi et al. 2012 and Pozzorini et al. 2015: C dv/dt = -g_L (v - E_L) - sum eta(t - t_spike) + I,
hazard lambda0 exp((v - V_T(t))/delta_V), V_T(t) = v_T + sum gamma(t - t_spike), where the current
eta and the movement gamma of the threshold are sums of exponentials: here two each.  The default
numbers are of the kind fitted to regular-spiking cells of layer 5.
"""

from engine.models.declaration import NeuronModel, Parameter
from engine.models.protocol import Protocol

_TAU = (0.01, 1e5)

MODEL = NeuronModel(
    name="gif",
    title="Generalised integrate-and-fire",
    group="integrate-and-fire",
    source="Mensi et al. 2012, J. Neurophysiol. 107:1756; Pozzorini et al. 2015, PLoS Comput. "
    "Biol. 11:e1004275",
    equations="""dv/dt = (g_L*(E_L - v) - w1 - w2 + I)/C : mV
dw1/dt = -w1/tau_w1 : pA
dtheta1/dt = -theta1/tau_theta1 : mV
dw2/dt = -w2/tau_w2 : pA
dtheta2/dt = -theta2/tau_theta2 : mV""",
    hazard="lambda0*exp((v - v_T - theta1 - theta2)/delta_V)",
    reset="v = v_reset; w1 += b1; w2 += b2; theta1 += d1; theta2 += d2",
    refractory="t_ref",
    holds=("v",),
    parameters={
        "C": Parameter(83.1, "pF", (0.1, 1e6), "membrane capacitance"),
        "g_L": Parameter(3.7, "nS", (1e-3, 1e6), "leak conductance"),
        "E_L": Parameter(-67, "mV", (-200, 200), "leak reversal: where v rests"),
        "v_T": Parameter(-39.6, "mV", (-200, 200), "threshold without spikes: hazard lambda0"),
        "delta_V": Parameter(1.4, "mV", (1e-3, 100), "how soft the threshold is"),
        "lambda0": Parameter(1, "Hz", (1e-6, 1e6), "hazard at the threshold"),
        "v_reset": Parameter(-36.7, "mV", (-200, 200), "value of v after a spike"),
        "t_ref": Parameter(4, "ms", (0, 1000), "refractory period: v is held at v_reset"),
        "b1": Parameter(56.7, "pA", (-1e5, 1e5), "jump of the first current at a spike"),
        "tau_w1": Parameter(57.8, "ms", _TAU, "time constant of the first current"),
        "b2": Parameter(-6.9, "pA", (-1e5, 1e5), "jump of the second current"),
        "tau_w2": Parameter(218.2, "ms", _TAU, "time constant of the second current"),
        "d1": Parameter(11.7, "mV", (-1000, 1000), "first jump of the threshold at a spike"),
        "tau_theta1": Parameter(53.8, "ms", _TAU, "time constant of the first jump"),
        "d2": Parameter(1.8, "mV", (-1000, 1000), "second jump of the threshold"),
        "tau_theta2": Parameter(640, "ms", _TAU, "time constant of the second jump"),
    },
    initial={"v": "E_L", "w1": 0, "theta1": 0, "w2": 0, "theta2": 0},
    ports={"exc": "exp_current", "inh": "exp_current"},
    protocols={"a step of current": Protocol(200, 1000)},
    symbol="escape",
    synonyms=("GLIF", "SRM", "escape noise", "stochastic", "gif_psc_exp"),
)
