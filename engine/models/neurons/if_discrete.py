"""Integrate-and-fire neuron in steps, as deep-learning libraries have it: no leak, no time unit.

One step: v := v + x, a spike where v >= v_th, then v = v_reset (hard) or v - v_th (soft reset).
"""

from engine.models.declaration import NeuronModel, Parameter, option

MODEL = NeuronModel(
    name="if_discrete",
    title="IF, in steps",
    group="discrete",
    source="Fang et al. 2023, Science Advances 9:eadi1480, eqs. 1-3",
    equations="v := v + I : 1",
    threshold="v > v_th or (v == v_th and strict < 0.5)",
    reset="v = where(soft_reset > 0.5, v - v_th, v_reset)",
    parameters={
        "v_th": Parameter(1, "1", (1e-6, 1e6), "spike threshold"),
        "v_reset": Parameter(0, "1", (-1e6, 1e6), "value of v after a spike (hard reset)"),
        "soft_reset": option(0, "hard: v goes to v_reset", "soft: v_th is taken off v"),
        "strict": option(0, "fires at v_th too", "fires above v_th only"),
    },
    checks=(("v_reset < v_th", "v_reset must lie below v_th, or the neuron fires without end"),),
    initial={"v": 0},
    current_unit="1",
    ports={"exc": "delta", "inh": "delta"},
    options=("soft_reset", "strict"),
    symbol="steps_sawtooth",
    synonyms=("IF", "CFR", "charge-fire-reset", "SpikingJelly", "IFNode"),
)
