"""The one spelling of JSON, against the vectors of RFC 8785."""

from __future__ import annotations

import json
import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.errors import UsageError
from cautery.ledger.canonical_json import canonical_json

# RFC 8785, appendix B.
NUMBERS = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(("bits", "text"), NUMBERS)
def test_numbers(bits: str, text: str) -> None:
    """Floats are written as ECMAScript writes them, and read back they are written so again."""
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical_json(number).decode() == text
    assert canonical_json(json.loads(text)).decode() == text


def test_members_and_strings() -> None:
    """The example of RFC 8785, section 3.2.3: members by UTF-16, strings with few escapes."""
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    spelled = canonical_json(value).decode()
    order = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(spelled)) == order
    string = '\u20ac$\x0f\nA\'B"\\\\"/'
    assert canonical_json(string).decode() == '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'
    assert canonical_json([[], {}, (1, None), True, False]) == b"[[],{},[1,null],true,false]"


@given(VALUES)
def test_it_reads_back_and_has_one_spelling(value: Any) -> None:
    """What is written is read as it was, and written again it is the same to the byte."""
    try:
        spelled = canonical_json(value)
    except UsageError as error:
        assert "surrogate" in str(error)  # noqa: PT017 - the only thing these values may lack
        return
    assert json.loads(spelled, parse_int=float) == value  # ECMAScript knows floats only
    assert canonical_json(json.loads(spelled)) == spelled


NESTED: Any = 0
for _ in range(40):
    NESTED = [NESTED]


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        2**53 + 1,
        2**70,
        10**400,
        -(2**53) - 1,
        b"bytes",
        {1: 2},
        {"a": {2, 3}},
        "\ud800",
        {"\ud800": 1},
        NESTED,
    ],
    ids=str,
)
def test_what_json_does_not_know_is_refused(value: Any) -> None:
    """Nothing is written that others would read differently, or not at all."""
    with pytest.raises(UsageError):
        canonical_json(value)
