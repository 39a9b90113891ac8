"""Tests of the distinct combinations of columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.ingest.coerce import as_text
from cautery.ingest.combinations import combinations

TEXTS = st.one_of(st.none(), st.sampled_from(["", "a", "b", "é", "a\0b"]), st.text(max_size=3))
NUMBERS = st.one_of(st.none(), st.integers(-3, 3))
KINDS = st.sampled_from(["string", "large", "dictionary", "number", "truth", "nothing", "absent"])


def texts(values: list[Any]) -> list[str | None]:
    return [None if value is None else as_text(value) for value in values]


@st.composite
def columns(draw: st.DrawFn, size: int) -> Any:
    """Draw an Arrow column of some kind, cut out of a longer one, or None."""
    length, start = size + 2, draw(st.integers(0, 2))
    match draw(KINDS):
        case "string":
            whole = pa.array(draw(lists(TEXTS, length)), pa.string())
        case "large":
            whole = pa.array(draw(lists(TEXTS, length)), pa.large_string())
        case "dictionary":
            whole = pa.array(draw(lists(TEXTS, length)), pa.string()).dictionary_encode()
        case "number":
            whole = pa.array(draw(lists(NUMBERS, length)), pa.int64())
        case "truth":
            whole = pa.array(draw(lists(st.sampled_from([None, True, False]), length)), pa.bool_())
        case "nothing":
            whole = pa.nulls(length)
        case _:
            return None
    return whole.slice(start, size)


def lists(values: st.SearchStrategy[Any], size: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=size, max_size=size)


@given(data=st.data(), size=st.integers(0, 12), count=st.integers(1, 5))
def test_every_row_finds_its_combination(data: st.DataObject, size: int, count: int) -> None:
    """Rows give their own values back, and no combination is listed twice or without a row."""
    drawn = [data.draw(columns(size)) for _ in range(count)]
    found = combinations(drawn, size)
    plain = [[None] * size if column is None else texts(column.to_pylist()) for column in drawn]
    expected = list(zip(*plain, strict=True))
    assert [found.values[place] for place in found.rows.to_pylist()] == expected
    assert len(found.values) == len(set(found.values)) == len(set(expected))


def test_many_columns_of_many_values() -> None:
    """Combinations are told apart though the product of the columns passes 64 bits."""
    size = 4096
    source = np.random.default_rng(5)
    shuffled = [source.permutation(size) for _ in range(7)]
    drawn = [pa.array(each).cast(pa.string()) for each in shuffled]
    found = combinations(drawn, size)
    assert len(found.values) == size
    assert sorted(found.rows.to_pylist()) == list(range(size))
    for row in (0, 17, size - 1):
        expected = tuple(str(each[row]) for each in shuffled)
        assert found.values[found.rows[row].as_py()] == expected


def test_null_is_a_value_of_its_own() -> None:
    """A missing value is neither the empty text nor the word null."""
    column = pa.array([None, "", "null", "None", None], pa.string())
    found = combinations((column,), 5)
    assert [found.values[place] for place in found.rows.to_pylist()] == [
        (None,),
        ("",),
        ("null",),
        ("None",),
        (None,),
    ]


@pytest.mark.parametrize("column", [None, pa.nulls(0), pa.array([], pa.string())])
def test_no_rows(column: Any) -> None:
    """An empty batch has no combinations."""
    found = combinations((column, None), 0)
    assert found.values == []
    assert found.rows.to_pylist() == []


def test_other_values_become_texts() -> None:
    """Numbers and truths are read as the other readers read them; what cannot be is missing."""
    found = combinations((pa.array([1.5, 2.0]), pa.array([True, False]), pa.array([[1], [2]])), 2)
    assert [found.values[place] for place in found.rows.to_pylist()] == [
        ("1.5", "true", None),
        ("2.0", "false", None),
    ]
