"""Times SynthID in transformers' ``generate``: not marked, cautery's way, Hugging Face's own.

    python benchmarks/synthid_overhead.py --cache CACHE --data PACK   # of watermark_texts.py

SmolLM2-135M at temperature 0.9 and top-k 100, 30 layers. The three take turns on the same prompts
in one process, one thread; each figure is the median over rounds of the ratio to the unmarked run
of the same round, in CPU seconds. That both mark alike is tested in
tests/inference/test_transformers.py.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

import numpy as np
from benchmarks.markdown import table
from benchmarks.watermark_texts import SECRET, TEMPERATURE, TOP_K

from benchmarks import small_model
from cautery.registry import SCHEMES
from cautery.watermark.key_derivation import derive_key

SCHEME: Final = "hf-synthid"


def configurations() -> dict[str, Any]:
    """Give the watermarking configuration of each way; none for unmarked text."""
    from transformers import SynthIDTextWatermarkingConfig

    from cautery.inference.transformers import Watermark

    scheme: Any = SCHEMES.load(SCHEME)
    parameters = scheme.parameters({})
    key = derive_key(SECRET, epoch="benchmark", scheme=scheme, parameters=parameters)
    settings = scheme.engine_settings(key, parameters)
    return {
        "unmarked": None,
        "cautery": Watermark(scheme, parameters, [key]),
        "Hugging Face": SynthIDTextWatermarkingConfig(**settings),
    }


def seconds(model: Any, inputs: Any, configuration: Any, tokens: int) -> float:
    """CPU seconds of one call of ``generate``."""
    import torch

    torch.manual_seed(0)
    settings = {"watermarking_config": configuration} if configuration is not None else {}
    start = time.process_time()
    model.generate(
        **inputs,
        **settings,
        do_sample=True,
        temperature=TEMPERATURE,
        top_k=TOP_K,
        min_new_tokens=tokens,
        max_new_tokens=tokens,
    )
    return time.process_time() - start


def main() -> None:
    """Read the command line, measure, print a row a batch size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cache", type=Path, required=True, help="folder of the unpacked model")
    parser.add_argument("--data", type=Path, required=True, help="the data pack")
    parser.add_argument("--tokens", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batches", type=int, nargs="*", default=[1, 8])
    options = parser.parse_args()
    model, tokenizer = small_model.load(options.cache, threads=1)
    prompts = small_model.prompts(options.data)
    ways = configurations()
    rows = []
    for batch in options.batches:
        inputs = small_model.chat_inputs(tokenizer, prompts[:batch])
        for configuration in ways.values():
            seconds(model, inputs, configuration, 2)
        taken: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(options.rounds):
            for way, configuration in ways.items():
                taken[way].append(seconds(model, inputs, configuration, options.tokens))
        plain = np.array(taken["unmarked"])
        each = 1_000.0 * float(np.median(plain)) / options.tokens
        over = [
            f"{float(np.median(np.array(taken[way]) / plain)) - 1.0:+.1%}"
            for way in ("cautery", "Hugging Face")
        ]
        rows.append([batch, options.rounds, f"{each:.0f}", *over])
        print(*rows[-1], sep="\t", file=sys.stderr, flush=True)
    header = ["batch", "rounds", "unmarked, CPU ms a step", "cautery", "Hugging Face's own"]
    print("\n".join(table(header, rows)))


if __name__ == "__main__":
    main()
