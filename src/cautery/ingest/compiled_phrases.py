"""Phrase families in compiled code, for long logs: what ``intents`` gives, several times faster.

Needs the ``fast`` extra (Numba). One pass finds the families that are lists of literals. Of the
others it finds literals of which every match must hold one; RE2 decides, as in the reference, and
is asked only of texts that hold one.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cautery.ingest.compiled import compiled
from cautery.ingest.intents import PHRASES
from cautery.ingest.literal_automaton import (
    IS_WORD_OF_RE2,
    LiteralAutomaton,
    make_automaton,
)
from cautery.ingest.necessary_literals import necessary_literals
from cautery.ingest.whole_literals import WholeLiteral, whole_literals
from cautery.ingest.word_hashes import text_buffers


class Automaton(NamedTuple):
    """A ``LiteralAutomaton`` as compiled code takes it."""

    byte_class: NDArray[np.uint8]
    next_state: NDArray[np.uint16]
    found: NDArray[np.int64]
    first_ending: NDArray[np.int32]
    endings: NDArray[np.int64]
    is_word: NDArray[np.bool_]
    longest: int


@compiled
def _step(state: Any, byte: Any, automaton: Any) -> Any:
    return np.int64(automaton.next_state[state, automaton.byte_class[byte]])


@compiled
def _boundary(place: Any, text: Any, data: Any, automaton: Any) -> Any:
    before = place > text[0] and automaton.is_word[data[place - 1]]
    after = place < text[1] and automaton.is_word[data[place]]
    return before != after


@compiled
def _ended(state: Any, place: Any, text: Any, data: Any, automaton: Any) -> Any:
    """Bits of the literals that end in a state with the byte at a place, where they may."""
    total = np.int64(0)
    for number in range(automaton.first_ending[state], automaton.first_ending[state + 1]):
        ending = automaton.endings[number]
        start = place + 1 - ending[0]
        if ending[2] and not _boundary(start, text, data, automaton):
            continue
        if ending[3] and not _boundary(place + 1, text, data, automaton):
            continue
        total |= ending[1]
    return total


@compiled
def _literal_bits(data: Any, offsets: Any, automaton: Any, ended: Any, bits: Any) -> None:
    """Four quarters of a text at once, as each step waits for the one before it.

    Every quarter but the first begins one literal early, so that none is cut in two. Where
    literals may have ended is noted first and looked at afterwards: so the loop stays small.
    """
    found, early = automaton.found, automaton.longest
    for number in range(offsets.size - 1):
        start, stop = offsets[number], offsets[number + 1]
        text = (start, stop)
        quarter = (stop - start) // 4
        one, two, three, four = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
        count = 0
        if quarter > early:
            second, third = start + quarter - early, start + 2 * quarter - early
            fourth = start + 3 * quarter - early
            for place in range(quarter + early):
                one = _step(one, data[start + place], automaton)
                two = _step(two, data[second + place], automaton)
                three = _step(three, data[third + place], automaton)
                four = _step(four, data[fourth + place], automaton)
                if found[one] | found[two] | found[three] | found[four]:
                    ended[count] = (one, start + place)
                    ended[count + 1] = (two, second + place)
                    ended[count + 2] = (three, third + place)
                    ended[count + 3] = (four, fourth + place)
                    count += 4
            start = fourth + quarter + early
        for place in range(start, stop):
            four = _step(four, data[place], automaton)
            if found[four]:
                ended[count] = (four, place)
                count += 1
        total = np.int64(0)
        for hit in range(count):
            if found[ended[hit, 0]] & ~total:
                total |= _ended(ended[hit, 0], ended[hit, 1], text, data, automaton)
        bits[number] = total


def literal_bits(texts: pa.LargeStringArray, automaton: LiteralAutomaton) -> NDArray[np.int64]:
    """Find the bits of the literals in every text; the compiled twin of ``scan``.

    Args:
        texts: Texts without nulls.
        automaton: The literals.

    Returns:
        One bit set a text.
    """
    data, offsets = text_buffers(texts)
    bits = np.zeros(len(texts), dtype=np.int64)
    tables = Automaton(
        byte_class=automaton.byte_class,
        next_state=automaton.next_state,
        found=automaton.found,
        first_ending=automaton.first_ending,
        endings=automaton.endings,
        is_word=IS_WORD_OF_RE2,
        longest=automaton.longest,
    )
    longest = int(np.diff(offsets).max(initial=0)) + 4 * (automaton.longest + 1)
    _literal_bits(data, offsets, tables, np.empty((longest, 2), dtype=np.int64), bits)
    return bits


def _phrase_automaton() -> tuple[LiteralAutomaton, dict[int, str]]:
    """Automaton of all families, and those whose bit only says that RE2 has to be asked."""
    bits_of: dict[str, int] = {}
    whole: dict[WholeLiteral, int] = {}
    searched: dict[int, str] = {}
    for intent, pattern in PHRASES.items():
        literals = whole_literals(pattern)
        for literal in literals or ():
            whole[literal] = whole.get(literal, 0) | int(intent)
        if literals is None:
            searched[int(intent)] = pattern
            for text in necessary_literals(pattern) or ("",):
                bits_of[text] = bits_of.get(text, 0) | int(intent)
    return make_automaton(bits_of, whole), searched


_PHRASES: Final = _phrase_automaton()


def phrase_flags(texts: pa.LargeStringArray) -> NDArray[np.int64]:
    """Find the phrase families of folded texts; the compiled twin of ``intents.phrase_flags``.

    Args:
        texts: Lower-cased texts without nulls, of bounded length.

    Returns:
        One bit set a text. RE2 is asked only of families that are more than a list of literals,
        and there only of texts with a literal that every match holds.
    """
    automaton, searched = _PHRASES
    bits = literal_bits(texts, automaton)
    for bit, pattern in searched.items():
        candidates = np.flatnonzero(bits & bit)
        if candidates.size:
            held = pc.match_substring_regex(texts.take(pa.array(candidates)), pattern=pattern)
            bits[candidates[~held.to_numpy(zero_copy_only=False)]] &= ~bit
    return bits
