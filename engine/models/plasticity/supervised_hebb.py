"""Hebb's rule with a teacher: what is active when the teacher spikes is joined to the target.

Hebb 1949; Gerstner et al. 2014, Neuronal Dynamics, section 19.2.  For patterns p shown one after
the other while the teacher gives t the weights become the sum of t p, the correlation matrix of
linear associators.  A is a share of the range w_max - w_min.
"""

from engine.models.declaration import Parameter, PlasticityModel

MODEL = PlasticityModel(
    name="supervised_hebb",
    title="Supervised Hebb",
    source="Hebb 1949, The Organization of Behavior; Gerstner et al. 2014, section 19.2",
    doc="Each spike of the teacher strengthens the synapses of its target whose sources have just "
    "been active; the target's own spikes change nothing.",
    pre="dx/dt = -x/tau",
    on_teacher="w = clip(w + A*(w_max - w_min)*x, w_min, w_max)",
    pre_spike="x += 1",
    parameters={
        "A": Parameter(0.01, "", (-1, 1), "change by a pair, share of the range"),
        "tau": Parameter(20, "ms", (0.01, 1e5), "time for which a spike of the source counts"),
        "w_min": Parameter("min(0, 2*w_0)", "weight", doc="no weight falls below this"),
        "w_max": Parameter("max(0, 2*w_0)", "weight", doc="no weight rises above this"),
    },
    checks=(("w_min < w_max", "w_min must lie below w_max"),),
)
