"""One automaton that finds many literals in one pass over a text (Aho and Corasick 1975)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cautery.ingest.whole_literals import WholeLiteral

IS_WORD_OF_RE2: Final = np.array([c < 128 and (chr(c).isalnum() or c == 95) for c in range(256)])
"""Whether RE2 takes a byte for part of a word."""


class Ending(NamedTuple):
    """A literal that ends in a state."""

    length: int
    """Its bytes."""
    bits: int
    """What to report for it."""
    before: bool
    """Whether a word must begin or end right before it."""
    after: bool
    """Whether a word must begin or end right after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiteralAutomaton:
    """Tables of an automaton over bytes; state 0 is the start."""

    byte_class: NDArray[np.uint8]
    """Class of each byte, shape (256,); bytes of no literal share class 0."""
    next_state: NDArray[np.uint16]
    """State after a byte of a class, shape (states, classes)."""
    found: NDArray[np.int64]
    """Bits of the literals that end in a state, shape (states,)."""
    first_ending: NDArray[np.int32]
    """Where the endings of a state begin in ``endings``, shape (states + 1,)."""
    endings: NDArray[np.int64]
    """One row each: bytes, bits, whether a word boundary stands before, and after."""
    longest: int
    """Bytes of the longest literal: what stands further back changes no state."""

    def scan(self, text: bytes) -> int:
        """Find the bits of one text; the reference for compiled scanners.

        Args:
            text: Bytes in UTF-8.

        Returns:
            The bits of all literals in it.

        Example:
            >>> make_automaton({"he": 1, "she": 2, "hers": 4}).scan(b"ushers")
            7
        """
        state = bits = 0
        for place, byte in enumerate(text):
            state = int(self.next_state[state, self.byte_class[byte]])
            for number in range(self.first_ending[state], self.first_ending[state + 1]):
                length, found, before, after = (int(value) for value in self.endings[number])
                start, stop = place + 1 - length, place + 1
                held = not before or is_boundary(text, start)
                bits |= found if held and (not after or is_boundary(text, stop)) else 0
        return bits


def is_boundary(text: bytes, place: int) -> bool:
    """Say whether a word begins or ends before a byte, as RE2 has it: words are ASCII.

    Args:
        text: Bytes in UTF-8.
        place: 0 to the length of the text.
    """
    before = place > 0 and bool(IS_WORD_OF_RE2[text[place - 1]])
    after = place < len(text) and bool(IS_WORD_OF_RE2[text[place]])
    return before != after


def make_automaton(
    bits_of: Mapping[str, int], whole: Mapping[WholeLiteral, int] | None = None
) -> LiteralAutomaton:
    """Build the automaton of some literals.

    Args:
        bits_of: Bits to report for each literal.
        whole: Bits to report for each literal that may want a word boundary.

    Returns:
        Its tables.
    """
    words: dict[bytes, list[Ending]] = {}
    wanted = [((text, False, False), bits) for text, bits in bits_of.items()]
    for (text, before, after), bits in [*wanted, *(whole or {}).items()]:
        word = text.encode()
        words.setdefault(word, []).append(Ending(len(word), bits, before, after))
    alphabet = sorted({byte for word in words for byte in word})
    byte_class = np.zeros(256, dtype=np.uint8)
    byte_class[alphabet] = np.arange(1, len(alphabet) + 1)
    children: list[dict[int, int]] = [{}]
    endings: list[list[Ending]] = [[]]
    for word, ends in words.items():
        state = 0
        for byte in word:
            step = int(byte_class[byte])
            if step not in children[state]:
                children[state][step] = len(children)
                children.append({})
                endings.append([])
            state = children[state][step]
        endings[state] += ends
    table = _filled(children, endings, len(alphabet) + 1)
    every = [ending for ends in endings for ending in ends]
    return LiteralAutomaton(
        byte_class=byte_class,
        next_state=table,
        found=np.array([_all_bits(ends) for ends in endings], dtype=np.int64),
        first_ending=np.cumsum([0, *map(len, endings)], dtype=np.int32),
        endings=np.array(every, dtype=np.int64).reshape(-1, len(Ending._fields)),
        longest=max(map(len, words), default=0),
    )


def _all_bits(endings: list[Ending]) -> int:
    total = 0
    for ending in endings:
        total |= ending.bits
    return total


def _filled(
    children: list[dict[int, int]], endings: list[list[Ending]], classes: int
) -> NDArray[Any]:
    """Complete the transitions by breadth, following the longest suffix that is a prefix."""
    table = np.zeros((len(children), classes), dtype=np.uint16)
    suffix = [0] * len(children)
    waiting = deque(children[0].values())
    for step, child in children[0].items():
        table[0, step] = child
    while waiting:
        state = waiting.popleft()
        endings[state] = endings[state] + endings[suffix[state]]
        table[state] = table[suffix[state]]
        for step, child in children[state].items():
            suffix[child] = int(table[suffix[state], step])
            table[state, step] = child
            waiting.append(child)
    return table
