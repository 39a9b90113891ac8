"""Tests of dotted paths."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.ingest.paths import header_pairs, look_up

RECORD: dict[str, Any] = {
    "a": {"b": [{"c": 1}, {"c": 2}], "d.e": 3},
    "user.id": "dotted",
    "text": '{"inner": [10, 20]}',
    "broken": '{"inner"',
    "headers": {"X-One": "1"},
    "request": {"headers": [["x-two", "2"], ["X-Two", "3"], "noise", [1, 2]]},
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b.0.c", 1),
        ("a.b.-1.c", 2),
        ("a.d.e", 3),
        ("user.id", "dotted"),
        ("text.inner.1", 20),
        ("broken.inner", None),
        ("a.b.9.c", None),
        ("a.b.c", None),
        ("nothing", None),
        ("", None),
        ("header:x-one", "1"),
        ("header:X-Two", "3"),
        ("header:x-three", None),
    ],
)
def test_look_up(path: str, value: Any) -> None:
    """A path finds what stands there, or nothing."""
    assert look_up(RECORD, path) == value


@given(record=st.recursive(st.none() | st.text(max_size=5), st.lists), path=st.text(max_size=20))
def test_any_path_is_harmless(record: Any, path: str) -> None:
    """No path into any record raises."""
    look_up(record, path)
    look_up({path: record}, path)


def test_header_pairs() -> None:
    """Headers keep their order, and what is no pair is left out."""
    assert header_pairs(RECORD["request"]["headers"]) == [("x-two", "2"), ("x-two", "3")]
    assert header_pairs(None) == []
