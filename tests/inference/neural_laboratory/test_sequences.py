"""What a network reads is what the lesson says, and what it wrote is read back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cautery.inference.neural_laboratory.sequences import (
    END,
    NUMBER,
    THINK,
    THOUGHT,
    TOKENS,
    UNKNOWN,
    number_written,
    question_tokens,
    sequences_of,
    word_tokens,
)
from cautery.records.answer import AnswerChoice, TokenChance
from cautery.resist.laboratory.adding_teacher import AddingTeacher
from cautery.resist.laboratory.addition import draw_questions, parts_of
from cautery.resist.laboratory.harvest import harvest
from cautery.resist.laboratory.roles import Lesson, Question
from cautery.resist.plans import Plan

SUM = Question(first=47, second=85, digits=2)


def shown(row: list[int]) -> str:
    """Write tokens out."""
    return " ".join(TOKENS[token] for token in row)


def lesson(text: str, weight: float = 1.0) -> Lesson:
    """A lesson of a text without log-probabilities."""
    return Lesson(question=SUM, choice=AnswerChoice(text=text), weight=weight)


def test_every_word_of_the_teacher_has_a_number() -> None:
    """Nothing that it writes is unknown, and there and back is the same."""
    for few in harvest(AddingTeacher(), Plan(), draw_questions(100, [1]), [2], 1):
        words, digits = parts_of(few[0].choice.text, "")
        tokens = word_tokens([*words, *digits])
        assert UNKNOWN not in tokens
        assert [TOKENS[token] for token in tokens] == [*words, *digits]


def test_a_lesson_with_working() -> None:
    """Question, working in tags, digits, end; only what comes behind the question is learnt."""
    read = sequences_of(
        [lesson("<think>7 and 5 with 0 is 12.</think>132")],
        uses_working=True,
        from_the_right=False,
    )
    assert shown(read.tokens[0].tolist()) == (
        "4 7 + 8 5 = <think> 7 and 5 with 0 is 12 . </think> 1 3 2 <end>"
    )
    assert read.learnt[0].tolist() == [False] * 6 + [True] * 14


def test_answers_turned_round_without_working() -> None:
    """A short text is padded; an answer of another length, or none, is not learnt."""
    read = sequences_of(
        [lesson("<think>7 and 5.</think>132"), lesson("99999", 0.5), lesson("")],
        uses_working=False,
        from_the_right=True,
    )
    asked = "4 7 + 8 5 = </think>"
    assert shown(read.tokens[0].tolist()) == f"{asked} 2 3 1 <end>"
    assert shown(read.tokens[1].tolist()).startswith(f"{asked} <padding>")
    assert read.learnt.sum(axis=1).tolist() == [5, 1, 1]
    assert read.weights.tolist() == [1.0, 0.5, 1.0]


def test_words_from_elsewhere_are_unknown() -> None:
    """A text that nobody expected is a lesson too, and no longer than there is room."""
    read = sequences_of(
        [lesson("<think>" + "whatever 1234 " * 200 + "</think>132")],
        uses_working=True,
        from_the_right=False,
    )
    assert UNKNOWN in read.tokens[0]
    assert read.tokens.shape[1] <= 96


def test_log_probabilities_become_soft_labels() -> None:
    """Where a word was not certain, at its place; not if they spell another text."""
    chances = [
        TokenChance(token="this", log_chance=-0.7, others=(("7", -0.7),)),
        *(TokenChance(token=one, log_chance=0.0) for one in ["gives", "2", ".", "1", "3", "2"]),
    ]
    for text, rows in (("<think>this gives 2.</think>132", 2), ("<think>7.</think>132", 0)):
        choice = AnswerChoice(text=text, token_chances=tuple(chances))
        read = sequences_of(
            [Lesson(question=SUM, choice=choice)], uses_working=True, from_the_right=False
        )
        assert len(read.soft.text) == rows
    assert read.tokens[0, 7] == NUMBER["7"]


@given(number=st.integers(0, 9999), turned=st.booleans(), working=st.booleans())
def test_numbers_are_read_back(number: int, turned: bool, working: bool) -> None:
    """Whatever number a network writes, in either order."""
    digits = f"{number:04d}"
    written = [NUMBER[one] for one in (reversed(digits) if turned else digits)]
    text = [*([THINK, NUMBER["7"]] if working else []), THOUGHT, *written, END, 0, 0]
    assert number_written(text, from_the_right=turned) == number


def test_what_is_no_number() -> None:
    """No end of thought, nothing behind it, and words or two digits in one are no answer."""
    for text in (
        [NUMBER["7"], END],
        [THOUGHT, END],
        [THOUGHT, NUMBER["and"]],
        [THOUGHT, NUMBER["07"]],
    ):
        assert number_written(text, from_the_right=False) is None


def test_a_question_is_written_in_full() -> None:
    """Zeros in front are written."""
    assert shown(question_tokens(Question(first=7, second=12, digits=3))) == "0 0 7 + 0 1 2 ="
