"""A document with any mistake that can be read opens, with the mistake listed, in every view."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.document import Document, loads
from engine.errors import DocumentError
from workbench.app import facts
from workbench.dialogs import Dialogs
from workbench.editor.canvas import GraphCanvas
from workbench.editor.inspector import Inspector
from workbench.live.run import LiveRun
from workbench.session import Session
from workbench.shell import StatusBar, TopBar
from workbench.store.files import examples_folder

ODD = (
    *(0, -1, 1e300, 10**30, "5 nA", "nobody", None, {}, [1, 2], "<b>", True),
    {"distribution": "uniform", "low": 1, "high": -1},
    {"distribution": "normal"},
)
NAMES = ("one_neuron", "poisson_lif", "recorded_spikes", "vogels_abbott", "brunel")
DOCUMENTS = [json.loads((examples_folder() / f"{name}.json").read_text()) for name in NAMES]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of everything inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, entry in inside:
        yield (*path, key)
        if isinstance(entry, dict | list):
            yield from places(entry, (*path, key))


def spoilt(document: dict[str, Any], path: tuple[Any, ...], value: Any) -> Document | None:
    """The document with another value at one place; None if it cannot be read then."""
    changed = deepcopy(document)
    part = changed
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    try:
        return loads(json.dumps(changed))
    except DocumentError:
        return None


class Page:
    """The views of a page that show a document, without a browser."""

    def __init__(self) -> None:
        self.session = session = Session()
        self.run = run = LiveRun(session)
        self.dialogs = Dialogs(session, lambda name: None)
        self.views = [
            GraphCanvas(session),
            Inspector(session),
            StatusBar(session, run, facts, self.dialogs.problems),
            TopBar(session, run, lambda _: None),
        ]

    def show(self, document: Document) -> None:
        """Open a document and look at everything of it."""
        session = self.session
        session.open_document(document)
        for item in (*document.nodes, *document.edges):
            session.select([item.id])
        session.select([node.id for node in document.nodes])
        session.select()
        self.dialogs.problems()


MISTAKES = [(document, path) for document in DOCUMENTS for path in places(document)]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    made = Page()
    yield made
    made.run.close()


@settings(max_examples=150, deadline=None)
@given(mistake=st.sampled_from(MISTAKES), value=st.sampled_from(ODD))
def test_a_document_with_a_mistake_opens_in_every_view(
    page: Page, mistake: Any, value: Any
) -> None:
    document = spoilt(*mistake, value)
    if document is not None:
        page.show(document)
        assert page.session.document is document


def test_a_time_step_of_zero_is_listed_and_no_memory_is_guessed(page: Page) -> None:
    document = spoilt(DOCUMENTS[1], ("simulation", "dt"), 0)
    assert document is not None
    page.show(document)
    assert any("dt" in problem.path for problem in page.session.problems)
    shown = {fact["text"] for fact in facts(document, page.session.problems)}
    assert "memory –" in shown


def test_an_unknown_rule_is_listed_and_can_be_changed(page: Page) -> None:
    document = spoilt(DOCUMENTS[1], ("edges", 0, "rule"), {"kind": "some", "p": 0.5})
    assert document is not None
    page.show(document)
    edge = document.edges[0].id
    assert page.session.problems_of(edge)
    rule = {"kind": "all_to_all", "self_connections": True}
    assert page.session.do("set_edge", id=edge, field="rule", value=rule)
    assert not page.session.problems_of(edge)
