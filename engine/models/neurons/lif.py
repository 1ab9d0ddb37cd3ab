"""Leaky integrate-and-fire neuron with an absolute refractory period.

Gerstner et al. 2014, Neuronal Dynamics, chapter 1, equation 1.5.
"""

from engine.models.declaration import NeuronModel, Parameter, option
from engine.models.protocol import Protocol

MODEL = NeuronModel(
    name="lif",
    title="Leaky integrate-and-fire",
    group="integrate-and-fire",
    source="Gerstner et al. 2014, Neuronal Dynamics, eq. 1.5",
    equations="dv/dt = (E_L - v)/tau_m + I/C : mV",
    threshold="v > v_th or (v == v_th and strict < 0.5)",
    reset="v = v_reset",
    refractory="t_ref",
    holds=("v",),
    parameters={
        "C": Parameter(200, "pF", (0.1, 1e6), "membrane capacitance"),
        "g_L": Parameter(10, "nS", (1e-3, 1e6), "leak conductance", {"tau_m": "C/tau_m"}),
        "tau_m": Parameter("C/g_L", "ms", (0.01, 1e5), "membrane time constant, C/g_L"),
        "E_L": Parameter(-65, "mV", (-200, 200), "leak reversal: where v rests"),
        "v_th": Parameter(-50, "mV", (-200, 200), "spike threshold"),
        "v_reset": Parameter(-65, "mV", (-200, 200), "value of v after a spike"),
        "t_ref": Parameter(2, "ms", (0, 1000), "refractory period: v is held at v_reset"),
        "strict": option(0, "fires at v_th too", "fires above v_th only"),
    },
    checks=(
        ("v_reset < v_th", "v_reset must lie below v_th, or the neuron fires without end"),
        ("abs(tau_m*g_L - C) <= 0.001*C", "tau_m, C and g_L contradict one another: set two"),
    ),
    initial={"v": "E_L"},
    ports={"exc": "exp_current", "inh": "exp_current"},
    variants={
        "lif_psc_exp": {
            "title": "LIF, current",
            "symbol": "current_synapse",
            "synonyms": ("CUBA", "iaf_psc_exp"),
        },
        "lif_psc_delta": {
            "title": "LIF, delta",
            "symbol": "delta_synapse",
            "synonyms": ("iaf_psc_delta", "Brunel"),
            "ports": {"exc": "delta", "inh": "delta"},
        },
        "lif_cond_exp": {
            "title": "LIF, conductance",
            "symbol": "conductance_synapse",
            "synonyms": ("COBA", "iaf_cond_exp"),
            "ports": {"exc": "exp_conductance", "inh": "exp_conductance"},
        },
        "lif_psc_alpha": {
            "title": "LIF, alpha current",
            "symbol": "alpha_synapse",
            "synonyms": ("CUBA", "iaf_psc_alpha"),
            "ports": {"exc": "alpha_current", "inh": "alpha_current"},
        },
        "lif_cond_alpha": {
            "title": "LIF, alpha conductance",
            "symbol": "alpha_synapse",
            "synonyms": ("COBA", "iaf_cond_alpha"),
            "ports": {"exc": "alpha_conductance", "inh": "alpha_conductance"},
        },
    },
    presets={
        "LIF-A": {"C": 200, "g_L": 10, "E_L": -65, "v_th": -50, "v_reset": -65, "t_ref": 2},
        "LIF-B": {"C": 250, "g_L": 25, "E_L": -70, "v_th": -55, "v_reset": -70, "t_ref": 2},
    },
    options=("strict",),
    protocols={"LIF-A": Protocol(200, 200), "LIF-B": Protocol(400, 200)},
    symbol="lif",
    synonyms=("LIF", "integrate-and-fire", "iaf_psc", "IF"),
)
