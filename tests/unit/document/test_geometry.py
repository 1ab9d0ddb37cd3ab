"""The geometry of a population in a document: what it may say, what is refused, what follows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import engine
from engine import cable, dumps, loads, rules
from engine.document import lookup
from engine.document.structure import Node
from engine.errors import DataError, DocumentError

CABLE = {"kind": "cable", "length": "1 mm", "diameter": 2}
DATA = Path(os.environ.get("WORKBENCH_DATA", "")) / "morphology"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the data folder is not here")
TREE = "1 1 0 0 0 8 -1\n2 3 0 8 0 1 1\n3 3 0 108 0 1 2\n"


def axon(model: str = "hodgkin_huxley", geometry: object = CABLE, size: int | None = 11, **more):
    net = engine.Network("cable")
    return net, net.population("axon", size, model, geometry=geometry, **more)


def test_a_cable_survives_being_saved():
    net, _ = axon(
        geometry=CABLE | {"ends": ["sealed", "killed"], "axial_resistivity": "35.4 Ohm cm"}
    )
    again = loads(dumps(net.document))
    assert again == net.document
    assert again.node("axon").geometry["ends"] == ["sealed", "killed"]


def test_a_network_with_a_cable_is_computed_in_double_precision():
    net, _ = axon(size=2000)
    assert net.document.float_type == "float64"


def test_weights_onto_compartments_are_currents_and_conductances_of_the_whole():
    net, _ = axon()
    ports = lookup.ports_of(net.document, net.document.node("axon"))
    assert {name: port.unit for name, port in ports.items()} == {
        "exc": "nS",
        "inh": "nS",
        "current": "1",
        "gap": "nS",
        "clamp": "1",
    }
    bare, _ = axon(geometry=None)
    ports = lookup.ports_of(bare.document, bare.document.node("axon"))
    assert ports["exc"].unit == "mS/cm^2"


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        ({}, "`kind` of a geometry must be one of `cable`, `morphology`, `line`"),
        ({"kind": "cabel"}, "did you mean `cable`?"),
        ({"kind": ["cable"]}, "must be one of"),
        ({"kind": "cable"}, "a cable needs its `length`; give it in um"),
        (CABLE | {"length": -5}, "`length` is -5 um, outside of its bounds"),
        (CABLE | {"length": "5 mV"}, "given in mV, but is a value in um"),
        (CABLE | {"diameter": [1, 2]}, "`diameter` must be one number"),
        (CABLE | {"diameter": 0}, "`diameter` is 0 um, outside of its bounds"),
        (CABLE | {"lenght": 5}, "a cable has no field 'lenght'; did you mean `length`?"),
        (CABLE | {"ends": "open"}, "`ends` must be sealed or killed"),
        (CABLE | {"ends": ["killed"]}, "`ends` must be sealed or killed"),
        ({"kind": "morphology"}, "`path` must name an SWC file, not nothing"),
        ({"kind": "morphology", "path": "a.swc", "longest": 0}, "`longest` is 0 um, outside of"),
    ],
)
def test_a_geometry_that_makes_no_sense_is_refused(geometry, said):
    with pytest.raises(DocumentError) as error:
        axon(geometry=geometry)
    assert said in str(error.value)
    assert "nodes/axon/geometry" in str(error.value)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("adex", "adex cannot be laid on a cable: dv/dt is not linear in v"),
        ("izhikevich", "izhikevich cannot be laid on a cable"),
        ("if_discrete", "if_discrete cannot be laid on a cable: its equations are steps"),
    ],
)
def test_a_model_that_is_no_membrane_is_refused_with_a_remedy(model, said):
    with pytest.raises(DocumentError) as error:
        axon(model)
    assert said in str(error.value)
    assert "use passive, hodgkin_huxley or another model linear in its potential" in str(
        error.value
    )


def test_a_users_own_model_can_be_laid_on_a_cable():
    leaky = engine.define(
        "leak_and_sag",
        equations="dv/dt = (g*(E - v) + q*(E_q - v)*n + I)/C : mV\n"
        "dn/dt = (1/(1 + exp((v + 75*mV)/(6*mV))) - n)/tau : 1",
        parameters={
            "g": (0.1, "mS/cm^2"),
            "q": (0.05, "mS/cm^2"),
            "E": (-65, "mV"),
            "E_q": (-30, "mV"),
            "C": (1, "uF/cm^2"),
            "tau": (50, "ms"),
        },
        current_unit="uA/cm^2",
    )
    net, cell = axon(leaky)
    net.record(cell, "v")
    v = net.simulate(5.0)["axon"].trace("v")[1]
    assert abs(v[-1, 0] - v[0, 0]) < 0.01  # it begins at rest


def test_names_that_cables_need_are_refused_in_a_model():
    taken = engine.define(
        "taken",
        equations="dv/dt = (E - v)/tau + I/compartment_area : mV",
        parameters={"E": (-65, "mV"), "tau": (10, "ms"), "compartment_area": (1, "pF")},
    )
    net, _ = axon(taken)
    with pytest.raises(engine.EquationError, match="`compartment_area` is a name that cables need"):
        net.simulate(1.0)


def test_a_solver_cannot_be_chosen_for_a_cable():
    with pytest.raises(DocumentError, match="a cable has a solver of its own"):
        axon(solver="rk4")


def test_a_source_and_too_many_compartments_are_refused():
    with pytest.raises(DocumentError, match=r"100,001 compartments, the limit is 100,000"):
        axon(size=100_001)
    net, _ = axon()
    text = dumps(net.document).replace('"kind": "population"', '"kind": "source"')
    text = text.replace('"hodgkin_huxley"', '"poisson"')
    assert any(
        "is a source, whose members can have places and nothing else" in str(p)
        for p in engine.check(loads(text))
    )


def test_a_cable_needs_a_size_and_a_morphology_brings_one(tmp_path, monkeypatch):
    with pytest.raises(DocumentError, match="the kind cable leaves the number of members open"):
        axon(size=None)
    (tmp_path / "cell.swc").write_text(TREE)
    monkeypatch.setenv("WORKBENCH_DATA", str(tmp_path))
    shape = {"kind": "morphology", "path": "cell.swc", "longest": 25}
    net, cell = axon("passive", shape, None)
    assert cell.size == 5
    assert len(cable.compartments(shape)) == 5
    net.record(cell, "v")
    assert net.simulate(2.0)["axon"].trace("v")[1].shape == (20, 5)


def test_a_morphology_of_another_size_or_nowhere_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_DATA", str(tmp_path))
    shape = {"kind": "morphology", "path": "cell.swc", "longest": 25}
    net, _ = axon("passive", shape, 7)
    with pytest.raises(DataError, match=r'the morphology "cell.swc" was not found'):
        net.simulate(1.0)
    (tmp_path / "cell.swc").write_text(TREE)
    with pytest.raises(DocumentError, match='"axon" has 5 compartments, its size says 7; set the'):
        net.simulate(1.0)
    for path in ("../cell.swc", "/cell.swc", "cell.txt"):
        with pytest.raises(DataError, match=r"must be given relative|must end in"):
            cable.compartments(shape | {"path": path})


def test_a_morphology_beside_its_document_is_found(tmp_path):
    (tmp_path / "cell.swc").write_text(TREE)
    net = engine.Network("beside")
    net.save(tmp_path / "net.json")
    net.population("cell", None, "passive", geometry={"kind": "morphology", "path": "cell.swc"})
    net.save(tmp_path / "net.json")
    assert engine.Network.load(tmp_path / "net.json").simulate(1.0).complete


def test_a_parameter_of_a_running_cable_can_change():
    net, cell = axon("passive", CABLE, 21)
    source = net.source("source", "constant_current", amplitude=50.0)
    net.connect(source, cell, rules.explicit([(0, 0)]), weight=1.0)
    with engine.Simulation(net.document) as running:
        running.advance(3000)
        before = running.states("axon")["v"].copy()
        running.set_parameter("axon", "R_m", "5 kOhm cm^2")
        running.advance(3000)
        after = running.states("axon")["v"]
    expected = [cable.input_resistance(2, r, 100, 1000, "sealed") * 0.05 for r in (20, 5)]
    assert before[0] + 65 == pytest.approx(expected[0], rel=2e-3)
    assert after[0] + 65 == pytest.approx(expected[1], rel=5e-3)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: cable.length_constant(0, 20, 100), "`diameter` is 0"),
        (lambda: cable.length_constant("2 mV", 20, 100), "given in mV"),
        (lambda: cable.time_constant(-1), "`R_m` is -1"),
        (lambda: cable.input_resistance(2, 20, 100, end="sealed"), "needs its length"),
        (lambda: cable.input_resistance(2, 20, 100, 5, end="seald"), "did you mean `sealed`?"),
        (lambda: cable.steady_state(0, 1, "open"), "`open` is no end of a cable"),
        (lambda: cable.conduction_velocity([1.0], [0], [0.0, 5.0]), "no velocity follows"),
        (lambda: cable.conduction_velocity([1.0], [7], [0.0, 5.0]), "none of 2"),
        (lambda: cable.conduction_velocity([2, 1, 2], [0, 1, 2], [-5, 0, 5]), "both ways alike"),
        (lambda: cable.compartments({"kind": "cable"}), "needs its `length`"),
        (lambda: cable.compartments(CABLE, 0), "cannot have 0 compartments"),
    ],
)
def test_theory_of_cables_refuses_nonsense(call, said):
    with pytest.raises((DataError, DocumentError)) as error:
        call()
    assert said in str(error.value)


def test_velocity_is_the_slope_through_first_spikes():
    times = [5.0, 1.0, 2.0, 3.0, 9.0]
    where = [1, 0, 1, 2, 0]
    assert cable.conduction_velocity(times, where, [0.0, 500.0, 1000.0]) == pytest.approx(0.5)
    assert cable.conduction_velocity(times, where, [0, -500, -1000]) == pytest.approx(-0.5)


def named(path: str, size: int = 5, **geometry: object) -> engine.Document:
    """A document with a cell in this file, made without looking at the file."""
    shape = {"kind": "morphology", "path": path, **geometry}
    node = Node("cell", "passive", size, geometry=shape)
    return engine.Document(nodes=(node,))


def errors(document: engine.Document, folder: Path) -> list[engine.Problem]:
    return [p for p in engine.check(document, folder) if p.severity == "error"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, 'the morphology "cell.swc" was not found beside the document'),
        ("1 1 0 0 0 x -1\n", '"cell.swc", line 1: `1 1 0 0 0 x -1` is not 7 numbers'),
        ("1 1 0 0 0 5 -1\n2 3 0 0 9 1 7\n", "its parent 7 is nowhere in the file"),
        ("1 1 0 0 0 5 -1\n2 3 0 0 9 0 1\n", "the radius is 0"),
        ("", "has no points"),
    ],
)
def test_checking_says_what_is_wrong_with_a_morphology(tmp_path, monkeypatch, text, said):
    monkeypatch.delenv("WORKBENCH_DATA", raising=False)
    if text is not None:
        (tmp_path / "cell.swc").write_text(text)
    (problem,) = errors(named("cell.swc"), tmp_path)
    assert problem.path == "nodes/cell/geometry"
    assert said in str(problem)
    assert problem.remedy


def test_checking_finds_a_morphology_too_large_or_of_another_size(tmp_path):
    (tmp_path / "cell.swc").write_text(TREE)
    (problem,) = errors(named("cell.swc", 3), tmp_path)
    assert problem.path == "nodes/cell/size"
    assert "its size says 3; set the size to " in str(problem)
    size = int(problem.remedy.split()[-1])
    assert errors(named("cell.swc", size), tmp_path) == []
    (problem,) = errors(named("cell.swc", longest=0.01, scale=1000), tmp_path)
    assert "more than 100,000; let them be longer" in str(problem)
    (tmp_path / "cell.swc").write_text("1 1 0 0 0 0 -1\n")  # a file that changes is read again
    assert "the radius is 0" in str(errors(named("cell.swc", size), tmp_path)[0])


def test_the_command_and_the_page_say_what_is_wrong_with_a_file(tmp_path, monkeypatch, capsys):
    from workbench.cli import main
    from workbench.session import Session

    monkeypatch.setenv("WORKBENCH_PROJECTS", str(tmp_path / "projects"))
    path = tmp_path / "one.json"
    path.write_text(engine.dumps(named("cell.swc")))
    assert main(["check", str(path)]) != 0
    assert 'the morphology "cell.swc" was not found' in capsys.readouterr().err
    session = Session()
    session.open(path)
    assert session.problems_of("cell")[0].path == "nodes/cell/geometry"


def test_checking_reads_spike_files(tmp_path):
    node = Node("train", "spike_file", 1, "source", parameters={"path": "train.txt"})
    document = engine.Document(nodes=(node,))
    for text, said in ((None, "was not found"), ("1 2\nx y\n", "train.txt")):
        if text:
            (tmp_path / "train.txt").write_text(text)
        (problem,) = errors(document, tmp_path)
        assert problem.path == "nodes/train/parameters/path"
        assert said in str(problem)
    (tmp_path / "train.txt").write_text("1\n2\n")
    assert errors(document, tmp_path) == []


def test_a_cell_of_compartments_takes_no_clamp():
    net, _ = axon()
    with pytest.raises(DocumentError, match="is a cell of compartments, and a clamp holds"):
        net.connect(net.source("clamp", "voltage_clamp"), net["axon"])
