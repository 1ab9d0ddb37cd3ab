"""Equations as papers print them."""

from __future__ import annotations

import re

import pytest

from engine.equations.chosen import chosen_equations, chosen_expression, chosen_statements
from engine.equations.language import parse_equations, parse_expression, parse_statements
from engine.equations.latex import name_mathml, name_parts, statements_latex, to_latex, to_mathml
from engine.equations.printing import to_text
from engine.models import registry


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("v - v*v*v/3", r"v - \frac{v^{3}}{3}"),
        ("m*m*m*h", r"m^{3}\,h"),
        ("a*x*b*x", r"a\,x^{2}\,b"),
        ("exp((v - v_T)/delta_T)", r"\mathrm{e}^{(v - v_{\mathrm{T}})/\Delta _{\mathrm{T}}}"),
        ("1/exprel(-(v + a)/b)", r"\frac{(v + a)/b}{1 - \mathrm{e}^{-(v + a)/b}}"),
        ("c/exprel((a - v)/b)", r"\frac{c\,(a - v)/b}{\mathrm{e}^{(a - v)/b} - 1}"),
        ("-x/tau", r" - \frac{x}{\tau }"),
        ("log(x)", r"\mathrm{ln}\left(x\right)"),
        ("1e-9*x", r"10^{-9}\,x"),
        ("a*(-b)", r"a\,\left( - b\right)"),
        ("3**((T - 6.3)/10)", r"3^{(T - 6.3)/10}"),
        ("exp(a/(b*c))", r"\mathrm{e}^{a/(b\,c)}"),
        ("x*(1/tau)", r"\frac{x}{\tau }"),
        ("exp(a/b*c)", r"\mathrm{e}^{(a/b)\,c}"),
    ],
)
def test_products_powers_and_exponents(text: str, printed: str) -> None:
    declared = re.findall(r"[A-Za-z_]+", text)
    found = to_latex(parse_expression(text), declared)
    assert found.replace(" ", "") == printed.replace(" ", "")
    assert "<mi>" in to_mathml(parse_expression(text), declared)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("tau_m", ["τ", "m"]), ("g_Na", ["g", "Na"]), ("v1", ["v", "1"]), ("delta_T", ["Δ", "T"]),
        ("delta", ["δ", ""]), ("m_inf", ["m", "∞"]), ("tau2_exc", ["τ", "2,exc"]),
        ("eps", ["ε", ""]), ("temperature", ["temperature", ""]),
    ],
)  # fmt: skip
def test_names_have_letters_and_subscripts(name: str, parts: list[str]) -> None:
    assert name_parts(name) == parts
    assert "".join(parts) == re.sub(r"<[^>]*>", "", name_mathml(name))


def test_options_that_are_chosen_leave_no_trace() -> None:
    model = registry.get("synaptic")
    equations, known = chosen_equations(parse_equations(model.equations), model.chosen({}))
    assert [to_text(each.value) for each in equations if each.target == "v"] == [
        "beta*v + syn - off"
    ]
    assert "keep" not in {each.target for each in equations}
    threshold = chosen_expression(parse_expression(model.threshold), known)
    assert to_text(threshold) == "v > level"
    assert [to_text(each.value) for each in equations if each.target == "level"] == ["v_th"]
    assert not chosen_statements(parse_statements(model.reset), known)  # it resets a step later
    now = {**model.chosen({}), "reset_delay": 0.0}
    known = chosen_equations(parse_equations(model.equations), now)[1]
    reset = chosen_statements(parse_statements(model.reset), known)
    assert [to_text(each.value) for each in reset] == ["v - v_th"]
    assert statements_latex(reset) == [r"v \leftarrow v - v_{\mathrm{th}}"]


def test_what_members_differ_in_stays_in_the_text() -> None:
    model = registry.get("lif")
    equations, known = chosen_equations(parse_equations(model.equations), {})
    assert equations == parse_equations(model.equations)
    threshold = parse_expression(model.threshold)
    assert chosen_expression(threshold, known) == threshold
