"""First occurrences: what a text repeats is scored once, or a p-value would mean nothing.

A keyed function gives the same value for the same input, so a repeated phrase repeats its luck.
Without removal, templated text is "detected" at .16 to .44 where .01 was promised.

Inputs are compared by 64-bit fingerprints. Two different ones of a million share a fingerprint
with a chance of about 3e-8, and the second would then go unscored, which accuses nobody.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.errors import ConfigurationError
from cautery.watermark.fingerprints import fingerprints
from cautery.watermark.positions import Positions

Fingerprints = NDArray[np.uint64]
Marks = NDArray[np.bool_]

CAPACITY: Final = 1 << 24
"""Fingerprints that a corpus keeps unless told otherwise: 128 MiB, and twice that as it merges."""


class Deduplicate(StrEnum):
    """What must not occur twice (``deduplicate`` of a profile; contracts, section 5)."""

    NONE = "none"
    CONTEXT = "context"
    CONTEXT_TOKEN = "context-token"
    PRF_INPUT = "prf-input"

    @classmethod
    def named(cls, name: str) -> Deduplicate:
        """Find a way of removal by its name in a profile.

        Raises:
            ConfigurationError: There is none of this name.
        """
        try:
            return cls(name)
        except ValueError:
            raise ConfigurationError(
                f"there is no {name!r}", where="deduplicate", hint=f"Use {', '.join(cls)}."
            ) from None


def position_fingerprints(positions: Positions, mode: Deduplicate) -> Fingerprints:
    """Fingerprint what must not occur twice, for the modes that do not need the key.

    Args:
        positions: Scored positions of a text.
        mode: ``CONTEXT`` or ``CONTEXT_TOKEN``.

    Returns:
        Shape (positions,).
    """
    columns = list(positions.context.T)
    if mode is Deduplicate.CONTEXT_TOKEN:
        columns.append(positions.token)
    return fingerprints(*columns)


def first_occurrences(prints: Fingerprints) -> Marks:
    """Mark the first of each fingerprint, in the order of the text.

    Example:
        >>> first_occurrences(np.array([7, 8, 7, 9, 8], dtype=np.uint64)).tolist()
        [True, True, False, True, False]
    """
    marks = np.zeros(len(prints), dtype=np.bool_)
    marks[np.unique(prints, return_index=True)[1]] = True
    return marks


def first_occurrences_of_rows(prints: Fingerprints) -> Marks:
    """Mark the first of each fingerprint in each row: what many keys read of one text.

    Args:
        prints: Shape (keys, positions).

    Returns:
        Shape (keys, positions); row by row what ``first_occurrences`` gives.

    Example:
        >>> first_occurrences_of_rows(np.array([[7, 8, 7], [7, 7, 8]], dtype=np.uint64)).tolist()
        [[True, True, False], [True, False, True]]
    """
    order = np.argsort(prints, axis=1, kind="stable")
    ascending = np.take_along_axis(prints, order, axis=1)
    fresh = np.ones(prints.shape, dtype=np.bool_)
    fresh[:, 1:] = ascending[:, 1:] != ascending[:, :-1]
    marks = np.empty(prints.shape, dtype=np.bool_)
    np.put_along_axis(marks, order, fresh, axis=1)
    return marks


class Corpus:
    """Remembers what was scored, over any number of documents, in bounded memory.

    When it is full it forgets the half with the larger hashes, and from then on scores only inputs
    whose hash lies below that line: everything is still scored once at most, so that p-values
    stay honest; what is lost is power, by halves. Which inputs stay depends on nothing but their
    hash, never on a key's value for them.

    Args:
        capacity: Most fingerprints to keep, at least 2.

    Example:
        >>> corpus = Corpus()
        >>> corpus.first(np.array([1, 2, 1], dtype=np.uint64)).tolist()
        [True, True, False]
        >>> corpus.first(np.array([2, 3], dtype=np.uint64)).tolist()
        [False, True]
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = max(int(capacity), 2)
        # Sorted runs, each more than twice as long as the next: every print is merged log n times.
        self._runs: list[Fingerprints] = []
        self._halvings = 0

    def __len__(self) -> int:
        return sum(len(run) for run in self._runs)

    @property
    def share_scored(self) -> float:
        """Share of new inputs that are still scored: 1 until the memory was full."""
        return 0.5**self._halvings

    def first(self, prints: Fingerprints) -> Marks:
        """Mark what neither this text nor an earlier one had, and remember it.

        Args:
            prints: Fingerprints of one text, in its order.

        Returns:
            Shape (positions,).
        """
        order = fingerprints(prints.view(np.int64))
        kept = self._below(order)
        values, where = np.unique(order, return_index=True)
        fresh = kept[where]
        for run in self._runs:
            places = np.searchsorted(run, values)
            fresh &= run[np.minimum(places, len(run) - 1)] != values
        marks = np.zeros(len(prints), dtype=np.bool_)
        marks[where[fresh]] = True
        self._remember(values[fresh])
        return marks

    def _below(self, order: Fingerprints) -> Marks:
        if not self._halvings:
            return np.ones(len(order), dtype=np.bool_)
        return np.asarray(order < np.uint64(1 << (64 - self._halvings)))

    def _remember(self, values: Fingerprints) -> None:
        if len(values):
            self._runs.append(values)
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            last, before = self._runs.pop(), self._runs.pop()
            merged = np.concatenate([before, last])
            merged.sort(kind="stable")
            self._runs.append(merged)
        while len(self) > self._capacity:
            self._halvings += 1
            line = np.uint64(1 << (64 - self._halvings))
            self._runs = [run[: np.searchsorted(run, line)] for run in self._runs]
            self._runs = [run.copy() for run in self._runs if len(run)]
