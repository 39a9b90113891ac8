"""Signed tokens from strangers: bounded, strict, one spelling each."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.guard.authentication.issuers import key_of, sign, token_of

from cautery.guard.authentication.compact_token import (
    LONGEST_TOKEN,
    WrongTokenError,
    base64url,
    check_signature,
    parse_json,
    seconds_at,
    take_apart,
    unbase64,
)


def compact(header: bytes, claims: bytes = b"{}", signature: bytes = b"x") -> bytes:
    """Put three parts together, whatever they are."""
    return b".".join(base64url(part).encode() for part in (header, claims, signature))


@given(st.binary(max_size=60))
def test_base64url_has_one_spelling(value: bytes) -> None:
    """What is encoded is decoded, and padding is another spelling."""
    text = base64url(value)
    if value:
        assert unbase64(text) == value
    with pytest.raises(WrongTokenError):
        unbase64(text + "=")


@pytest.mark.parametrize("text", ["", "A", "AB", "A+A", "AA A", "AAé", "AA\n"])
def test_other_spellings(text: str) -> None:
    """Spare bits, other alphabets and white space are refused."""
    with pytest.raises(WrongTokenError):
        unbase64(text)


@pytest.mark.parametrize(
    ("token", "why"),
    [
        (b"A" * (LONGEST_TOKEN + 1), "too long"),
        (b"", "not three parts"),
        (b"e30.e30", "not three parts"),
        (b"e30.e30.e30.e30.e30", "not three parts"),
        (compact(b"[]"), "not an object"),
        (compact(b"{}"), "no algorithm"),
        (compact(b'{"alg": 1}'), "no algorithm"),
        (compact(b'{"alg":"ES256"}', b"nothing"), "not JSON"),
        (compact(b'{"alg":"ES256"}', b"\xff"), "not JSON"),
        (compact(b'{"alg":"ES256","alg":"none"}'), "a member twice"),
        (compact(b'{"alg":"ES256"}', b'{"sub":"a","sub":"b"}'), "a member twice"),
        (compact(b'{"alg":"ES256"}', b'{"exp":Infinity}'), "a number that JSON does not have"),
        (compact(b'{"alg":"ES256"}', b'{"exp":NaN}'), "a number that JSON does not have"),
        (compact(b'{"alg":"ES256"}', b'{"a":' * 7 + b"1" + b"}" * 7), "JSON too deep"),
        (compact(b'{"alg":"ES256"}', b"[" * 6000), "JSON too deep"),
        (compact(b'{"alg":"ES256","crit":["exp"]}'), "critical extensions"),
        (compact(b'{"alg":"ES256","b64":false}'), "critical extensions"),
    ],
)
def test_what_is_refused_unread(token: bytes, why: str) -> None:
    """Each is refused before any key is looked for."""
    with pytest.raises(WrongTokenError) as refused:
        take_apart(token)
    assert refused.value.why == why


def test_brackets_in_strings_are_not_depth() -> None:
    """A name may hold brackets, and quotation marks that are escaped."""
    document = {"a": '[[[[[[[["\\{{{{{{{{', "b": [1]}
    assert parse_json(json.dumps(document).encode()) == document


@given(st.binary(max_size=300))
def test_any_bytes_are_taken_apart_or_refused(junk: bytes) -> None:
    """No bytes make any other error."""
    for token in (junk, compact(junk, junk)):
        try:
            take_apart(token)
        except WrongTokenError:
            continue


@pytest.mark.parametrize("kind", ["ES256", "ES384", "Ed25519", "RS256"])
def test_any_other_character_is_refused(kind: str) -> None:
    """A token with one character changed, wherever, has no right signature."""
    token = token_of(kind)
    for place in range(0, len(token), 7):
        changed = bytearray(token)
        changed[place] = ord("A") if changed[place] != ord("A") else ord("B")
        with pytest.raises(WrongTokenError):
            check_signature(take_apart(bytes(changed)), key_of(kind), {kind})


def test_the_last_character_has_one_spelling() -> None:
    """The last character of a signature carries spare bits; only one spelling of them counts."""
    token = token_of("ES256")
    right = 0
    alphabet = base64.urlsafe_b64encode(bytes(range(256))).decode()
    for last in sorted(set(alphabet) - {"="}):
        try:
            check_signature(take_apart(token[:-1] + last.encode()), key_of("ES256"), {"ES256"})
            right += 1
        except WrongTokenError:
            continue
    assert right == 1


def test_the_same_key_under_another_algorithm() -> None:
    """A key of one kind does not verify signatures of another."""
    token = take_apart(token_of("RS256"))
    with pytest.raises(WrongTokenError, match="fit"):
        check_signature(token, key_of("ES256"), {"RS256"})


def test_algorithms_that_are_never_taken() -> None:
    """Even if somebody pins them: no signature, or a shared key."""
    token = take_apart(compact(b'{"alg":"none"}'))
    with pytest.raises(WrongTokenError, match="pinned"):
        check_signature(token, key_of("ES256"), {"none", "HS256"})


@pytest.mark.parametrize("value", [None, "1", True, -1, 1e300, 10**400, [1], float("inf")])
def test_what_is_no_time(value: Any) -> None:
    """Times are numbers before the year 10000; a huge one does not overflow."""
    with pytest.raises(WrongTokenError):
        seconds_at({"exp": value}, "exp")


def test_nothing_of_a_token_is_shown() -> None:
    """Neither its claims nor its parts are in its repr."""
    token = take_apart(sign({"alg": "ES256"}, {"sub": "somebody"}, key_of("ES256")))
    assert "somebody" not in repr(token)
    assert base64url(token.signature) not in repr(token)
