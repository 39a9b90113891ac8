"""Tests of the literals that an expression cannot match without."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cautery.ingest.intents import PHRASES, Intent
from cautery.ingest.necessary_literals import MOST_LITERALS, necessary_literals

PIECES = st.sampled_from(
    [
        "a",
        "b",
        "ab",
        "c c",
        "é",
        "[ab]",
        "[abc]",
        "[^a]",
        "[a-c]",
        r"\w",
        r"\d",
        ".",
        r"\b",
        "^",
        "$",
    ]
)
REPEATS = st.sampled_from(["?", "*", "+", "{2}", "{0,2}", "{1,3}", "??", "+?"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(st.one_of(inner, st.just("")), min_size=2, max_size=3).map(
            lambda branches: f"({'|'.join(branches)})"
        ),
        st.tuples(inner, REPEATS).map(lambda parts: f"(?:{parts[0]}){parts[1]}"),
    )


EXPRESSIONS = st.recursive(PIECES, _larger, max_leaves=10)


def needed(pattern: str) -> set[str] | None:
    found = necessary_literals(pattern)
    return None if found is None else set(found)


@settings(max_examples=40)
@pytest.mark.parametrize("intent", list(Intent))
@given(data=st.data())
def test_every_match_of_a_family_holds_a_literal(intent: Intent, data: st.DataObject) -> None:
    """Whatever a phrase family's expression matches, in whatever text, holds a literal of it."""
    literals = necessary_literals(PHRASES[intent])
    assert literals
    text = data.draw(st.from_regex(PHRASES[intent]))
    assert any(literal in text for literal in literals)
    # The same through the engine that searches the logs, which knows another \w.
    plain = data.draw(st.from_regex(PHRASES[intent], alphabet=st.characters(max_codepoint=126)))
    found = pc.match_substring_regex(pa.array([plain, text]), pattern=PHRASES[intent]).to_pylist()
    assert found[0]
    assert any(literal in plain for literal in literals)


@pytest.mark.parametrize("intent", list(Intent))
def test_literals_of_a_family_are_few_and_bare(intent: Intent) -> None:
    """Each is at least two bytes long, in lower case, and none holds another."""
    literals = necessary_literals(PHRASES[intent])
    assert literals is not None
    assert len(literals) < MOST_LITERALS
    for literal in literals:
        assert len(literal) >= 2
        assert literal == literal.lower()
        assert not any(other in literal for other in literals - {literal})


@settings(max_examples=300)
@given(data=st.data(), pattern=EXPRESSIONS)
def test_every_match_of_any_expression_holds_a_literal(data: st.DataObject, pattern: str) -> None:
    """Classes, branches, repeats and what they hold never make a literal that a match lacks."""
    literals = necessary_literals(pattern)
    if literals is None:
        return
    assert literals
    assert "" not in literals
    assert len(literals) <= MOST_LITERALS
    match = re.search(pattern, data.draw(st.from_regex(pattern)))
    assert match is not None
    assert any(literal in match[0] for literal in literals)


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        ("abc", {"abc"}),
        ("a[bc]d?", {"ab", "ac"}),
        ("(cat|dog)s?", {"cat", "dog"}),
        (r"\bbug\b", {"bug"}),
        (r"(\w+ ){0,3}pairs?", {"pair"}),
        (r"ten \d+ thousand", {" thousand"}),
        (r"(one \d|two)", {"one ", "two"}),
        ("(ab+c)+", {"a"}),
        ("(xyz)+", {"xyz"}),
        (r"\[\[[ab]\]\]", {"[[a]]", "[[b]]"}),
        ("été", {"été"}),
    ],
)
def test_what_is_found(pattern: str, literals: set[str]) -> None:
    """The longest part that every match holds is chosen, and no more than that part."""
    assert needed(pattern) == literals


@pytest.mark.parametrize(
    "pattern",
    ["", r"\w+", "a?", "a*", "(cat|)", r"(cat|\d)", "[^a]", "[a-z]", ".", r"\b", "(a|b)*"],
)
def test_nothing_to_be_found(pattern: str) -> None:
    """An expression that matches without any fixed letter has no literals, not a wrong one."""
    assert necessary_literals(pattern) is None


@pytest.mark.parametrize("pattern", ["(?i)cat", "(?i:cat)", "a(?i:b)*", "(?i)c[a]t|dog"])
def test_letters_of_either_case_are_no_literals(pattern: str) -> None:
    """Where case is ignored, a match need not hold the letters that were written."""
    literals = necessary_literals(pattern) or {""}
    text = "CAT" if "c" in pattern else "aB"
    assert re.search(pattern, text)
    assert any(literal in text for literal in literals)


def test_too_many_literals_are_cut() -> None:
    """Long rows of classes keep one part, whose literals are few enough to list."""
    literals = necessary_literals("[abcdefgh]" * 9)
    assert literals is not None
    assert len(literals) <= MOST_LITERALS
    assert any(literal in "abcdefgha" for literal in literals)
    many = "|".join(f"{chr(0x4E00 + number)}x" for number in range(MOST_LITERALS + 1))
    assert necessary_literals(many) is None
