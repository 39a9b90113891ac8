"""The final answer is found where texts put it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.resist.final_answers import final_answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"So \boxed{\frac{1}{2}} it is.", r"\frac{1}{2}"),
        (r"Cut off: \boxed{1", r"Cut off: \boxed{1"),
        ("5 apples\n#### 18\n", "18"),
        ("Why.\n\n**Answer:** B\nBecause.", "B"),
        ("The answer is 7.\nNo, the answer is 8.", "8."),
        ("Why.\n\nIt is blue.\nAnd red.", "It is blue.\nAnd red."),
        ("see\n```\na\n\nb\n```\nok", "```\na\n\nb\n```"),
        ("blue", "blue"),
        ("", ""),
    ],
)
def test_found(text: str, answer: str) -> None:
    """Boxes, hashes, words, code, and the last paragraph."""
    assert final_answer(text) == answer


@given(st.text(max_size=80))
def test_part_of_the_text(text: str) -> None:
    """Nothing is made up: the answer stands in the text, up to the ends of its lines."""
    lines = [line.strip() for line in final_answer(text).splitlines()]
    assert all(line in text for line in lines)
