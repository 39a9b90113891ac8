"""Tests of reading messages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.ingest.conversation import read_conversation, text_of

USER = {"role": "user", "content": "Hi"}


def test_history_is_hashed_without_system_prompts() -> None:
    """Equal turns before the last one give an equal hash, whatever the system prompt."""
    turns = [USER, {"role": "assistant", "content": "Hello"}, {"role": "user", "content": "More"}]
    plain = read_conversation(turns)
    with_system = read_conversation([{"role": "system", "content": "S"}, *turns])
    in_parts = read_conversation(
        [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}, *turns[1:]]
    )
    assert plain.history_hash is not None
    assert plain.history_hash == with_system.history_hash == in_parts.history_hash
    other = read_conversation([{"role": "user", "content": "Ho"}, *turns[1:]])
    assert other.history_hash != plain.history_hash


def test_turns_do_not_run_together() -> None:
    """The border of two turns is part of the hash."""

    def history(first: str, second: str) -> str | None:
        turns = [{"role": "user", "content": text} for text in (first, second, "end")]
        return read_conversation(turns).history_hash

    assert history("ab", "c") != history("a", "bc")


def test_last_user_turn_is_not_the_last_message() -> None:
    """In a loop of tools the last user turn stays what the person wrote."""
    loop = [
        USER,
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]},
        {"role": "tool", "content": "result"},
    ]
    read = read_conversation(loop)
    assert (read.input_text, read.history_hash, read.message_count) == ("Hi", None, 3)


def test_calls_of_tools_are_part_of_the_history() -> None:
    """Two histories that differ in a call of a tool only are different."""
    hashes = {
        read_conversation(
            [USER, {"role": "assistant", "tool_calls": [{"id": name}]}, {**USER}]
        ).history_hash
        for name in ("a", "b")
    }
    assert len(hashes) == 2


@pytest.mark.parametrize("nothing", [None, "", "{}", "[]", {}, [], 7], ids=repr)
def test_not_logged(nothing: Any) -> None:
    """Messages that were not logged are all missing, not zero."""
    assert set(read_conversation(nothing)) == {None}


def test_images_are_counted() -> None:
    """Images of all three dialects count; their bytes are no text."""
    parts = [
        {"type": "image_url", "image_url": {"url": "data:"}},
        {"type": "input_image", "image_url": "data:"},
        {"type": "image", "source": {"data": "AAAA"}},
        {"type": "blob", "modality": "image", "content": "AAAA"},
        {"type": "text", "text": "four"},
    ]
    read = read_conversation([{"role": "user", "content": parts}])
    assert (read.image_count, read.input_text) == (4, "four")


def test_items_of_the_responses_api() -> None:
    """Items without a role are no user turns."""
    items = [USER, {"type": "function_call", "name": "f"}, {"type": "function_call_output"}]
    assert read_conversation(items).input_text == "Hi"


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "content", "type", "text", "parts", "tool_calls"]), inner
        )
    ),
    max_leaves=8,
)


@given(value=JSON, system=JSON)
def test_any_json_is_harmless(value: Any, system: Any) -> None:
    """No shape of messages raises, and what comes out has the types of the columns."""
    system_text, input_text, history, count, images, carried = read_conversation(value, system)
    assert all(text is None or isinstance(text, str) for text in (system_text, input_text, history))
    assert count is None or count >= 0
    assert images is None or images >= 0
    assert carried is None or all(isinstance(one, int) for one in carried)


def test_depth_is_bounded() -> None:
    """Parts inside parts inside parts end somewhere."""
    nested: Any = "deep"
    for _ in range(1000):
        nested = [nested]
    assert text_of(nested) == ""
