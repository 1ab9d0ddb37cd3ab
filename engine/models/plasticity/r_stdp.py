"""Reward-modulated STDP: spikes mark a synapse, and dopamine turns the mark into a change.

Izhikevich 2007, Cerebral Cortex 17:2443, eqs. 1 to 3: dc/dt = -c/tau_c + STDP at spikes,
ds/dt = c d, dd/dt = -d/tau_d + DA.  c is the eligibility of a synapse, in shares of the range, d
the level of dopamine above its baseline, common to all synapses; a reward adds its amount to d.
"""

from engine.models.declaration import Parameter, PlasticityModel

MODEL = PlasticityModel(
    name="r_stdp",
    title="Reward-modulated STDP",
    source="Izhikevich 2007, Cerebral Cortex 17:2443, eqs. 1 to 3",
    doc="Pairs of spikes only mark a synapse, and the mark fades within a second. A reward that "
    "comes in time changes the weights that are marked, so synapses that led to it gain.",
    pre="dx/dt = -x/tau_plus",
    post="dy/dt = -y/tau_minus",
    synapse="dc/dt = -c/tau_c",
    modulator="dd/dt = -d/tau_d",
    drift="eta*(w_max - w_min)*c*d",
    on_pre="c -= A_minus*y",
    on_post="c += A_plus*x",
    pre_spike="x += 1",
    post_spike="y += 1",
    on_reward="d += amount",
    parameters={
        "tau_plus": Parameter(20, "ms", (0.01, 1e5), "window of potentiation, pre before post"),
        "tau_minus": Parameter(20, "ms", (0.01, 1e5), "window of depression, post before pre"),
        "A_plus": Parameter(0.01, "", (0, 1e3), "mark by a pair, pre before post"),
        "A_minus": Parameter("1.5*A_plus", "", (0, 1e3), "mark by a pair, post before pre"),
        "tau_c": Parameter(1000, "ms", (0.1, 1e7), "time over which a mark fades"),
        "tau_d": Parameter(200, "ms", (0.1, 1e7), "time over which dopamine is taken up"),
        "eta": Parameter(1, "Hz", (0, 1e6), "share of the range by which w drifts at c = d = 1"),
        "w_min": Parameter("min(0, 2*w_0)", "weight", doc="no weight falls below this"),
        "w_max": Parameter("max(0, 2*w_0)", "weight", doc="no weight rises above this"),
    },
    checks=(("w_min < w_max", "w_min must lie below w_max"),),
)
