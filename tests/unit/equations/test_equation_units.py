"""Units: one coherent system, exact conversions, sentences for what does not fit."""

import pytest

from engine.equations.units import (
    CURRENT,
    LENGTH,
    NONE,
    TIME,
    VOLTAGE,
    describe,
    expression_unit,
    format_quantity,
    parse_unit,
    quantity,
)
from engine.errors import DocumentError, EquationError


@pytest.mark.parametrize(
    "unit", ["ms", "mV", "pA", "pF", "nS", "uA/cm^2", "uF/cm^2", "mS/cm^2", "GOhm", "degC", "mM"]
)
def test_the_usual_units_are_coherent(unit):
    assert parse_unit(unit)[0] == 1.0


@pytest.mark.parametrize(
    ("text", "factor", "dimension"),
    [
        ("s", 1e3, TIME),
        ("Hz", 1e-3, TIME**-1),
        ("nA", 1e3, CURRENT),
        ("1/(mV ms)", 1.0, (VOLTAGE * TIME) ** -1),
        ("mV ms^-1", 1.0, VOLTAGE / TIME),
        ("mV2 ms-1", 1.0, VOLTAGE**2 / TIME),
        ("cm2", 1e6, LENGTH**2),
        ("MOhm", 1e-3, VOLTAGE / CURRENT),
        ("", 1.0, NONE),
        ("1", 1.0, NONE),
    ],
)
def test_units_are_products_and_powers(text, factor, dimension):
    assert parse_unit(text) == (factor, dimension)


@pytest.mark.parametrize(
    "text", ["mVV", "ms/", "(ms", "ms^x", "ms^99", "5", "mV*", "x" * 100, "mV;"]
)
def test_what_is_no_unit_is_refused(text):
    with pytest.raises(EquationError, match="not a unit"):
        parse_unit(text)


@pytest.mark.parametrize(
    ("value", "unit", "result"),
    [
        ("0.5 nA", "pA", 500.0),
        ("20 ms", "ms", 20.0),
        ("0.02 s", "ms", 20.0),
        ("1 kHz", "Hz", 1000.0),
        ("7", "mV", 7.0),
        (3, "mV", 3.0),
        ("-65mV", "mV", -65.0),
        ("0.1 S/m^2", "mS/cm^2", 0.01),
        ("250 us", "ms", 0.25),
    ],
)
def test_a_quantity_is_a_number_in_the_documented_unit(value, unit, result):
    assert quantity(value, unit, "x") == result


@pytest.mark.parametrize(
    ("value", "unit", "sentence"),
    [
        ("20 mV", "ms", "`tau_m`: it is given in mV, but is a value in ms"),
        ("20 mx", "ms", "is not a unit"),
        ("many", "ms", "is not a quantity"),
        (True, "ms", "not a number"),
        (None, "ms", "not a number"),
        (float("nan"), "ms", "not a finite number"),
        ("1e999", "ms", "not a finite number"),
        ("5 ms", "1", "but is a plain number"),
    ],
)
def test_a_wrong_quantity_names_parameter_given_and_expected_unit(value, unit, sentence):
    with pytest.raises(DocumentError) as caught:
        quantity(value, unit, "tau_m")
    assert sentence in str(caught.value)
    assert "tau_m" in str(caught.value)


def test_only_names_with_a_prefix_are_units_inside_an_expression():
    assert expression_unit("mV") == (1.0, VOLTAGE)
    assert [expression_unit(name) for name in ("V", "m", "S", "tau", "C")] == [None] * 5


def test_dimensions_are_described_by_their_usual_unit():
    assert describe(CURRENT / VOLTAGE) == "nS"
    assert describe(NONE) == "1"
    assert describe(VOLTAGE**3) == "mV^3"


def test_quantities_are_written_with_their_unit():
    assert format_quantity(0.5, "nA") == "0.5 nA"
    assert format_quantity(3.0, "1") == "3"
