"""Whatever was done can be undone and done again, and never raises."""

import inspect
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.document import Document, dumps, loads
from engine.document.validate import check
from engine.errors import DocumentError
from workbench.commands import COMMANDS, Command, apply
from workbench.session import Session

NAMES = st.sampled_from(["lif", "lif_2", "adex", "izhikevich", "lif-lif_2", "rec-1", "nobody"])
NUMBERS = st.integers(-5, 300) | st.floats(-100, 300)
EDITS = st.one_of(
    st.tuples(
        st.just("add_node"),
        st.fixed_dictionaries(
            {
                "model": st.sampled_from(["lif", "adex", "izhikevich", "nothing"]),
                "position": st.lists(NUMBERS, min_size=2, max_size=2),
            }
        ),
    ),
    st.tuples(st.just("remove"), st.fixed_dictionaries({"ids": st.lists(NAMES, max_size=2)})),
    st.tuples(
        st.just("connect"),
        st.fixed_dictionaries(
            {"source": NAMES, "target": NAMES},
            optional={"port": st.sampled_from(["exc", "inh", "current"]), "weight": NUMBERS},
        ),
    ),
    st.tuples(
        st.just("set_parameter"),
        st.fixed_dictionaries(
            {
                "node": NAMES,
                "name": st.sampled_from(["C", "tau_m", "v_th", "a", "tau_exc"]),
                "value": st.none() | NUMBERS | st.sampled_from(["20 ms", "1 nF", "oops"]),
            }
        ),
    ),
    st.tuples(
        st.just("set_node"),
        st.one_of(
            st.fixed_dictionaries({"id": NAMES, "field": st.just("size"), "value": NUMBERS}),
            st.fixed_dictionaries(
                {
                    "id": NAMES,
                    "field": st.just("model"),
                    "value": st.sampled_from(["lif_cond_exp", "adex", "hodgkin_huxley"]),
                }
            ),
        ),
    ),
    st.tuples(
        st.just("set_edge"),
        st.fixed_dictionaries(
            {
                "id": st.just("lif-lif_2"),
                "field": st.sampled_from(["weight", "delay", "port", "target"]),
                "value": NUMBERS | NAMES | st.just("inh"),
            }
        ),
    ),
    st.tuples(
        st.just("add_recorder"),
        st.fixed_dictionaries({"node": NAMES, "variable": st.sampled_from(["spikes", "v", "w"])}),
    ),
    st.tuples(
        st.just("set_port"),
        st.fixed_dictionaries(
            {
                "node": NAMES,
                "port": st.sampled_from(["exc", "ampa"]),
                "synapse": st.sampled_from([None, "exp_conductance", "delta"]),
            }
        ),
    ),
    st.tuples(st.just("duplicate"), st.fixed_dictionaries({"ids": st.lists(NAMES, max_size=3)})),
    st.tuples(
        st.just("set_colour"),
        st.fixed_dictionaries({"id": NAMES, "colour": st.sampled_from([None, "#123456", "red"])}),
    ),
    st.tuples(st.just("set_simulation"), st.fixed_dictionaries({"dt": NUMBERS})),
)
GESTURES = st.lists(st.lists(EDITS, min_size=1, max_size=3), max_size=12)


@given(GESTURES)
@settings(deadline=None, max_examples=120)
def test_undoing_all_is_the_start_and_redoing_all_is_the_end(gestures):
    session = Session()
    start = session.document
    for gesture in gestures:
        with session.gesture():
            for name, arguments in gesture:
                session.do(name, **arguments)
    end = session.document
    assert session.problems == check(end)
    assert loads(dumps(end)) == end
    while session.undo():
        pass
    assert session.document == start
    assert session.saved
    while session.redo():
        pass
    assert session.document == end


@given(GESTURES)
@settings(deadline=None, max_examples=60)
def test_the_journal_of_commands_makes_the_same_document_again(gestures):
    session = Session()
    for gesture in gestures:
        with session.gesture():
            for name, arguments in gesture:
                session.do(name, **arguments)
    again = Session()
    for entry in session.history.done:
        for command in entry.commands:
            again.do(command.name, **json.loads(json.dumps(command.arguments)))
    assert again.document == session.document


ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | NAMES | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=3), inner),
    max_leaves=4,
)
LIKELY = {
    **dict.fromkeys(("node", "id", "source", "target"), NAMES),
    "ids": st.lists(NAMES, max_size=3),
    "field": st.sampled_from(
        "label size model solver ports initial rule weight delay name".split()
    ),
    "state": st.sampled_from(["v", "I_exc"]),
    "model": st.sampled_from(["lif", "poisson", "spike_file", "exp_current"]),
    "port": st.sampled_from(["exc", "inh", "current", "ampa"]),
}
MORE = ("rule", "weight", "delay", "dt", "seed", "duration", "threads", "precision")


def arguments_of(edit):
    """Arguments as a browser may send them: the right names, some right values, some wild ones."""
    found = {}, {}
    for name, parameter in list(inspect.signature(edit).parameters.items())[1:]:
        values = ANYTHING | LIKELY.get(name, ANYTHING)
        if parameter.kind is parameter.VAR_KEYWORD:
            found[1].update(dict.fromkeys(MORE, ANYTHING))
        else:
            found[parameter.default is not parameter.empty][name] = values
    return st.fixed_dictionaries(found[0], optional=found[1])


@pytest.fixture(scope="module")
def drawn():
    session = Session(Document(name="drawn"))
    session.do("add_node", model="lif", position=[0, 0])
    session.do("add_node", model="lif", position=[9, 9])
    session.do("connect", source="lif", target="lif_2", port="exc")
    session.do("add_recorder", node="lif", variable="v")
    return session.document


@pytest.mark.parametrize("name", sorted(COMMANDS))
@given(st.data())
@settings(deadline=None, max_examples=60)
def test_arguments_of_any_kind_are_done_or_refused(drawn, name, data):
    arguments = data.draw(arguments_of(COMMANDS[name]))
    try:
        after = apply(drawn, Command(name, arguments))
    except DocumentError as error:
        refused = error.problems
        assert refused[0].message
    else:
        assert loads(dumps(after)) == after
