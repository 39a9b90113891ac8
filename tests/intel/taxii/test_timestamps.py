"""Times as TAXII and STIX write them."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.intel.taxii.timestamps import (
    microseconds_of,
    timestamp_of,
    version_key,
    version_text,
)

WHOLE = st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31))  # noqa: DTZ001
DIGITS = st.text(st.sampled_from("0123456789"), max_size=12)


def _text(time: datetime, digits: str) -> str:
    seconds = time.replace(microsecond=0).isoformat()
    return f"{seconds}.{digits}Z" if digits else f"{seconds}Z"


def _exact(time: datetime, digits: str) -> Fraction:
    seconds = int(time.replace(tzinfo=UTC, microsecond=0).timestamp())
    return seconds + (Fraction(int(digits), 10 ** len(digits)) if digits else Fraction(0))


@given(WHOLE, DIGITS, WHOLE, DIGITS)
def test_keys_of_versions_sort_as_the_times_do(
    one: datetime, some: str, other: datetime, more: str
) -> None:
    """Texts compare as the exact times, whatever the number of digits; equal times are equal."""
    left, right = version_key(_text(one, some)), version_key(_text(other, more))
    assert left is not None
    assert right is not None
    assert (left < right, left == right) == (
        _exact(one, some) < _exact(other, more),
        _exact(one, some) == _exact(other, more),
    )
    assert version_key(version_text(left)) == left


@given(WHOLE, DIGITS)
def test_microseconds_are_cut_off_and_never_rounded_up(time: datetime, digits: str) -> None:
    """No object that is later than a time is taken for one that is not."""
    found = microseconds_of(_text(time, digits))
    assert found is not None
    assert 0 <= _exact(time, digits) * 10**6 - found < 1
    assert microseconds_of(timestamp_of(found)) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-01",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00+00:00",
        "2026-02-29T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.1234567890123456789012345678901Z",
        "٢٠٢٦-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z\n",
    ],
    ids=range(12),
)
def test_what_is_no_timestamp_is_not_read(text: str) -> None:
    """Only times in UTC, in the one form that the standard has."""
    assert microseconds_of(text) is None
    assert version_key(text) is None
