"""SynthID text as Hugging Face embeds it (``SynthIDTextWatermarkingConfig``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from cautery.errors import ConfigurationError
from cautery.ports import NullDistribution
from cautery.records.key import Key
from cautery.watermark.fields import Fields
from cautery.watermark.null_distributions import WeightedBitMean
from cautery.watermark.positions import Positions, positions_after
from cautery.watermark.synthid_embedding import SynthidMarking
from cautery.watermark.synthid_hash import HASHES_AT_ONCE, hashes, layer_bits
from cautery.watermark.torch_random import random_bits

MEAN: Final = "mean"
WEIGHTED_MEAN: Final = "weighted_mean"
LARGEST_TABLE: Final = 1 << 24
"""The engine's own bound on ``sampling_table_size``."""
MOST_LAYERS: Final = 256
"""More than any tournament that was published (30); bounds memory."""
LONGEST_NGRAM: Final = 65
LONGEST_HISTORY: Final = 1 << 20
LAYER_KEY_BYTES: Final = 8
MOST_ONES: Final = 0.5005
"""Share of ones in a sampling table up to which its bits count as fair, as they are meant to be.
Such an excess moves the mean of 30 layers and 10,000 tokens by half a standard error; with more,
an unmarked text would look marked, and the law takes the table's own share."""

ALL_ONES: Final = 1.0 - 1e-9
"""Stands for the share of a small table of ones alone, which shows nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Fields of ``SynthIDTextWatermarkingConfig``, the number of keys, and the statistic."""

    ngram_len: int
    sampling_table_size: int
    sampling_table_seed: int
    context_history_size: int
    """Contexts in which the generator looks for a repeated one, which it leaves unmarked."""
    depth: int
    """Layers of the tournament: number of keys."""
    statistic: str

    @property
    def whole_weights(self) -> tuple[int, ...]:
        """Weights of the layers, ``linspace(10, 1, depth)`` or all equal, as whole numbers."""
        if self.statistic == MEAN or self.depth == 1:
            return (1,) * self.depth
        return tuple(10 * (self.depth - 1) - 9 * layer for layer in range(self.depth))

    @property
    def share_of_ones(self) -> float:
        """Chance of a one that the law supposes: half, or the table's own share if it is larger."""
        ones = float(_table(self.sampling_table_seed, self.sampling_table_size).mean())
        return min(ones, ALL_ONES) if ones > MOST_ONES else 0.5

    @property
    def key_modulus(self) -> int:
        """Numbers modulo which a layer key acts: of a table of 2**k only k bits are read."""
        size = self.sampling_table_size
        return size if size & (size - 1) == 0 else 1 << 64


