"""Every public function that works on arrays, models or tasks, with every wrong value in every
place: a sentence, or a result; nothing else ever leaves."""

from __future__ import annotations

from typing import Any

import callables
import numpy as np
import pytest

from engine import analysis, coding, learning
from engine.errors import DocumentError, WorkbenchError

FAST = {"coding": callables.codes, "learning": callables.tasks, "analysis": callables.measures}
SLOW = {"learning": callables.slow_tasks, "analysis": callables.slow_measures}
PACKAGES = {"coding": coding, "learning": learning, "analysis": analysis}


class Thing:
    """What is no number, no text and no array."""


def _ragged() -> list[Any]:
    return [[1.0], [1.0, 2.0]]


# What is right nowhere, and what is right in some places.
NOWHERE: dict[str, Any] = {
    "a thing": Thing(), "ragged": _ragged(), "things": [Thing(), None], "complex": [1j, 2j],
    "a complex number": 1j,
}  # fmt: skip
SOMEWHERE: dict[str, Any] = {
    "nothing": None, "a word": "many", "words": ["a", "b"], "true": True, "nan": np.nan,
    "infinite": np.inf, "nans": [np.nan, np.nan], "huge": 10**400, "endless": 10**5000,
    "huge ones": [10**400], "below 0": -1, "0": 0, "half": 0.5, "none": [], "a table": {"a": 1},
    "dates": np.array(["2020-01-01"], "datetime64[D]"), "a cube": np.zeros((2, 2, 2)),
    "a trillion": 10**12,
}  # fmt: skip
LONG = {"epochs", "cycles", "trials", "longest"}  # rounds: a trillion of them is long, not wrong


def outcome(call: callables.Call, name: str, value: Any) -> str:
    """The sentence with which ``value`` is refused, or "" for a result."""
    try:
        call.act(**{**call.given, name: value})
    except WorkbenchError as error:
        several = error.problems if isinstance(error, DocumentError) else [error]
        for sentence in map(str, several):
            assert sentence.strip(), "an error without a word"
            assert "\n" not in sentence or "^" in sentence, sentence  # a caret is below a text
            assert len(sentence) < 400, sentence
        return str(error)
    return ""


def check(call: callables.Call) -> None:
    call.act(**call.given)
    for name in call.given:
        for what, value in (NOWHERE | SOMEWHERE).items():
            if what == "a trillion" and name in LONG:
                continue
            try:
                said = outcome(call, name, value)
            except Exception as error:
                pytest.fail(f"{name} = {what}: {type(error).__name__}: {error}")
            if what in NOWHERE:
                assert said, f"{name} = {what} is taken"


@pytest.mark.parametrize(
    ("package", "name"), [(package, name) for package, make in FAST.items() for name in make()]
)
def test_a_wrong_argument_is_refused_in_a_sentence(package: str, name: str) -> None:
    check(FAST[package]()[name])


@pytest.mark.slow
@pytest.mark.parametrize("package", SLOW)
def test_a_wrong_argument_of_what_runs_models_is_refused_in_a_sentence(package: str) -> None:
    for call in SLOW[package]().values():
        check(call)


@pytest.mark.slow
@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_function_has_its_call(package: str) -> None:
    known = FAST[package]() | (SLOW[package]() if package in SLOW else {})
    for name in PACKAGES[package].__all__:
        public = getattr(PACKAGES[package], name)
        result = isinstance(public, type) and name not in known
        assert result or name in known, f"{package}.{name}"
