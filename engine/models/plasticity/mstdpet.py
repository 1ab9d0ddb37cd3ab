"""STDP with an eligibility trace, multiplied by the reward.

Florian 2007, Neural Computation 19:1468, eqs. 14, 24 and 25: dw/dt = gamma r z and
tau_z dz/dt = -z + xi, where xi is what STDP does at spikes.  The reward signal r is common to all
synapses: a reward adds its amount, and r fades within tau_r.
"""

from engine.models.declaration import Parameter, PlasticityModel

MODEL = PlasticityModel(
    name="mstdpet",
    title="Modulated STDP with eligibility",
    source="Florian 2007, Neural Computation 19:1468, eqs. 14, 24 and 25",
    doc="Pairs of spikes leave a trace at the synapse, and the weight drifts by the product of "
    "trace and reward, so a reward may come a little late.",
    pre="dx/dt = -x/tau_plus",
    post="dy/dt = -y/tau_minus",
    synapse="dz/dt = -z/tau_z : Hz",
    modulator="dr/dt = -r/tau_r",
    drift="gamma*(w_max - w_min)*r*z",
    on_pre="z -= A_minus*y/tau_z",
    on_post="z += A_plus*x/tau_z",
    pre_spike="x += 1",
    post_spike="y += 1",
    on_reward="r += amount",
    parameters={
        "tau_plus": Parameter(20, "ms", (0.01, 1e5), "window of potentiation, pre before post"),
        "tau_minus": Parameter(20, "ms", (0.01, 1e5), "window of depression, post before pre"),
        "A_plus": Parameter(1, "", (0, 1e3), "weight of a pair, pre before post"),
        "A_minus": Parameter("A_plus", "", (0, 1e3), "weight of a pair, post before pre"),
        "gamma": Parameter(0.1, "", (0, 1e3), "learning rate, share of the range"),
        "tau_z": Parameter(25, "ms", (0.1, 1e7), "time constant of the eligibility"),
        "tau_r": Parameter(10, "ms", (0.01, 1e7), "time over which a reward fades"),
        "w_min": Parameter("min(0, 2*w_0)", "weight", doc="no weight falls below this"),
        "w_max": Parameter("max(0, 2*w_0)", "weight", doc="no weight rises above this"),
    },
    checks=(("w_min < w_max", "w_min must lie below w_max"),),
)
