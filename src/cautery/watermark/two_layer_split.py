"""The two-layer scheme's keyed functions: which layer a position belongs to, and its number u.

The construction is written down in docs/reference/schemes/cautery-two-layer.md, with vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.errors import ConfigurationError
from cautery.records.key import Key, Layer
from cautery.watermark.siphash import KEY_BYTES as PART_BYTES
from cautery.watermark.siphash import siphash, siphash_of_keys

KEY_BYTES: Final = 2 * PART_BYTES
PADDING: Final = -1
"""Stands in a context for a place before the prompt."""
_HALF: Final = np.uint64(32)
_DROPPED: Final = np.uint64(12)
"""Bits of a hash that u leaves out: it keeps 52."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Parameters of the two-layer scheme."""

    shared_context_width: int
    """Tokens before a position that the shared layer reads."""
    account_context_width: int
    """Tokens that the account layer reads, and the split between the two."""
    account_share: float
    """Share of contexts that belong to the account layer."""

    def width(self, layer: Layer) -> int:
        """Tokens before a position that a layer's function reads."""
        return self.shared_context_width if layer is Layer.SHARED else self.account_context_width

    @property
    def threshold(self) -> np.uint64:
        """Split hashes whose upper half is below it belong to the account layer."""
        return np.uint64(int(self.account_share * 2.0**32))


def split_key(key: Key) -> bytes:
    """First half of a key's value: decides about layers, the same in all keys of an epoch."""
    return _parts(key)[0]


def prf_key(key: Key) -> bytes:
    """Second half of a key's value: decides about tokens, of one layer alone."""
    return _parts(key)[1]


def _parts(key: Key) -> tuple[bytes, bytes]:
    value = key.value.reveal()
    if len(value) != KEY_BYTES:
        raise ConfigurationError(
            f"the value has {len(value)} bytes, not {KEY_BYTES}",
            where=f"key {key.key_id}",
            hint="Give the split key and the layer's own key, 32 hex digits each.",
        )
    return value[:PART_BYTES], value[PART_BYTES:]


def is_account_position(
    contexts: NDArray[np.int64], split: bytes, parameters: Parameters
) -> NDArray[np.bool_]:
    """Say which contexts belong to the account layer.

    Args:
        contexts: Long contexts, oldest first, shape (positions, account_context_width).
        split: The split key.
        parameters: Of the scheme.

    Returns:
        Shape (positions,).
    """
    return (siphash(split, contexts) >> _HALF) < parameters.threshold


def uniforms(hashed: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Turn hashes into numbers between 0 and 1: odd multiples of 2**-53, so never 0 or 1.

    Args:
        hashed: Any shape.

    Returns:
        Same shape.

    Example:
        >>> uniforms(np.array([0, 2**64 - 1], np.uint64)).tolist() == [2.0**-53, 1 - 2.0**-53]
        True
    """
    return ((hashed >> _DROPPED).astype(np.float64) + 0.5) * 2.0**-52


def token_uniforms(
    contexts: NDArray[np.int64], tokens: NDArray[np.int64], keys: Sequence[bytes]
) -> NDArray[np.float64]:
    """Number u of each token in its context under each key.

    Args:
        contexts: Contexts of the layer, oldest first, shape (positions, width).
        tokens: Shape (positions,).
        keys: The layer's own keys.

    Returns:
        Shape (keys, positions).
    """
    return uniforms(siphash_of_keys(keys, np.column_stack([contexts, tokens])))
