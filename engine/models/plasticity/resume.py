"""ReSuMe: a teacher's spikes potentiate, the target's own depress.

Ponulak 2005; Ponulak & Kasinski 2010, Neural Computation 22:467, eq. 2.5:
dw/dt = (S_d - S_o)(a + integral of A exp(-s/tau) S_in(t - s)), where S_d are the spikes that the
target is to send, S_o those that it sends, S_in those that arrive.  So nothing changes once both
coincide.  The amplitudes are shares of the range w_max - w_min.
"""

from engine.models.declaration import Parameter, PlasticityModel

MODEL = PlasticityModel(
    name="resume",
    title="ReSuMe",
    source="Ponulak & Kasinski 2010, Neural Computation 22:467, eq. 2.5",
    doc="A teacher sends the spikes that the target is to send. Where it spikes, synapses with "
    "recent spikes gain; where the target spikes by itself, they lose as much.",
    pre="dx/dt = -x/tau",
    on_post="w = clip(w - (w_max - w_min)*(a + A*x), w_min, w_max)",
    on_teacher="w = clip(w + (w_max - w_min)*(a + A*x), w_min, w_max)",
    pre_spike="x += 1",
    parameters={
        "a": Parameter(1e-3, "", (0, 1), "change of every synapse at a spike, share of the range"),
        "A": Parameter(0.01, "", (0, 1), "change of a synapse whose source has just spiked"),
        "tau": Parameter(5, "ms", (0.01, 1e5), "window of learning, before a spike"),
        "w_min": Parameter("min(0, 2*w_0)", "weight", doc="no weight falls below this"),
        "w_max": Parameter("max(0, 2*w_0)", "weight", doc="no weight rises above this"),
    },
    checks=(("w_min < w_max", "w_min must lie below w_max"),),
)
