"""Where in a JSON text a field stands."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cautery.watermark.json_places import Step, line_of, steps_of

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
documents = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


def paths(document: Any, so_far: tuple[Step, ...] = ()) -> list[tuple[tuple[Step, ...], Any]]:
    """Every place of a document with what stands there."""
    found = [(so_far, document)]
    if isinstance(document, dict):
        for name, value in document.items():
            found += paths(value, (*so_far, name))
    elif isinstance(document, list):
        for place, value in enumerate(document):
            found += paths(value, (*so_far, place))
    return found


@given(documents)
def test_each_value_is_found_where_it_stands(document: Any) -> None:
    """The line of any field is one that its value begins on."""
    text = json.dumps(document, indent=1)
    lines = text.splitlines()
    for path, value in paths(document):
        start = json.dumps(value)[:1] if isinstance(value, dict | list) else json.dumps(value)
        assert start in lines[line_of(text, path) - 1]


def test_a_field_that_is_not_there_gives_its_container() -> None:
    """A missing field is told by the line of what should hold it."""
    assert line_of('{\n"a": {\n"b": 1}}', ["a", "c"]) == 2


def test_steps_of_a_message() -> None:
    """A path as msgspec writes it is split into names and places."""
    assert steps_of("$.keys[12].value") == ["keys", 12, "value"]
    assert steps_of("$") == []
