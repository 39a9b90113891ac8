"""Keeps Python from looking for cycles where there are none."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

COLLECT_AFTER: Final = 100_000
"""New containers between two looks. Decoded JSON has no cycles, nor have the rows of a case, so
that a look every 700, Python's own number, is time lost: a fifth of the reading of a spend log."""


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Look for cycles seldom while something without any is read.

    Yields:
        Nothing; wrap the reading in it.
    """
    before = gc.get_threshold()
    gc.set_threshold(max(COLLECT_AFTER, before[0]) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
