"""Maximum mean discrepancy of prompts against benign traffic, per account and per pool.

After "An Embarrassingly Simple Detector for Model Extraction Attacks" (arXiv 2606.05725): embed
the prompts of a window, compare their distribution with that of historical benign traffic by the
squared MMD under a Gaussian kernel, and raise an alarm above the 95th percentile of what benign
windows of the same size give. The paper embeds with a neural model and uses windows of 1,500
prompts. Here words and pairs of words are hashed into a signed vector, and the kernel is
approximated by random Fourier features (Rahimi and Recht 2007), so that neither torch nor a
download is needed. The bandwidth is the median distance of benign prompts (the usual heuristic).

The method is favoured: it is told which accounts are honest, and learns from half of them.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WINDOWS: Final[tuple[int, ...]] = (1_500, 500, 100)
"""Prompts of a window: the paper's, and smaller ones that more accounts can fill."""

QUANTILE: Final = 0.95
"""Benign windows below the threshold (the paper's rule)."""

WORD_DIMENSIONS: Final = 256
"""Length of the hashed word vectors."""

FOURIER_DIMENSIONS: Final = 256
"""Random Fourier features; a kernel value's error is about one over their root, 0.06, and that of
a mean over a window far smaller."""

MOST_WORDS: Final = 200
"""Words of a prompt that are read."""

CALIBRATION_WINDOWS: Final = 400
"""Benign windows that the threshold rests on: its percentile has 20 of them above it."""

_WORD: Final = re.compile(r"\w+")
_CHUNK: Final = 4_096
_MOST_REMEMBERED: Final = 1_000_000


def word_vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """Hash words and pairs of neighbours into signed vectors of length one.

    Args:
        texts: The prompts.

    Returns:
        Shape (prompts, ``WORD_DIMENSIONS``); the same text gives the same vector in every process.
    """
    places: dict[str, tuple[int, float]] = {}
    parts = [_counted(texts[at : at + _CHUNK], places) for at in range(0, len(texts), _CHUNK)]
    vectors = np.concatenate([np.zeros((0, WORD_DIMENSIONS), dtype=np.float32), *parts])
    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return np.asarray(vectors / np.maximum(length, 1e-9)[:, None], dtype=np.float32)


