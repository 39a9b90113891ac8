"""Tests of reading single values."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cautery.ingest.coerce import COERCIONS, as_int

ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
    | st.lists(st.integers()) | st.sampled_from(["9" * 10_000, "1e999", "-", "٣", "²", "0x1"])
)  # fmt: skip


@given(value=ANYTHING, kind=st.sampled_from(sorted(COERCIONS)))
def test_any_value_is_harmless(value: Any, kind: str) -> None:
    """Whatever a log holds, a value is read in range or is None."""
    result = COERCIONS[kind](value)
    if kind in {"int32", "int16"} and result is not None:
        assert -(2**31) <= result < 2**31
    if kind in {"int64", "timestamp"} and result is not None:
        assert -(2**63) <= result < 2**63
    if kind == "float64" and result is not None:
        assert math.isfinite(result)
    if kind == "string" and result is not None:
        result.encode("utf-8")


@given(number=st.integers(-(2**63), 2**63 - 1))
def test_whole_numbers_keep_every_digit(number: int) -> None:
    """A 64-bit number survives as number and as text."""
    assert as_int(number) == as_int(str(number)) == number
