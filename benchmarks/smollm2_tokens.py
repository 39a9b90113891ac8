"""Answers of SmolLM2-135M, marked and not, as tokens in a small file; see ``resist_text.py``."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np
from benchmarks.radioactivity_cases import number_key
from numpy.typing import NDArray

from benchmarks import small_model
from cautery.inference.neural_laboratory.sequences import END
from cautery.registry import SCHEMES

Whole = NDArray[np.int64]

FILE: Final = Path(__file__).resolve().parent / "smollm2_tokens.npz"
TOKENS: Final = 100
"""Of an answer."""
BATCH: Final = 32
SCHEME: Final = "hf-kgw"
SIZE: Final = 49_152
"""Of the model's vocabulary."""
GIVEN: Final[dict[str, Any]] = {"vocab_size": SIZE, "bias": 3.0}
KEY: Final = number_key(20_261_129)
VOCABULARY: Final = 3_000
"""Commonest tokens that students know; all others are one to them, the last."""
OTHER: Final = VOCABULARY - 1
FIRST: Final = END + 1
"""Before it stand those that a network needs for itself."""
MARKED: Final = frozenset({0, 2, 4, 5})
"""Batches under the mark; the others are plain."""
HELD_OUT: Final = 32
"""Unmarked answers that nobody learns from."""


def prompts() -> list[str]:
    """Take the package's human prompts in a fixed order that mixes their sources."""
    packed = resources.files("cautery.simulate.sample").joinpath("prompts.json.gz").read_bytes()
    texts = [str(text) for group in json.loads(gzip.decompress(packed)).values() for text in group]
    short = [text for text in texts if len(text) <= small_model.LONGEST_PROMPT]
    return [short[place] for place in np.random.default_rng(1).permutation(len(short))]


def write_tokens(options: argparse.Namespace) -> None:
    """Let the model answer, in batches that are kept, and pack what there is."""
    import torch
    from transformers import WatermarkingConfig

    folder = small_model.unpacked(options.gguf, options.cache)
    model, tokenizer = small_model.load(folder, options.threads)
    scheme: Any = SCHEMES.load(SCHEME)
    mark = WatermarkingConfig(**scheme.engine_settings(KEY, scheme.parameters(GIVEN)))
    asked = prompts()
    for number in range(options.batches):
        kept = options.cache / f"batch-{number:02}.npy"
        if kept.exists():
            continue
        start = time.monotonic()
        rows = asked[number * BATCH : (number + 1) * BATCH]
        inputs = small_model.chat_inputs(tokenizer, rows)
        torch.manual_seed(number)
        with torch.inference_mode():
            written = model.generate(
                **inputs,
                **({"watermarking_config": mark} if number in MARKED else {}),
                do_sample=True,
                temperature=1.0,
                top_k=50,
                min_new_tokens=TOKENS,
                max_new_tokens=TOKENS,
            )
        np.save(kept, written[:, inputs["input_ids"].shape[1] :].numpy())
        print(f"batch {number}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    pack(options.cache, options.batches)


def pack(cache: Path, batches: int) -> None:
    """Pack the batches into the file that comes with this."""
    kept = [cache / f"batch-{number:02}.npy" for number in range(batches)]
    found = {number: np.load(file) for number, file in enumerate(kept) if file.exists()}
    parts = {
        name: np.concatenate([rows for number, rows in found.items() if (number in MARKED) == kind])
        for name, kind in (("marked", True), ("plain", False))
    }
    marked, plain = (parts[name].astype(np.uint16) for name in ("marked", "plain"))
    np.savez_compressed(FILE, marked=marked, plain=plain)
    sizes = ", ".join(f"{name} {len(rows)}" for name, rows in parts.items())
    print(f"{sizes} answers, {FILE.stat().st_size:,} bytes")


@dataclass(frozen=True)
class Material:
    """The teacher's answers; students number its tokens in their own way."""

    known: Whole
    """The model's token of each of the students'; -1 for what they cannot write."""
    marked_tokens: Whole
    """The model's own, shape (answers, ``TOKENS``)."""
    marked: Whole
    plain: Whole
    held_out: Whole


def material() -> Material:
    """Read the packed tokens."""
    with np.load(FILE, allow_pickle=False) as packed:
        marked, plain = packed["marked"].astype(np.int64), packed["plain"].astype(np.int64)
    both = Counter([*marked.ravel().tolist(), *plain.ravel().tolist()])
    common = [token for token, _ in both.most_common(OTHER - FIRST)]
    ours = np.full(SIZE, OTHER, dtype=np.int64)
    ours[common] = np.arange(FIRST, FIRST + len(common))
    known = np.full(VOCABULARY, -1, dtype=np.int64)
    known[FIRST : FIRST + len(common)] = common
    return Material(known, marked, ours[marked], ours[plain[HELD_OUT:]], ours[plain[:HELD_OUT]])
