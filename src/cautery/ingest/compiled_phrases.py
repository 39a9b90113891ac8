"""Phrase families in compiled code, for long logs: what ``intents`` gives, several times faster.

Needs the ``fast`` extra (Numba). One pass looks for literals of which every match must hold one;
RE2 decides, as it does in the reference, and is asked only of texts that hold one.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cautery.ingest.compiled import compiled
from cautery.ingest.intents import PHRASES
from cautery.ingest.literal_automaton import LiteralAutomaton, make_automaton
from cautery.ingest.necessary_literals import necessary_literals
from cautery.ingest.word_hashes import text_buffers


class Automaton(NamedTuple):
    """A ``LiteralAutomaton`` as compiled code takes it."""

    byte_class: NDArray[np.uint8]
    next_state: NDArray[np.uint16]
    found: NDArray[np.int64]
    longest: int


@compiled
def _step(state: Any, byte: Any, automaton: Any) -> Any:
    return np.int64(automaton.next_state[state, automaton.byte_class[byte]])


@compiled
def _literal_bits(data: Any, offsets: Any, automaton: Any, bits: Any) -> None:
    """Four quarters of a text at once, as each step waits for the one before it.

    Every quarter but the first begins one literal early, so that none is cut in two.
    """
    for text in range(offsets.size - 1):
        start, stop = offsets[text], offsets[text + 1]
        quarter = (stop - start) // 4
        one, two, three, four = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
        total = np.int64(0)
        early = automaton.longest
        if quarter > early:
            second, third = start + quarter - early, start + 2 * quarter - early
            fourth = start + 3 * quarter - early
            for place in range(quarter + early):
                one = _step(one, data[start + place], automaton)
                two = _step(two, data[second + place], automaton)
                three = _step(three, data[third + place], automaton)
                four = _step(four, data[fourth + place], automaton)
                total |= automaton.found[one] | automaton.found[two]
                total |= automaton.found[three] | automaton.found[four]
            start = fourth + quarter + early
        for place in range(start, stop):
            four = _step(four, data[place], automaton)
            total |= automaton.found[four]
        bits[text] = total


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
        automaton.byte_class, automaton.next_state, automaton.found, automaton.longest
    )
    _literal_bits(data, offsets, tables, bits)
    return bits


def _phrase_automaton() -> tuple[LiteralAutomaton, int]:
    """Automaton of the families that have necessary literals, and the bits of the others."""
    bits_of: dict[str, int] = {}
    always = 0
    for intent, pattern in PHRASES.items():
        literals = necessary_literals(pattern)
        if literals is None:
            always |= int(intent)
        for literal in literals or ():
            bits_of[literal] = bits_of.get(literal, 0) | int(intent)
    return make_automaton(bits_of), always


_PHRASES: Final = _phrase_automaton()


def phrase_flags(texts: pa.LargeStringArray) -> NDArray[np.int64]:
    """Find the phrase families of folded texts; the compiled twin of ``intents.phrase_flags``.

    Args:
        texts: Lower-cased texts without nulls, of bounded length.

    Returns:
        One bit set a text. Only texts with a necessary literal of a family are searched for it.
    """
    automaton, always = _PHRASES
    bits = literal_bits(texts, automaton) | always
    total = np.zeros(len(texts), dtype=np.int64)
    for intent, pattern in PHRASES.items():
        candidates = np.flatnonzero(bits & int(intent))
        if candidates.size:
            held = pc.match_substring_regex(texts.take(pa.array(candidates)), pattern=pattern)
            total[candidates[held.to_numpy(zero_copy_only=False)]] |= int(intent)
    return total
