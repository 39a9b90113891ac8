"""vLLM's keyed function in compiled code, for many keys: what ``vllm_prf`` gives, faster.

Needs the ``fast`` extra (Numba). Property tests hold it equal to the NumPy path bit for bit.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

compiled: Any = njit(cache=True, nogil=True)

_FIRST: Final = np.uint64(0xD2511F53)
_SECOND: Final = np.uint64(0xCD9E8D57)
_FIRST_STEP: Final = np.uint64(0x9E3779B9)
_SECOND_STEP: Final = np.uint64(0xBB67AE85)
_MASK: Final = np.uint64(0xFFFFFFFF)
_HALF: Final = np.uint64(32)
_CONTEXT: Final = np.uint64(0x574D4358)
_TOKEN: Final = np.uint64(0x574D544B)
_TWO: Final = np.uint64(2)
_THREE: Final = np.uint64(3)
_EIGHT: Final = np.uint64(8)


@compiled
def _two_rounds(counter: Any, key: Any) -> Any:
    zero, one, two, three = counter
    this, other = key
    first, second = zero * _FIRST, two * _SECOND
    zero, one = (second >> _HALF) ^ one ^ this, second & _MASK
    two, three = (first >> _HALF) ^ three ^ other, first & _MASK
    this, other = (this + _FIRST_STEP) & _MASK, (other + _SECOND_STEP) & _MASK
    first, second = zero * _FIRST, two * _SECOND
    zero, one = (second >> _HALF) ^ one ^ this, second & _MASK
    two, three = (first >> _HALF) ^ three ^ other, first & _MASK
    this, other = (this + _FIRST_STEP) & _MASK, (other + _SECOND_STEP) & _MASK
    return (zero, one, two, three), (this, other)


@compiled
def _ten_rounds(counter: Any, key: Any) -> Any:
    # Written out: only a loop without a loop inside is turned into vector instructions.
    counter, key = _two_rounds(counter, key)
    counter, key = _two_rounds(counter, key)
    counter, key = _two_rounds(counter, key)
    counter, key = _two_rounds(counter, key)
    counter, key = _two_rounds(counter, key)
    return counter


@compiled
def _context_block(state: Any, words: Any, key: Any) -> None:
    for place in range(state.shape[1]):
        counter = (
            state[0, place] ^ words[0, place],
            state[1, place] ^ words[1, place],
            state[2, place] ^ words[2, place],
            state[3, place] ^ words[3, place],
        )
        zero, one, two, three = _ten_rounds(counter, key)
        state[0, place], state[1, place] = zero, one
        state[2, place], state[3, place] = two, three


@compiled
def _last_block(state: Any, tokens: Any, key: Any, row: Any) -> None:
    this, other = key
    for place in range(tokens.size):
        token = tokens[place]
        counter = (token >> _TWO, state[0, place], state[1, place], state[2, place])
        zero, one, two, three = _ten_rounds(counter, (this ^ state[3, place], other ^ _TOKEN))
        which = token & _THREE
        word = one if which == 1 else zero
        word = two if which == 2 else word
        word = three if which == 3 else word
        row[place] = np.uint32(word >> _EIGHT)


@compiled
def _draw_all(words: Any, width: Any, tokens: Any, keys: Any, drawn: Any) -> None:
    state = np.empty((4, tokens.size), dtype=np.uint64)
    for number in range(keys.size):
        this, other = keys[number] & _MASK, keys[number] >> _HALF
        state[0], state[1] = _CONTEXT, width
        state[2:] = np.uint64(0)
        for block in range(words.shape[0]):
            _context_block(state, words[block], (this ^ np.uint64(4 * block), other))
        _last_block(state, tokens, (this, other), drawn[number])


def vllm_mantissas(
    words: NDArray[np.uint64],
    width: int,
    tokens: NDArray[np.uint64],
    keys: NDArray[np.uint64],
) -> NDArray[np.uint32]:
    """Draw the 24 bits of each key and position; the compiled twin of ``vllm_prf.mantissas``.

    Args:
        words: Context in whole blocks, shape (blocks, 4, positions).
        width: Tokens of a context.
        tokens: Shape (positions,).
        keys: Shape (keys,).

    Returns:
        Shape (keys, positions), values below 2**24.
    """
    drawn = np.empty((keys.size, tokens.size), dtype=np.uint32)
    _draw_all(words, np.uint64(width), tokens, keys, drawn)
    return drawn
