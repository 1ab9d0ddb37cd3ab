"""Spike-timing-dependent plasticity of triplets: what a pair does depends on earlier spikes.

Pfister & Gerstner 2006, Journal of Neuroscience 26:9673.  Every neuron has a fast and a slow trace,
r1 and r2 of the source, o1 and o2 of the target.  A spike of the source depresses by
o1 (A2_minus + A3_minus r2), one of the target potentiates by r1 (A2_plus + A3_plus o2), all traces
as they were before it.  The amplitudes are shares of the range w_max - w_min.
"""

from engine.models.declaration import Parameter, PlasticityModel

MODEL = PlasticityModel(
    name="stdp_triplet",
    title="Triplet STDP",
    source="Pfister & Gerstner 2006, Journal of Neuroscience 26:9673, eqs. 3 and 4",
    doc="Potentiation needs an earlier spike of the target too, so it grows with the rate: pairs "
    "that depress when they are rare potentiate when they are frequent.",
    pre="dr1/dt = -r1/tau_plus\ndr2/dt = -r2/tau_x",
    post="do1/dt = -o1/tau_minus\ndo2/dt = -o2/tau_y",
    on_pre="w = clip(w - (w_max - w_min)*o1*(A2_minus + A3_minus*r2), w_min, w_max)",
    on_post="w = clip(w + (w_max - w_min)*r1*(A2_plus + A3_plus*o2), w_min, w_max)",
    pre_spike="r1 += 1; r2 += 1",
    post_spike="o1 += 1; o2 += 1",
    parameters={
        "tau_plus": Parameter(16.8, "ms", (0.01, 1e5), "fast trace of the source"),
        "tau_minus": Parameter(33.7, "ms", (0.01, 1e5), "fast trace of the target"),
        "tau_x": Parameter(101, "ms", (0.01, 1e5), "slow trace of the source"),
        "tau_y": Parameter(114, "ms", (0.01, 1e5), "slow trace of the target"),
        "A2_plus": Parameter(0, "", (0, 1), "potentiation by a pair, share of the range"),
        "A3_plus": Parameter(6.5e-3, "", (0, 1), "potentiation by a triplet, two of the target"),
        "A2_minus": Parameter(7.1e-3, "", (0, 1), "depression by a pair, share of the range"),
        "A3_minus": Parameter(0, "", (0, 1), "depression by a triplet with two of the source"),
        "w_min": Parameter("min(0, 2*w_0)", "weight", doc="no weight falls below this"),
        "w_max": Parameter("max(0, 2*w_0)", "weight", doc="no weight rises above this"),
    },
    checks=(("w_min < w_max", "w_min must lie below w_max"),),
    presets={
        "visual cortex": {},
        "visual cortex, full": {
            "A2_plus": 5e-10,
            "A3_plus": 6.2e-3,
            "A2_minus": 7e-3,
            "A3_minus": 2.3e-4,
            "tau_x": 101,
            "tau_y": 125,
        },
        "hippocampus, full": {
            "A2_plus": 6.1e-3,
            "A3_plus": 6.7e-3,
            "A2_minus": 1.6e-3,
            "A3_minus": 1.4e-3,
            "tau_x": 946,
            "tau_y": 27,
        },
    },
    variants={
        "stdp_triplet_nearest": {
            "title": "Triplet STDP, nearest spikes",
            "doc": "As triplet STDP, but each spike sees the last one of every kind only.",
            "pre_spike": "r1 = 1; r2 = 1",
            "post_spike": "o1 = 1; o2 = 1",
            "parameters": {"A3_plus": 5e-2, "A2_minus": 8e-3, "tau_y": 40},
            "presets": {},
        },
    },
)
