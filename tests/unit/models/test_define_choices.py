"""What chooses among equations is declared with words for its values."""

from __future__ import annotations

import pytest

import engine
from engine.errors import DocumentError
from engine.models.declaration import NeuronModel, from_json, option, to_json


def fires_at(**fields: object) -> NeuronModel:
    strict = {"default": 0, "choices": ["at v_th too", "above it"], **fields}
    return engine.define(
        "chooser",
        equations="v := v + I : 1",
        threshold="v > v_th or (v == v_th and strict < 0.5)",
        reset="v = 0",
        parameters={"v_th": 1, "strict": strict},
    )


def test_choices_make_an_option_that_decides() -> None:
    model = fires_at()
    assert model.options == ("strict",)
    assert model.parameters["strict"] == option(0, "at v_th too", "above it")
    assert len(engine.response(model, 1.0, 10.0, 1.0).spike_times) == 10
    assert len(engine.response(model, 1.0, 10.0, 1.0, {"strict": 1}).spike_times) == 5
    assert from_json(to_json(model)) == model


WRONG = [
    ({"default": 2}, "give a whole number from 0 to 1"),
    ({"default": 0.5}, "none of its 2 choices"),
    ({"default": "v_th"}, "none of its 2 choices"),
    ({"choices": ["only"]}, "two texts at least"),
    ({"choices": [1, 2]}, "must be a list of texts"),
    ({"choices": "hard"}, "must be a list of texts"),
    ({"bounds": [0, 5]}, "do not fit its choices; leave them out"),
    ({"bounds": [5, 0]}, "two numbers, the lower first"),
    ({"bounds": 3}, "two numbers, the lower first"),
    ({"unit": "ms"}, "do not fit its choices; leave them out"),
    ({"unit": 3}, "`unit` must be a text"),
    ({"doc": 3}, "`doc` must be a text"),
    ({"given": 3}, "`given` must be an object"),
    ({"given": {"v_th": 3}}, "it must be a text"),
    ({"usual": 3}, "`usual` is not a field of a parameter; it has default, unit, bounds, doc"),
]


@pytest.mark.parametrize(("fields", "words"), WRONG)
def test_choices_that_cannot_be_are_refused(fields: dict[str, object], words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        fires_at(**fields)


@pytest.mark.parametrize(("fields", "words"), WRONG)
def test_a_document_says_the_same_of_them(fields: dict[str, object], words: str) -> None:
    data = to_json(fires_at())
    data["parameters"]["strict"] = {"default": 0, "choices": ["at v_th too", "above it"], **fields}
    with pytest.raises(DocumentError, match=words):
        from_json(data)


def test_bounds_unit_and_words_of_a_choice_follow_from_it_in_a_document_too() -> None:
    data = to_json(fires_at())
    data["parameters"]["strict"] = {"default": 0, "choices": ["at v_th too", "above it"]}
    assert from_json(data) == fires_at()
