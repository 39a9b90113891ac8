"""Tests of the automaton that finds literals."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.texts import FRAGMENTS, PHRASE_TEXTS

from cautery.ingest.literal_automaton import make_automaton

LITERALS = st.one_of(
    st.text("ab", min_size=1, max_size=5),
    st.text("abé語😀", min_size=1, max_size=4),
    st.sampled_from(FRAGMENTS),
)
BITS = st.integers(1, 2**62)
BOOKS = st.dictionaries(LITERALS, BITS, max_size=12)
READ_TEXTS = st.one_of(
    st.text("ab", max_size=30), st.text("abé語😀 ", max_size=20), PHRASE_TEXTS, st.text(max_size=20)
)


def naive(bits_of: dict[str, int], text: bytes) -> int:
    """The bits by a search for each literal."""
    total = 0
    for literal, bits in bits_of.items():
        total |= bits if literal.encode() in text else 0
    return total


@given(bits_of=BOOKS, text=READ_TEXTS)
def test_it_finds_what_is_in_the_text(bits_of: dict[str, int], text: str) -> None:
    """One pass finds the literals that a search for each would find, overlapping ones included."""
    raw = text.encode()
    assert make_automaton(bits_of).scan(raw) == naive(bits_of, raw)


@given(bits_of=BOOKS, text=st.binary(max_size=30))
def test_it_takes_any_bytes(bits_of: dict[str, int], text: bytes) -> None:
    """Bytes that are no UTF-8, and halves of its characters, are passed over."""
    assert make_automaton(bits_of).scan(text) == naive(bits_of, text)


@given(bits_of=BOOKS, left=READ_TEXTS, right=READ_TEXTS)
def test_a_suffix_of_a_longer_start_is_found(
    bits_of: dict[str, int], left: str, right: str
) -> None:
    """A literal that ends inside the failed start of another is not passed over."""
    longer = {f"{left}{literal}{right}": bits for literal, bits in bits_of.items()}
    both = {**longer, **bits_of}
    for literal in bits_of:
        text = f"{left}{literal}{right[:-1]}".encode()
        assert make_automaton(both).scan(text) == naive(both, text)


def test_no_literals() -> None:
    """An empty automaton finds nothing in anything."""
    assert make_automaton({}).scan(b"anything") == 0
    assert make_automaton({"a": 1}).scan(b"") == 0


@given(bits_of=BOOKS)
def test_tables_stay_inside_themselves(bits_of: dict[str, int]) -> None:
    """Every state and class that the tables name is in them: compiled code does not check."""
    automaton = make_automaton(bits_of)
    states, classes = automaton.next_state.shape
    assert automaton.found.shape == (states,)
    assert automaton.byte_class.shape == (256,)
    assert int(automaton.byte_class.max()) < classes
    assert int(automaton.next_state.max()) < states
    assert automaton.found.dtype == np.int64


@given(bits_of=BOOKS, seed=st.randoms())
def test_the_order_of_literals_does_not_count(bits_of: dict[str, int], seed: object) -> None:
    """The same literals in any order find the same."""
    names = list(bits_of)
    seed.shuffle(names)  # type: ignore[attr-defined]
    text = " ".join(sorted(names)).encode() + b"abba"
    shuffled = make_automaton({name: bits_of[name] for name in names})
    assert shuffled.scan(text) == make_automaton(bits_of).scan(text)
