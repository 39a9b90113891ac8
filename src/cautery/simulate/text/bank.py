"""The bank of text pieces: every text of a log is a row of piece numbers until it is written."""

from __future__ import annotations

import gzip
import json
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cautery.simulate.seeds import Keys, field

Pieces = npt.NDArray[np.int32]

PACKAGE = "cautery.simulate.sample"


class Span(NamedTuple):
    """Consecutive pieces of the bank that may stand at one place."""

    start: int
    size: int


@cache
def read_sample(name: str) -> Any:
    """Read a file of the packaged sample (JSON or TOML, perhaps gzipped)."""
    raw = resources.files(PACKAGE).joinpath(name).read_bytes()
    if name.endswith(".gz"):
        raw = gzip.decompress(raw)
    if ".csv" in name:
        return raw.decode().splitlines()
    return tomllib.loads(raw.decode()) if name.endswith(".toml") else json.loads(raw)


class TextBank:
    """Numbered text pieces; piece 0 is empty.

    Example:
        >>> bank = TextBank()
        >>> span = bank.add_all(["one ", "two "])
        >>> bank.pieces[span.start], span.size
        ('one ', 2)
    """

    def __init__(self) -> None:
        self.pieces: list[str] = [""]
        self._numbers: dict[str, int] = {"": 0}
        self._lengths: npt.NDArray[np.int32] = np.zeros(1, np.int32)

    def add(self, text: str) -> int:
        """Return the number of a piece, adding it if it is new."""
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self.pieces)
            self.pieces.append(text)
        return number

    def add_all(self, texts: Sequence[str]) -> Span:
        """Add consecutive pieces, copies of known pieces included."""
        start = len(self.pieces)
        self.pieces.extend(texts)
        return Span(start, len(texts))

    def lengths(self) -> npt.NDArray[np.int32]:
        """Return the length of every piece in characters."""
        known = len(self._lengths)
        if known < len(self.pieces):
            more = np.fromiter(map(len, self.pieces[known:]), np.int32, len(self.pieces) - known)
            self._lengths = np.concatenate([self._lengths, more])
        return self._lengths


def choose(span: Span, keys: Keys, slot: int) -> Pieces:
    """Choose one piece of a span for every key."""
    value = field(keys, slot) >> np.uint64(11)
    return (span.start + (value % np.uint64(span.size)).astype(np.int64)).astype(np.int32)


def choose_by(
    starts: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64], keys: Keys, slot: int
) -> Pieces:
    """Choose one piece for every key, each row from its own span."""
    value = field(keys, slot) >> np.uint64(11)
    return (starts + (value % sizes.astype(np.uint64)).astype(np.int64)).astype(np.int32)


def chance(keys: Keys, slot: int) -> npt.NDArray[np.float64]:
    """Return a number in [0, 1) for every key."""
    return (field(keys, slot) >> np.uint64(11)).astype(np.float64) / float(2**53)
