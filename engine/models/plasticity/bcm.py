"""Bienenstock, Cooper and Munro's rule for spikes: a threshold that slides with activity.

Bienenstock, Cooper & Munro 1982, Journal of Neuroscience 2:32; the threshold as the mean square of
the activity from Intrator & Cooper 1992, Neural Networks 5:3.  y is the rate of the target in units
of rate_0, smoothed over tau_y; a spike of the source changes the weight by A y (y - theta), which
on average is eta x y (y - theta) with x the rate of the source.
"""

from engine.models.declaration import Parameter, PlasticityModel

MODEL = PlasticityModel(
    name="bcm",
    title="BCM",
    source="Bienenstock, Cooper & Munro 1982, Journal of Neuroscience 2:32",
    doc="Inputs gain when the target fires above a threshold and lose when it fires below. The "
    "threshold follows the mean square of its rate, so a target becomes selective for one input.",
    post="dy/dt = -y/tau_y\ndtheta/dt = (y*y - theta)/tau_theta",
    on_pre="w = clip(w + A*(w_max - w_min)*y*(y - theta), w_min, w_max)",
    post_spike="y += 1/(tau_y*rate_0)",
    parameters={
        "A": Parameter(1e-4, "", (0, 1), "learning rate: share of the range at y (y - theta) = 1"),
        "rate_0": Parameter(20, "Hz", (1e-3, 1e4), "rate of the target that counts as 1"),
        "tau_y": Parameter(100, "ms", (0.1, 1e6), "smoothing of the target's rate"),
        "tau_theta": Parameter(5000, "ms", (0.1, 1e8), "time over which the threshold slides"),
        "w_min": Parameter("min(0, 4*w_0)", "weight", doc="no weight falls below this"),
        "w_max": Parameter("max(0, 4*w_0)", "weight", doc="no weight rises above this"),
    },
    checks=(
        ("w_min < w_max", "w_min must lie below w_max"),
        ("tau_y < tau_theta", "the threshold must be slower than the rate: tau_y below tau_theta"),
    ),
)
