"""Reasoning is told from what is shown, however a text is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.resist.reasoning_text import ReasoningSplitter, split_text, without_tags

ALPHABET = st.sampled_from(["<think>", "</think>", "<THINKING>", "</thinking>", "<", "/", "x", " "])


def split_in(pieces: list[str]) -> tuple[str, str]:
    """Split a text that comes in pieces, and put each side together."""
    splitter = ReasoningSplitter()
    found = [one for piece in pieces for one in splitter.feed(piece)] + splitter.finish()
    return (
        "".join(one.text for one in found if one.is_reasoning),
        "".join(one.text for one in found if not one.is_reasoning),
    )


@given(st.lists(ALPHABET, max_size=12).map("".join), st.integers(1, 5))
def test_cuts_do_not_matter(text: str, length: int) -> None:
    """A text in pieces of any length is split as the whole."""
    pieces = [text[start : start + length] for start in range(0, len(text), length)]
    assert split_in(pieces) == split_in([text])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<think>a</think> b", ("a", "b")),
        ("<think>a</reasoning>b</think>c", ("a</reasoning>b", "c")),
        ("<Think>a</THINK>b", ("a", "b")),
        ("a</think>b", ("a", "b")),
        ("a < b", ("", "a < b")),
        ("<think>a", ("a", "")),
        ("<think>a</thi", ("a</thi", "")),
    ],
)
def test_splits(text: str, expected: tuple[str, str]) -> None:
    """Tags of any case; another name closes nothing; what is not closed stays hidden."""
    assert split_text(text) == expected


@given(st.lists(ALPHABET, max_size=8).map("".join))
def test_no_tag_can_be_put_together(text: str) -> None:
    """What is left without tags has none, not even out of the ends of others."""
    assert split_text("<think>" + without_tags(text) + "</think>x") == (without_tags(text), "x")
    assert without_tags("<thi<think>nk>") == ""
    assert "<" not in without_tags("<thi" * 50 + "nk>" * 50)
