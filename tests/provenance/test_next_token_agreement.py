"""Agreement of next tokens: compared as text, on prompts that all models answered."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.errors import InputError
from cautery.provenance.next_token_agreement import (
    FEWEST_PROMPTS,
    FIRST_WORDS,
    LIKELIEST_TOKENS,
    AnsweredModel,
    FirstTokens,
    compare,
    first_word,
    overlap,
)

COUNT = FEWEST_PROMPTS + 10


def model(name: str, texts: list[str], **more: str) -> AnsweredModel:
    """A model that gave these answers, from which empty ones are left out."""
    answers = {f"p{n}": FirstTokens(text=text) for n, text in enumerate(texts) if text}
    return AnsweredModel(name=name, answers=answers, **more)


def listing(name: str, row: tuple[str, ...], tokenizer: str, text: str = "") -> AnsweredModel:
    """A model that gives the same likeliest tokens at every prompt."""
    answer = FirstTokens(text=text, likeliest=row)
    answers = dict.fromkeys((f"p{n}" for n in range(COUNT)), answer)
    return AnsweredModel(name=name, answers=answers, tokenizer=tokenizer)


@given(st.permutations(range(4)), st.permutations(range(4)))
def test_overlap_is_a_similarity(first: list[int], second: list[int]) -> None:
    """It is symmetric, from 0 to 1, and 1 for one ranking twice only."""
    rows = np.array([first]), np.array([second])
    score = float(overlap(*rows)[0])
    assert score == float(overlap(*rows[::-1])[0])
    assert 0.0 < score <= 1.0
    assert (score == 1.0) == (first == second)


@pytest.mark.parametrize(
    ("text", "word"),
    [(" Paris is", "Paris"), ("\n\n(a)", "("), ("cafe\u0301s", "caf\u00e9s"), ("  ", ""), ("", "")],
    ids=["space", "mark", "composed", "blank", "empty"],
)
def test_a_first_word(text: str, word: str) -> None:
    """Space before it does not count, nor how its letters are spelled."""
    assert first_word(text) == word


def test_words_do_not_depend_on_tokens() -> None:
    """Models with different tokenizers are compared by first words, and the report says so."""
    words = ["Paris, yes", *["no"] * (COUNT - 1)]
    found = compare([model("a", words, tokenizer="x"), model("b", words, tokenizer="y")])
    assert found.basis == FIRST_WORDS
    assert found.score(0, 1).tolist() == [1.0] * COUNT
    assert any("the tokenizers differ" in note for note in found.notes)


def test_lists_of_one_tokenizer_are_ranked() -> None:
    """The likeliest tokens count, whatever sign stands for the space; of the shortest length."""
    long, short = (" a", " b", " c"), ("\u0120b", "\u0120a")
    found = compare([listing("a", long, "x"), listing("b", short, "x")])
    assert found.basis == LIKELIEST_TOKENS
    assert found.codes.shape == (2, COUNT, 2)
    assert set(found.score(0, 1).tolist()) == {0.5}


def test_lists_of_two_tokenizers_are_not() -> None:
    """With text the first words are compared; without, that is refused."""
    found = compare([listing("a", ("x",), "1", "yes"), listing("b", ("x",), "2", "no")])
    assert (found.basis, set(found.score(0, 1).tolist())) == (FIRST_WORDS, {0.0})
    with pytest.raises(InputError, match="tokens cannot be compared"):
        compare([listing("a", ("x",), "1", "yes"), listing("b", ("x",), "2")])


def test_empty_answers_do_not_count() -> None:
    """A prompt that one model left empty is compared of none."""
    whole = ["yes"] * COUNT
    found = compare([model("a", whole), model("b", ["", *whole[1:]])])
    assert len(found.prompt_ids) == COUNT - 1
    assert any(f"{COUNT - 1} of {COUNT} prompts" in note for note in found.notes)
    with pytest.raises(InputError, match="only 9 prompts"):
        compare([model("a", whole), model("b", ["yes"] * 9)])


def test_one_prompt_counts_once() -> None:
    """However often it was asked; and one id is one prompt."""

    def asked(name: str, *prompts: str) -> AnsweredModel:
        answers = {f"p{n}": FirstTokens(text="x", prompt=one) for n, one in enumerate(prompts)}
        return AnsweredModel(name=name, answers=answers)

    different = [f"q{n}" for n in range(FEWEST_PROMPTS)]
    pair = [asked(name, *different, "q0", "q1") for name in "ab"]
    assert len(compare(pair).prompt_ids) == FEWEST_PROMPTS
    with pytest.raises(InputError, match="different things under the id 'p0'"):
        compare([pair[0], asked("c", "other", *different[1:])])
    with pytest.raises(InputError, match="two models have this name"):
        compare([pair[0], pair[0]])
