"""Short-term depression and facilitation, as the last spikes of the source leave the synapse.

Tsodyks & Markram 1997, PNAS 94:719; Markram, Wang & Tsodyks 1998, PNAS 95:5323.  A spike finds the
share x of resources recovered, raises their use u, and releases r = u x of them.  The first spike
finds u = U, x = 1; without facilitation (tau_facil 0) u is always U.
"""

from engine.models.declaration import Parameter, PlasticityModel

MODEL = PlasticityModel(
    name="tsodyks_markram",
    title="Short-term plasticity",
    source="Tsodyks & Markram 1997, PNAS 94:719; Markram et al. 1998, PNAS 95:5323",
    doc="Each spike delivers a share of the weight: it uses up resources, which recover, and "
    "raises their use, which falls back. Weights stay as they are.",
    release="""
        u = where(tau_facil > 0, u*exp(-D/max(tau_facil, us)), 0)
        x = 1 + (x - 1)*exp(-D/tau_rec)
        u += U*(1 - u)
        r = u*x
        x -= r
    """,
    parameters={
        "U": Parameter(0.5, "", (0, 1), "share of the resources that a first spike uses"),
        "tau_rec": Parameter(800, "ms", (0.01, 1e6), "time constant of the recovery"),
        "tau_facil": Parameter(0, "ms", (0, 1e6), "time constant of facilitation; 0 for none"),
    },
    bounds=(),
)
