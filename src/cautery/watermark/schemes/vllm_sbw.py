"""vLLM's Stateless Bernoulli Watermark (``algorithm: sbw``), not yet in a release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from cautery.errors import ConfigurationError
from cautery.ports import NullDistribution
from cautery.records.key import Key
from cautery.watermark.fields import Fields
from cautery.watermark.fingerprints import fingerprints
from cautery.watermark.key_numbers import (
    key_number,
    key_numbers,
    odd_signed_key,
    refuse_poor_seeds,
    refuse_unsigned,
    refuse_weak,
)
from cautery.watermark.null_distributions import GreenCount
from cautery.watermark.positions import PADDING, Positions, padded_positions
from cautery.watermark.sbw_prf import LARGEST_WORD, left_hash_seeds, self_hash_seeds, words
from cautery.watermark.vllm_parameters import take_context_width, take_generator_fields

SELF_HASH: Final = "selfhash"
LEFT_HASH: Final = "lefthash"
LARGEST_BIAS: Final = 1000.0
"""Bias of a green token's logit beyond which nothing changes."""
LEFT_HASH_CAVEAT: Final = (
    "In the versions of vLLM that were read, the generator and vLLM's own detector make different "
    "seeds for scheme 'lefthash'. This tests for the generator's, which is what marks text."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Fields of ``--watermark-config``, there with the prefix ``sbw_``."""

    context_width: int
    scheme: str
    gamma: float
    """Share of green tokens."""
    delta: float
    """What the generator adds to a green token's logit; the detector does not need it."""
    deduplicate_contexts: str

    @property
    def caveat(self) -> str:
        """What whoever reads a verdict should know about these parameters; empty for nothing."""
        return LEFT_HASH_CAVEAT if self.scheme == LEFT_HASH else ""

    @property
    def threshold(self) -> int:
        """Words below it are green."""
        return int(self.gamma * LARGEST_WORD)


@dataclass(frozen=True)
class VllmSbw:
    """A keyed coin for every token and context makes it green; green ones are favoured."""

    name: str = "vllm-sbw"
    description: str = "vLLM's Stateless Bernoulli Watermark: favours green tokens, greedy too."

    def parameters(self, given: Mapping[str, Any]) -> Parameters:
        """Check ``scheme`` (selfhash), ``context_width`` (4, or 1 for lefthash), ``gamma`` (0.5),
        ``delta`` (2), ``prf`` and ``deduplicate_contexts``.
        """  # noqa: D205
        fields = Fields(given)
        scheme = fields.choice("scheme", default=SELF_HASH, options=(SELF_HASH, LEFT_HASH))
        width = take_context_width(fields, default=4 if scheme == SELF_HASH else 1)
        gamma = fields.number("gamma", default=0.5, least=0.0, most=1.0, inside=True)
        delta = fields.number("delta", default=2.0, least=0.0, most=LARGEST_BIAS)
        scope = take_generator_fields(fields)
        fields.done()
        return Parameters(
            context_width=width,
            scheme=scheme,
            gamma=gamma,
            delta=delta,
            deduplicate_contexts=scope,
        )

    def check_key(self, key: Key, parameters: Any) -> None:
        """Take a key below 2**63 that is not weak: the engine holds it as a signed number."""
        refuse_weak(key)
        refuse_unsigned(key, "which vLLM cannot hold")
        refuse_poor_seeds(key)

    def positions(self, tokens: NDArray[np.int64], parameters: Any, key: Key) -> Positions:
        """Score every token."""
        return padded_positions(tokens, parameters.context_width)

    def values(self, positions: Any, key: Key, parameters: Any) -> NDArray[np.float64]:
        """Give 1 for a green token, 0 for another."""
        row: NDArray[np.float64] = self.values_of_keys(positions, [key], parameters)[0]
        return row

    def values_of_keys(
        self, positions: Any, keys: Sequence[Key], parameters: Any
    ) -> NDArray[np.float64]:
        """Give 1 for a green token under each key, 0 for another."""
        return _green(_seeds(positions, keys, parameters), positions, parameters)

    def prf_inputs(self, positions: Any, key: Key, parameters: Any) -> NDArray[np.uint64]:
        """Fold seed and token: other contexts often share a seed."""
        return fingerprints(_seeds(positions, [key], parameters)[0], positions.token)

    def keyless(self, positions: Any, parameters: Any) -> NDArray[np.bool_]:
        """Mark where a factor of the seed is 0, the key being the other.

        With left-hash, a context whose tokens add up to 0. With self-hash, a context that reaches
        before the text: padding hashes to 0, and half of the keys have no smaller product.
        """
        if parameters.scheme == LEFT_HASH:
            return np.asarray(positions.context.sum(axis=1) == 0)
        return np.asarray((positions.context[:, 1:] == PADDING).any(axis=1))

    def values_and_inputs_of_keys(
        self, positions: Any, keys: Sequence[Key], parameters: Any
    ) -> tuple[NDArray[np.float64], NDArray[np.uint64]]:
        """Give both under each key; a seed is made once."""
        seeds = _seeds(positions, keys, parameters)
        return _green(seeds, positions, parameters), fingerprints(seeds, positions.token)

    def make_key(self, shared: bytes, own: bytes, parameters: Any) -> bytes:
        """Take 8 random bytes below 2**63, and an odd number, whose seeds keep all their bits."""
        return odd_signed_key(own)

    def engine_settings(self, key: Key, parameters: Any) -> dict[str, Any]:
        """Say it as ``--watermark-config`` takes it; not for left-hash, which vLLM cannot verify.

        Raises:
            ConfigurationError: The profile says left-hash.
        """
        if parameters.scheme == LEFT_HASH:
            raise ConfigurationError(
                "vLLM's generator and detector disagree about left-hash: mark with self-hash",
                where="parameters.scheme",
            )
        return {
            "algorithm": "sbw",
            "key": key_number(key),
            "context_width": parameters.context_width,
            "sbw_scheme": parameters.scheme,
            "sbw_gamma": parameters.gamma,
            "sbw_delta": parameters.delta,
            "deduplicate_contexts": parameters.deduplicate_contexts,
        }

    def deduplicate(self, parameters: Any) -> Literal["context-token", "prf-input"]:
        """Leave out a token with the same seed: a self-hash reads only a minimum, and a left-hash
        of several tokens only their sum.
        """  # noqa: D205
        one = parameters.scheme == LEFT_HASH and parameters.context_width == 1
        return "context-token" if one else "prf-input"

    def null(self, parameters: Any) -> NullDistribution:
        """Give the law of the number of green tokens.

        The share is gamma itself. The engine's threshold makes it smaller by less than 1e-9, which
        errs towards no detection.
        """
        return GreenCount(parameters.gamma)


def _seeds(positions: Any, keys: Sequence[Key], parameters: Any) -> NDArray[np.int64]:
    numbers = key_numbers(keys).astype(np.int64)
    if parameters.scheme == LEFT_HASH:
        return left_hash_seeds(positions.context, numbers)
    return self_hash_seeds(positions.context, positions.token, numbers)


def _green(seeds: NDArray[np.int64], positions: Any, parameters: Any) -> NDArray[np.float64]:
    drawn = words(seeds, positions.token)
    green: NDArray[np.float64] = (drawn < parameters.threshold).astype(np.float64)
    return green


MEMBER: Final = VllmSbw()
