"""Small values of MISP, in all spellings that servers and PyMISP give them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.errors import MalformedFileError
from cautery.intel.misp_values import count_of, strictest, time_of, truth_of

JSON = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.just([])
)


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-03T00:01:00.000000+0000",
        "2026-10-03T00:01:00+00:00",
        "2026-10-03T02:01:00+02:00",
        "2026-10-03T00:01:00Z",
        "1790985660",
        1790985660,
    ],
    ids=["server", "offset", "elsewhere", "utc", "digits", "number"],
)
def test_times(text: str | int) -> None:
    """All spellings are one time."""
    assert time_of(text, "x") == "2026-10-03T00:01:00.000Z"


@given(value=JSON)
def test_any_value_is_read_or_refused(value: object) -> None:
    """Whatever JSON gives, there is an answer or an error with its place."""
    for reading in (time_of, count_of, truth_of):
        try:
            found: object = reading(value, "here")
        except MalformedFileError as error:
            found = error.where
        assert found == "here" or isinstance(found, str | int | bool)


def test_truth_and_counts() -> None:
    """Truth values and numbers come as such or as texts."""
    assert [truth_of(each, "x") for each in (True, "1", "0", False, 1)] == [1, 1, 0, 0, 1]
    assert [count_of(each, "x") for each in (7, "7", "0")] == [7, 7, 0]
    with pytest.raises(MalformedFileError):
        count_of(True, "x")


def test_the_strictest_label() -> None:
    """The strictest of labels holds."""
    assert strictest("clear", "amber+strict", "amber") == "amber+strict"
