"""YAML: a reader of the language gives back what was written, whatever is in it."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from cautery.intel.yaml_text import document

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(TEXTS, st.integers(-(10**9), 10**9), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)


@given(value=st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4))
def test_it_is_read_back(value: dict[str, Any]) -> None:
    """PyYAML reads the same value, in the same order, from ASCII."""
    text = document(value)
    assert text.isascii()
    read = yaml.safe_load(text)
    assert read == value
    assert list(read) == list(value)


def test_words_of_the_language_are_texts() -> None:
    """Texts that mean something to YAML stay texts, as values and as keys."""
    words = {"no": "no", "2026-10-03": "2026-10-03", "null": "~", "true": "&a *a", "1": "0x1"}
    assert yaml.safe_load(document(words)) == words


def test_half_a_surrogate_pair_is_replaced() -> None:
    """What is no character is written as the replacement character."""
    assert yaml.safe_load(document({"a": "x\ud800"})) == {"a": "x\ufffd"}
