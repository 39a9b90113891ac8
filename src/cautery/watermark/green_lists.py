"""Whether a token is in the head of ``torch.randperm`` after a seed, without the permutation.

Hugging Face draws a green list as the first entries of a permutation of the vocabulary. One token
is green if one of the first steps of the shuffle takes it: it lies at its own place until a step
takes it or, if its place is among the first, until that place's step sends it elsewhere. So the
words of the generator, reduced to places, are compared with one number; nothing is shuffled.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cautery.watermark.torch_random import random_words, swaps

MOST_KNOWN: Final = 1 << 18
"""Pairs of seed and token that are remembered, for 30 MB or so."""
COMPILED_FROM: Final = 1 << 23
"""Words of the generator, in all texts together, from which compiled code is worth loading."""


class GreenLists:
    """Green lists of one size; remembers the pairs of seed and token it was asked for.

    Args:
        vocabulary: Tokens in the vocabulary.
        size: Green ones among them, from 1.

    Example:
        >>> GreenLists(1000, 3).are_green(np.zeros(4, np.uint32), np.array([44, 37, 675, 775]))
        array([ True,  True,  True, False])
    """

    def __init__(self, vocabulary: int, size: int) -> None:
        self.vocabulary = vocabulary
        self.size = size
        self._known: dict[int, bool] = {}
        self._words = 0

    def are_green(self, seeds: NDArray[np.uint32], tokens: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say which tokens are green.

        Args:
            seeds: Seed of each token's green list, shape (tokens,).
            tokens: Shape (tokens,), below the vocabulary.

        Returns:
            Shape (tokens,).
        """
        pairs, places = _pairs(seeds, tokens)
        known = self._known
        numbers = pairs.tolist()
        new = np.fromiter((number not in known for number in numbers), dtype=bool, count=len(pairs))
        green = np.fromiter((known.get(number, False) for number in numbers), bool, len(pairs))
        if new.any():
            green[new] = self._draw(pairs[new])
            self._remember(pairs[new], green[new])
        return np.asarray(green[places])

    def are_green_once(
        self, seeds: NDArray[np.uint32], tokens: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Say the same without remembering it: for thousands of keys, whose seeds never return.

        Args:
            seeds: Seed of each token's green list, shape (tokens,).
            tokens: Shape (tokens,), below the vocabulary.

        Returns:
            Shape (tokens,).
        """
        pairs, places = _pairs(seeds, tokens)
        return np.asarray(self._draw(pairs)[places])

    def forget(self) -> None:
        """Let go of the remembered pairs."""
        self._known.clear()

    def _remember(self, pairs: NDArray[np.uint64], green: NDArray[np.bool_]) -> None:
        if len(self._known) + len(pairs) > MOST_KNOWN:
            self.forget()
        kept = slice(0, MOST_KNOWN)
        self._known.update(zip(pairs[kept].tolist(), green[kept].tolist(), strict=True))

    def _draw(self, pairs: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Draw sorted pairs that are not known yet."""
        seeds = (pairs >> np.uint64(32)).astype(np.uint32)
        tokens = (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)
        starts = np.flatnonzero(np.append(True, seeds[1:] != seeds[:-1]))
        self._words += len(starts) * self.size
        compiled = _compiled() if self._words >= COMPILED_FROM else None
        if compiled is not None:
            return compiled.are_green(seeds, tokens, self.vocabulary, self.size)  # type: ignore[no-any-return]
        green = np.empty(len(tokens), dtype=bool)
        generator = np.random.RandomState(0)
        for start, end in pairwise([*starts.tolist(), len(tokens)]):
            words = random_words(int(seeds[start]), self.size, generator)
            places = swaps(words, self.vocabulary)
            green[start:end] = [_is_taken(places, token) for token in tokens[start:end].tolist()]
        return green


def _pairs(
    seeds: NDArray[np.uint32], tokens: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    """Give seed and token as one number, each pair once and ascending, and where each went."""
    pairs = (seeds.astype(np.uint64) << np.uint64(32)) | tokens.astype(np.uint64)
    return np.unique(pairs, return_inverse=True)


def _is_taken(places: NDArray[np.int64], token: int) -> bool:
    """Say whether a step of the shuffle takes a token; ``places`` are the steps' swaps."""
    place, start = token, 0
    while True:
        if bool((places[start : place + 1] == place).any()):
            return True
        if place >= len(places):
            return False
        place, start = int(places[place]), place + 1


def _compiled() -> Any:
    try:
        from cautery.watermark import compiled_green_lists
    except (ImportError, RuntimeError):
        # Without the ``fast`` extra, or with no folder for Numba's cache: the same bits in NumPy.
        return None
    return compiled_green_lists
