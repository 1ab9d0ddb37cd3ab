"""Marks that several test files give."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest

# One model of each way to step: exact, with a reset inside the step, by gates, by chance, discrete.
OF_EACH_KIND = ("gif", "hodgkin_huxley", "izhikevich", "lif", "lif_discrete")


def slow_but(fast: Collection[Any], every: Iterable[Any]) -> list[Any]:
    """``every`` as parameters of a test, of which all but ``fast`` are left to the slow tests."""
    return [each if each in fast else _slow(each) for each in every]


def _slow(each: Any) -> Any:
    values = each if isinstance(each, tuple) else (each,)
    return pytest.param(*values, marks=pytest.mark.slow)
