"""Cautery's own scheme: two layers, for students that learned from many and for leaked text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from cautery.errors import ConfigurationError
from cautery.ports import NullDistribution
from cautery.records.key import Key, Layer
from cautery.watermark.exponentials import exponentials
from cautery.watermark.fields import Fields
from cautery.watermark.fingerprints import fingerprints
from cautery.watermark.null_distributions import GammaSum
from cautery.watermark.positions import Positions, positions_after
from cautery.watermark.siphash import KEY_BYTES as PART_BYTES
from cautery.watermark.two_layer_embedding import TwoLayerMarking
from cautery.watermark.two_layer_split import (
    Parameters,
    is_account_position,
    prf_key,
    split_key,
    token_uniforms,
)

MOST_CONTEXT: Final = 16
"""Widest context: one edited token spoils as many positions."""


@dataclass(frozen=True)
class CauteryTwoLayer:
    """A keyed hash of the context says whose position it is; there, Gumbel-max with SipHash."""

    name: str = "cautery-two-layer"
    description: str = "Two layers, one shared and one an account's; keeps the distribution."

    def parameters(self, given: Mapping[str, Any]) -> Parameters:
        """Check ``shared_context_width`` (2), ``account_context_width`` (4) and
        ``account_share`` (0.25).
        """  # noqa: D205
        fields = Fields(given)
        short = fields.whole("shared_context_width", default=2, least=1, most=MOST_CONTEXT)
        long = fields.whole("account_context_width", default=4, least=1, most=MOST_CONTEXT)
        share = fields.number("account_share", default=0.25, least=0.0, most=1.0, inside=True)
        fields.done()
        if short > long:
            raise ConfigurationError(
                "must not be wider than account_context_width",
                where="parameters.shared_context_width",
            )
        return Parameters(
            shared_context_width=short, account_context_width=long, account_share=share
        )

    def check_key(self, key: Key, parameters: Any) -> None:
        """Take 32 bytes whose halves differ and were drawn at random."""
        halves = (split_key(key), prf_key(key))
        if halves[0] == halves[1] or any(len(set(half)) == 1 for half in halves):
            raise ConfigurationError(
                "this key is weak: a half is one byte over and over, or both are the same",
                where=f"key {key.key_id}",
                hint="Draw 32 random bytes.",
            )

    def positions(self, tokens: NDArray[np.int64], parameters: Any, key: Key) -> Positions:
        """Score those of the key's layer among the tokens with a whole long context."""
        text = np.ascontiguousarray(tokens, dtype=np.int64).tobytes()
        return _positions(text, parameters, split_key(key), key.layer)

    def values(self, positions: Any, key: Key, parameters: Any) -> NDArray[np.float64]:
        """Give -ln(1 - u) of each token."""
        return np.asarray(self.values_of_keys(positions, [key], parameters)[0])

    def values_of_keys(
        self, positions: Any, keys: Sequence[Key], parameters: Any
    ) -> NDArray[np.float64]:
        """Give -ln(1 - u) of each token under each key."""
        own = [prf_key(key) for key in keys]
        return exponentials(token_uniforms(positions.context, positions.token, own))

    def prf_inputs(self, positions: Any, key: Key, parameters: Any) -> NDArray[np.uint64]:
        """Fold context and token: the function reads both whole."""
        return fingerprints(*positions.context.T, positions.token)

    def make_key(self, shared: bytes, own: bytes, parameters: Any) -> bytes:
        """Take the epoch's split key, and 16 random bytes for the layer."""
        return shared[:PART_BYTES] + own[:PART_BYTES]

    def engine_settings(self, key: Key, parameters: Any) -> dict[str, Any]:
        """Refuse: cautery's own adapters read the key file.

        Raises:
            ConfigurationError: Always.
        """
        raise ConfigurationError(
            "no engine embeds this scheme by itself",
            where="scheme",
            hint="Derive a key file, and give it to cautery's adapter for the engine.",
        )

    def begin(self, keys: Sequence[Key], parameters: Any, prompt: Sequence[int]) -> TwoLayerMarking:
        """Begin a response, with a shared or campaign key and an account's."""
        return TwoLayerMarking(keys, parameters, prompt)

    def deduplicate(self, parameters: Any) -> Literal["context-token", "prf-input"]:
        """Leave out a token that followed the same context: it has the same value."""
        return "context-token"

    def null(self, parameters: Any) -> NullDistribution:
        """Give the law of a sum of exponentials."""
        return GammaSum()


@lru_cache(maxsize=4)
def _positions(text: bytes, parameters: Parameters, split: bytes, layer: Layer) -> Positions:
    """List a layer's positions; thousands of account keys ask for those of one text."""
    whole = positions_after(np.frombuffer(text, np.int64), parameters.account_context_width)
    own = is_account_position(whole.context, split, parameters) == (layer is Layer.ACCOUNT)
    found = Positions(
        index=whole.index[own],
        token=whole.token[own],
        context=whole.context[own][:, -parameters.width(layer) :],
    )
    for column in (found.index, found.token, found.context):
        column.flags.writeable = False
    return found


MEMBER: Final = CauteryTwoLayer()