def _counted(texts: Sequence[str], places: dict[str, tuple[int, float]]) -> NDArray[np.float32]:
    """Sum up the signed places of the tokens of each text."""
    flat: list[int] = []
    signs: list[float] = []
    for row, text in enumerate(texts):
        words = _WORD.findall(text.lower())[:MOST_WORDS]
        for token in (*words, *map(" ".join, pairwise(words))):
            place = places.get(token)
            if place is None:
                value = zlib.crc32(token.encode())
                place = ((value >> 1) % WORD_DIMENSIONS, 1.0 if value & 1 else -1.0)
                if len(places) < _MOST_REMEMBERED:
                    places[token] = place
            flat.append(row * WORD_DIMENSIONS + place[0])
            signs.append(place[1])
    length = len(texts) * WORD_DIMENSIONS
    sums = np.bincount(np.array(flat, dtype=np.int64), weights=signs, minlength=length)
    return sums.astype(np.float32).reshape(len(texts), WORD_DIMENSIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """Random Fourier features of one Gaussian kernel."""

    directions: NDArray[np.float32]
    """Shape (``WORD_DIMENSIONS``, features / 2)."""

    def features(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Embed word vectors, so that a dot product is about the kernel.

        Args:
            vectors: Shape (prompts, ``WORD_DIMENSIONS``).

        Returns:
            Shape (prompts, features), each row of length one.
        """
        half = self.directions.shape[1]
        found = np.empty((len(vectors), 2 * half), dtype=np.float32)
        for at in range(0, len(vectors), _CHUNK):
            angles = vectors[at : at + _CHUNK] @ self.directions
            found[at : at + _CHUNK, :half] = np.cos(angles)
            found[at : at + _CHUNK, half:] = np.sin(angles)
        found /= np.float32(np.sqrt(half))
        return found


def fit_embedding(vectors: NDArray[np.float32], seed: int = 0) -> Embedding:
    """Choose the kernel's bandwidth from benign prompts.

    Args:
        vectors: Word vectors of benign prompts.
        seed: Seed of the sample and of the directions.

    Returns:
        The embedding, with the median distance as bandwidth.
    """
    random = np.random.default_rng(seed)
    first, second = random.integers(0, len(vectors), (2, 2_000))
    distances = np.linalg.norm(vectors[first] - vectors[second], axis=1)
    positive = distances[distances > 0]
    bandwidth = float(np.median(positive)) if positive.size else 1.0
    shape = (WORD_DIMENSIONS, FOURIER_DIMENSIONS // 2)
    directions = random.standard_normal(shape).astype(np.float32) / np.float32(bandwidth)
    return Embedding(directions=directions)


def squared_discrepancy(
    window: NDArray[np.float32], reference_sum: Floats, reference_count: int
) -> float:
    """Estimate the squared MMD without bias.

    Args:
        window: Features of the window's prompts, shape (prompts, features).
        reference_sum: Sum of the reference's features.
        reference_count: Prompts of the reference.

    Returns:
        The estimate; about 0, and possibly below, if both come from one distribution.
    """
    n, m = len(window), reference_count
    total = window.sum(axis=0, dtype=np.float64)
    # Every row has length one, so the diagonal that the unbiased estimate leaves out is n (or m).
    inside = (float(total @ total) - n) / (n * (n - 1))
    beyond = (float(reference_sum @ reference_sum) - m) / (m * (m - 1))
    return inside + beyond - 2.0 * float(total @ reference_sum) / (n * m)


class Detector:
    """The method, told which prompts are benign."""

    def __init__(self, features: NDArray[np.float32], benign: NDArray[np.bool_], seed: int) -> None:
        """Split the benign prompts into reference and calibration.

        Args:
            features: Features of every prompt of the log, in the order of time.
            benign: Which prompts are of accounts that are known to be honest.
            seed: Seed of the split.
        """
        self._features = features
        self._random = np.random.default_rng(seed)
        rows = self._random.permutation(np.flatnonzero(benign))
        reference, self._calibration = rows[: rows.size // 2], rows[rows.size // 2 :]
        self._count = int(reference.size)
        self._sum = features[reference].sum(axis=0, dtype=np.float64)

    def statistic(self, rows: NDArray[Any]) -> float:
        """Squared MMD of some prompts against the reference.

        Args:
            rows: Their numbers.

        Returns:
            The unbiased estimate.
        """
        return squared_discrepancy(self._features[rows], self._sum, self._count)

    def threshold(self, window: int) -> float:
        """Take the 95th percentile of benign windows.

        Args:
            window: Prompts of a window.

        Returns:
            The threshold; infinite if the benign traffic fills no window.
        """
        if self._calibration.size < window:
            return float("inf")
        draws = (
            self._random.choice(self._calibration, window, replace=False)
            for _ in range(CALIBRATION_WINDOWS)
        )
        return float(np.quantile([self.statistic(rows) for rows in draws], QUANTILE))

    def alarmed(self, units: Mapping[str, NDArray[Any]], window: int) -> set[str]:
        """Name the units most of whose windows exceed the threshold.

        Args:
            units: Numbers of each unit's prompts (an account's, or a pool's), in the order of time.
            window: Prompts of a window; a unit with fewer cannot be judged and is not named.

        Returns:
            The units that are named.
        """
        limit = self.threshold(window)
        named = set()
        for name, rows in units.items():
            starts = range(0, rows.size - window + 1, window)
            above = sum(self.statistic(rows[start : start + window]) > limit for start in starts)
            if starts and 2 * above > len(starts):
                named.add(name)
        return named


def rows_by_unit(
    accounts: Sequence[str], unit_of: Mapping[str, str] | None = None
) -> dict[str, NDArray[Any]]:
    """Number the prompts of each account, or of each pool of accounts.

    Args:
        accounts: Account of each prompt, in the order of time.
        unit_of: Pool of each account; accounts without one are left out. None for accounts.

    Returns:
        Row numbers by unit, in the order of time.
    """
    found: dict[str, list[int]] = {}
    for row, account in enumerate(accounts):
        unit = account if unit_of is None else unit_of.get(account, "")
        if unit:
            found.setdefault(unit, []).append(row)
    return {name: np.array(rows, dtype=np.int64) for name, rows in sorted(found.items())}


def members(units: Iterable[str], unit_of: Mapping[str, str]) -> set[str]:
    """Name the accounts of some pools.

    Args:
        units: The pools.
        unit_of: Pool of each account.

    Returns:
        The accounts.
    """
    chosen = set(units)
    return {account for account, unit in unit_of.items() if unit in chosen}
