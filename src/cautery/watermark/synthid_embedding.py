"""The marking side of SynthID, over the candidates that truncation has left.

A token without probability never wins a tournament, so leaving it out changes nothing: the
distribution is that of Hugging Face's processor over the whole vocabulary, at a hundredth of the
work where top-k or top-p leave some hundred tokens.
"""

from __future__ import annotations

from collections import Counter, deque
from copy import copy

import numpy as np
from numpy.typing import NDArray

from cautery.watermark.synthid_hash import hashes, layer_bits, step


class SynthidMarking:
    """One response, as ``SynthIDTextWatermarkLogitsProcessor`` writes it.

    The engine begins with a context of zeros, not with the prompt, and with a history of zeros.

    Args:
        keys: One number a layer, shape (layers,).
        table: The sampling table of zeros and ones.
        ngram_length: Tokens that a layer's bit depends on, the chosen one included.
        history_size: Contexts that are remembered; a repeated one is left unmarked.
    """

    def __init__(
        self,
        keys: NDArray[np.uint64],
        table: NDArray[np.uint8],
        ngram_length: int,
        history_size: int,
    ) -> None:
        self._keys, self._table = keys, table
        self._context = deque([0] * (ngram_length - 1), maxlen=ngram_length - 1)
        self._history = deque([0] * history_size, maxlen=history_size)
        self._seen = Counter(self._history)

    def reweighted(
        self, probabilities: NDArray[np.float64], candidates: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Play the tournament, unless the context came before."""
        state = hashes(np.array([self._context], dtype=np.int64))
        repeated = self._remember(int(state[0]))
        if repeated:
            return probabilities
        bits = layer_bits(step(state, candidates.astype(np.uint64)), self._keys, self._table)
        shares = probabilities
        for won in bits.astype(np.float64):
            # A mass of one may come out a bit above, and a share below zero.
            shares = np.maximum(shares * (1.0 + won - won @ shares), 0.0)
        total: np.float64 = shares.sum()
        return np.asarray(shares / total, dtype=np.float64)

    def accept(self, token: int) -> None:
        """Take the chosen token into the context."""
        self._context.append(token)

    def ahead(self) -> SynthidMarking:
        """Give an independent copy."""
        other = copy(self)
        other._context = self._context.copy()  # noqa: SLF001
        other._history, other._seen = self._history.copy(), self._seen.copy()  # noqa: SLF001
        return other

    def _remember(self, context: int) -> bool:
        repeated = self._seen[context] > 0
        if self._history.maxlen:
            self._seen[self._history[0]] -= 1
            self._history.append(context)
            self._seen[context] += 1
        return repeated
