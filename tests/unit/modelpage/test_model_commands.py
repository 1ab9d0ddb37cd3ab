"""Own models are added, changed, renamed and removed by commands that nodes can follow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.document import Document
from engine.models.declaration import NeuronModel, Parameter, to_json
from workbench.modelpage.draft import BLANK
from workbench.session import Session

MINE = replace(BLANK, name="mine")


@pytest.fixture
def session() -> Session:
    """A document with a model of its own and a population of it."""
    session = Session(Document())
    assert session.do("add_model", declaration=to_json(MINE))
    assert session.do("add_node", model="mine", id="cells", label="Cells")
    assert session.do("set_parameter", node="cells", name="C", value=100)
    return session


def changed(**fields: object) -> dict[str, object]:
    return to_json(replace(MINE, **fields))


def test_adding_and_undoing_a_model_gives_the_document_before(session: Session) -> None:
    before = session.document
    assert session.do("add_model", declaration=to_json(replace(BLANK, name="other")))
    assert [model["name"] for model in session.document.models] == ["mine", "other"]
    session.undo()
    assert session.document == before


def test_a_name_that_is_taken_is_refused(session: Session) -> None:
    for name in ("mine", "lif", "poisson"):
        refusal = session.attempt("add_model", declaration=to_json(replace(BLANK, name=name)))
        assert f"the name '{name}' is taken" in refusal.replace('"', "'")


def test_a_declaration_that_is_wrong_is_refused_and_changes_nothing(session: Session) -> None:
    before = session.document
    for wrong in ({}, [], {"name": "x", "equations": "dv/dt = q : mV"}, changed(threshold="v_th")):
        assert session.attempt("set_model", name="mine", declaration=wrong)
        assert session.attempt("add_model", declaration=wrong)
    assert session.document is before


def test_renaming_a_model_renames_it_where_it_is_used(session: Session) -> None:
    assert session.do("set_model", name="mine", declaration=changed(name="better"))
    assert session.document.node("cells").model == "better"
    assert session.document.node("cells").parameters == {"C": 100}
    assert not [problem for problem in session.problems if problem.severity == "error"]


def test_a_parameter_that_is_gone_is_gone_from_the_nodes_in_the_same_undo(session: Session) -> None:
    before = session.document
    parameters = {**MINE.parameters, "R": Parameter(0.1, "GOhm")}
    del parameters["C"]
    equations = "dv/dt = (E_L - v + R*I)/tau_m : mV"
    declaration = changed(equations=equations, parameters=parameters)
    assert session.do("set_model", name="mine", declaration=declaration)
    assert session.document.node("cells").parameters == {}
    session.undo()
    assert session.document == before


def test_a_port_that_a_wire_uses_cannot_go(session: Session) -> None:
    assert session.do("add_node", model="poisson", id="drive")
    assert session.do("connect", source="drive", target="cells", port="inh")
    refusal = session.attempt("set_model", name="mine", declaration=changed(ports={"exc": "delta"}))
    assert "inh" in refusal


def test_a_model_in_use_stays_and_one_that_is_not_goes(session: Session) -> None:
    refusal = session.attempt("remove_model", name="mine")
    assert "Cells" in refusal
    assert "choose another model there first" in refusal
    assert session.do("set_node", id="cells", field="model", value="lif")
    assert session.do("remove_model", name="mine")
    assert session.document.models == ()
    assert "no model" in session.attempt("remove_model", name="mine")
    assert "copy the shipped one first" in session.attempt("remove_model", name="lif")


def test_a_model_travels_with_a_copied_population(session: Session) -> None:
    session.select(["cells"])
    assert session.copy_selection()
    other = Session(Document())
    other.clipboard = session.clipboard
    assert other.paste()
    assert [model["name"] for model in other.document.models] == ["mine"]
    assert isinstance(MINE, NeuronModel)
