"""Hugging Face's green-list watermark (``WatermarkingConfig``), left-hash and self-hash.

Source: Kirchenbauer and others, ICML 2023, as transformers embeds it on a CPU.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from cautery.errors import ConfigurationError, InputError
from cautery.ports import NullDistribution
from cautery.records.key import Key
from cautery.watermark.fields import Fields
from cautery.watermark.fingerprints import fingerprints
from cautery.watermark.green_lists import GreenLists
from cautery.watermark.key_numbers import (
    key_number,
    odd_signed_key,
    refuse_poor_seeds,
    refuse_unsigned,
    refuse_weak,
)
from cautery.watermark.kgw_seeds import (
    left_hash_seeds,
    self_hash_seeds,
    self_hash_seeds_of_keys,
)
from cautery.watermark.null_distributions import GreenCount
from cautery.watermark.positions import Positions, positions_after

LEFT_HASH: Final = "lefthash"
SELF_HASH: Final = "selfhash"
MOST_CONTEXT: Final = 64
"""Widest context that a profile may ask for; the engine names no bound."""
LARGEST_VOCABULARY: Final = 1 << 22
"""Sixteen times the largest vocabulary of 2026; bounds the memory of one green list."""
LARGEST_BIAS: Final = 100.0
PAIRS_AT_ONCE: Final = 1 << 18
"""Pairs of key and position whose green lists are drawn together; bounds memory."""
KEYS_OF_A_BATCH: Final = 8
"""Keys from which a permutation is not drawn for the vocabulary, and kept, but for the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Fields of ``WatermarkingConfig``, and the model's ``vocab_size``."""

    seeding_scheme: str
    context_width: int
    """Tokens of the window; with ``lefthash`` only the last of them is read."""
    greenlist_ratio: float
    bias: float
    """What the generator adds to a green token's logit; the detector does not need it."""
    vocab_size: int

    @property
    def greenlist_size(self) -> int:
        """Number of green tokens, as the engine rounds it."""
        return int(self.vocab_size * self.greenlist_ratio)

    @property
    def tokens_before(self) -> int:
        """Tokens before a position that its seed needs."""
        return 1 if self.seeding_scheme == LEFT_HASH else self.context_width - 1


