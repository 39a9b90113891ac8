"""Tests of reading responses and their token counts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.ingest.answers import read_answer, read_tokens


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        (
            {"prompt_tokens": 20, "completion_tokens": 4, "total_tokens": 24,
             "prompt_tokens_details": {"cached_tokens": 16},
             "completion_tokens_details": {"reasoning_tokens": 1}},
            (20, 4, 16, None, 1),
        ),
        (
            {"input_tokens": 30, "output_tokens": 9, "input_tokens_details": {"cached_tokens": 8},
             "output_tokens_details": {"reasoning_tokens": 7}},
            (30, 9, 8, None, 7),
        ),
        (
            {"input_tokens": 5, "output_tokens": 4, "cache_read_input_tokens": 100,
             "cache_creation_input_tokens": 20},
            (125, 4, 100, 20, None),
        ),
        (
            {"prompt_tokens": 125, "completion_tokens": 4, "cache_read_input_tokens": 100,
             "cache_creation_input_tokens": 20},
            (125, 4, 100, 20, None),
        ),
        ({}, (None, None, None, None, None)),
        ("none", (None, None, None, None, None)),
    ],
    ids=["chat", "responses", "anthropic", "litellm", "empty", "text"],
)  # fmt: skip
def test_input_tokens_include_cached_ones(usage: Any, tokens: tuple[int | None, ...]) -> None:
    """Each convention is brought to ours: all input counts, cached included."""
    assert read_tokens(usage) == tokens


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "message", "content", "output", "usage", "error", "text", "id"]
            ),
            inner,
        )
    ),
    max_leaves=8,
)


@given(value=JSON)
def test_any_json_is_harmless(value: Any) -> None:
    """No shape of a response raises."""
    answer = read_answer(value)
    assert answer.text is None or isinstance(answer.text, str)
    read_tokens(answer.usage)
