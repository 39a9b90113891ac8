"""Green lists in compiled code: what ``green_lists`` gives in NumPy, many times faster.

Needs the ``fast`` extra (Numba). Property tests hold it equal to the NumPy path. Sixty-four
generators run side by side, one a lane of the processor's vectors, each with a token that its
steps are compared with. Nothing is divided but what passes: a step takes a place if what is left
divides the difference, and a multiplication tells whether it does (Granlund and Montgomery,
*Division by invariant integers using multiplication*, PLDI 1994, section 9).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

compiled: Any = njit(cache=True, nogil=True)

LANES: Final = 64
"""Generators side by side; with fewer, a loop over them is not worth a vector."""
STATE: Final = 624
"""Words of the generator's state."""
TOKENS_OF_A_LANE: Final = 4
"""Most tokens of one seed in one lane; a seed with more takes another lane, and draws again."""


def _operation(name: str) -> Any:
    """Make a 32-bit operation: Numba's own widen to 64 bits, which halves what a register holds."""

    def typed(typing_context: Any, left: Any, right: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return getattr(builder, name)(*arguments)

        return types.uint32(types.uint32, types.uint32), generate

    return intrinsic(typed)


_and: Any = _operation("and_")
_or: Any = _operation("or_")
_xor: Any = _operation("xor")
_left: Any = _operation("shl")
_right: Any = _operation("lshr")
_plus: Any = _operation("add")
_minus: Any = _operation("sub")
_times: Any = _operation("mul")
_word: Any = np.uint32


@compiled
def _start(seeds: Any, state: Any) -> None:
    """Seed the generators, one a lane."""
    state[:LANES] = seeds
    for place in range(1, STATE):
        here = place * LANES
        before, row, number = state[here - LANES : here], state[here : here + LANES], _word(place)
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
    """Make the next state; in slices, so that what is read was written before."""
    first, second, last, end = LANES * 227, LANES * 454, LANES * 623, LANES * STATE
    far = LANES * 397
    _recur(new[:first], old[:first], old[LANES : first + LANES], old[far:end])
    _recur(new[first:second], old[first:second], old[first + LANES : second + LANES], new[:first])
    _recur(new[second:last], old[second:last], old[second + LANES : end], new[first : far - LANES])
    _recur(new[last:end], old[last:end], new[:LANES], new[far - LANES : far])


@compiled
def _temper(state: Any, words: Any) -> None:
    for place in range(len(words)):
        word = state[place]
        word = _xor(word, _right(word, _word(11)))
        word = _xor(word, _and(_left(word, _word(7)), _word(0x9D2C5680)))
        word = _xor(word, _and(_left(word, _word(15)), _word(0xEFC60000)))
        words[place] = _xor(word, _right(word, _word(18)))


@compiled
def _divides(words: Any, ahead: Any, divisors: Any, block: Any, found: Any) -> None:
    """Note in ``found`` in which lanes a step takes what lies ``ahead`` of the block's first.

    Step i takes the place if what is left divides word - ahead + i: an odd number does if the
    product with its inverse is at most the largest quotient; powers of two are rotated out.
    """
    inverses, twos, quotients = divisors
    for step in range(*block):
        row = words[step * LANES : (step + 1) * LANES]
        inverse, right, quotient, number = inverses[step], twos[step], quotients[step], _word(step)
        left = _and(_minus(_word(32), right), _word(31))
        for lane in range(len(found)):
            product = _times(_plus(_minus(row[lane], ahead[lane]), number), inverse)
            product = _or(_right(product, right), _left(product, left))
            found[lane] = _or(found[lane], _word(product <= quotient))


@compiled
def _confirm(lane: Any, words: Any, block: Any, places: Any, left: Any) -> Any:
    """Divide: a word smaller than the place has wrapped around, and may have passed wrongly."""
    for step in range(*block):
        if np.int64(words[step * LANES + lane]) % (left - step) == places[lane] - step:
            return True
    return False


@compiled
def _follow(words: Any, divisors: Any, places: Any, left: Any, taken: Any) -> None:
    """Go through a block of steps with one token a lane, which lies at ``places``.

    Until a step's own place is that of a token: the step sends the token elsewhere.
    """
    steps = len(divisors[0])
    ahead = np.empty(LANES, dtype=np.uint32)
    found = np.empty(LANES, dtype=np.uint32)
    first = 0
    while first < steps:
        last = steps
        for lane in range(LANES):
            found[lane] = _word(0)
            ahead[lane] = np.uint32(places[lane])
            if not taken[lane] and first <= places[lane] < last:
                last = places[lane] + 1
        _divides(words, ahead, divisors, (first, last), found)
        for lane in range(LANES):
            if taken[lane]:
                continue
            if found[lane] and _confirm(lane, words, (first, last), places, left):
                taken[lane] = True
            elif places[lane] == last - 1:
                places[lane] += np.int64(words[(last - 1) * LANES + lane]) % (left - last + 1)
        first = last


@compiled
def _group(seeds: Any, lanes: Any, tokens: Any, tables: Any, green: Any) -> None:
    """Answer for one generator a lane, and up to ``TOKENS_OF_A_LANE`` tokens of each."""
    starts, counts = lanes
    size, inverses, twos, quotients = tables
    old = np.empty(LANES * STATE, dtype=np.uint32)
    new = np.empty(LANES * STATE, dtype=np.uint32)
    words = np.empty(LANES * STATE, dtype=np.uint32)
    rounds = counts.max()
    # Lanes without a token count as taken from the start.
    taken = np.ones((rounds, LANES), dtype=np.bool_)
    places = np.zeros((rounds, LANES), dtype=np.int64)
    for lane in range(len(counts)):
        for turn in range(counts[lane]):
            taken[turn, lane] = False
            places[turn, lane] = tokens[starts[lane] + turn]
    _start(seeds, old)
    for done in range(0, len(inverses), STATE):
        end = min(done + STATE, len(inverses))
        _twist(old, new)
        _temper(new, words)
        divisors = inverses[done:end], twos[done:end], quotients[done:end]
        for turn in range(rounds):
            if not taken[turn].all():
                _follow(words, divisors, places[turn], size - done, taken[turn])
                places[turn] -= STATE
        old, new = new, old
    for lane in range(len(counts)):
        for turn in range(counts[lane]):
            green[starts[lane] + turn] = taken[turn, lane]


@compiled
def _all(seeds: Any, lanes: Any, tokens: Any, tables: Any, green: Any) -> None:
    starts, counts = lanes
    some = np.zeros(LANES, dtype=np.uint32)
    for first in range(0, len(seeds), LANES):
        last = min(first + LANES, len(seeds))
        some[: last - first] = seeds[first:last]
        _group(some, (starts[first:last], counts[first:last]), tokens, tables, green)


def are_green(
    seeds: NDArray[np.uint32], tokens: NDArray[np.int64], vocabulary: int, size: int
) -> NDArray[np.bool_]:
    """Say which tokens are in the first entries of the permutation after their seed.

    Args:
        seeds: Ascending, shape (tokens,).
        tokens: Shape (tokens,), below ``vocabulary``.
        vocabulary: Length of the permutation.
        size: Entries that count, fewer than all.

    Returns:
        Shape (tokens,).
    """
    green = np.empty(len(tokens), dtype=np.bool_)
    if len(tokens):
        begins = np.append(True, seeds[1:] != seeds[:-1])
        number = np.arange(len(seeds))
        turn = number - np.maximum.accumulate(np.where(begins, number, 0))
        starts = np.flatnonzero(turn % TOKENS_OF_A_LANE == 0)
        counts = np.diff(np.append(starts, len(seeds)))
        # Lanes with as many tokens go together, or most would wait for a few.
        order = np.argsort(-counts, kind="stable")
        starts, counts = starts[order], counts[order]
        _all(seeds[starts], (starts, counts), tokens, _tables(vocabulary, size), green)
    return green


@lru_cache(maxsize=4)
def _tables(vocabulary: int, size: int) -> tuple[int, *tuple[NDArray[np.uint32], ...]]:
    """What it takes to tell whether a step's divisor, ``vocabulary - step``, divides a word.

    Returns:
        The vocabulary; then for each step the inverse of the divisor's odd part modulo 2**32, the
        number of twos in it, and the largest quotient of a word.
    """
    left = np.uint64(vocabulary) - np.arange(size, dtype=np.uint64)
    lowest = left & (~left + np.uint64(1))
    odd: NDArray[np.uint64] = left // lowest
    inverse = odd.copy()  # right modulo 8; each step doubles the bits that are (Newton)
    for _ in range(4):
        inverse = (inverse * (np.uint64(2) - odd * inverse)) & np.uint64(0xFFFFFFFF)
    twos = np.rint(np.log2(lowest.astype(np.float64)))
    columns = inverse, twos, np.uint64(0xFFFFFFFF) // left
    return vocabulary, *(column.astype(np.uint32) for column in columns)
