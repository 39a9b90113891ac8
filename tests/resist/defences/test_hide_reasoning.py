"""Hidden reasoning is nowhere in an answer."""

from __future__ import annotations

import pytest
from tests.resist.answer_cases import CASES, SECRET

from cautery.records.answer import Answer, AnswerChoice
from cautery.resist.defences.hide_reasoning import MEMBER


@pytest.mark.parametrize("case", CASES)
def test_no_word_of_it_is_left(case: str) -> None:
    """Not in the text, not apart from it, not in the log-probabilities."""
    left = MEMBER.apply(CASES[case], MEMBER.parameters({}))
    assert SECRET.casefold() not in repr(left).casefold()


def test_the_answer_is_kept_and_shown_as_it_comes() -> None:
    """What is shown is shown at once, without the blanks before it."""
    stream = MEMBER.open_stream(MEMBER.parameters({}))
    pieces = ["<thi", "nk>7*6", " is 42</th", "ink>\n\n", "It is", " 42.", " <b"]
    assert [stream.feed(piece) for piece in pieces] == ["", "", "", "", "It is", " 42.", " <b"]
    assert stream.finish() == ""


def test_texts_that_begin_inside() -> None:
    """A chat template may have opened the reasoning: whole texts tell, streams are told."""
    answer = Answer(choices=(AnswerChoice(text="7*6</think>42"),))
    assert MEMBER.apply(answer, MEMBER.parameters({})).choices[0].text == "42"
    stream = MEMBER.open_stream(MEMBER.parameters({"begins_inside": True}))
    assert stream.feed("7*6</think>42") == "42"


def test_what_has_no_reasoning_is_left_alone() -> None:
    """Log-probabilities stay where nothing was hidden: they are another defence's matter."""
    assert MEMBER.apply(CASES["no reasoning"], MEMBER.parameters({})) == CASES["no reasoning"]
