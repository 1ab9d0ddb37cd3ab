"""STDP multiplied by the reward of the moment.

Florian 2007, Neural Computation 19:1468, eqs. 26 and 27: dw/dt = gamma r(t) xi(t), where xi is what
STDP does at this instant.  The reward signal r is common to all synapses: a reward adds its amount,
and r fades within tau_r.
"""

from engine.models.declaration import Parameter, PlasticityModel

MODEL = PlasticityModel(
    name="mstdp",
    title="Modulated STDP",
    source="Florian 2007, Neural Computation 19:1468, eqs. 26 and 27",
    doc="Pairs of spikes change a weight by as much as there is reward at that moment, and the "
    "other way round where the reward is negative.",
    pre="dx/dt = -x/tau_plus",
    post="dy/dt = -y/tau_minus",
    modulator="dr/dt = -r/tau_r",
    on_pre="w = clip(w - gamma*r*(w_max - w_min)*A_minus*y, w_min, w_max)",
    on_post="w = clip(w + gamma*r*(w_max - w_min)*A_plus*x, w_min, w_max)",
    pre_spike="x += 1",
    post_spike="y += 1",
    on_reward="r += amount",
    parameters={
        "tau_plus": Parameter(20, "ms", (0.01, 1e5), "window of potentiation, pre before post"),
        "tau_minus": Parameter(20, "ms", (0.01, 1e5), "window of depression, post before pre"),
        "A_plus": Parameter(1, "", (0, 1e3), "weight of a pair, pre before post"),
        "A_minus": Parameter("A_plus", "", (0, 1e3), "weight of a pair, post before pre"),
        "gamma": Parameter(0.01, "", (0, 1e3), "learning rate, share of the range"),
        "tau_r": Parameter(50, "ms", (0.01, 1e7), "time over which a reward fades"),
        "w_min": Parameter("min(0, 2*w_0)", "weight", doc="no weight falls below this"),
        "w_max": Parameter("max(0, 2*w_0)", "weight", doc="no weight rises above this"),
    },
    checks=(("w_min < w_max", "w_min must lie below w_max"),),
)
