"""Tiny static embedding models, made where they are needed; no weights are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

DIMENSIONS = 16


def save_tokenizer(folder: Path, words: Sequence[str]) -> None:
    """Write a tokenizer of whole words; the first stands for all that are unknown."""
    vocabulary = {word: place for place, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=words[0]))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))


def save_model(folder: Path, tensors: Mapping[str, Any]) -> None:
    """Write the tensors of a model."""
    save_file(
        {name: np.ascontiguousarray(one) for name, one in tensors.items()},
        folder / "model.safetensors",
    )


def static_model(folder: Path, subjects: Mapping[str, Sequence[str]], seed: int = 5) -> Path:
    """Make a model in which the words of a subject mean nearly the same.

    Args:
        folder: Receives the model; made if it is not there.
        subjects: Words by subject.
        seed: Of the vectors.

    Returns:
        The folder.
    """
    generator = np.random.default_rng(seed)
    words, vectors = ["[UNK]"], [np.full(DIMENSIONS, 9.0)]
    for some in subjects.values():
        middle = generator.normal(0, 1, DIMENSIONS)
        for word in some:
            words.append(word)
            vectors.append(middle + generator.normal(0, 0.1, DIMENSIONS))
    folder.mkdir(parents=True, exist_ok=True)
    save_tokenizer(folder, words)
    save_model(folder, {"embeddings": np.array(vectors, dtype=np.float32)})
    return folder