@dataclass(frozen=True)
class HfSynthid:
    """A tournament of keyed bits chooses the token; winners have more ones than chance."""

    name: str = "hf-synthid"
    description: str = "Hugging Face's SynthID text: a tournament, keeps the distribution."

    def parameters(self, given: Mapping[str, Any]) -> Parameters:
        """Check ``ngram_len`` (5), ``depth`` (30), ``statistic`` (weighted_mean),
        ``sampling_table_size`` (65536), ``sampling_table_seed`` (0) and
        ``context_history_size`` (1024).
        """  # noqa: D205
        fields = Fields(given)
        found = Parameters(
            ngram_len=fields.whole("ngram_len", default=5, least=2, most=LONGEST_NGRAM),
            sampling_table_size=fields.whole(
                "sampling_table_size", default=1 << 16, least=2, most=LARGEST_TABLE
            ),
            sampling_table_seed=fields.whole(
                "sampling_table_seed", default=0, least=0, most=(1 << 64) - 1
            ),
            context_history_size=fields.whole(
                "context_history_size", default=1024, least=0, most=LONGEST_HISTORY
            ),
            depth=fields.whole("depth", default=30, least=1, most=MOST_LAYERS),
            statistic=fields.choice(
                "statistic", default=WEIGHTED_MEAN, options=(MEAN, WEIGHTED_MEAN)
            ),
        )
        fields.done()
        return found

    def check_key(self, key: Key, parameters: Any) -> None:
        """Take one key a layer, each below 2**63, all different where the table tells them apart.

        Two layers with equal keys have equal bits, which doubles their weight and the variance.
        """
        numbers = _layer_keys(key, parameters)
        if any(number >= 1 << 63 for number in numbers):
            raise ConfigurationError(
                "a layer key is 2**63 or more, which PyTorch cannot hold",
                where=f"key {key.key_id}",
                hint="Its first hex digit must be below 8.",
            )
        modulus = parameters.key_modulus
        if len({number % modulus for number in numbers}) < len(numbers):
            raise ConfigurationError(
                f"two layer keys are equal modulo {modulus}, so that two layers are one",
                where=f"key {key.key_id}",
                hint="Draw layer keys with different residues.",
            )

    def positions(self, tokens: NDArray[np.int64], parameters: Any, key: Key) -> Positions:
        """Score all but the first ``ngram_len - 1`` tokens."""
        return positions_after(tokens, parameters.ngram_len - 1)

    def values(self, positions: Any, key: Key, parameters: Any) -> NDArray[np.float64]:
        """Give the (weighted) mean of each token's bits."""
        keys = np.array(_layer_keys(key, parameters), dtype=np.uint64)
        table = _table(parameters.sampling_table_seed, parameters.sampling_table_size)
        # Whole weights add up without rounding, in whatever order.
        weights = np.array(parameters.whole_weights, dtype=np.float64)
        total = weights.sum()
        values = np.empty(len(positions), dtype=np.float64)
        for start in range(0, len(positions), HASHES_AT_ONCE):
            block = slice(start, start + HASHES_AT_ONCE)
            drawn = hashes(np.column_stack([positions.context[block], positions.token[block]]))
            values[block] = weights @ layer_bits(drawn, keys, table).astype(np.float64) / total
        return values

    def prf_inputs(self, positions: Any, key: Key, parameters: Any) -> NDArray[np.uint64]:
        """Give the hash of context and token, which every layer reads and nothing else."""
        return hashes(np.column_stack([positions.context, positions.token]))

    def make_key(self, shared: bytes, own: bytes, parameters: Any) -> bytes:
        """Take layer keys below 2**63 whose residues differ."""
        modulus, taken = parameters.key_modulus, set[int]()
        value = b""
        for start in range(0, len(own), LAYER_KEY_BYTES):
            number = int.from_bytes(own[start : start + LAYER_KEY_BYTES], "big") >> 1
            if len(taken) < parameters.depth and number % modulus not in taken:
                taken.add(number % modulus)
                value += number.to_bytes(LAYER_KEY_BYTES, "big")
        return value

    def engine_settings(self, key: Key, parameters: Any) -> dict[str, Any]:
        """Say it as ``SynthIDTextWatermarkingConfig`` takes it."""
        return {
            "ngram_len": parameters.ngram_len,
            "keys": _layer_keys(key, parameters),
            "sampling_table_size": parameters.sampling_table_size,
            "sampling_table_seed": parameters.sampling_table_seed,
            "context_history_size": parameters.context_history_size,
        }

    def begin(self, keys: Sequence[Key], parameters: Any, prompt: Sequence[int]) -> SynthidMarking:
        """Begin a response; the engine's own begins with zeros, whatever the prompt."""
        if len(keys) != 1:
            raise ConfigurationError(f"marking takes one key, not {len(keys)}", where="keys")
        return SynthidMarking(
            np.array(_layer_keys(keys[0], parameters), dtype=np.uint64),
            _table(parameters.sampling_table_seed, parameters.sampling_table_size),
            parameters.ngram_len,
            parameters.context_history_size,
        )

    def deduplicate(self, parameters: Any) -> Literal["context-token", "prf-input"]:
        """Leave out a token that followed the same context: it has the same bits."""
        return "context-token"

    def null(self, parameters: Any) -> NullDistribution:
        """Give the law of a weighted mean of bits, fair unless the sampling table is not."""
        return _null(parameters.whole_weights, parameters.share_of_ones)


def _layer_keys(key: Key, parameters: Any) -> list[int]:
    value = key.value.reveal()
    if len(value) != LAYER_KEY_BYTES * parameters.depth:
        raise ConfigurationError(
            f"the value has {len(value)} bytes, not {LAYER_KEY_BYTES} for each of "
            f"{parameters.depth} layers",
            where=f"key {key.key_id}",
            hint="Give 16 hex digits a layer, one after another; depth is their number.",
        )
    parts = range(0, len(value), LAYER_KEY_BYTES)
    return [int.from_bytes(value[start : start + LAYER_KEY_BYTES], "big") for start in parts]


@lru_cache(maxsize=4)
def _null(weights: tuple[int, ...], share: float) -> WeightedBitMean:
    return WeightedBitMean(tuple(float(weight) for weight in weights), share)


@lru_cache(maxsize=4)
def _table(seed: int, size: int) -> NDArray[np.uint8]:
    table = random_bits(seed, size)
    table.flags.writeable = False
    return table


MEMBER: Final = HfSynthid()
