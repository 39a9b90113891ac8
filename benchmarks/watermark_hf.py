"""Times the Hugging Face schemes beside transformers' own code, on the same tokens, in one run.

    python benchmarks/watermark_hf.py --peers-python ENV/bin/python

ENV needs torch and transformers. A detection is the whole of it: tokens to p-value. transformers
has one for the green lists alone; of SynthID its g-values, its mask of repeated contexts and their
weighted mean are timed, beside ours without and with the exact p-value. Green lists are drawn anew
in each round: what is remembered from round to round is thrown away. One thread; CPU seconds of
the fastest of some rounds. Look at ratios, not at seconds.

Tokens are words of the sample's prompts, numbered by their frequency, and random ones, where
nothing repeats.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files
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
from cautery.watermark.schemes import hf_kgw  # noqa: E402

VOCABULARY = 49_152
LENGTH, TEXTS = 400, 25
KGW = {"vocab_size": VOCABULARY}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "hf-kgw, left-hash": ("hf-kgw", KGW),
    "hf-kgw, self-hash": ("hf-kgw", {**KGW, "seeding_scheme": "selfhash", "context_width": 4}),
    "hf-synthid, weighted mean of 30": ("hf-synthid", {}),
    "hf-synthid, to the exact p-value": ("hf-synthid", {}),
    "cautery-two-layer, one layer": ("cautery-two-layer", {}),
}
STATISTIC_ALONE = "hf-synthid, weighted mean of 30"
"""Compared without the p-value, which transformers does not have."""
WANTED = {"hf-kgw, left-hash": 50, "hf-kgw, self-hash": 50, "hf-synthid, weighted mean of 30": 20}
"""Times the peer's speed that the issue asks for."""


def word_texts(count: int) -> NDArray[np.int64]:
    """Texts of real prompts, a word or a mark a token; the rarest words share numbers."""
    packed = files("cautery.simulate.sample").joinpath("prompts.json.gz").read_bytes()
    found = re.findall(r"\w+|[^\w\s]", gzip.decompress(packed).decode("unicode_escape", "ignore"))
    ranks = {word: rank for rank, (word, _) in enumerate(Counter(found).most_common())}
    tokens = np.array([ranks[word] % VOCABULARY for word in found[: count * LENGTH]])
    return tokens[: len(tokens) // LENGTH * LENGTH].reshape(-1, LENGTH)


def keys() -> dict[str, Key]:
    """A key for each scheme."""
    generator = np.random.default_rng(0)
    layers = generator.choice(2**16, 30, replace=False)
    values = {
        "hf-kgw": (15485863).to_bytes(8, "big"),
        "hf-synthid": b"".join(int(layer).to_bytes(8, "big") for layer in layers),
        "cautery-two-layer": generator.bytes(32),
    }
    return {name: Key(key_id="k", value=Secret(value)) for name, value in values.items()}


def detect(
    scheme: Any, parameters: Any, key: Key, tokens: NDArray[np.int64], *, to_chance: bool
) -> float:
    """Tokens to log10 of the p-value, or to the statistic alone."""
    positions = scheme.positions(tokens, parameters, key)
    values = scheme.values(positions, key, parameters)
    once = values[first_occurrences(position_fingerprints(positions, Deduplicate.CONTEXT_TOKEN))]
    null = scheme.null(parameters)
    if not to_chance:
        return null.statistic(once)
    return float(null.log10_upper_tail(null.statistic(once), len(once)))


def time_ours(texts: NDArray[np.int64], rounds: int) -> dict[str, float]:
    """CPU seconds of the fastest round over all texts, by case."""
    times = {}
    for case, (name, given) in CASES.items():
        scheme, key = SCHEMES.load(name), keys()[name]
        parameters = scheme.parameters(given)
        took = []
        for _ in range(rounds + 1):
            hf_kgw.green_lists(VOCABULARY, VOCABULARY // 4).forget()
            start = time.process_time()
            for text in texts:
                detect(scheme, parameters, key, text, to_chance=case != STATISTIC_ALONE)
            took.append(time.process_time() - start)
        times[case] = min(took[1:])  # the first round loads compiled code
    return times


def time_peers(python: Path, texts: NDArray[np.int64]) -> dict[str, float]:
    """The same of transformers, in its environment."""
    layer_keys = np.frombuffer(keys()["hf-synthid"].value.reveal(), ">u8").astype(np.int64)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.npz"
        np.savez(path, tokens=texts, layer_keys=layer_keys)
        command = [str(python), str(Path(__file__).with_name("watermark_hf_peers.py")), str(path)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def show(python: Path | None, kind: str, texts: NDArray[np.int64]) -> None:
    """One table: tokens a second and how many times transformers' own."""
    ours = time_ours(texts, 3)
    theirs = time_peers(python, texts) if python else {}
    again = time_ours(texts, 3)  # on both sides of the peers, whatever the machine does
    rows = []
    for case in CASES:
        best = min(ours[case], again[case])
        row = [case, f"{texts.size / best:,.0f}"]
        if case in theirs:
            peer, ratio = theirs[case], theirs[case] / best
            row += [f"{texts.size / peer:,.0f}", f"{ratio:.0f}", str(WANTED[case])]
        rows.append(row + [""] * (5 - len(row)))
    print(f"\n{len(texts)} texts of {LENGTH} tokens: {kind}\n")
    print(
        "\n".join(
            table(["", "cautery, tokens/s", "transformers, tokens/s", "times", "wanted"], rows)
        )
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Show the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--peers-python", type=Path)
    parser.add_argument("--texts", type=int, default=TEXTS)
    options = parser.parse_args(arguments)
    show(options.peers_python, "words of real prompts", word_texts(options.texts))
    random = np.random.default_rng(1).integers(0, VOCABULARY, (options.texts, LENGTH))
    show(options.peers_python, "random tokens", random)


if __name__ == "__main__":
    main()
