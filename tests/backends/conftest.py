"""Fixtures that the batteries of several backends share."""

from __future__ import annotations

import pytest
from executors import MAKERS, NO_COMPILER, Maker


@pytest.fixture(params=MAKERS)
def make(request: pytest.FixtureRequest) -> Maker:
    """Makes an executor of a plan, once with each backend."""
    if request.param == "CUDA source" and NO_COMPILER:
        pytest.skip(NO_COMPILER)
    return MAKERS[request.param]
