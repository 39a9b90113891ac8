"""Tests of distinct values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.scan.distinct import begins, counted, distinct, numbered, places_by_number

NUMBERS = st.lists(st.integers(-3, 3) | st.integers(-(2**63), 2**63 - 1), max_size=30)


@given(NUMBERS)
def test_values_are_those_of_numpy(drawn: list[int]) -> None:
    """Sorting finds the values that NumPy finds by hashing, and leaves the array alone."""
    values = np.array(drawn, dtype=np.int64)
    assert distinct(values).tolist() == sorted(set(drawn))
    assert values.tolist() == drawn


@pytest.mark.parametrize("kind", [np.uint64, np.int32, np.float64])
def test_types_stay(kind: type) -> None:
    """The values have the type of the array."""
    assert distinct(np.array([2, 1, 2], dtype=kind)).dtype == kind


@given(NUMBERS)
def test_numbers_are_those_of_numpy(drawn: list[int]) -> None:
    """Each entry has the number that NumPy gives it, and its value stands under that number."""
    values = np.array(drawn, dtype=np.int64)
    names, numbers = numbered(values)
    wanted, codes = np.unique(values, return_inverse=True)
    assert names.tolist() == wanted.tolist()
    assert numbers.tolist() == codes.tolist()
    assert values.tolist() == drawn


@given(NUMBERS)
def test_as_many_runs_begin_as_there_are_values(drawn: list[int]) -> None:
    """Among sorted values each begins once, at its first."""
    ordered = np.sort(np.array(drawn, dtype=np.int64))
    assert ordered[begins(ordered)].tolist() == sorted(set(drawn))


@given(NUMBERS)
def test_counts_are_those_of_numpy(drawn: list[int]) -> None:
    """Each value comes once, with how often it was there."""
    values, counts = counted(np.array(drawn, dtype=np.int64))
    wanted, often = np.unique(np.array(drawn, dtype=np.int64), return_counts=True)
    assert values.tolist() == wanted.tolist()
    assert counts.tolist() == often.tolist()


@given(st.lists(st.integers(-2, 6), max_size=30))
def test_places_by_number(drawn: list[int]) -> None:
    """Every number finds its places in order, and what is below none is left out."""
    places, first = places_by_number(np.array(drawn, dtype=np.int64))
    assert first.size == max([*drawn, -1]) + 2
    for number in range(first.size - 1):
        expected = [place for place, one in enumerate(drawn) if one == number]
        assert places[first[number] : first[number + 1]].tolist() == expected
