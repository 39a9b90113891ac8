"""The positions of a text that a scheme scores, and the context that each was chosen in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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
