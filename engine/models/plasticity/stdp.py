"""Spike-timing-dependent plasticity of pairs, with exponential windows.

Song, Miller & Abbott 2000, Nature Neuroscience 3:919.  A pair with d = t_post - t_pre changes the
weight by A_plus exp(-d/tau_plus) of its range if d > 0, by -A_minus exp(d/tau_minus) if d < 0, and
not at all if d = 0.  The amplitudes are shares of the range w_max - w_min.
"""

from engine.models.declaration import Parameter, PlasticityModel

MODEL = PlasticityModel(
    name="stdp",
    title="Pair STDP",
    source="Song, Miller & Abbott 2000, Nature Neuroscience 3:919",
    doc="Every pair of spikes counts; the change does not depend on the weight, which stays "
    "between hard bounds. Weights end near one bound or the other.",
    pre="dx/dt = -x/tau_plus",
    post="dy/dt = -y/tau_minus",
    on_pre="w = clip(w - A_minus*(w_max - w_min)*y, w_min, w_max)",
    on_post="w = clip(w + A_plus*(w_max - w_min)*x, w_min, w_max)",
    pre_spike="x += 1",
    post_spike="y += 1",
    parameters={
        "tau_plus": Parameter(20, "ms", (0.01, 1e5), "window of potentiation, pre before post"),
        "tau_minus": Parameter(20, "ms", (0.01, 1e5), "window of depression, post before pre"),
        "A_plus": Parameter(0.005, "", (0, 1), "potentiation by a pair, share of the range"),
        "A_minus": Parameter("1.05*A_plus", "", (0, 1), "depression by a pair, share of the range"),
        # From 0 to twice the mean at the start, on whichever side of 0 the weights are.
        "w_min": Parameter("min(0, 2*w_0)", "weight", doc="no weight falls below this"),
        "w_max": Parameter("max(0, 2*w_0)", "weight", doc="no weight rises above this"),
    },
    checks=(("w_min < w_max", "w_min must lie below w_max"),),
    variants={
        "stdp_nearest": {
            "title": "Pair STDP, nearest spikes",
            "doc": "Each spike pairs with the last one of the other side only.",
            "source": "Izhikevich & Desai 2003, Neural Computation 15:1511",
            "pre_spike": "x = 1",
            "post_spike": "y = 1",
        },
        "stdp_multiplicative": {
            "title": "Pair STDP, multiplicative",
            "doc": "Changes shrink towards either bound, so weights gather around one value.",
            "source": "Rubin, Lee & Sompolinsky 2001, Physical Review Letters 86:364",
            "on_pre": "w = clip(w - A_minus*(w - w_min)*y, w_min, w_max)",
            "on_post": "w = clip(w + A_plus*(w_max - w)*x, w_min, w_max)",
        },
        "stdp_diehl_cook": {
            "title": "Pair STDP of digit learning",
            "doc": "Potentiation by the last spike of the source, and depression a hundred times "
            "weaker: targets learn what drives them, if their weights are kept normalised.",
            "source": "Diehl & Cook 2015, Frontiers in Computational Neuroscience 9:99",
            "pre_spike": "x = 1",
            "post_spike": "y = 1",
            "parameters": {"A_plus": 0.01, "A_minus": 0.0001},
        },
    },
)
