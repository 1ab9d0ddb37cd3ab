"""Oja's rule for spikes: Hebbian growth with a loss that keeps the weights together.

Oja 1982, Journal of Mathematical Biology 15:267: dw = eta y (x - y w).  x and y are the rates of
source and target in units of rate_0, smoothed over tau_x and tau_y; the change is made at every
spike of the target.  For a target whose rate is g sum(w x) the weights turn towards the principal
eigenvector of the mean of x x, and sum(w^2) towards w_n/g.
"""

from engine.models.declaration import Parameter, PlasticityModel

MODEL = PlasticityModel(
    name="oja",
    title="Oja",
    source="Oja 1982, Journal of Mathematical Biology 15:267, eq. 5",
    doc="Inputs that drive the target gain, and every weight loses in proportion to itself and to "
    "the target's rate, so the weights find the direction in which the inputs vary most.",
    pre="dx/dt = -x/tau_x",
    post="dy/dt = -y/tau_y",
    on_post="w = clip(w + A*(w_n*x - y*w), w_min, w_max)",
    pre_spike="x += 1/(tau_x*rate_0)",
    post_spike="y += 1/(tau_y*rate_0)",
    parameters={
        "A": Parameter(1e-3, "", (0, 1), "learning rate, by spike of the target at rate_0"),
        "w_n": Parameter("w_0", "weight", doc="sets how large the weights become"),
        "rate_0": Parameter(20, "Hz", (1e-3, 1e4), "rate that counts as 1"),
        "tau_x": Parameter(100, "ms", (0.1, 1e6), "smoothing of the source's rate"),
        "tau_y": Parameter(100, "ms", (0.1, 1e6), "smoothing of the target's rate"),
        "w_min": Parameter("min(0, 4*w_0)", "weight", doc="no weight falls below this"),
        "w_max": Parameter("max(0, 4*w_0)", "weight", doc="no weight rises above this"),
    },
    checks=(("w_min < w_max", "w_min must lie below w_max"),),
)
