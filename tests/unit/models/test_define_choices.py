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


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"default": 2}, "give a whole number from 0 to 1"),
        ({"default": 0.5}, "none of its 2 choices"),
        ({"choices": ["only"]}, "two texts at least"),
        ({"choices": [1, 2]}, "two texts at least"),
        ({"choices": "hard"}, "two texts at least"),
    ],
)
def test_choices_that_cannot_be_are_refused(fields: dict[str, object], words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        fires_at(**fields)
