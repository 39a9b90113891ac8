"""The final answer is left, and no explanation."""

from __future__ import annotations

import pytest
from tests.resist.answer_cases import CASES, SECRET

from cautery.records.answer import Answer, AnswerChoice
from cautery.resist.defences.answer_only import MEMBER, AnswerOnly


@pytest.mark.parametrize("case", CASES)
def test_nothing_of_the_reasoning_is_left(case: str) -> None:
    """Not in the text, not apart from it, not in the log-probabilities."""
    left = MEMBER.apply(CASES[case], MEMBER.parameters({}))
    assert SECRET.casefold() not in repr(left).casefold()


def test_the_explanation_goes_as_well() -> None:
    """Of an answer with its reasons, the answer is left."""
    left = MEMBER.apply(CASES["several"], MEMBER.parameters({})).choices
    assert [choice.text for choice in left] == ["12.", "12.", "12."]


def test_an_answer_that_is_nothing_else_is_left_alone() -> None:
    """A bare answer keeps its log-probabilities."""
    assert MEMBER.apply(CASES["no reasoning"], MEMBER.parameters({})) == CASES["no reasoning"]


def test_code_is_kept_whole() -> None:
    """Of one block of code among explanations, the block."""
    text = "Here it is:\n```python\nx = 1\n\ny = 2\n```\nIt sets two names."
    left = MEMBER.apply(Answer(choices=(AnswerChoice(text=text),)), MEMBER.parameters({}))
    assert left.choices[0].text == "```python\nx = 1\n\ny = 2\n```"


def test_of_a_text_that_is_longer_than_is_held_nothing_is_left() -> None:
    """Memory is bounded; whoever wants to know is told, once."""
    told: list[int] = []
    defence = AnswerOnly(most_held=5, overrun=lambda: told.append(1))
    assert defence.apply(Answer(choices=(AnswerChoice(text="12345"),)), None).choices[0].text
    stream = defence.open_stream(None)
    assert "".join(map(stream.feed, "The answer is 4.")) + stream.finish() == ""
    assert len(told) == 1
