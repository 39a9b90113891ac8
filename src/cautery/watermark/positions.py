"""The positions of a text that a scheme scores, and the context that each was chosen in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

PADDING: Final = -1
"""Stands in a context for a place before the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Positions:
    """Scored positions of one text, in its order; all arrays have one row a position."""

    index: NDArray[np.int64]
    """Place of the token in the text, shape (positions,)."""
    token: NDArray[np.int64]
    """The token chosen there, shape (positions,)."""
    context: NDArray[np.int64]
    """The tokens before it that the keyed function reads, oldest first, shape (positions, width);
    -1 stands for a place before the text."""

    def __len__(self) -> int:
        return len(self.index)


def positions_after(tokens: NDArray[np.int64], width: int) -> Positions:
    """Score every token that has enough of the text before it.

    Args:
        tokens: One text.
        width: Tokens of a context.

    Returns:
        ``width`` positions fewer than tokens, or none.

    Example:
        >>> positions_after(np.array([7, 8, 9, 10]), 2).context.tolist()
        [[7, 8], [8, 9]]
    """
    count = max(0, len(tokens) - width)
    index = np.arange(len(tokens) - count, len(tokens), dtype=np.int64)
    return Positions(index=index, token=tokens[index], context=_windows(tokens, width, count))


def padded_positions(tokens: NDArray[np.int64], width: int) -> Positions:
    """Score every token; the context of the first ones is padded with ``PADDING``.

    Args:
        tokens: One text.
        width: Tokens of a context.

    Returns:
        As many positions as tokens.

    Example:
        >>> padded_positions(np.array([7, 8, 9]), 2).context.tolist()
        [[-1, -1], [-1, 7], [7, 8]]
    """
    count = len(tokens)
    padded = np.concatenate([np.full(width, PADDING, dtype=np.int64), tokens])
    index = np.arange(count, dtype=np.int64)
    return Positions(index=index, token=tokens, context=_windows(padded, width, count))


def _windows(tokens: NDArray[np.int64], width: int, count: int) -> NDArray[np.int64]:
    """First so many windows, shape (count, width), in memory place by place as they are read."""
    places = np.empty((width, count), dtype=np.int64)
    for place in range(width):
        places[place] = tokens[place : place + count]
    return places.T
