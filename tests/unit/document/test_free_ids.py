"""Ids for what is copied: free, short, and counted on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.document.text import id_problem, unique_id

IDS = st.builds(str.__add__, st.sampled_from("az09"), st.text("ab12_-", max_size=63))


@pytest.mark.parametrize(
    ("wanted", "taken", "separator", "found"),
    [
        ("read", (), "_", "read"),
        ("read", ("read",), "_", "read_2"),
        ("read_2", ("read", "read_2"), "_", "read_3"),
        ("read", ("read", "read_2"), "_", "read_3"),
        ("layer_4", ("layer_4",), "_", "layer_5"),
        ("a-b-2", ("a-b-2",), "-", "a-b-3"),
        ("_2", ("_2",), "_", "_2_2"),
    ],
)
def test_a_copy_has_the_next_number(
    wanted: str, taken: tuple[str, ...], separator: str, found: str
) -> None:
    assert unique_id(wanted, taken, separator) == found


@given(IDS, st.sets(IDS), st.sampled_from("_-"))
def test_an_id_is_free_and_an_id(wanted: str, taken: set[str], separator: str) -> None:
    found = unique_id(wanted, {wanted, *taken}, separator)
    assert found not in {wanted, *taken}
    assert id_problem(found) is None
