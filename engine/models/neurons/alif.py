"""Adaptive leaky integrate-and-fire neuron in steps, the unit of LSNNs.

Bellec et al. 2018, NeurIPS, and 2020, Nature Communications 11:3625.  A spike z counts one step
later: it takes v_th off v and adds 1 to a, and the threshold is v_th + beta a.  The paper of 2018
scales the input by 1 - alpha, that of 2020 does not.
"""

from engine.models.declaration import NeuronModel, Parameter, option

MODEL = NeuronModel(
    name="alif",
    title="Adaptive LIF, in steps",
    group="discrete",
    source="Bellec et al. 2020, Nat. Commun. 11:3625",
    equations="""a := rho*a + z : 1
v := alpha*v + I*where(scale_input > 0.5, 1 - alpha, 1) - z*v_th : 1
z := 0 : 1""",
    threshold="v > v_th + beta*a or (v == v_th + beta*a and strict < 0.5)",
    reset="z = 1",
    parameters={
        "tau": Parameter(
            20, "1", (0.01, 1e6), "membrane time constant in steps", {"alpha": "-1/log(alpha)"}
        ),
        "alpha": Parameter("exp(-1/tau)", "1", (0, 1), "what a step leaves of v: exp(-1/tau)"),
        "tau_a": Parameter(
            200, "1", (0.01, 1e6), "time constant of a in steps", {"rho": "-1/log(rho)"}
        ),
        "rho": Parameter("exp(-1/tau_a)", "1", (0, 1), "what a step leaves of a: exp(-1/tau_a)"),
        "beta": Parameter(0.07, "1", (-1e6, 1e6), "how much a raises the threshold"),
        "v_th": Parameter(1, "1", (1e-6, 1e6), "spike threshold"),
        "scale_input": option(
            0, "the input is taken whole", "the input is times 1 - alpha as in 2018"
        ),
        "strict": option(0, "fires at v_th too", "fires above v_th only"),
    },
    initial={"a": 0, "v": 0, "z": 0},
    current_unit="1",
    ports={"exc": "pulse", "inh": "pulse"},
    options=("scale_input", "strict"),
    symbol="steps_adapting",
    synonyms=("ALIF", "LSNN", "e-prop", "adaptive threshold"),
)
