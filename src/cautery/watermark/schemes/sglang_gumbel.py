"""SGLang's Gumbel watermark with one key, in SGLang 0.5.23."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cautery.ports import NullDistribution
from cautery.records.key import Key
from cautery.watermark.exponentials import exponentials
from cautery.watermark.fields import Fields
from cautery.watermark.fingerprints import fingerprints
from cautery.watermark.gumbel import GumbelScheme
from cautery.watermark.key_numbers import key_numbers
from cautery.watermark.murmur import context_hashes, keyed_hashes
from cautery.watermark.null_distributions import GammaSum
from cautery.watermark.positions import Positions, positions_after

MOST_CONTEXT: Final = 64
"""The engine's own bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Fields of ``--watermark-config`` and of a request's ``watermark``."""

    context_window: int


@dataclass(frozen=True)
class SglangGumbel(GumbelScheme):
    """The token with the largest ln(u)/p is chosen; its u tends to 1."""

    name: str = "sglang-gumbel"
    description: str = "SGLang's Gumbel watermark: a key a server or a request, one key a text."

    def parameters(self, given: Mapping[str, Any]) -> Parameters:
        """Check ``context_window`` (4)."""
        fields = Fields(given)
        window = fields.whole("context_window", default=4, least=1, most=MOST_CONTEXT)
        fields.done()
        return Parameters(context_window=window)

    def positions(self, tokens: NDArray[np.int64], parameters: Any, key: Key) -> Positions:
        """Score all but the first tokens, whose context reaches into the unknown prompt."""
        return positions_after(tokens, parameters.context_window)

    def values_of_keys(
        self, positions: Any, keys: Sequence[Key], parameters: Any
    ) -> NDArray[np.float64]:
        """Give -ln(1 - u) of each token under each key."""
        contexts = context_hashes(positions.context)
        hashes = keyed_hashes(contexts, positions.token, key_numbers(keys))
        return exponentials((hashes.astype(np.float64) + 0.5) * 2.0**-32)

    def prf_inputs(self, positions: Any, key: Key, parameters: Any) -> NDArray[np.uint64]:
        """Fold the hash of the context and the token: all that the keyed hash reads."""
        contexts = context_hashes(positions.context).astype(np.int64)
        return fingerprints(contexts, positions.token)

    def engine_settings(self, key: Key, parameters: Any) -> dict[str, Any]:
        """Say it as a request's ``watermark`` takes it."""
        return {
            "key": key.value.reveal().hex(),
            "context_window": parameters.context_window,
        }

    def null(self, parameters: Any) -> NullDistribution:
        """Give the law of a sum of exponentials."""
        return GammaSum()


MEMBER: Final = SglangGumbel()
