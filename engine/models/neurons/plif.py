"""Leaky integrate-and-fire neuron in steps whose time constant is learnt.

Fang et al. 2021: 1/tau = sigmoid(w), so any w is a tau above 1, and w is what training changes.
One step: v := v - (v - v_reset)/tau + x/tau, or + x without ``decay_input``.
"""

from engine.models.declaration import NeuronModel, Parameter, option

MODEL = NeuronModel(
    name="plif",
    title="Parametric LIF, in steps",
    group="discrete",
    source="Fang et al. 2021, ICCV, Incorporating learnable membrane time constant",
    equations="""decay = 1/(1 + exp(-w)) : 1
v := v - (v - v_reset)*decay + I*where(decay_input > 0.5, decay, 1) : 1""",
    threshold="v > v_th or (v == v_th and strict < 0.5)",
    reset="v = where(soft_reset > 0.5, v - v_th, v_reset)",
    parameters={
        "w": Parameter(
            0, "1", (-13, 13), "what is learnt: 1/tau = sigmoid(w)", {"tau": "-log(tau - 1)"}
        ),
        "tau": Parameter("1 + exp(-w)", "1", (1.000003, 4e5), "membrane time constant in steps"),
        "v_th": Parameter(1, "1", (1e-6, 1e6), "spike threshold"),
        "v_reset": Parameter(0, "1", (-1e6, 1e6), "where v decays to, and is after a hard reset"),
        "decay_input": option(1, "the input is taken whole", "the input is divided by tau"),
        "soft_reset": option(0, "hard: v goes to v_reset", "soft: v_th is taken off v"),
        "strict": option(0, "fires at v_th too", "fires above v_th only"),
    },
    checks=(
        ("v_reset < v_th", "v_reset must lie below v_th, or the neuron fires without end"),
        ("abs(tau - 1 - exp(-w)) <= 1e-6*tau", "w and tau contradict one another: set one"),
    ),
    initial={"v": 0},
    current_unit="1",
    ports={"exc": "delta", "inh": "delta"},
    options=("decay_input", "soft_reset", "strict"),
    symbol="steps",
    synonyms=("PLIF", "CFR", "charge-fire-reset", "SpikingJelly", "learnable time constant"),
)
