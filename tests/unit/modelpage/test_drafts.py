"""What is typed in the equation editor: a declaration, or mistakes at their places; never lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.models import registry
from engine.models.declaration import NeuronModel, Parameter
from workbench.modelpage.draft import BLANK, TEXTS, Draft, declared, draft_of
from workbench.modelpage.lines import Mistake, initial_of, parameters_of, parameters_text

SHIPPED = registry.neuron_models()


def written(**texts: str) -> Draft:
    """The blank model with other texts; ``parameters_more`` adds lines."""
    draft = draft_of(BLANK)
    more = texts.pop("parameters_more", "")
    changed = {**draft.texts, **texts}
    changed["parameters"] += more
    return replace(draft, texts=changed)


def only(draft: Draft) -> tuple[Mistake, str]:
    """The one mistake of a draft, and the text that it points at."""
    model, found = declared(draft)
    assert model is None
    [mistake] = found
    text = draft.texts[mistake.field]
    return mistake, text[slice(*mistake.span)] if mistake.span else ""


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_goes_through_the_editor_unchanged(name: str) -> None:
    model = SHIPPED[name]
    draft = replace(draft_of(model), name="mine")
    made, mistakes = declared(draft)
    assert not mistakes
    # What the editor itself decides: a name, a group, no variants, "1" for no unit.
    plain = {key: replace(each, unit=each.unit or "1") for key, each in model.parameters.items()}
    assert made == replace(model, name="mine", group="own", variants={}, parameters=plain)


@pytest.mark.parametrize(
    ("texts", "field", "place", "message", "remedy"),
    [
        (
            {"equations": "dv/dt = (E_L - v)/tau + I/C : mV"},
            *("equations", "tau", "`tau` is not declared", "did you mean `tau_m`?"),
        ),
        (
            {"equations": "dv/dt = (E_L - v)/tau_m + I : mV"},
            *("equations", "I", "cannot add mV/ms and pA", "divide it by something in pF"),
        ),
        (
            {"equations": "dv/dt = (E_L - v/tau_m + I/C : mV"},
            *("equations", "(", "this bracket is not closed", "add `)`"),
        ),
        (
            {"equations": "\n\ndv/dt = (E_L - v)/0 + I/C : mV"},
            *("equations", "E_L - v)/0", "this divides by zero", "remove it"),
        ),
        (
            {"reset": "v = v_rset"},
            *("reset", "v_rset", "`v_rset` is not declared", "did you mean `v_reset`?"),
        ),
        (
            {"threshold": "v_th"},
            *("threshold", "v", "the threshold is not a condition", "write for example v >= v_th"),
        ),
        (
            {"refractory": "3"},
            *("refractory", "3", "the refractory period is in ms, but this is in 1"),
            "give the number a unit: multiply it by ms",
        ),
        (
            {"initial": "v = E_X"},
            *("initial", "E_X", "`E_X` is not declared", "did you mean `E_L`?"),
        ),
        (
            {"initial": "v = E_L\nu = 3"},
            *("initial", "u", "`u` is not a variable of these equations", "there are v"),
        ),
        (
            {"parameters_more": "\nx = 5 mV [3, 1]"},
            *("parameters", "[3, 1]", "the lower bound must lie below the upper one"),
            "write the smaller number first",
        ),
        (
            {"parameters_more": "\nx = 5 mV [7, 9]"},
            *("parameters", "5 mV", "5 lies outside its bounds"),
            "change the number or the bounds",
        ),
        (
            {"parameters_more": "\nx = 5 mV [low, 9]"},
            *("parameters", "[low, 9]", "these are no bounds"),
            "write two numbers, such as [0, 100]",
        ),
        (
            {"parameters_more": "\nx"},
            *("parameters", "x", "this is no name with a value"),
            "write for example tau_m = 20 ms",
        ),
        (
            {"parameters_more": "\nC = 5 pF"},
            *("parameters", "C = 5 pF", "`C` is set twice", "keep one of the two lines"),
        ),
    ],
)
def test_a_mistake_has_a_place_a_sentence_and_a_remedy(
    texts: dict[str, str], field: str, place: str, message: str, remedy: str
) -> None:
    mistake, pointed = only(written(**texts))
    assert (mistake.field, pointed, mistake.message) == (field, place, message)
    assert mistake.remedy == remedy


def test_a_unit_that_is_none_is_refused_at_its_place() -> None:
    mistake, pointed = only(written(parameters_more="\nx = 5 mQ  # what is this"))
    assert pointed == "mQ"
    assert "is not a unit" in mistake.message


def test_several_mistakes_are_all_told_at_once() -> None:
    draft = written(threshold="v > ", parameters_more="\ny = 3*\nz = 4 mQ")
    fields = [mistake.field for mistake in declared(draft)[1]]
    assert sorted(fields) == ["parameters", "parameters", "threshold"]


def test_what_the_editor_does_not_show_stays_as_far_as_it_makes_sense() -> None:
    adex = SHIPPED["adex"]
    draft = replace(draft_of(adex), name="mine")
    texts = dict(draft.texts)
    texts["equations"] = "dv/dt = (g_L*(E_L - v) - a*(v - E_L) + I)/C : mV"
    texts["reset"] = "v = v_reset"
    lines = texts["parameters"].split("\n")
    texts["parameters"] = "\n".join(line for line in lines if not line.startswith("b ="))
    texts["initial"] = "v = E_L"
    made, mistakes = declared(replace(draft, texts=texts))
    assert not mistakes
    assert made is not None
    assert dict(made.caps) == dict(adex.caps)
    assert made.checks == adex.checks
    assert not made.presets  # every one of them sets b


def test_defaults_that_follow_from_one_another_still_do() -> None:
    made, _ = declared(replace(draft_of(SHIPPED["lif"]), name="mine"))
    assert made is not None
    assert dict(made.parameters["g_L"].given) == {"tau_m": "C/tau_m"}


def test_parameters_are_read_as_people_write_them() -> None:
    text = (
        "a = 20 ms\nb=-5\nc = 2.5e-3 nS [0 .. 1]  # leak\nd = a/c : ms/nS\nf = 3 mS/cm^2 [0 to 9]"
    )
    found: list[Mistake] = []
    made = {name: entry for name, (entry, _) in parameters_of(text, found).items()}
    assert not found
    assert made["a"] == Parameter(20, "ms")
    assert made["b"] == Parameter(-5, "1")
    assert made["c"] == Parameter(0.0025, "nS", (0, 1), "leak")
    assert made["d"] == Parameter("a/c", "ms/nS")
    assert made["f"] == Parameter(3, "mS/cm^2", (0, 9))
    assert {n: p for n, (p, _) in parameters_of(parameters_text(made), found).items()} == made


def test_initial_values_are_numbers_expressions_or_rest() -> None:
    found: list[Mistake] = []
    made = initial_of("v = -65.5\nw = b*v\nm = rest", {"v", "w", "m"}, found)
    assert not found
    assert {name: value for name, (value, _) in made.items()} == {
        "v": -65.5,
        "w": "b*v",
        "m": "rest",
    }


@settings(max_examples=150, deadline=None)
@given(
    field=st.sampled_from(TEXTS),
    text=st.one_of(
        st.text(max_size=80),
        st.text(alphabet="dv/t=()+-*: \n[],.#e0123456789mVsE_LIC<>", max_size=80),
    ),
)
def test_whatever_is_typed_becomes_a_model_or_mistakes_inside_the_text(
    field: str, text: str
) -> None:
    draft = written(**{field: text})
    model, mistakes = declared(draft)
    assert isinstance(model, NeuronModel) != bool(mistakes)
    for mistake in mistakes:
        assert mistake.message
        assert mistake.field in TEXTS
        if mistake.span is not None:
            start, stop = mistake.span
            assert 0 <= start <= len(draft.texts[mistake.field])
            assert start <= stop


def test_an_option_is_written_with_words_and_read_back() -> None:
    model = registry.get("synaptic")
    assert isinstance(model, NeuronModel)
    draft = draft_of(model)
    assert "reset_delay = 1 {resets at once, resets one step later}" in draft.texts["parameters"]
    made, mistakes = declared(draft)
    assert not mistakes
    assert made is not None
    assert dict(made.parameters) == dict(model.parameters)
    assert set(made.options) == set(model.options)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("strict = 2 {no, yes}", "this is none of the choices"),
        ("strict = 0.5 {no, yes}", "this is none of the choices"),
        ("strict = 0 ms {no, yes}", "this is none of the choices"),
        ("strict = 0 {no}", "these are no choices"),
        ("strict = 0 {no,}", "these are no choices"),
    ],
)
@pytest.mark.parametrize("name", ["lif", "plif"])
def test_a_wrong_option_is_told_once_at_its_line(name: str, line: str, said: str) -> None:
    model = registry.get(name)
    assert isinstance(model, NeuronModel)
    draft = draft_of(model)
    kept = [each for each in draft.texts["parameters"].split("\n") if "strict" not in each]
    texts = {**draft.texts, "parameters": "\n".join([*kept, line])}
    made, mistakes = declared(replace(draft, texts=texts))
    assert made is None
    assert [(each.field, each.message) for each in mistakes] == [("parameters", said)]
