"""Model declarations, one field spoiled at a time."""

import copy

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import DocumentError
from engine.models.declaration import NeuronModel, from_json, to_json
from engine.models.registry import neuron_models

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)
MODELS = {name: to_json(model) for name, model in neuron_models().items()}


def _read(data):
    """The model in ``data``, or None if it is refused with sentences."""
    try:
        return from_json(data)
    except DocumentError as error:
        return None if all(problem.message for problem in error.problems) else error


@settings(deadline=None)
@given(st.sampled_from(sorted(MODELS)), st.data(), JUNK)
def test_a_spoiled_field_is_refused_or_harmless(name, data, junk):
    spoiled = copy.deepcopy(MODELS[name])
    field = data.draw(st.sampled_from(sorted(spoiled)))
    inner = spoiled[field]
    if isinstance(inner, dict) and data.draw(st.booleans()):
        inner[data.draw(st.sampled_from(sorted(inner)))] = junk
    else:
        spoiled[field] = junk
    found = _read(spoiled)
    assert found is None or isinstance(found, NeuronModel)


@settings(deadline=None)
@given(JUNK)
def test_any_data_is_read_or_refused(junk):
    found = _read(junk)
    assert found is None or isinstance(found, NeuronModel)
