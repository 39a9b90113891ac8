"""Keyed fingerprints of a text."""

from __future__ import annotations

import random
import secrets

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cautery.ledger.fingerprints import (
    RUN_WORDS,
    WINDOW_RUNS,
    commitment,
    fingerprints,
    words_of,
)
from cautery.records.key import Secret

KEY = Secret(secrets.token_bytes(32))
vocabularies = st.lists(st.sampled_from("abcdefghij"), min_size=0, max_size=60)


def text_of(draw: random.Random, words: int) -> str:
    """A text of words that nobody else has."""
    return " ".join(f"w{draw.getrandbits(40)}" for _ in range(words))


@given(vocabularies, vocabularies, vocabularies)
def test_a_long_enough_shared_run_is_always_found(
    shared: list[str], before: list[str], after: list[str]
) -> None:
    """Two texts that share a run of window plus run words share a fingerprint: the guarantee."""
    if len(shared) < RUN_WORDS + WINDOW_RUNS - 1:
        return
    one = fingerprints(" ".join([*before, *shared]), KEY)
    other = fingerprints(" ".join([*shared, *after]), KEY)
    assert len(np.intersect1d(one, other)) > 0


@given(st.text(max_size=300))
def test_any_text_has_sorted_distinct_fingerprints(text: str) -> None:
    """Whatever the characters, fingerprints are ascending, distinct, and the same each time."""
    marks = fingerprints(text, KEY)
    assert np.all(marks[1:] > marks[:-1])
    assert np.array_equal(marks, fingerprints(text, KEY))
    assert (len(marks) > 0) == (len(words_of(text)) >= RUN_WORDS)


def test_lone_surrogates_are_taken() -> None:
    """Text that is not valid Unicode is fingerprinted like any other."""
    assert len(fingerprints("a b c \ud800 e f g h", KEY)) > 0
    assert len(commitment("\ud800", KEY)) == 32


def test_case_space_and_punctuation_do_not_count() -> None:
    """The same words in another dress have the same fingerprints, and another commitment."""
    plain, dressed = "one two three four five six", "One,  two; THREE\nfour (five) six!"
    assert np.array_equal(fingerprints(plain, KEY), fingerprints(dressed, KEY))
    assert commitment(plain, KEY) != commitment(dressed, KEY)


def test_another_key_gives_other_fingerprints() -> None:
    """Under another key nothing of a text is found: a destroyed key destroys its epoch."""
    text = text_of(random.Random(1), 400)
    other = Secret(secrets.token_bytes(32))
    assert len(np.intersect1d(fingerprints(text, KEY), fingerprints(text, other))) == 0
    assert commitment(text, KEY) != commitment(text, other)


def test_two_of_five_runs_are_kept() -> None:
    """Winnowing keeps about 2 / (window + 1) of the runs of a text without repetition."""
    marks = fingerprints(text_of(random.Random(2), 20_000), KEY)
    assert abs(len(marks) / 20_000 - 2 / (WINDOW_RUNS + 1)) < 0.02


def test_scripts_without_spaces() -> None:
    """A piece of a Chinese text shares fingerprints with the whole."""
    draw = random.Random(3)
    text = "".join(chr(0x4E00 + draw.randrange(3_000)) for _ in range(200))
    assert len(np.intersect1d(fingerprints(text, KEY), fingerprints(text[50:90], KEY))) >= 10
