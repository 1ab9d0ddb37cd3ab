"""STDP of the nearest spikes around each spike of the source, which is a BCM rule.

Izhikevich & Desai 2003, Neural Computation 15:1511: a spike of the source pairs with the last spike
of the target before it and with the first one after it.  With Poisson spikes the drift changes its
sign at a rate of the target, `engine.analysis.bcm_threshold`.  The trace x of the source counts all
its spikes as they fade; u, a state of the synapse, those that a spike of the target has met.
"""

from engine.models.declaration import Parameter, PlasticityModel

MODEL = PlasticityModel(
    name="stdp_centred",
    title="Pair STDP, nearest around the source",
    source="Izhikevich & Desai 2003, Neural Computation 15:1511",
    doc="Each spike of the source pairs with the last spike of the target before it and the first "
    "after it. Where the target fires fast weights grow, where it fires slowly they shrink.",
    pre="dx/dt = -x/tau_plus",
    post="dy/dt = -y/tau_minus",
    synapse="du/dt = -u/tau_plus",
    on_pre="w = clip(w - A_minus*(w_max - w_min)*y, w_min, w_max)",
    on_post="w = clip(w + A_plus*(w_max - w_min)*(x - u), w_min, w_max); u = x",
    pre_spike="x += 1",
    post_spike="y = 1",
    parameters={
        "tau_plus": Parameter(14, "ms", (0.1, 1e5), "window of potentiation, pre before post"),
        "tau_minus": Parameter(34, "ms", (0.1, 1e5), "window of depression, post before pre"),
        "A_plus": Parameter(0.0103, "", (0, 1), "potentiation by a pair, share of the range"),
        "A_minus": Parameter(0.0051, "", (0, 1), "depression by a pair, share of the range"),
        "w_min": Parameter("min(0, 2*w_0)", "weight", doc="no weight falls below this"),
        "w_max": Parameter("max(0, 2*w_0)", "weight", doc="no weight rises above this"),
    },
    checks=(("w_min < w_max", "w_min must lie below w_max"),),
)
