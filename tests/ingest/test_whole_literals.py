"""Tests of expressions that are lists of literals."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.test_necessary_literals import EXPRESSIONS

from cautery.ingest.intents import PHRASES, Intent
from cautery.ingest.literal_automaton import make_automaton
from cautery.ingest.whole_literals import MOST_WHOLE_LITERALS, WholeLiteral, whole_literals


@given(pattern=EXPRESSIONS, texts=st.lists(st.text("abc _é1", max_size=12), max_size=8))
def test_the_list_decides_as_the_engine_does(pattern: str, texts: list[str]) -> None:
    """Wherever an expression can be listed, its literals match what RE2 matches."""
    literals = whole_literals(pattern)
    if literals is None:
        return
    automaton = make_automaton({}, dict.fromkeys(literals, 1))
    array = pa.array([*texts, " ".join(texts)], pa.large_string())
    expected = pc.match_substring_regex(array, pattern=pattern).to_pylist()
    assert [bool(automaton.scan(text.encode())) for text in array.to_pylist()] == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("ab?c", {"ac", "abc"}),
        (r"\b(x|y z)\b", {"x", "y z"}),
        ("[ab]c", {"ac", "bc"}),
        ("a*", None),
        (r"a\d", None),
        (r"a\bb", None),
        ("^a", None),
        ("(?i)a", None),
        ("(?i:a)b", None),
        ("a?", None),
        ("\\\b", None),
        ("[ab]" * 11, None),
    ],
)
def test_what_can_be_listed(pattern: str, expected: set[str] | None) -> None:
    """Alternatives, optional parts and outer boundaries can; repeats, classes and flags cannot."""
    found = whole_literals(pattern)
    assert (None if found is None else {literal.text for literal in found}) == expected


def test_boundaries_are_kept() -> None:
    """Each literal knows at which end it wants a word boundary."""
    found = whole_literals(r"```|\bdef |(rate|score)s?\b")
    scores = ("rate", "rates", "score", "scores")
    assert set(found or ()) == {
        WholeLiteral("```"),
        WholeLiteral("def ", boundary_before=True),
        *(WholeLiteral(text, boundary_after=True) for text in scores),
    }


def test_most_families_can_be_listed() -> None:
    """Three families hold repeats or classes; the others are lists, none of them endless."""
    listed = {intent: whole_literals(pattern) for intent, pattern in PHRASES.items()}
    left = {intent for intent, literals in listed.items() if literals is None}
    assert left == {Intent.REASONING_TRACE, Intent.GRADING, Intent.DATA_MAKING}
    assert all(len(literals) < MOST_WHOLE_LITERALS for literals in listed.values() if literals)
