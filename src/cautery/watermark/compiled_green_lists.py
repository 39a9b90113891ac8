"""Green lists in compiled code: what ``green_lists`` gives in NumPy, many times faster.

Needs the ``fast`` extra (Numba). Property tests hold it equal to the NumPy path. Generators are
seeded sixteen at once and run in pairs, word by word in turn: alone, one would read words again
before they have left the processor's store buffer. A step's place is first compared roughly, in
32-bit fractions of what is left; only what passes, about one step in tens of thousands, is
divided.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

compiled: Any = njit(cache=True, nogil=True)

SEEDS_AT_ONCE: Final = 16
"""Even, as the generators go in pairs."""
STATE: Final = 624
"""Words of the generator's state."""
STEPS_AT_ONCE: Final = 1024
"""Steps that are compared before a look at whether one of them passed."""
LEAST_LEFT: Final = 1024
"""Tokens that are not green, from which the rough comparison tells places apart."""


def _operation(name: str) -> Any:
    """Make a 32-bit operation: Numba's own widen to 64 bits, which halves what a register holds."""

    def typed(typing_context: Any, left: Any, right: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return getattr(builder, name)(*arguments)

        return types.uint32(types.uint32, types.uint32), generate

    return intrinsic(typed)


_and: Any = _operation("and_")
_xor: Any = _operation("xor")
_left: Any = _operation("shl")
_right: Any = _operation("lshr")
_plus: Any = _operation("add")
_minus: Any = _operation("sub")
_times: Any = _operation("mul")
_word: Any = np.uint32


@compiled
def _start(seeds: Any, rows: Any) -> None:
    """Seed the generators, one a column."""
    rows[0, :] = seeds
    for place in range(1, STATE):
        before, row, number = rows[place - 1], rows[place], _word(place)
        for lane in range(len(before)):
            word = before[lane]
            word = _times(_word(1812433253), _xor(word, _right(word, _word(30))))
            row[lane] = _plus(word, number)


@compiled
def _recur(new: Any, this: Any, following: Any, far: Any) -> None:
    for place in range(len(new)):
        word = _and(this[place], _word(0x80000000))
        word = _xor(word, _and(following[place], _word(0x7FFFFFFF)))
        odd = _and(_minus(_word(0), _and(word, _word(1))), _word(0x9908B0DF))
        new[place] = _xor(_xor(far[place], _right(word, _word(1))), odd)


@compiled
def _twist(old: Any, new: Any) -> None:
    """Make the next state of a pair; in slices, so that what is read was written before."""
    first, second, last, end = 2 * 227, 2 * 454, 2 * 623, 2 * STATE
    far = 2 * 397
    _recur(new[:first], old[:first], old[2 : first + 2], old[far:end])
    _recur(new[first:second], old[first:second], old[first + 2 : second + 2], new[:first])
    _recur(new[second:last], old[second:last], old[second + 2 : end], new[first : far - 2])
    _recur(new[last:end], old[last:end], new[:2], new[far - 2 : far])


@compiled
def _temper(state: Any, words: Any) -> None:
    for place in range(len(words)):
        word = state[place]
        word = _xor(word, _right(word, _word(11)))
        word = _xor(word, _and(_left(word, _word(7)), _word(0x9D2C5680)))
        word = _xor(word, _and(_left(word, _word(15)), _word(0xEFC60000)))
        words[place] = _xor(word, _right(word, _word(18)))


@compiled
def _part(both: Any, one: Any, other: Any) -> None:
    for place in range(len(one)):
        one[place] = both[2 * place]
        other[place] = both[2 * place + 1]


@compiled
def _draw(seeds: Any, words: Any) -> None:
    """Fill each row with what the generator draws after its seed; an even number of them."""
    lanes, count = words.shape
    rows = np.empty((STATE, lanes), dtype=np.uint32)
    _start(seeds, rows)
    old = np.empty(2 * STATE, dtype=np.uint32)
    new = np.empty(2 * STATE, dtype=np.uint32)
    drawn = np.empty(2 * STATE, dtype=np.uint32)
    for lane in range(0, lanes, 2):
        for place in range(STATE):
            old[2 * place] = rows[place, lane]
            old[2 * place + 1] = rows[place, lane + 1]
        for done in range(0, count, STATE):
            _twist(old, new)
            _temper(new, drawn)
            end = min(done + STATE, count)
            _part(drawn, words[lane, done:end], words[lane + 1, done:end])
            old, new = new, old


@compiled
def _fractions(words: Any, inverses: Any, shift: Any, fractions: Any) -> None:
    for step in range(len(words)):
        product = np.uint64(words[step]) * np.uint64(inverses[step])
        fractions[step] = np.uint32(product >> shift)


@compiled
def _passing(fractions: Any, widths: Any, distance: Any, slack: Any) -> Any:
    """Count the steps that may take what lies ``distance`` places after the first of them."""
    count: Any = np.int32(0)
    for step in range(len(fractions)):
        wanted = _times(_minus(distance, _word(step)), widths[step])
        near = _plus(_minus(fractions[step], wanted), slack)
        count += np.int32(near < _plus(slack, slack))
    return count


@compiled
def _is_taken(token: Any, words: Any, fractions: Any, tables: Any) -> Any:
    size, _, widths, _, slack = tables
    steps = len(words)
    place = token
    start = 0
    while True:
        end = min(place + 1, steps)
        for first in range(start, end, STEPS_AT_ONCE):
            last = min(first + STEPS_AT_ONCE, end)
            near = _passing(fractions[first:last], widths[first:last], _word(place - first), slack)
            if near > 0:
                for step in range(first, last):
                    if np.int64(words[step]) % (size - step) == place - step:
                        return True
        if place >= steps:
            return False
        start = place + 1
        place += np.int64(words[place]) % (size - place)


@compiled
def _all(seeds: Any, ends: Any, tokens: Any, tables: Any, green: Any) -> None:
    _, inverses, _, shift, _ = tables
    steps = len(inverses)
    fractions = np.empty(steps, dtype=np.uint32)
    words = np.empty((SEEDS_AT_ONCE, steps), dtype=np.uint32)
    number = 0
    for first in range(0, len(seeds), SEEDS_AT_ONCE):
        some = seeds[first : first + SEEDS_AT_ONCE]
        _draw(some, words[: len(some)])
        for lane in range(min(len(some), len(ends) - first)):
            _fractions(words[lane], inverses, shift, fractions)
            while number < ends[first + lane]:
                green[number] = _is_taken(tokens[number], words[lane], fractions, tables)
                number += 1


def are_green(
    seeds: NDArray[np.uint32],
    ends: NDArray[np.int64],
    tokens: NDArray[np.int64],
    vocabulary: int,
    size: int,
) -> NDArray[np.bool_]:
    """Say which tokens are in the first entries of the permutation after their seed.

    Args:
        seeds: Shape (seeds,).
        ends: Where the tokens of each seed end, shape (seeds,).
        tokens: Of the first seed, then the next, shape (tokens,), below ``vocabulary``.
        vocabulary: Length of the permutation.
        size: Entries that count; at least ``LEAST_LEFT`` others are left.

    Returns:
        Shape (tokens,).
    """
    left = np.uint64(vocabulary) - np.arange(size, dtype=np.uint64)
    # The largest shift with which every inverse has 32 bits. Multiplied by a word it is too large
    # by at most the word, and a width times a place is wrong by at most half the place.
    shift = (int(left[-1]) - 1).bit_length() - 1
    inverses = (np.uint64(1 << (32 + shift)) // left + np.uint64(1)).astype(np.uint32)
    widths = np.rint(2.0**32 / left).astype(np.uint32)
    slack = np.uint32((1 << (32 - shift)) + vocabulary // 2 + 2)
    green = np.empty(len(tokens), dtype=np.bool_)
    seeds = np.concatenate([seeds, seeds[: len(seeds) % 2]])
    _all(seeds, ends, tokens, (vocabulary, inverses, widths, np.uint64(shift), slack), green)
    return green
