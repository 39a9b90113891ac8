"""SipHash-2-4 over many messages at once.

A keyed function of short messages that nobody tells from random bits without its 128-bit key.
Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", INDOCRYPT 2012; the tests hold
it to the paper's vectors. Messages here are 32-bit numbers, each as 4 bytes little-endian.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

KEY_BYTES: Final = 16
MESSAGES_AT_ONCE: Final = 1 << 12
"""Messages of one block: its arrays stay in a core's cache."""
NUMBER_BYTES: Final = 4
_START: Final = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
_END: Final = np.uint64(0xFF)
_LOW: Final = np.uint64(0xFFFFFFFF)
_WHOLE: Final = 0xFFFFFFFFFFFFFFFF
_HALF: Final = np.uint64(32)

State = list[NDArray[np.uint64]]


def siphash(key: bytes, columns: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Hash each row of numbers.

    Args:
        key: 16 bytes.
        columns: Numbers of which the low 32 bits count, shape (messages, numbers), at most 63.

    Returns:
        The 64 bits as a little-endian number, shape (messages,).

    Example:
        >>> key = bytes(range(16))
        >>> hex(siphash(key, np.array([[0x03020100, 0x07060504]]))[0])
        '0x93f5f5799a932462'
    """
    return np.asarray(siphash_of_keys([key], columns)[0])


def siphash_of_keys(keys: Sequence[bytes], columns: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Hash each row of numbers with each key.

    Args:
        keys: 16 bytes each.
        columns: As for ``siphash``.

    Returns:
        Shape (keys, messages).
    """
    halves = np.frombuffer(b"".join(keys), dtype="<u8").astype(np.uint64).reshape(-1, 2)
    hashed = np.empty((len(keys), len(columns)), dtype=np.uint64)
    height = max(1, MESSAGES_AT_ONCE // max(1, len(columns)))
    for top in range(0, len(keys), height):
        rows = halves[top : top + height, None, :]
        for left in range(0, len(columns), MESSAGES_AT_ONCE):
            block = columns[left : left + MESSAGES_AT_ONCE]
            prefix = SipHashPrefix(rows, block[:, :-1])
            hashed[top : top + height, left : left + MESSAGES_AT_ONCE] = prefix.hashes(block[:, -1])
    return hashed


class SipHashPrefix:
    """Messages but for their last number, hashed as far as they go.

    Args:
        halves: The two numbers of each key, shape (2,) or (keys, 1, 2).
        columns: Numbers before the last, shape (messages, numbers).
    """

    def __init__(self, halves: NDArray[np.uint64], columns: NDArray[np.int64]) -> None:
        words = columns.astype(np.uint64) & _LOW
        count = words.shape[1]
        shape = np.broadcast_shapes(halves.shape[:-1], (len(columns),))
        self._length = NUMBER_BYTES * (count + 1)
        self._state = [
            np.broadcast_to(halves[..., place % 2] ^ np.uint64(constant), shape).copy()
            for place, constant in enumerate(_START)
        ]
        for place in range(0, count - 1, 2):
            _absorb(self._state, words[:, place] | (words[:, place + 1] << _HALF))
        self._rest = words[:, -1] if count % 2 else None

    @classmethod
    def of_one(cls, key: bytes, numbers: Sequence[int]) -> SipHashPrefix:
        """Begin one message in Python's numbers, which beat arrays of one by far.

        Args:
            key: 16 bytes.
            numbers: All but the last.
        """
        prefix = cls.__new__(cls)
        words = [number & int(_LOW) for number in numbers]
        state = _started(key)
        for place in range(0, len(words) - 1, 2):
            state = _absorbed(state, words[place] | words[place + 1] << 32)
        prefix._length = NUMBER_BYTES * (len(words) + 1)  # noqa: SLF001
        prefix._state = [np.array([part], np.uint64) for part in state]  # noqa: SLF001
        prefix._rest = np.array(words[-1:], np.uint64) if len(words) % 2 else None  # noqa: SLF001
        return prefix

    def hashes(self, last: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Hash the messages with their last number.

        Args:
            last: Shape (messages,), or any number of them if there is one message.

        Returns:
            Shape (messages,) or that of ``last``, after that of the keys.
        """
        final = np.uint64(self._length << 56)
        word = last.astype(np.uint64) & _LOW
        shape = np.broadcast_shapes(self._state[0].shape, last.shape)
        state = [np.broadcast_to(part, shape).copy() for part in self._state]
        if self._rest is None:
            _absorb(state, word | final)
        else:
            _absorb(state, self._rest | (word << _HALF))
            _absorb(state, final)
        state[2] ^= _END
        for _ in range(4):
            _round(state)
        return np.asarray(state[0] ^ state[1] ^ state[2] ^ state[3])


def siphash_of_one(key: bytes, numbers: Sequence[int]) -> int:
    """Hash one row of numbers; what ``siphash`` gives, faster for one.

    Args:
        key: 16 bytes.
        numbers: Of which the low 32 bits count, at most 63.

    Returns:
        The 64 bits.

    Example:
        >>> hex(siphash_of_one(bytes(range(16)), [0x03020100, 0x07060504]))
        '0x93f5f5799a932462'
    """
    words = [*(number & int(_LOW) for number in numbers), 0]
    final = NUMBER_BYTES * len(numbers) << 56
    state = _started(key)
    for place in range(0, len(numbers) - 1, 2):
        state = _absorbed(state, words[place] | words[place + 1] << 32)
    zero, one, two, three = _absorbed(state, final | words[-2] if len(numbers) % 2 else final)
    state = (zero, one, two ^ int(_END), three)
    for _ in range(4):
        state = _one_round(*state)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _started(key: bytes) -> tuple[int, int, int, int]:
    halves = int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")
    zero, one, two, three = _START
    return zero ^ halves[0], one ^ halves[1], two ^ halves[0], three ^ halves[1]


def _absorbed(state: tuple[int, int, int, int], word: int) -> tuple[int, int, int, int]:
    zero, one, two, three = state
    zero, one, two, three = _one_round(*_one_round(zero, one, two, three ^ word))
    return zero ^ word, one, two, three


def _one_round(zero: int, one: int, two: int, three: int) -> tuple[int, int, int, int]:
    zero = (zero + one) & _WHOLE
    one = ((one << 13 | one >> 51) & _WHOLE) ^ zero
    two = (two + three) & _WHOLE
    three = ((three << 16 | three >> 48) & _WHOLE) ^ two
    zero = (zero << 32 | zero >> 32) & _WHOLE
    two = (two + one) & _WHOLE
    one = ((one << 17 | one >> 47) & _WHOLE) ^ two
    zero = (zero + three) & _WHOLE
    three = ((three << 21 | three >> 43) & _WHOLE) ^ zero
    return zero, one, (two << 32 | two >> 32) & _WHOLE, three


def _absorb(state: State, word: NDArray[np.uint64] | np.uint64) -> None:
    state[3] ^= word
    _round(state)
    _round(state)
    state[0] ^= word


def _round(state: State) -> None:
    zero, one, two, three = state
    _add_rotate(zero, one, 13)
    _add_rotate(two, three, 16)
    zero = _rotated(zero, 32)
    _add_rotate(two, one, 17)
    _add_rotate(zero, three, 21)
    two = _rotated(two, 32)
    state[0], state[2] = zero, two


def _add_rotate(total: NDArray[np.uint64], mixed: NDArray[np.uint64], bits: int) -> None:
    """Add ``mixed`` to ``total``, rotate ``mixed`` and xor the sum into it, in place."""
    total += mixed
    mixed[...] = _rotated(mixed, bits)
    mixed ^= total


def _rotated(word: NDArray[np.uint64], bits: int) -> NDArray[np.uint64]:
    return (word << np.uint64(bits)) | (word >> np.uint64(64 - bits))
