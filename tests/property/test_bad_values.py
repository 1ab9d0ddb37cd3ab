"""Every model with every wrong value: a sentence that names it, and nothing else ever leaves."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine import response
from engine.document.structure import Node
from engine.errors import DocumentError, WorkbenchError
from engine.models.compose import all_parameters
from engine.models.registry import neuron_models, source_models

NEURONS = neuron_models()
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["-3 ms", "5 mV", "1e400 pA", "2 nonsense", "nan", "inf mV", "rest", ""]),
    st.lists(st.floats(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.floats(), max_size=2),
    st.just(1j),
    st.just(np.ones((2, 2))),
)


def told(act: Any) -> str:
    """The sentence with which ``act`` is refused, or "" if it is not."""
    try:
        act()
    except WorkbenchError as error:
        return str(error).strip() or "an error without a word"
    return ""


def wrong_values(name: str, model: str) -> list[Any]:
    """Values that no parameter may have: of any wrong type or unit, and beyond its bounds."""
    entry = all_parameters(NEURONS[model])[name]
    low, high = entry.bounds
    other = "3 mV" if entry.unit != "mV" else "3 ms"
    beyond = [low - 1e-3 * max(1.0, abs(low)), high + max(1.0, abs(high))]
    return [math.nan, math.inf, -math.inf, None, "many", other, [1.0, 2.0], True, {}, *beyond]


@pytest.mark.parametrize("model", NEURONS)
def test_each_wrong_parameter_is_refused_by_name(model: str) -> None:
    for name in all_parameters(NEURONS[model]):
        for value in wrong_values(name, model):
            said = told(lambda name=name, value=value: response(model, params={name: value}))
            assert f"`{name}`" in said or f"params/{name}" in said, (name, value, said)
        said = told(lambda name=name: response(model, params={name + "x": 1}))
        assert "is not a parameter of" in said
        assert "did you mean" in said or "it has" in said


@pytest.mark.parametrize("model", [*NEURONS, *source_models()])
def test_each_wrong_parameter_of_a_document_is_told_with_its_place(model: str) -> None:
    known = engine.models()[model]["parameters"]
    kind = "population" if model in NEURONS else "source"
    for name, entry in known.items():
        if entry["kind"] != "number":
            continue
        for value in (math.nan, math.inf, "many", "3 lightyears", entry["bounds"][1] * 2 + 1e13):
            node = Node("cell", model, kind=kind, parameters={name: value})
            found = engine.check(engine.Document(nodes=(node,)))
            places = [each.path for each in found if each.severity == "error"]
            assert any(place.startswith("nodes/cell/parameters") for place in places), (name, value)


CONTRADICTIONS = [
    (name, {"v_reset": low}, {"v_th": high})
    for name, low, high in (
        ("lif", -40, -50), ("lif_psc_exp", -50, -50), ("lif_cond_alpha", 0, -50), ("pif", -45, -50),
        ("lif_adaptive_current", -45, -50), ("lif_discrete", 2, 1), ("if_discrete", 1, 1),
        ("plif", 3, 1), ("nir_if", 1, 1), ("nir_lif", 2, 1), ("nir_cuba_lif", 2, 1),
    )
]  # fmt: skip


@pytest.mark.parametrize(("model", "low", "high"), CONTRADICTIONS)
def test_a_threshold_below_the_reset_is_refused_everywhere(model, low, high) -> None:
    said = told(lambda: response(model, params={**low, **high}))
    assert "v_reset must lie below v_th" in said
    assert "now v_reset = " in said
    node = Node("cell", model, parameters={**low, **high})
    assert any(
        "v_reset must lie" in str(each) for each in engine.check(engine.Document(nodes=(node,)))
    )


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(["lif", "adex", "hodgkin_huxley", "izhikevich", "plif"]), st.data())
def test_nothing_but_a_sentence_leaves_a_call_with_junk_in_it(model: str, data: Any) -> None:
    names = [*all_parameters(NEURONS[model]), "nonsense"]
    arguments: dict[str, Any] = {"model": model, "current": 1.0, "duration": 2.0, "dt": 1.0}
    place = data.draw(st.sampled_from(["params", "initial", "record", "current", "duration", "dt",
                                       "solver", "preset", "interpolate", "model"]))  # fmt: skip
    value = data.draw(JUNK)
    if place in ("params", "initial") and data.draw(st.booleans()):
        value = {data.draw(st.sampled_from([*names, "v", "w"])): value}
    if place == "duration" and isinstance(value, int | float) and abs(value) > 1e4:
        return  # long, not wrong
    arguments[place] = value
    found: list[Any] = []
    said = told(lambda: found.append(response(**arguments)))
    assert said != "an error without a word"
    assert said or all(np.isfinite(each).all() for each in found[0].states.values())


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(
        ["name", "equations", "threshold", "reset", "parameters", "refractory", "holds", "crossing",
         "initial", "ports", "current_unit", "membrane", "solver", "title", "doc", "caps", "checks",
         "presets", "options", "protocols", "group", "source", "symbol", "nonsense"]
    ),
    JUNK | st.just({"v": None}) | st.just({3: 4}) | st.just(("v",)),
)  # fmt: skip
def test_nothing_but_a_sentence_leaves_a_definition_with_junk_in_it(field: str, junk: Any) -> None:
    given: dict[str, Any] = {"name": "mine", "equations": "dv/dt = (E - v)/tau + I/C : mV",
                             "threshold": "v > v_th", "reset": "v = E",
                             "parameters": {"E": "-65 mV", "tau": "20 ms", "C": "200 pF",
                                            "v_th": "-50 mV"}}  # fmt: skip
    said = told(lambda: engine.define(**{**given, field: junk}))
    assert said or field != "nonsense"


STRONG = {"pA": 1e9, "uA/cm^2": 1e7}  # a million times what a neuron gets


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("model", NEURONS)
def test_an_absurd_current_ends_in_numbers_or_in_a_sentence(model: str, sign: int) -> None:
    declared = NEURONS[model]
    dt = 1.0 if declared.group == "discrete" else 0.1
    current = sign * STRONG.get(declared.current_unit, 1e6)
    found: list[Any] = []
    said = told(lambda: found.append(response(model, current, 100 * dt, dt)))
    if said:
        assert said.startswith(model)
        assert f"use a dt below {dt:g} ms or a weaker current" in said
        assert " ms" in said.partition(";")[0]
    else:
        assert all(np.isfinite(each).all() for each in found[0].states.values())


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("model", ["adex", "hodgkin_huxley", "izhikevich", "lif", "morris_lecar",
                                   "hindmarsh_rose", "qif", "nir_li"])  # fmt: skip
def test_a_network_blown_up_names_population_variable_time_and_remedy(model, sign) -> None:
    net = engine.Network("absurd", dt=0.1)
    net.population("cells", 3, model)
    strength = sign * STRONG.get(NEURONS[model].current_unit, 1e6)
    net.source("current", "constant_current", amplitude=1.0)
    net.connect("current", "cells", weight=strength)
    said = told(lambda: net.simulate(300.0))
    remedy = " ms; use a dt below 0.1 ms, or weaker weights or currents" in said or "Hz" in said
    assert not said or ('population "cells": ' in said and remedy)


def test_a_document_of_junk_is_refused_in_sentences() -> None:
    text = json.dumps({"format": "spiking-workbench", "version": 1, "nodes": [{"id": 3}, "x"]})
    with pytest.raises(DocumentError) as caught:
        engine.loads(text)
    assert len(caught.value.problems) >= 2
