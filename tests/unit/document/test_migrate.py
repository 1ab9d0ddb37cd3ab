"""Older documents are brought up step by step, newer ones refused."""

import pytest

from engine.document.migrate import migrate
from engine.errors import DocumentError

HEAD = {"format": "spiking-workbench"}
CHAIN = {
    1: lambda data: {**data, "nodes": data["populations"]},
    2: lambda data: {name: value for name, value in data.items() if name != "populations"},
}


def test_an_old_document_passes_every_step_in_order():
    old = HEAD | {"version": 1, "populations": ["exc"]}
    assert migrate(old, CHAIN, current=3) == HEAD | {"version": 3, "nodes": ["exc"]}


def test_a_document_of_the_present_version_is_left_alone():
    present = HEAD | {"version": 3, "nodes": []}
    assert migrate(present, CHAIN, current=3) is present


def test_a_newer_document_is_refused():
    with pytest.raises(DocumentError, match="newer Spiking Workbench"):
        migrate(HEAD | {"version": 4}, CHAIN, current=3)
