"""``cautery watermark embed``: generate marked texts with a local model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def embed(
    prompts: Annotated[str, Parameter(allow_leading_hyphen=True)],
    *,
    profile: Path,
    keys: Path,
    model: Path,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    key: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    max_new_tokens: int = 200,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    batch: int = 1,
    seed: int | None = None,
) -> int:
    """Generate marked texts with a local transformers model. Nothing is downloaded.

    Writes a JSON line a prompt: id, token_ids, text, key_ids, which `cautery watermark detect`
    reads. To mark what an engine serves, see its adapter instead.

    Args:
        prompts: JSON Lines, each with id and prompt, and key_ids where it has keys of its own; - is
            standard input.
        profile: Of a scheme that cautery embeds: hf-synthid, cautery-two-layer.
        keys: The key file.
        model: Folder of the model, with its tokenizer; weights as safetensors.
        output: Write here instead of to standard output, whole or not at all.
        key: Identifier of a key for prompts that name none, one a layer; all keys of the file if
            left out.
        max_new_tokens: Longest answer.
        temperature: Above 0; a greedy answer carries no mark.
        top_k: Sample from so many tokens; 0 is all.
        top_p: Sample from the likeliest tokens with so much probability.
        batch: Answers that are written at once.
        seed: Same seed, same answers.

    Returns:
        The exit code.
    """
    from cautery.cli.watermark.embed_run import Embedding, run_embed
    from cautery.inference.truncation import Sampling

    asked = Embedding(
        sampling=Sampling(temperature=temperature, top_k=top_k, top_p=top_p),
        max_new_tokens=max_new_tokens,
        batch=batch,
        seed=seed,
    )
    return run_embed(prompts, profile, keys, model, output, key_ids=key, asked=asked)
