"""Runs the engines' own watermark detectors in their environment; ``watermark_detectors`` calls it.

    PEERS_PYTHON benchmarks/watermark_peers.py TEXTS.npz ROUNDS [--vllm FOLDER] [--sbw FILE]
        [--sglang FOLDER]

Prints one JSON object: CPU seconds of the fastest round by detector. Needs torch, pydantic and
msgspec, and the engines' sources; imports nothing of cautery.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def fastest(detect: Callable[[list[int]], Any], texts: list[list[int]], rounds: int) -> float:
    """CPU seconds of the fastest of some rounds over all texts, after one to warm up."""
    took = []
    detect(texts[0])
    for _ in range(rounds):
        start = time.process_time()
        for text in texts:
            detect(text)
        took.append(time.process_time() - start)
    return min(took)


def detectors(options: argparse.Namespace, key: int) -> dict[str, Callable[[list[int]], Any]]:
    """Build the detectors of the engines that are there."""
    found: dict[str, Callable[[list[int]], Any]] = {}
    if options.vllm:
        load_vllm = import_module("tests.vectors.make_vllm").load_vllm
        engine = load_vllm(options.vllm, options.sbw)
        found["vllm-gumbel"] = engine.GumbelWatermarkDetector(key).detect
        found["vllm-dual-gumbel"] = engine.DualKeyGumbelWatermarkDetector(key).detect
        if options.sbw:
            found["vllm-sbw"] = engine.sbw.SBWWatermarkDetector(key).detect
    if options.sglang:
        sys.path.insert(0, str(options.sglang / "sglang" / "srt" / "sampling"))
        engine = import_module("watermarking.detector")
        detector = engine.WatermarkDetector(f"{key:016x}")
        found["sglang-gumbel"] = detector.detect_tokens
    return found


def main() -> None:
    """Time each detector on the same texts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("texts", type=Path)
    parser.add_argument("rounds", type=int)
    for name in ("--vllm", "--sbw", "--sglang"):
        parser.add_argument(name, type=Path)
    options = parser.parse_args()
    torch: Any = import_module("torch")
    torch.set_num_threads(1)
    stored = np.load(options.texts)
    texts, key = stored["tokens"].tolist(), int(stored["key"])
    times = {
        name: fastest(detect, texts, options.rounds)
        for name, detect in detectors(options, key).items()
    }
    print(json.dumps(times))


if __name__ == "__main__":
    main()
