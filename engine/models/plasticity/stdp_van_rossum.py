"""Spike-timing-dependent plasticity with noise, whose depression grows with the weight.

van Rossum, Bi & Turrigiano 2000, Journal of Neuroscience 20:8812.  A pair of spikes potentiates by
c_p + nu w or depresses by (c_d + nu) w, times exp(-|d|/tau), where nu is a normal number of mean 0
and standard deviation sigma: c_p = 7 pS, c_d = 0.003, sigma = 0.015, tau = 20 ms.  Here weights
count from w_min, A_plus is c_p as a share of the range w_max - w_min, A_minus is c_d, and a spike
draws one nu for all the pairs that it makes at a synapse.  Gain and loss are equal at
w = w_min + A_plus/A_minus (w_max - w_min) (with equal windows), around which weights gather, spread
as `engine.analysis.weight_density` says.
"""

from engine.models.declaration import Parameter, PlasticityModel

MODEL = PlasticityModel(
    name="stdp_van_rossum",
    title="Pair STDP with noise",
    source="van Rossum, Bi & Turrigiano 2000, Journal of Neuroscience 20:8812",
    doc="Potentiation is the same for all weights, depression in proportion to them, and both "
    "scatter in proportion to them. Weights gather around one value, spread by the noise.",
    pre="dx/dt = -x/tau_plus",
    post="dy/dt = -y/tau_minus",
    on_pre="w = clip(w + (sigma*normal - A_minus)*(w - w_min)*y, w_min, w_max)",
    on_post="w = clip(w + (A_plus*(w_max - w_min) + sigma*normal*(w - w_min))*x, w_min, w_max)",
    pre_spike="x += 1",
    post_spike="y += 1",
    parameters={
        "tau_plus": Parameter(20, "ms", (0.01, 1e5), "window of potentiation, pre before post"),
        "tau_minus": Parameter(20, "ms", (0.01, 1e5), "window of depression, post before pre"),
        "A_plus": Parameter(0.0015, "", (0, 1), "potentiation by a pair, share of the range"),
        "A_minus": Parameter("2*A_plus", "", (0, 1), "depression by a pair, share of the weight"),
        "sigma": Parameter(0.015, "", (0, 1), "scatter of both (std), share of the weight"),
        "w_min": Parameter("min(0, 2*w_0)", "weight", doc="no weight falls below this"),
        "w_max": Parameter("max(0, 2*w_0)", "weight", doc="no weight rises above this"),
    },
    checks=(("w_min < w_max", "w_min must lie below w_max"),),
    presets={
        "published": {},  # but for the range, which is 4.67 nS if a pair gives 7 pS
        "published, with w_max = 7 nS": {"A_plus": 0.001, "A_minus": 0.003},
        "without noise": {"sigma": 0},
    },
)
