"""Tests of splitting JSON arrays."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.ingest.json_arrays import array_items, is_array

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='a"\\,[]{}\n ü', max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


class Dripping(BytesIO):
    """A stream that gives a few bytes at a time, so that blocks end anywhere."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self._size = size

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self._size)


@given(items=st.lists(JSON, max_size=6), size=st.integers(1, 9), indent=st.sampled_from([None, 1]))
def test_items_are_those_of_the_array(items: list[Any], size: int, indent: int | None) -> None:
    """However the stream is cut, the items decode to those of the array, lines included."""
    data = json.dumps(items, indent=indent).encode()
    assert is_array(data)
    found = list(array_items(Dripping(data, size), 10**6))
    assert [json.loads(item.text) for item in found] == items
    lines = data.split(b"\n")
    for item in found:
        line = lines[item.number - 1].strip() if indent else item.text
        assert line.startswith(item.text.split(b"\n")[0].strip()[:1])
        assert indent or item.number == 1


@pytest.mark.parametrize(
    ("data", "items"),
    [
        (b"[]", []),
        (b"[1, 2", [b"1", b"2"]),
        (b"[1] tail", [b"1", b"tail"]),
        (b"[1]\n[2]", [b"1", b"2"]),
        (b'["never closed, ]', [b'"never closed, ]']),
        (b"\xef\xbb\xbf[1]", [b"1"]),
    ],
)
def test_broken_arrays(data: bytes, items: list[bytes]) -> None:
    """What is cut off or follows the array is an item of its own, not lost."""
    assert [item.text for item in array_items(BytesIO(data), 100)] == items


@given(data=st.binary(max_size=80), size=st.integers(1, 20))
def test_any_bytes(data: bytes, size: int) -> None:
    """Any bytes after a bracket are split without an error and within bounds."""
    for item in array_items(Dripping(b"[" + data, size), 30):
        assert len(item.text) <= 400
        assert item.number >= 1


def test_long_items() -> None:
    """An item past the bound comes cut, and the next one is whole."""
    data = b'[{"a": "' + b"x" * 5000 + b'"}, {"b": 1}]'
    first, second = array_items(Dripping(data, 100), 1000)
    assert (first.too_long, len(first.text)) == (True, 400)
    assert (second.too_long, second.text) == (False, b'{"b": 1}')
