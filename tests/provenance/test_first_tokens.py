"""First tokens of an endpoint's answer, in both styles, and from endpoints that write nonsense."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.provenance.first_tokens import first_tokens_of

LIKELY = [{"token": " b", "logprob": -2.0}, {"token": " a", "logprob": -0.1, "bytes": [1]}]


@pytest.mark.parametrize(
    "found",
    [
        {"content": [{"token": " a", "top_logprobs": LIKELY}, {"top_logprobs": []}]},
        {"top_logprobs": [{" b": -2.0, " a": -0.1, " c": None}, None], "tokens": [" a"]},
    ],
    ids=["chat", "completions"],
)
def test_both_styles_are_read(found: Any) -> None:
    """The likeliest first, at most as many as were asked for; unasked, none."""
    content = json.dumps(found).encode()
    assert first_tokens_of(content, 5) == (" a", " b")
    assert first_tokens_of(content, 1) == (" a",)
    assert first_tokens_of(content, 0) == ()


@pytest.mark.parametrize(
    "content",
    [
        b"null",
        b"{}",
        b"[]",
        b'{"content": 5}',
        b'{"content": [{"top_logprobs": [{}]}]}',
        b"[" * 9_999,
    ],
    ids=["null", "none", "list", "number", "empty", "deep"],
)
def test_nonsense_gives_none(content: bytes) -> None:
    """It is no error: the text still counts."""
    assert first_tokens_of(content, 5) == ()


@given(st.binary(max_size=64))
def test_any_bytes_are_survived(content: bytes) -> None:
    """Nothing but tokens comes out, and nothing is raised."""
    assert all(isinstance(token, str) for token in first_tokens_of(content, 5))
