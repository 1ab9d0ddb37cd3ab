"""Any document comes back from its text; any damage is a problem or nothing, never a crash."""

import copy
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.document import (
    Document,
    Edge,
    Layout,
    Node,
    Recorder,
    RunSettings,
    dumps,
    loads,
    to_json,
)
from engine.document.validate import check, check_text
from engine.document.values import DISTRIBUTIONS
from engine.errors import DocumentError, Problem
from engine.rules import uniform

IDS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,12}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
NUMBERS = st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False)
BELL = st.fixed_dictionaries(
    {"distribution": st.just("normal"), "mean": NUMBERS, "std": st.floats(0, 1e6)}
)
FLAT = st.tuples(NUMBERS, NUMBERS).map(
    lambda ends: {"distribution": "uniform", "low": min(ends), "high": max(ends)}
)
VALUES = NUMBERS | TEXTS | st.lists(NUMBERS, max_size=4) | BELL | FLAT
FREE = st.dictionaries(IDS, VALUES, max_size=3)
RULES = st.sampled_from(
    [
        {"kind": "all_to_all"},
        {"kind": "one_to_one"},
        {"kind": "probability", "p": 0.5, "self_connections": False},
        {"kind": "fixed_indegree", "n": 3},
        {"kind": "explicit", "pairs": [[0, 1]]},
    ]
)
NODES = st.builds(
    Node, IDS, TEXTS, st.integers(-5, 10**9), st.sampled_from(["population", "source"]),
    TEXTS, FREE, FREE, st.dictionaries(IDS, TEXTS, max_size=2), st.none() | TEXTS,
)  # fmt: skip
EDGES = st.builds(Edge, IDS, IDS, IDS, IDS, RULES, VALUES, VALUES)
MEMBERS = (
    st.none()
    | st.lists(st.integers(0, 9), max_size=3)
    | st.fixed_dictionaries({"start": st.integers(0, 9), "stop": st.integers(0, 9)})
)
RECORDERS = st.builds(Recorder, IDS, IDS, IDS, MEMBERS, st.none() | NUMBERS)
POINTS = st.lists(NUMBERS, min_size=2, max_size=2)
LAYOUTS = st.builds(
    Layout,
    st.dictionaries(IDS, POINTS, max_size=3),
    st.dictionaries(IDS, st.just("#3d8bfd"), max_size=2),
    st.lists(st.fixed_dictionaries({"text": TEXTS}, optional={"position": POINTS}), max_size=2),
)
SETTINGS = st.builds(
    RunSettings, NUMBERS, st.integers(-1, 10**10), NUMBERS, TEXTS,
    st.sampled_from(["float64", "float32"]), st.integers(-1, 10),
)  # fmt: skip


def parts(strategy):
    return st.lists(strategy, max_size=4, unique_by=lambda part: part.id).map(tuple)


DOCUMENTS = st.builds(
    Document, TEXTS, TEXTS, parts(NODES), parts(EDGES), parts(RECORDERS), SETTINGS,
    st.just(()), LAYOUTS,
)  # fmt: skip

SOUND = Document(
    name="sound",
    nodes=(
        Node("exc", "lif_cond_exp", 80, initial={"v": uniform(-60, -50)}),
        Node("inh", "lif", 20, parameters={"tau_m": "20 ms", "v_th": -50.0}),
    ),
    edges=(
        Edge("a", "exc", "inh", "exc", {"kind": "probability", "p": 0.1}, 6.0, 1.5),
        Edge("b", "inh", "exc", "inh", {"kind": "explicit", "pairs": [[0, 1], [2, 3]]}, [1, 2]),
        Edge("c", "exc", "exc", "exc", {"kind": "fixed_indegree", "n": 3}),
    ),
    recorders=(Recorder("r", "exc", "v", {"start": 0, "stop": 5}, 1.0),),
    layout=Layout({"exc": [0, 0]}, {"exc": "#3d8bfd"}, [{"text": "note"}]),
)  # fmt: skip
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | NUMBERS
    | TEXTS
    | st.sampled_from(["\ud800", "\x00", 10**30, "exc"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


def places(data, path=()):
    """Every path into JSON data."""
    yield path
    inner = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    )
    for key, item in inner:
        yield from places(item, (*path, key))


@given(DOCUMENTS)
@settings(deadline=None, max_examples=150)
def test_any_document_comes_back_from_its_text(document):
    text = dumps(document)
    assert loads(text) == document
    assert dumps(loads(text)) == text


@given(DOCUMENTS)
@settings(deadline=None, max_examples=150)
def test_checking_any_document_gives_problems_and_never_raises(document):
    found = check(document)
    assert all(isinstance(problem, Problem) and problem.message for problem in found)


def test_the_sound_document_is_sound():
    assert [problem for problem in check(SOUND) if problem.severity == "error"] == []


@given(st.data())
@settings(deadline=None, max_examples=300)
def test_damage_anywhere_is_a_problem_or_harmless(data):
    damaged = copy.deepcopy(to_json(SOUND))
    *way, last = data.draw(st.sampled_from([path for path in places(damaged) if path]))
    inner = damaged
    for key in way:
        inner = inner[key]
    match data.draw(st.sampled_from(["replace", "remove", "add"])):
        case "replace":
            inner[last] = data.draw(ANYTHING)
        case "remove":
            del inner[last]
        case "add" if isinstance(inner, dict):
            inner[data.draw(TEXTS)] = data.draw(ANYTHING)
    text = json.dumps(damaged)
    found = check_text(text)
    try:
        document = loads(text)
    except DocumentError:
        assert found
    else:
        assert check(document) == found


@given(st.binary(max_size=60) | st.text(max_size=60))
@settings(deadline=None)
def test_any_bytes_are_refused_in_a_sentence(text):
    found = check_text(text)
    assert found
    assert all(problem.message for problem in found)


@given(ANYTHING)
@settings(deadline=None)
def test_distribution_tables_name_their_own_fields(value):
    document = Document(nodes=(Node("a", "lif", parameters={"C": {"distribution": value}}),))
    if value not in list(DISTRIBUTIONS):
        assert any(problem.severity == "error" for problem in check(document))
