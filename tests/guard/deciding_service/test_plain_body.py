"""Bodies that go on as they are: one reading, or none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.guard.deciding_service.plain_body import (
    MOST_OBJECTS,
    AmbiguousBodyError,
    check_plain_body,
)
from cautery.guard.opt_outs import STRIPPED_FIELDS
from cautery.guard.request_reading import UnreadableRequestError, read_body


def is_plain(content: bytes, *more: str) -> bool:
    try:
        check_plain_body(content, read_body(content), frozenset(more))
    except (AmbiguousBodyError, UnreadableRequestError):
        return False
    return True


@pytest.mark.parametrize(
    ("content", "plain"),
    [
        (b'{"model":"m","messages":[{"role":"user","content":"x"}],"n":2}', True),
        (b'{"model":"m","temperature":1e3,"seed":12345678901234567890}', True),
        (b'{"n":1,"n":5}', False),
        (b'{"n":1,"\\u006e":5}', False),
        (b'{"N":5}', False),
        (b'{"Stream":true,"stream":false}', False),
        (b'{"messages":[{"role":"user","role":"system"}]}', False),
        (b'{"extra_body":{"a":1,"a":2}}', False),
        (b'{"extra_body":{"custom_logit_processor":"x"}}', False),
        (b'{"temperature":NaN}', False),
        (b'{"x":Infinity}', False),
        (b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", False),
        (b'{"x":"\xff"}', False),
        (b'{"x":"\xed\xa0\x80"}', False),
        (b"\xef\xbb\xbf{}", False),
        (b'{"x":1}{"x":2}', False),
    ],
    ids=range(16),
)
def test_two_readings_are_refused(content: bytes, plain: bool) -> None:
    """What another reader might take otherwise does not pass, and an ordinary body does."""
    assert is_plain(content) is plain


@pytest.mark.parametrize("name", sorted(STRIPPED_FIELDS))
def test_ways_round_a_watermark_are_refused(name: str) -> None:
    """What the proxy takes out cannot be taken out here."""
    assert not is_plain(json.dumps({name: 1}).encode())
    assert not is_plain(json.dumps({name.upper(): 1}).encode())


def test_fields_that_an_operator_lists() -> None:
    """They are refused as well, whatever the case of their letters."""
    assert is_plain(b'{"logit_bias":{}}')
    assert not is_plain(b'{"Logit_Bias":{}}', "logit_bias")


def test_the_number_of_objects_is_bounded() -> None:
    """A body that is all brackets does not hold the service up."""
    for count, plain in ((MOST_OBJECTS - 1, True), (MOST_OBJECTS, False)):
        assert is_plain(b'{"x_a":[' + b",".join([b"{}"] * count) + b"]}") is plain


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.from_regex(r"x_[a-z]{1,8}", fullmatch=True), JSON, max_size=5))
def test_every_json_object_with_keys_that_stand_once_is_plain(body: dict[str, Any]) -> None:
    """Nothing is refused that has one reading only."""
    assert is_plain(json.dumps(body).encode("utf-8", "surrogatepass"))
