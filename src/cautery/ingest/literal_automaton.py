"""One automaton that finds many literals in one pass over a text (Aho and Corasick 1975)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class LiteralAutomaton:
    """Tables of an automaton over bytes; state 0 is the start."""

    byte_class: NDArray[np.uint8]
    """Class of each byte, shape (256,); bytes of no literal share class 0."""
    next_state: NDArray[np.uint16]
    """State after a byte of a class, shape (states, classes)."""
    found: NDArray[np.int64]
    """Bits of the literals that end in a state, shape (states,)."""
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
        for byte in text:
            state = int(self.next_state[state, self.byte_class[byte]])
            bits |= int(self.found[state])
        return bits


def make_automaton(bits_of: Mapping[str, int]) -> LiteralAutomaton:
    """Build the automaton of some literals.

    Args:
        bits_of: Bits to report for each literal.

    Returns:
        Its tables.
    """
    words = {text.encode(): bits for text, bits in bits_of.items()}
    alphabet = sorted({byte for word in words for byte in word})
    byte_class = np.zeros(256, dtype=np.uint8)
    byte_class[alphabet] = np.arange(1, len(alphabet) + 1)
    children: list[dict[int, int]] = [{}]
    found = [0]
    for word, bits in words.items():
        state = 0
        for byte in word:
            step = int(byte_class[byte])
            if step not in children[state]:
                children[state][step] = len(children)
                children.append({})
                found.append(0)
            state = children[state][step]
        found[state] |= bits
    table = _filled(children, found, len(alphabet) + 1)
    return LiteralAutomaton(
        byte_class=byte_class,
        next_state=table,
        found=np.array(found, dtype=np.int64),
        longest=max(map(len, words), default=0),
    )


def _filled(children: list[dict[int, int]], found: list[int], classes: int) -> NDArray[Any]:
    """Complete the transitions by breadth, following the longest suffix that is a prefix."""
    table = np.zeros((len(children), classes), dtype=np.uint16)
    suffix = [0] * len(children)
    waiting = deque(children[0].values())
    for step, child in children[0].items():
        table[0, step] = child
    while waiting:
        state = waiting.popleft()
        found[state] |= found[suffix[state]]
        table[state] = table[suffix[state]]
        for step, child in children[state].items():
            suffix[child] = int(table[suffix[state], step])
            table[state, step] = child
            waiting.append(child)
    return table
