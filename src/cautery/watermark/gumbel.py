"""What the engines' Gumbel schemes have in common: any key of 64 bits, a value a token and key."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cautery.records.key import Key
from cautery.watermark.fingerprints import fingerprints
from cautery.watermark.key_numbers import KEY_BYTES, refuse_weak
from cautery.watermark.positions import Positions, padded_positions


class GumbelScheme(ABC):
    """A scheme in which the key draws u of each token, and a token with a large u is chosen."""

    @abstractmethod
    def values_of_keys(
        self, positions: Any, keys: Sequence[Key], parameters: Any
    ) -> NDArray[np.float64]:
        """Give the evidence of each token under each key, shape (keys, positions)."""

    def values(self, positions: Any, key: Key, parameters: Any) -> NDArray[np.float64]:
        """Give the evidence of each token, as under many keys."""
        row: NDArray[np.float64] = self.values_of_keys(positions, [key], parameters)[0]
        return row

    def check_key(self, key: Key, parameters: Any) -> None:
        """Take any key of 64 bits that is not weak."""
        refuse_weak(key)

    def make_key(self, shared: bytes, own: bytes, parameters: Any) -> bytes:
        """Take 8 random bytes."""
        return own[:KEY_BYTES]

    def deduplicate(self, parameters: Any) -> Literal["context-token", "prf-input"]:
        """Leave out a token that followed the same context: it has the same value."""
        return "context-token"


class VllmGumbelScheme(GumbelScheme):
    """One of vLLM, whose function reads context and token whole, and pads the first contexts."""

    def positions(self, tokens: NDArray[np.int64], parameters: Any, key: Key) -> Positions:
        """Score every token."""
        return padded_positions(tokens, parameters.context_width)

    def prf_inputs(self, positions: Any, key: Key, parameters: Any) -> NDArray[np.uint64]:
        """Fold context and token: the function reads both whole."""
        return fingerprints(*positions.context.T, positions.token)
