"""Artola, Broecher and Singer's rule: two thresholds of the target's activity.

Artola, Broecher & Singer 1990, Nature 347:69.  A synapse whose source is active stays as it is
while the target's activity y is at most theta_minus, is depressed while y lies below theta_plus,
and is potentiated from theta_plus on.  y is the rate of the target, smoothed over tau_y.
"""

from engine.models.declaration import Parameter, PlasticityModel

MODEL = PlasticityModel(
    name="two_thresholds",
    title="Two thresholds (ABS)",
    source="Artola, Broecher & Singer 1990, Nature 347:69",
    doc="A spike of the source depresses where the target is somewhat active and potentiates where "
    "it is very active. Sources that are silent keep their weights.",
    post="dy/dt = -y/tau_y : Hz",
    on_pre="w = clip(w + (w_max - w_min)"
    "*where(y >= theta_plus, A_plus, where(y > theta_minus, -A_minus, 0)), w_min, w_max)",
    post_spike="y += 1/tau_y",
    parameters={
        "theta_minus": Parameter(5, "Hz", (0, 1e5), "activity above which weights fall"),
        "theta_plus": Parameter(20, "Hz", (0, 1e5), "activity from which on weights rise"),
        "A_plus": Parameter(0.005, "", (0, 1), "potentiation by a spike, share of the range"),
        "A_minus": Parameter("A_plus/2", "", (0, 1), "depression by a spike, share of the range"),
        "tau_y": Parameter(100, "ms", (0.1, 1e6), "smoothing of the target's rate"),
        "w_min": Parameter("min(0, 2*w_0)", "weight", doc="no weight falls below this"),
        "w_max": Parameter("max(0, 2*w_0)", "weight", doc="no weight rises above this"),
    },
    checks=(
        ("w_min < w_max", "w_min must lie below w_max"),
        ("theta_minus < theta_plus", "theta_minus must lie below theta_plus"),
    ),
)
