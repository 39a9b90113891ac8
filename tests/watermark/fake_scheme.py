"""A small Gumbel scheme whose keyed function is a hash in NumPy, and texts that it marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cautery.errors import ConfigurationError
from cautery.ports import NullDistribution
from cautery.records.key import Key, Secret
from cautery.watermark.deduplicate import Deduplicate
from cautery.watermark.fingerprints import fingerprints
from cautery.watermark.null_distributions import GammaSum, GreenCount
from cautery.watermark.positions import Positions, positions_after
from cautery.watermark.scoring import Plan

WIDTH = 2
VOCABULARY = 50


@dataclass(unsafe_hash=True)
class FakeScheme:
    """Values -ln(1 - u), or one in four green, of context, token and key."""

    green: bool = False
    reads_context: bool = True
    """Otherwise the function reads the last token and the chosen one, as a self-hash may."""
    name: str = "fake"
    description: str = "For tests."

    def parameters(self, given: Mapping[str, Any]) -> Any:
        return None

    def check_key(self, key: Key, parameters: Any) -> None:
        if len(key.value) != 8 or key.value.reveal()[0] >= 128:
            raise ConfigurationError("a key of the fake scheme has 63 bits")

    def positions(self, tokens: NDArray[np.int64], parameters: Any, key: Key) -> Positions:
        return positions_after(tokens, WIDTH)

    def uniforms(
        self, key: Key, context: NDArray[np.int64], token: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        number = np.full(len(token), int.from_bytes(key.value.reveal(), "big"), dtype=np.int64)
        columns = context.T if self.reads_context else context[:, -1:].T
        prints = fingerprints(number, *columns, token)
        return ((prints >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53

    def values(self, positions: Any, key: Key, parameters: Any) -> NDArray[np.float64]:
        found = self.uniforms(key, positions.context, positions.token)
        return (found >= 0.75).astype(np.float64) if self.green else -np.log1p(-found)

    def prf_inputs(self, positions: Any, key: Key, parameters: Any) -> NDArray[np.uint64]:
        columns = positions.context.T if self.reads_context else positions.context[:, -1:].T
        return fingerprints(*columns, positions.token)

    def make_key(self, shared: bytes, own: bytes, parameters: Any) -> bytes:
        return bytes([own[0] & 0x7F]) + own[1:8]

    def engine_settings(self, key: Key, parameters: Any) -> dict[str, Any]:
        return {"key": key.value.reveal().hex()}

    def deduplicate(self, parameters: Any) -> Literal["context-token", "prf-input"]:
        return "context-token"

    def null(self, parameters: Any) -> NullDistribution:
        return GreenCount(0.25) if self.green else GammaSum()


def key(number: int, **fields: Any) -> Key:
    """Make a key that the fake scheme takes."""
    return Key(key_id=f"key-{number}", value=Secret((number + 7).to_bytes(8, "big")), **fields)


def plan(mode: str = "context", rate: float = 1e-6, scheme: FakeScheme | None = None) -> Plan:
    """Make a plan of the fake scheme."""
    return Plan(
        scheme=scheme or FakeScheme(),
        parameters=None,
        deduplicate=Deduplicate(mode),
        false_positive_rate=rate,
    )


def unmarked_text(length: int, seed: int, vocabulary: int = VOCABULARY) -> NDArray[np.int64]:
    """Draw tokens, some more frequent than others."""
    generator = np.random.default_rng(seed)
    chances = 1.0 / np.arange(1.0, vocabulary + 1.0)
    return generator.choice(vocabulary, size=length, p=chances / chances.sum()).astype(np.int64)


def marked_text(marking: Key, length: int, seed: int, choices: int = 6) -> NDArray[np.int64]:
    """Choose each token among a few equally likely ones, drawn anew, as the Gumbel trick does."""
    generator = np.random.default_rng(seed)
    scheme = FakeScheme()
    text = list(unmarked_text(WIDTH, seed))
    while len(text) < length:
        offered = generator.choice(VOCABULARY, size=choices, replace=False).astype(np.int64)
        context = np.tile(np.asarray(text[-WIDTH:]), (choices, 1))
        text.append(int(offered[np.argmax(scheme.uniforms(marking, context, offered))]))
    return np.asarray(text, dtype=np.int64)
