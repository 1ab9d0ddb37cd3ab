"""Whatever stands as the learning rule of an edge, the answer is a list of sentences."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import engine
from engine.document import Document, dumps, from_json, replace, to_json
from engine.document.validate import check_text

NUMBERS = st.one_of(
    st.integers(-(10**20), 10**20), st.floats(allow_nan=False, allow_infinity=False)
)
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=8), st.just("3 nS"))
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = st.sampled_from(["tau_plus", "tau_minus", "A_plus", "A_minus", "w_min", "w_max", "w"])
NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "model": st.one_of(st.sampled_from(["stdp", "stdp_nearest", "std"]), ANYTHING),
        "parameters": st.one_of(st.dictionaries(NAMES, ANYTHING, max_size=3), ANYTHING),
        "delay": st.one_of(st.sampled_from(["axonal", "dendritic"]), ANYTHING),
        "other": ANYTHING,
    },
)


def network() -> Document:
    net = engine.Network()
    drive = net.source("drive", "poisson", size=3)
    net.connect(drive, net.population("cells", 2, "lif_cond_exp"), weight=2, port="exc", id="e")
    return net.document


BASE = network()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(NEARLY, ANYTHING))
@example({"model": "stdp", "parameters": {"w_max": 1e300, "w_min": -1e300}})
@example({"model": "stdp", "parameters": {"tau_plus": "1 fs"}})
def test_any_rule_is_understood_or_refused_in_sentences(rule: Any) -> None:
    data = to_json(BASE)
    data["edges"][0]["plasticity"] = rule
    found = [problem for problem in check_text(json.dumps(data)) if problem.severity == "error"]
    for problem in found:
        assert problem.message
        assert "\n" not in problem.message
    if not found:
        document = from_json(data)
        assert from_json(json.loads(dumps(document))) == document
        with engine.Simulation(document) as running:
            running.executor.advance(3)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(NEARLY, ANYTHING))
def test_a_document_made_in_python_with_any_rule_is_judged_as_well(rule: Any) -> None:
    edge = replace(BASE.edges[0], plasticity=rule)
    for problem in engine.check(replace(BASE, edges=(edge,))):
        assert str(problem)
