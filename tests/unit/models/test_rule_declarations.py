"""A learning rule is one declaration: what it becomes, and what it must not say."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from engine.equations.plastic import canonical, plastic_constants
from engine.equations.release import release_constants
from engine.errors import EquationError
from engine.models.declaration import Parameter, PlasticityModel
from engine.models.plastic import plastic_map, release_map, rule_system
from engine.models.registry import plasticity_models

STDP = plasticity_models()["stdp"]


def test_a_rule_becomes_traces_programs_and_constants() -> None:
    lines = canonical(plastic_map(STDP)).splitlines()
    assert lines[:2] == ["pre: x", "post: y"]
    assert "on_pre: w = clip(w - k_A_minus_w_max_w_min*y, w_min, w_max)" in lines
    assert "post_spike: y = y + 1" in lines


def test_a_rule_with_four_traces_and_another_without_any_compile() -> None:
    triplet = PlasticityModel(
        name="triplet",
        pre="dr1/dt = -r1/tau\ndr2/dt = -r2/(8*tau)",
        post="do1/dt = -o1/tau\ndo2/dt = -o2/(8*tau)",
        on_pre="w = w - o1*A*w_max*(1 + r2)",
        on_post="w = w + r1*A*w_max*(1 + o2)",
        pre_spike="r1 += 1; r2 += 1",
        post_spike="o1 += 1; o2 += 1",
        parameters={
            "tau": Parameter(20, "ms"),
            "A": Parameter(0.1),
            "w_max": Parameter("2*w_0", "weight"),
        },
    )
    made = plastic_map(triplet)
    assert (made.pre.states, made.post.states) == (("r1", "r2"), ("o1", "o2"))
    assert len(made.pre_spike) == 2
    decay = PlasticityModel(name="d", on_pre="w = w*k", parameters={"k": Parameter(0.9)})
    assert plastic_map(decay).pre.states == plastic_map(decay).post.states == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pre": "dx/dt = -x"}, "dx/dt is in 1/ms"),
        ({"pre": "x = 3"}, "traces only"),
        ({"pre": "dw/dt = -w/tau_plus"}, "`w` is named twice"),
        ({"post": "dx/dt = -x/tau_minus"}, "`x` is named twice"),
        ({"on_pre": "w = w - A_minus*y"}, "cannot subtract"),
        ({"on_pre": "w = w - z*w"}, "`z` is not declared"),
        ({"on_pre": "x = 0"}, "`x` cannot be changed here"),
        ({"pre_spike": "y += 1"}, "`y` cannot be changed here"),
        ({"pre_spike": "x += y"}, "`y` is not declared"),
        ({"on_post": "w = w + "}, "ends too early"),
        ({"parameters": {**STDP.parameters, "w": Parameter(1)}}, "has a meaning of its own"),
    ],
)
def test_a_wrong_declaration_is_told_with_its_place(changes, said: str) -> None:
    with pytest.raises(EquationError, match=re.escape(said)):
        rule_system(replace(STDP, **changes))


TIRING = plasticity_models()["tsodyks_markram"]


def test_a_rule_of_release_becomes_one_program_and_its_constants() -> None:
    made = release_map(TIRING)
    assert made.states == ("u", "x")
    assert [each.target for each in made.program] == ["u", "x", "u", "r", "x"]
    found = release_constants(made, {"U": 0.2, "tau_rec": 100.0, "tau_facil": 50.0}, 0.1)
    assert (found["U"], found["inv_tau_rec"]) == (0.2, 0.01)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"release": "x = 1"}, "nothing says what is released"),
        ({"release": "x = x - r; r = U"}, "`r` is read before it has a value"),
        ({"release": "r = U*D"}, "`r` is in 1"),
        ({"release": "U = 1; r = U"}, "`U` of tsodyks_markram is named twice"),
        ({"release": "r = U*w"}, "`w` is not declared"),
        ({"pre": "dz/dt = -z/tau_rec"}, "changes weights and what is released"),
        ({"parameters": {**TIRING.parameters, "D": Parameter(1, "ms")}}, "`D` of tsodyks_markram"),
    ],
)
def test_a_wrong_rule_of_release_is_told(changes, said: str) -> None:
    with pytest.raises(EquationError, match=re.escape(said)):
        release_map(replace(TIRING, **changes))


# -- third factors --------------------------------------------------------------------------------

REWARDED = plasticity_models()["r_stdp"]


def test_a_third_factor_becomes_a_clock_and_the_touch_of_a_weight() -> None:
    made = plastic_map(REWARDED)
    assert made.clock is not None
    assert made.modulators == ("d",)
    assert made.clock.states[:1] == made.modulators  # backends rely on it
    assert made.eligibility == "c"
    lines = canonical(made).splitlines()
    assert "on_reward: d = d + amount" in lines
    assert any(line.startswith("touch: w = clip(w + ") for line in lines)
    alone = plastic_map(plasticity_models()["mstdp"])
    assert alone.clock is not None
    assert alone.clock.states == ("r",)
    assert not alone.drifts


def test_weights_may_drift_without_a_modulator_and_modulators_may_feed_one_another() -> None:
    plain = replace(REWARDED, modulator="", on_reward="", drift="eta*(w_max - w_min)*c")
    assert plastic_map(plain).drifts
    chain = replace(
        REWARDED, modulator="da/dt = -a/tau_d\ndd/dt = (a - d)/tau_d", on_reward="a += amount"
    )
    found = plastic_map(chain)
    assert found.modulators == ("a", "d")
    free = replace(REWARDED, bounds=())
    assert canonical(plastic_map(free)).endswith("touch: w = w + _due")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"synapse": ""}, "`c` cannot be changed here; there are w"),
        ({"synapse": "", "drift": "eta*w_max*d", "on_pre": "", "on_post": ""}, "no eligibility"),
        ({"synapse": "dc/dt = -c/tau_c\ndb/dt = -b/tau_c"}, "more than one state; use one"),
        ({"synapse": "dc/dt = -c*c/tau_c"}, "`c` of a synapse must decay by itself; write dc/dt"),
        ({"synapse": "dc/dt = (1 - c)/tau_c"}, "must decay by itself"),
        ({"synapse": "dc/dt = -c*d/tau_c"}, "`d` is not declared"),
        ({"drift": "eta*(w_max - w_min)*c*c*d"}, "the drift is not linear in `c`"),
        ({"drift": "eta*(w_max - w_min)*c*d*d"}, "the drift is not linear in `c`"),
        ({"drift": "eta*w*c*d"}, "`w` is not declared"),
        ({"drift": "(w_max - w_min)*c*d"}, "the drift of the weight"),
        ({"modulator": "dd/dt = -d*d/tau_d"}, "are not linear, and weights drift with them"),
        ({"on_reward": "c += amount"}, "`c` cannot be changed here"),
        ({"on_reward": "d += amount*w"}, "`w` is not declared"),
        ({"on_teacher": "d += 1"}, "`d` cannot be changed here"),
        ({"modulator": "dx/dt = -x/tau_d"}, "`x` is named twice"),
        ({"release": "r = 1"}, "changes weights and what is released"),
    ],
)
def test_a_third_factor_that_cannot_be_is_told(changes, said: str) -> None:
    make = release_map if "release" in changes else plastic_map
    with pytest.raises(EquationError, match=re.escape(said)):
        make(replace(REWARDED, **changes))


def test_an_eligibility_that_is_gone_within_a_step_is_told() -> None:
    with pytest.raises(EquationError, match=r"`c` of r_stdp fades .*a time constant of 5 ms"):
        plastic_constants(plastic_map(REWARDED), {"tau_c": 0.1}, 5.0)


# -- chance ---------------------------------------------------------------------------------------

NOISY = plasticity_models()["stdp_van_rossum"]


def test_the_words_of_chance_stay_in_the_programs_that_read_them() -> None:
    made = plastic_map(NOISY)
    assert made.chance
    assert not plastic_map(STDP).chance
    line = "on_pre: w = clip(w + (sigma*normal - A_minus)*(w - w_min)*y, w_min, w_max)"
    assert line in canonical(made).splitlines()
    marked = replace(REWARDED, on_pre="c += normal*uniform", on_teacher="c -= uniform")
    assert plastic_map(marked).chance
    assert "normal" not in plastic_map(marked).constants


@pytest.mark.parametrize("word", ["normal", "uniform"])
@pytest.mark.parametrize(
    ("base", "field", "text"),
    [
        (STDP, "pre", "dx/dt = -x/tau_plus + {}/tau_plus"),
        (STDP, "post", "dy/dt = -y*{}/tau_minus"),
        (STDP, "pre_spike", "x += {}"),
        (STDP, "post_spike", "y = {}"),
        (REWARDED, "synapse", "dc/dt = -c*{}/tau_c"),
        (REWARDED, "modulator", "dd/dt = ({} - d)/tau_d"),
        (REWARDED, "drift", "eta*(w_max - w_min)*c*d*{}"),
        (REWARDED, "on_reward", "d += amount*{}"),
        (TIRING, "release", "r = U*{}"),
    ],
)
def test_where_no_spike_meets_a_synapse_nothing_is_drawn(base, field, text, word: str) -> None:
    make = release_map if base is TIRING else plastic_map
    said = f"`{word}` is drawn when a spike meets a synapse; move it to on_pre, on_post or on_teach"
    with pytest.raises(EquationError, match=re.escape(said)) as caught:
        make(replace(base, **{field: text.format(word)}))
    start, stop = caught.value.span
    assert caught.value.text[start:stop] == word


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"on_pre": "normal = 1"}, "`normal` cannot be changed here"),
        ({"on_pre": "w = w + normal"}, "cannot add"),
        ({"on_pre": "w = w*normal()"}, "`normal` is not a function"),
        ({"parameters": {**NOISY.parameters, "uniform": Parameter(1)}}, "`uniform` of stdp_van_ro"),
        ({"pre": "dnormal/dt = -normal/tau_plus"}, "`normal` is named twice"),
    ],
)
def test_a_word_of_chance_is_neither_changed_nor_taken_nor_called(changes, said: str) -> None:
    with pytest.raises(EquationError, match=re.escape(said)):
        plastic_map(replace(NOISY, **changes))
