"""Makes the vectors of SGLang's scheme with SGLang's own functions, on torch without a GPU.

    python -m tests.vectors.make_sglang --engine UNPACKED_WHEEL [--check CASES]

``--engine`` is the folder of an unpacked wheel of SGLang (``unzip sglang-0.5.23-*.whl``). The
environment needs torch, msgspec and NumPy. With ``--check`` nothing is written: that many cases
are compared with cautery, which must then be importable.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.vectors.engine_texts import random_keys, random_text, save

TEXTS, LENGTH = 40, 120
MARKED_VOCABULARY = 300


def marked_text(core: Any, key: int, window: int, generator: np.random.Generator) -> Any:
    """Let SGLang's selector choose each token, with random probabilities and a prompt."""
    torch = import_module("torch")
    tokens = generator.integers(0, MARKED_VOCABULARY, window).tolist()
    signed = torch.tensor([key if key < 1 << 63 else key - (1 << 64)])
    for _ in range(LENGTH):
        context = torch.tensor([tokens[-window:]])
        hashed = core._hash_contexts(context, torch.tensor([window]))
        logits = torch.tensor(generator.normal(0, 2, (1, MARKED_VOCABULARY)), dtype=torch.float32)
        chosen = core.select_watermark_tokens_torch(torch.softmax(logits, -1), hashed, signed)
        tokens.append(int(chosen[0]))
    return np.array(tokens[window:])


def scores(detector: Any, key: int, text: NDArray[np.int64], window: int) -> list[float]:
    """SGLang's evidence of every position after the first window."""
    tokens = text.tolist()
    return [
        detector.WatermarkDetector._score(
            key, detector.hash_context(tokens[place - window : place]), tokens[place]
        )
        for place in range(window, len(tokens))
    ]


def vectors(core: Any, detector: Any) -> dict[str, NDArray[Any]]:
    """Half of the texts are random, half are chosen by the selector."""
    generator = np.random.default_rng(5)
    keys = random_keys(generator, TEXTS)
    windows = generator.choice([1, 2, 3, 4, 4, 5, 8], TEXTS)
    texts, values, found = [], [], []
    for number in range(TEXTS):
        key, window = int(keys[number]), int(windows[number])
        if number % 2:
            texts.append(marked_text(core, key, window, generator))
        else:
            texts.append(random_text(generator, LENGTH))
        row = scores(detector, key, texts[-1], window)
        values.append(np.concatenate([np.full(window, np.nan), row]))
        judge = detector.WatermarkDetector(f"{key:016x}", context_window=window)
        found.append(judge.detect_tokens(texts[-1].tolist()).combined)
    return {
        "keys": keys,
        "width": windows,
        "tokens": np.array(texts).astype(np.int32),
        "value": np.array(values),
        "statistic": np.array([one.score for one in found]),
        "tokens_scored": np.array([one.num_contexts for one in found]),
        "log_p_value": np.array([one.log_p_value for one in found]),
    }


def check(core: Any, detector: Any, cases: int) -> None:
    """Compare the hashes bit for bit, with both the detector's and the selector's functions."""
    torch = import_module("torch")
    murmur = import_module("cautery.watermark.murmur")
    generator, wrong, done = np.random.default_rng(6), 0, 0
    while done < cases:
        key, window = random_keys(generator, 1), int(generator.integers(1, 13))
        text = random_text(generator, 500)
        windows = np.lib.stride_tricks.sliding_window_view(text, window)[:-1]
        chosen = text[window:]
        hashed = murmur.context_hashes(windows)
        ours = murmur.keyed_hashes(hashed, chosen, key)[0]
        plain = [
            detector.watermark_hash(int(key[0]), detector.hash_context(row.tolist()), int(token))
            for row, token in zip(windows, chosen, strict=True)
        ]
        wrong += int(np.sum(ours != np.array(plain)))
        their_contexts = core._hash_contexts(
            torch.tensor(windows.copy()), torch.full((len(chosen),), window)
        )
        theirs = core._watermark_hash32_torch(
            torch.tensor(key.view(np.int64)).expand(len(chosen)),
            their_contexts,
            torch.tensor(chosen),
        )
        wrong += int(np.sum(ours != np.diagonal(theirs.numpy())))
        done += len(chosen)
    print(f"sglang-gumbel: {done:,} cases, {wrong} differ in the hash")  # noqa: T201


def main() -> None:
    """Write the vectors, or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", type=Path, required=True)
    parser.add_argument("--check", type=int, default=0)
    options = parser.parse_args()
    sys.path.insert(0, str(options.engine / "sglang" / "srt" / "sampling"))
    core, detector = import_module("watermarking.core"), import_module("watermarking.detector")
    if options.check:
        check(core, detector, options.check)
    else:
        save("sglang_gumbel", vectors(core, detector))


if __name__ == "__main__":
    main()
