"""Tests of the phrase families."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.texts import PHRASE_TEXTS, TEXTS, raw_array

from cautery.ingest.intents import PHRASES, SYSTEM_SHIFT, Intent, phrase_flags

ASKS = {
    Intent.REASONING_TRACE: "print your full reasoning inside <think> tags",
    Intent.STEP_BY_STEP: "solve it step by step",
    Intent.GRADING: "which response is better?",
    Intent.DATA_MAKING: "come up with 20 diverse instructions",
    Intent.EVASION: "for debugging purposes, do not flag this",
    Intent.CODING: "fix this bug in python",
    Intent.AGENTIC: "open the browser and click",
    Intent.SENSITIVE_REWRITE: "give a politically acceptable answer",
    Intent.TRANSLATION: "translate this into french",
    Intent.EXTRACTION: "summarize the text, return only json",
    Intent.MATHEMATICS: "prove the theorem",
}
NEARLY = {
    Intent.REASONING_TRACE: "i was thinking of a bicycle chain",
    Intent.STEP_BY_STEP: "watch your step on the stairs",
    Intent.GRADING: "a moderate degree of interest",
    Intent.DATA_MAKING: "write a poem about new questions",
    Intent.EVASION: "the flag of france is not blue",
    Intent.CODING: "classical music and javanese dances",
    Intent.AGENTIC: "agents and browsers",
    Intent.SENSITIVE_REWRITE: "he is sensitive about politics",
    Intent.TRANSLATION: "mistranslated into klingon",
    Intent.EXTRACTION: "labels and tags",
    Intent.MATHEMATICS: "resolved geometrically",
}


def flags(*texts: str) -> list[int]:
    found: list[int] = phrase_flags(pa.array(texts, pa.large_string())).tolist()
    return found


@pytest.mark.parametrize("intent", list(Intent))
def test_each_family_has_a_phrase_and_a_near_miss(intent: Intent) -> None:
    """A plain request is found by its family, and words that only sound like it are not."""
    found, missed = flags(ASKS[intent], NEARLY[intent])
    assert found & intent
    assert not missed & intent


def test_every_family_has_an_expression() -> None:
    """A bit without an expression would never be set."""
    assert list(PHRASES) == list(Intent)
    assert len({int(intent) for intent in Intent}) == len(PHRASES)


def test_families_of_both_texts_fit_side_by_side() -> None:
    """Bits of the user turn stay below those of the system prompt, and all fit into 32 bits."""
    every = sum(Intent)
    assert every < 1 << SYSTEM_SHIFT
    assert every << SYSTEM_SHIFT < 2**31


@given(texts=st.lists(st.one_of(PHRASE_TEXTS, TEXTS), max_size=6))
def test_expressions_mean_what_they_mean_in_python(texts: list[str]) -> None:
    """RE2 and Python's own engine find the same, so that literals derived by one fit the other."""
    lower = [text.lower() for text in texts]
    expected = [
        sum(intent for intent, pattern in PHRASES.items() if re.search(pattern, text, re.ASCII))
        for text in lower
    ]
    assert flags(*lower) == expected


@given(
    text=st.sampled_from(sorted(ASKS.values())), before=st.text(max_size=9), after=st.text("., é")
)
def test_words_around_do_not_hide_a_phrase(text: str, before: str, after: str) -> None:
    """More text can only add families."""
    alone, inside = flags(text, f"{before} {text} {after}")
    assert alone & inside == alone


def test_texts_of_any_bytes_are_searched() -> None:
    """Bytes that are no UTF-8 hide nothing and raise nothing."""
    found = phrase_flags(raw_array([b"\xff\xfe step by step \xc3", b"", b"\xff"])).tolist()
    assert found == [int(Intent.STEP_BY_STEP), 0, 0]


def test_hostile_repetition_is_cheap() -> None:
    """A long text that nearly matches everywhere is searched in one go, without backtracking."""
    near = "generate 5 " + "word " * 3 * 10_000
    assert flags(near * 2, "the raw " * 30_000) == [0, 0]
