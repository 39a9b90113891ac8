"""Runs transformers' own watermark code in its environment; ``watermark_hf`` calls it.

    PEERS_PYTHON benchmarks/watermark_hf_peers.py TEXTS.npz

Prints one JSON object: CPU seconds over all texts by case. Needs torch and transformers; imports
nothing of cautery.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

VOCABULARY = 49_152


def green_lists(scheme: str, width: int) -> Callable[[Any], Any]:
    """Transformers' detector with its defaults, which draw each n-gram of a text once."""
    transformers = import_module("transformers")
    settings = transformers.PretrainedConfig(bos_token_id=-1)
    settings.vocab_size = VOCABULARY
    config = transformers.WatermarkingConfig(seeding_scheme=scheme, context_width=width)
    detector = transformers.WatermarkDetector(settings, "cpu", config)
    return lambda tokens: detector(tokens, return_dict=True)


def weighted_mean(layer_keys: list[int]) -> Callable[[Any], Any]:
    """Transformers' g-values and mask; the weighted mean is that of Google's reference."""
    torch, engine = (
        import_module("torch"),
        import_module("transformers.generation.logits_process"),
    )
    processor = engine.SynthIDTextWatermarkLogitsProcessor(
        ngram_len=5,
        keys=layer_keys,
        sampling_table_size=2**16,
        sampling_table_seed=0,
        context_history_size=1024,
        device="cpu",
    )
    weights = torch.linspace(10, 1, len(layer_keys))
    weights = weights / weights.sum()

    def detect(tokens: Any) -> float:
        bits = processor.compute_g_values(tokens)
        mask = processor.compute_context_repetition_mask(tokens)
        return float(((bits * weights).sum(dim=2) * mask).sum() / mask.sum())

    return detect


def main() -> None:
    """Time each detector on the same texts."""
    torch: Any = import_module("torch")
    torch.set_num_threads(1)
    stored = np.load(sys.argv[1])
    texts = [torch.tensor(text)[None] for text in stored["tokens"]]
    detectors = {
        "hf-kgw, left-hash": green_lists("lefthash", 1),
        "hf-kgw, self-hash": green_lists("selfhash", 4),
        "hf-synthid, weighted mean of 30": weighted_mean(stored["layer_keys"].tolist()),
    }
    times = {}
    for case, detect in detectors.items():
        detect(texts[0][:, :50])
        rounds = 3 if "synthid" in case else 1  # green lists take long enough for one to do
        took = []
        for _ in range(rounds):
            start = time.process_time()
            for text in texts:
                detect(text)
            took.append(time.process_time() - start)
        times[case] = min(took)
    print(json.dumps(times))


if __name__ == "__main__":
    main()
