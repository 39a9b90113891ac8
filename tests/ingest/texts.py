"""Texts for tests of the sketches: short and long, in any script, with and without words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from cautery.ingest.intents import PHRASES

FRAGMENTS = sorted(
    {piece for pattern in PHRASES.values() for piece in re.split(r"[()|?\\{}]+", pattern) if piece}
    | {"```", "[[a]]", "c++", "5", "the ", "a ", " ", "s ", "  "}
)
"""Pieces of the phrases' expressions: what nearly matches, or does."""


def long_text(count: int, step: int) -> str:
    """Write a text of many different words; every sixth of its shingles is sampled."""
    return " ".join(f"w{number * step}" for number in range(count))


LONG_TEXTS = st.builds(long_text, st.integers(0, 900), st.integers(1, 10**6))
WORDLESS_TEXTS = st.text(" \t\n.,;:-_!?()[]{}'\"\0", max_size=20)
FEW_WORDS = st.lists(st.sampled_from("a b ab 1 é - a_b".split()), max_size=30).map(" ".join)
PHRASE_TEXTS = st.lists(st.sampled_from(FRAGMENTS), max_size=8).map("".join)
TEXTS = st.one_of(st.text(max_size=60), FEW_WORDS, WORDLESS_TEXTS, LONG_TEXTS, PHRASE_TEXTS)
RAW_TEXTS = st.one_of(st.binary(max_size=60), TEXTS.map(str.encode))
"""Also bytes that are no UTF-8."""


def raw_array(texts: Sequence[bytes]) -> Any:
    """Make an array of texts of any bytes."""
    return pa.array(texts, pa.large_binary()).view(pa.large_string())


@st.composite
def text_arrays(draw: st.DrawFn, texts: st.SearchStrategy[bytes] = RAW_TEXTS) -> Any:
    """Draw an array of texts, or a slice of one."""
    whole = raw_array(draw(st.lists(texts, max_size=8)))
    start = draw(st.integers(0, len(whole)))
    return whole.slice(start, draw(st.integers(0, len(whole) - start)))


def texts_of(array: Any) -> list[bytes]:
    """List the texts of an array as bytes."""
    texts: list[bytes] = array.view(pa.large_binary()).to_pylist()
    return texts
