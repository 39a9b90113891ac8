"""Texts that vLLM's Gumbel scheme would have written, and the files that a verb needs."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cautery.records.key import Key, Secret
from cautery.registry import SCHEMES
from cautery.watermark.positions import Positions

SCHEME = SCHEMES.load("vllm-gumbel")
PARAMETERS = SCHEME.parameters({})
WIDTH = 4
VOCABULARY = 400
CHOICES = 12
"""Equally likely tokens at each place of a marked text."""


def key(number: int, **more: Any) -> Key:
    """A key that its number decides."""
    value = random.Random(number).randbytes(8)
    return Key(key_id=f"k{number}", value=Secret(value), **more)


def marked(under: Key, tokens: int, seed: int = 0, choices: int = CHOICES) -> list[int]:
    """Write a text in which each token is the likeliest under the key among some."""
    draw = random.Random(seed)
    text = [-1] * WIDTH
    for _ in range(tokens):
        candidates = np.array(draw.sample(range(VOCABULARY), choices), dtype=np.int64)
        context = np.tile(np.array(text[-WIDTH:], dtype=np.int64), (choices, 1))
        offered = Positions(index=np.arange(choices), token=candidates, context=context)
        values = SCHEME.values(offered, under, PARAMETERS)
        text.append(int(candidates[np.argmax(values)]))
    return text[WIDTH:]


def unmarked(tokens: int, seed: int = 0) -> list[int]:
    """Write a text at random."""
    draw = random.Random(seed)
    return [draw.randrange(VOCABULARY) for _ in range(tokens)]


def write_keys(path: str, keys: Sequence[Key]) -> None:
    """Write a key file."""
    rows = []
    for one in keys:
        row = {"key_id": one.key_id, "value": one.value.reveal().hex()}
        owner = {"account_id": one.account_id, "campaign_id": one.campaign_id, "epoch": one.epoch}
        rows.append({**row, **{name: value for name, value in owner.items() if value}})
    Path(path).write_text(json.dumps({"schema": "cautery.keys/1", "keys": rows}))


def write_profile(path: str, scheme: str = "vllm-gumbel", **more: Any) -> None:
    """Write a profile."""
    Path(path).write_text(json.dumps({"schema": "cautery.profile/1", "scheme": scheme, **more}))


def write_texts(path: str, texts: Sequence[dict[str, Any]]) -> None:
    """Write texts under test."""
    Path(path).write_text("".join(json.dumps(text) + "\n" for text in texts))


def write_tokenizer(path: str) -> str:
    """Write a tokenizer of whole words ``w0 w1 ...`` and give its digest."""
    import hashlib

    import tokenizers

    words = {f"w{number}": number for number in range(VOCABULARY)}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="w0"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    made.save(path)
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def words_of(tokens: Sequence[int]) -> str:
    """Write token ids as the text that this tokenizer reads them from."""
    return " ".join(f"w{token}" for token in tokens)
