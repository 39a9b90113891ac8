"""Times what cautery's vLLM processor adds to a step, on the CPU: milliseconds a step and a row.

    python benchmarks/vllm_marking.py

The processor's own rows are fed random logits, as the V1 runner does; no engine is needed. One
thread; median over steps, CPU seconds. On a graphics processor the transfers count too, which
this does not show.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

import numpy as np
from benchmarks.markdown import table

from cautery.inference.vllm_rows import BatchRows
from cautery.records.key import Key, Layer, Secret
from cautery.registry import SCHEMES

VOCABULARY: Final = 128_256
"""Of Llama 3."""
SAMPLINGS: Final[dict[str, dict[str, Any]]] = {
    "top-k 100": {"top_k": 100, "top_p": 1.0},
    "top-k 100, top-p 0.95": {"top_k": 100, "top_p": 0.95},
    "top-p 0.95": {"top_k": 0, "top_p": 0.95},
}
SCHEMES_TIMED: Final = {"cautery-two-layer": 32, "hf-synthid": 240}


class Choice:
    """Gives every request the same keys."""

    def __init__(self, name: str, key_bytes: int) -> None:
        generator = np.random.default_rng(0)
        self._scheme: Any = SCHEMES.load(name)
        self._parameters = self._scheme.parameters({})
        drawn = [self._scheme.make_key(bytes(range(64)), generator.bytes(4096), self._parameters)]
        layers = [Layer.SHARED]
        if name == "cautery-two-layer":
            drawn.append(drawn[0][:16] + generator.bytes(16))
            layers.append(Layer.ACCOUNT)
        self._keys = [
            Key(key_id=str(layer), value=Secret(value[:key_bytes]), layer=layer)
            for layer, value in zip(layers, drawn, strict=True)
        ]

    def keys_of(self, extra_args: Any) -> list[Key]:
        """Give them."""
        return self._keys

    def begin(self, keys: list[Key], prompt: list[int]) -> Any:
        """Begin a response."""
        return self._scheme.begin(keys, self._parameters, prompt)


def milliseconds(scheme: str, sampling: dict[str, Any], batch: int, steps: int) -> float:
    """Median CPU time of a step."""
    import torch

    torch.set_num_threads(1)
    choice: Any = Choice(scheme, SCHEMES_TIMED[scheme])
    rows = BatchRows(choice)
    params = SimpleNamespace(temperature=0.9, min_p=0.0, seed=1, extra_args=None, **sampling)
    outputs: list[list[int]] = [[] for _ in range(batch)]
    added = [(row, params, [1, 2, 3, row], outputs[row]) for row in range(batch)]
    rows.update(SimpleNamespace(removed=[], added=added, moved=[]))
    generator = torch.Generator().manual_seed(0)
    took = []
    for _ in range(steps):
        logits = 3.0 * torch.randn(batch, VOCABULARY, generator=generator)
        start = time.process_time()
        rows.apply(logits)
        took.append(time.process_time() - start)
        for output, token in zip(outputs, logits.argmax(1).tolist(), strict=True):
            output.append(token)
    return 1_000.0 * float(np.median(took[2:]))


def main() -> None:
    """Read the command line, measure, print a row a case."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=22)
    parser.add_argument("--batches", type=int, nargs="*", default=[1, 8, 32])
    options = parser.parse_args()
    rows = []
    for scheme in SCHEMES_TIMED:
        for title, sampling in SAMPLINGS.items():
            for batch in options.batches:
                each = milliseconds(scheme, sampling, batch, options.steps)
                rows.append([scheme, title, batch, f"{each:.2f}", f"{each / batch:.2f}"])
                print(*rows[-1], sep="\t", file=sys.stderr, flush=True)
    print("\n".join(table(["scheme", "sampling", "rows", "ms a step", "ms a row"], rows)))


if __name__ == "__main__":
    main()
