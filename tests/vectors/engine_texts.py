"""Texts of token numbers, and what the vector scripts share: no engine, only NumPy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parent
LARGEST_TOKEN = 2**31 - 1


def random_keys(generator: np.random.Generator, count: int, bits: int = 64) -> NDArray[np.uint64]:
    """Draw keys; no two of a set are alike in practice."""
    words = generator.integers(0, 2**32, size=(count, 2), dtype=np.uint64)
    return ((words[:, 0] << np.uint64(32)) | words[:, 1]) >> np.uint64(64 - bits)


def random_text(generator: np.random.Generator, length: int) -> NDArray[np.int64]:
    """Draw a text of one of three kinds: few words, a usual vocabulary, and any token number."""
    vocabulary = int(generator.choice([5, 152_064, LARGEST_TOKEN + 1]))
    return generator.integers(0, vocabulary, size=length)


def save(name: str, arrays: dict[str, NDArray[Any]]) -> None:
    """Write the vectors of a scheme."""
    path = FOLDER / f"{name}.npz"
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
    print(f"{path.name}: {path.stat().st_size:,} bytes")  # noqa: T201
