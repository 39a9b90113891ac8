"""Reads the engines' vectors and plays them to a scheme."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cautery.records.key import Key, Secret

FOLDER = Path(__file__).resolve().parents[1] / "vectors"


def make_key(number: int) -> Key:
    """A key of 64 bits."""
    return Key(key_id="k-1", value=Secret(int(number).to_bytes(8, "big")))


def random_keys(count: int, seed: int = 0) -> list[Key]:
    """Draw keys below 2**63, which every scheme of 64-bit keys takes."""
    numbers = np.random.default_rng(seed).integers(1, 2**63, size=count, dtype=np.uint64)
    return [
        Key(key_id=f"k-{place}", value=Secret(int(number).to_bytes(8, "big")))
        for place, number in enumerate(numbers)
    ]


def vectors(name: str) -> dict[str, NDArray[Any]]:
    """All arrays of a scheme's vectors."""
    with np.load(FOLDER / f"{name}.npz") as stored:
        return {key: stored[key] for key in stored.files}


def cases(
    name: str, width_name: str, more: Any = None
) -> Iterator[tuple[int, Key, dict[str, Any]]]:
    """Number, key and parameters of each text; ``more`` makes further parameters of it."""
    stored = vectors(name)
    for number, value in enumerate(stored["keys"]):
        given = {width_name: int(stored["width"][number])}
        if more is not None:
            given |= more(stored, number)
        yield number, make_key(int(value)), given


def first_occurrences(rows: NDArray[Any]) -> NDArray[np.int64]:
    """Places where a row is seen for the first time, ascending."""
    _, first = np.unique(rows, axis=0, return_index=True)
    return np.sort(first)
