"""Reasoning between tags, taken out of a text as it comes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.guard.hidden_reasoning import ReasoningFilter, without_reasoning

TEXT = "a < b <think>secret < plan</think>\n shown <t <thinking>secret</thinking>end"


@given(st.lists(st.integers(0, len(TEXT)), max_size=20))
def test_any_pieces_hide_the_same(cuts: list[int]) -> None:
    """However a text is cut, what is shown is the same and has no reasoning."""
    shown, start, visible = ReasoningFilter(), 0, ""
    for end in [*sorted(cuts), len(TEXT)]:
        visible += shown.feed(TEXT[start:end])
        start = end
    assert visible + shown.finish() == "a < b shown <t end"


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("plain", "plain"),
        ("ends with <thi", "ends with <thi"),
        ("<think>never closed", ""),
        ("it began before</think>\n\nshown", "shown"),
        ("<think>secret</reasoning>secret</think>shown", "shown"),
        ("<Think>secret</THINK>shown", "shown"),
    ],
)
def test_whole_texts(text: str, visible: str) -> None:
    """What is never closed stays hidden, whatever the case or another tag that closes."""
    assert without_reasoning(text) == visible


def test_begins_inside() -> None:
    """Of models whose template opens the reasoning nothing is shown before its end."""
    shown = ReasoningFilter(begins_inside=True)
    assert [shown.feed("secret"), shown.feed("</think>"), shown.feed("ok")] == ["", "", "ok"]