@dataclass(frozen=True)
class HfKgw:
    """A permutation seeded by the context makes some tokens green; green ones are favoured."""

    name: str = "hf-kgw"
    description: str = "Hugging Face's green-list watermark, left-hash or self-hash."

    def parameters(self, given: Mapping[str, Any]) -> Parameters:
        """Check ``vocab_size`` (required), ``seeding_scheme``, ``context_width``,
        ``greenlist_ratio`` and ``bias``.
        """  # noqa: D205
        fields = Fields(given)
        if "vocab_size" not in given:
            raise ConfigurationError(
                "is missing, and the green lists depend on it",
                where="parameters.vocab_size",
                hint="Give the model's own, from its config.json.",
            )
        vocabulary = fields.whole("vocab_size", default=0, least=2, most=LARGEST_VOCABULARY)
        scheme = fields.choice("seeding_scheme", default=LEFT_HASH, options=(LEFT_HASH, SELF_HASH))
        width = fields.whole("context_width", default=1, least=1, most=MOST_CONTEXT)
        ratio = fields.number("greenlist_ratio", default=0.25, least=0.0, most=1.0, inside=True)
        bias = fields.number("bias", default=2.0, least=0.0, most=LARGEST_BIAS)
        fields.done()
        found = Parameters(
            seeding_scheme=scheme,
            context_width=width,
            greenlist_ratio=ratio,
            bias=bias,
            vocab_size=vocabulary,
        )
        if not found.greenlist_size:
            raise ConfigurationError(
                f"of {vocabulary} tokens this leaves none green",
                where="parameters.greenlist_ratio",
            )
        return found

    def check_key(self, key: Key, parameters: Any) -> None:
        """Take a key that the engine can hold and that gives many seeds."""
        refuse_weak(key)
        if parameters.seeding_scheme == SELF_HASH:
            refuse_unsigned(key, "which PyTorch cannot multiply")
        refuse_poor_seeds(key)

    def positions(self, tokens: NDArray[np.int64], parameters: Any, key: Key) -> Positions:
        """Score all but the first token, or the first ``context_width - 1`` with self-hash.

        Raises:
            InputError: A token is not in the vocabulary.
        """
        if len(tokens) and not 0 <= int(tokens.min()) <= int(tokens.max()) < parameters.vocab_size:
            raise InputError(
                f"a token is not in the vocabulary of {parameters.vocab_size}",
                where="token_ids",
                hint="Is the text of the profile's model, and vocab_size that of its config.json?",
            )
        return positions_after(tokens, parameters.tokens_before)

    def values(self, positions: Any, key: Key, parameters: Any) -> NDArray[np.float64]:
        """Give 1 for a green token, 0 for another."""
        lists = green_lists(parameters.vocab_size, parameters.greenlist_size)
        seeds = _seeds(positions, [key], parameters)[0]
        return lists.are_green(seeds, positions.token).astype(np.float64)

    def values_of_keys(
        self, positions: Any, keys: Sequence[Key], parameters: Any
    ) -> NDArray[np.float64]:
        """Give 1 for a green token under each key, 0 for another."""
        if len(keys) == 1:  # whose answers are remembered
            return self.values(positions, keys[0], parameters)[None]
        return _green(_seeds(positions, keys, parameters), positions, parameters)

    def prf_inputs(self, positions: Any, key: Key, parameters: Any) -> NDArray[np.uint64]:
        """Fold seed and token: other contexts often share a seed."""
        seeds = _seeds(positions, [key], parameters)[0].astype(np.int64)
        return fingerprints(seeds, positions.token)

    def keyless(self, positions: Any, parameters: Any) -> NDArray[np.bool_]:
        """Mark what follows token 0 with left-hash: the key is a factor of the seed, 0 the other.

        A self-hash multiplies by places in a permutation, which begin with 1.
        """
        if parameters.seeding_scheme != LEFT_HASH:
            return np.zeros(len(positions), dtype=np.bool_)
        return np.asarray(positions.context[:, -1] == 0)

    def values_and_inputs_of_keys(
        self, positions: Any, keys: Sequence[Key], parameters: Any
    ) -> tuple[NDArray[np.float64], NDArray[np.uint64]]:
        """Give both under each key; a seed is made once."""
        seeds = _seeds(positions, keys, parameters)
        inputs = fingerprints(seeds.astype(np.int64), positions.token)
        return _green(seeds, positions, parameters), inputs

    def make_key(self, shared: bytes, own: bytes, parameters: Any) -> bytes:
        """Take 8 random bytes below 2**63, and an odd number, whose seeds keep all their bits."""
        return odd_signed_key(own)

    def engine_settings(self, key: Key, parameters: Any) -> dict[str, Any]:
        """Say it as ``WatermarkingConfig`` takes it."""
        return {
            "greenlist_ratio": parameters.greenlist_ratio,
            "bias": parameters.bias,
            "hashing_key": key_number(key),
            "seeding_scheme": parameters.seeding_scheme,
            "context_width": parameters.context_width,
        }

    def deduplicate(self, parameters: Any) -> Literal["context-token", "prf-input"]:
        """Leave out a token with the same seed: a self-hash reads only a minimum."""
        return "prf-input" if parameters.seeding_scheme == SELF_HASH else "context-token"

    def null(self, parameters: Any) -> NullDistribution:
        """Give the law of the number of green tokens.

        The share is ``greenlist_ratio``, as in the engine's own test. The engine rounds the
        number of green tokens down, so a green token is at most that likely.
        """
        return GreenCount(parameters.greenlist_ratio)


@lru_cache(maxsize=4)
def green_lists(vocabulary: int, size: int) -> GreenLists:
    """Give the lists of a vocabulary and size, with what they remember.

    Args:
        vocabulary: Tokens in the vocabulary.
        size: Green ones among them.

    Returns:
        The same object again, for the last few vocabularies.
    """
    return GreenLists(vocabulary, size)


def _seeds(positions: Any, keys: Sequence[Key], parameters: Any) -> NDArray[np.uint32]:
    """Seed of each position under each key, shape (keys, positions)."""
    numbers = [key_number(key) for key in keys]
    if parameters.seeding_scheme == LEFT_HASH:
        previous = positions.context[:, -1]
        return np.array([left_hash_seeds(number, previous) for number in numbers])
    read = positions.context, positions.token
    if len(keys) < KEYS_OF_A_BATCH:
        vocabulary = parameters.vocab_size
        return np.array([self_hash_seeds(number, *read, vocabulary) for number in numbers])
    return self_hash_seeds_of_keys(numbers, *read)


def _green(seeds: NDArray[np.uint32], positions: Any, parameters: Any) -> NDArray[np.float64]:
    """Give 1 for each key's green tokens, 0 for others, shape (keys, positions)."""
    lists = green_lists(parameters.vocab_size, parameters.greenlist_size)
    values = np.empty(seeds.shape, dtype=np.float64)
    height = max(1, PAIRS_AT_ONCE // max(1, len(positions)))
    for top in range(0, len(seeds), height):
        some = seeds[top : top + height]
        tokens = np.broadcast_to(positions.token, some.shape)
        green = lists.are_green_once(some.ravel(), tokens.ravel())
        values[top : top + height] = green.reshape(some.shape)
    return values


MEMBER: Final = HfKgw()
