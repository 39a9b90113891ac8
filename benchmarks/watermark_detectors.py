"""Times cautery's watermark detectors beside the engines' own, on the same tokens, in one run.

    python benchmarks/watermark_detectors.py
    python benchmarks/watermark_detectors.py --peers-python ENV/bin/python --vllm UNPACKED_WHEEL \
        --sbw SBW_FILE --sglang UNPACKED_WHEEL
    python benchmarks/watermark_detectors.py --keys 24000

A detection is the whole of it: tokens to p-value, a repeated context scored once. Where the
peers' files come from: tests/vectors/README.md; they run without ``torch.compile``, which on a CPU
vLLM's SBW detector alone would use. One thread; CPU seconds of the fastest of some
rounds. Look at ratios, not at seconds: machines differ, and so do their neighbours.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

import numpy as np  # noqa: E402
from benchmarks.markdown import table  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from cautery.records.key import Key, Secret  # noqa: E402
from cautery.registry import SCHEMES  # noqa: E402
from cautery.watermark.deduplicate import (  # noqa: E402
    Deduplicate,
    first_occurrences,
    position_fingerprints,
)
from cautery.watermark.many_keys import statistics_of_keys  # noqa: E402

NAMES = ("vllm-gumbel", "vllm-dual-gumbel", "vllm-sbw", "sglang-gumbel")
VOCABULARY = 50_000
ROUNDS = 5


def make_key(generator: np.random.Generator, number: int = 0) -> Key:
    """Draw a key below 2**63, which every engine takes."""
    value = int(generator.integers(1, 2**63)).to_bytes(8, "big")
    return Key(key_id=f"k-{number}", value=Secret(value))


def detect(scheme: Any, parameters: Any, key: Key, tokens: NDArray[np.int64]) -> float:
    """Tokens to log10 of the p-value."""
    positions = scheme.positions(tokens, parameters, key)
    values = scheme.values(positions, key, parameters)
    once = values[first_occurrences(position_fingerprints(positions, Deduplicate.CONTEXT))]
    null = scheme.null(parameters)
    return float(null.log10_upper_tail(null.statistic(once), len(once)))


def time_ours(texts: NDArray[np.int64], key: Key, rounds: int) -> dict[str, float]:
    """CPU seconds of the fastest round over all texts, by scheme."""
    times = {}
    for name in NAMES:
        scheme = SCHEMES.load(name)
        parameters = scheme.parameters({})
        detect(scheme, parameters, key, texts[0])
        took = []
        for _ in range(rounds):
            start = time.process_time()
            for text in texts:
                detect(scheme, parameters, key, text)
            took.append(time.process_time() - start)
        times[name] = min(took)
    return times


def time_peers(options: argparse.Namespace, texts: NDArray[np.int64], key: Key) -> dict[str, float]:
    """The same of the engines' own detectors, in their environment; empty without one."""
    if options.peers_python is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.npz"
        number = int.from_bytes(key.value.reveal(), "big")
        np.savez(path, tokens=texts, key=np.uint64(number))
        command = [
            options.peers_python,
            Path(__file__).with_name("watermark_peers.py"),
            path,
            ROUNDS,
        ]
        for name in ("vllm", "sbw", "sglang"):
            if getattr(options, name):
                command += [f"--{name}", getattr(options, name)]
        done = subprocess.run(
            [str(part) for part in command], check=True, capture_output=True, text=True
        )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def show_detectors(options: argparse.Namespace, length: int, count: int) -> None:
    """One table: tokens a second and how many times the engine's own."""
    generator = np.random.default_rng(0)
    key, texts = make_key(generator), generator.integers(0, VOCABULARY, size=(count, length))
    ours = time_ours(texts, key, ROUNDS)
    theirs = time_peers(options, texts, key)
    again = time_ours(texts, key, ROUNDS)  # on both sides of the peers, whatever the machine does
    rows = []
    for name in NAMES:
        best = min(ours[name], again[name])
        peer = f"{texts.size / theirs[name]:,.0f}" if name in theirs else "not run"
        ratio = f"{theirs[name] / best:.1f}" if name in theirs else ""
        rows.append([name, f"{texts.size / best:,.0f}", peer, ratio])
    print(f"\n{count} texts of {length:,} tokens\n")
    print(
        "\n".join(
            table(["scheme", "cautery, tokens/s", "the engine's own, tokens/s", "times"], rows)
        )
    )


def show_many_keys(count: int, length: int) -> None:
    """One table: a text tried with many keys."""
    generator = np.random.default_rng(1)
    keys = [make_key(generator, number) for number in range(count)]
    tokens = generator.integers(0, VOCABULARY, size=length)
    rows = []
    for name in NAMES:
        scheme = SCHEMES.load(name)
        parameters = scheme.parameters({})
        positions = scheme.positions(tokens, parameters, keys[0])
        took = []
        for _ in range(3):
            start = time.process_time()
            statistics_of_keys(scheme, positions, keys, parameters)
            took.append(time.process_time() - start)
        rows.append([name, f"{min(took):.2f}", f"{count * length / min(took) / 1e6:.1f}"])
    print(f"\n{count:,} keys on a text of {length} tokens\n")
    print("\n".join(table(["scheme", "CPU seconds", "million pairs/s"], rows)))


def main(arguments: Sequence[str] | None = None) -> None:
    """Show the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    for name in ("--peers-python", "--vllm", "--sbw", "--sglang"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--keys", type=int, default=24_000)
    options = parser.parse_args(arguments)
    show_detectors(options, 400, 100)
    show_detectors(options, 100_000, 1)
    show_many_keys(options.keys, 400)


if __name__ == "__main__":
    main()
