"""Counts how often wrong keys are taken for right ones, for every scheme on five kinds of text.

    python benchmarks/false_positive_rates.py --tokenizer CACHE/tokenizer.json --data PACK \
        --texts TEXTS.jsonl

Trials are texts times random keys that marked none of them: a scheme's keyed function is what is
put to the test, so that few texts and many keys do. Each trial is the detector's own path: the
scheme's positions, its own removal of repetitions, its exact law. ``benchmarks/watermark_texts.py``
writes TEXTS and CACHE; without TEXTS there is no model text. A count has few values, so that its
rate may lie well below the level: the last columns are the largest rates that an exact test can
have there, averaged over the trials (for sums of exponentials, the level itself).
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

import numpy as np
from benchmarks.markdown import table
from numpy.typing import NDArray

from cautery.ports import NullDistribution
from cautery.records.key import Key, Layer, Secret
from cautery.registry import SCHEMES
from cautery.watermark.deduplicate import Deduplicate
from cautery.watermark.scoring import Plan, score
from cautery.watermark.wrong_key_replay import wrong_keys

LEVELS: Final = (1e-2, 1e-3, 1e-4)
TOKENS: Final = 200
TEXTS_OF_A_KIND: Final = 4
KEYS_AT_ONCE: Final = 5_000
VOCABULARY: Final = 49_152
SEED: Final = 20_261_125
LINEAR_BYTES: Final = 8 * 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A scheme under some parameters."""

    scheme: str
    given: Mapping[str, Any]
    key_bytes: int = 8
    layer: Layer = Layer.SHARED
    slow: bool = False

    @property
    def title(self) -> str:
        """Name in the table."""
        words = [f"{name} {value}" for name, value in self.given.items() if name != "vocab_size"]
        layer = [f"{self.layer} layer"] if self.scheme == "cautery-two-layer" else []
        return ", ".join([self.scheme, *layer, *words])


CASES: Final = (
    Case(scheme="vllm-gumbel", given={}),
    Case(scheme="vllm-dual-gumbel", given={}),
    Case(scheme="vllm-sbw", given={}),
    Case(scheme="sglang-gumbel", given={}),
    Case(scheme="cautery-two-layer", given={}, key_bytes=32),
    Case(scheme="cautery-two-layer", given={}, key_bytes=32, layer=Layer.ACCOUNT),
    Case(scheme="hf-synthid", given={}, key_bytes=LINEAR_BYTES),
    Case(
        scheme="hf-synthid",
        given={"sampling_table_seed": 3},
        key_bytes=LINEAR_BYTES,
    ),
    Case(scheme="hf-kgw", given={"vocab_size": VOCABULARY}, slow=True),
    Case(
        scheme="hf-kgw",
        given={"vocab_size": VOCABULARY, "seeding_scheme": "selfhash", "context_width": 4},
        slow=True,
    ),
)


def texts_by_kind(options: argparse.Namespace) -> dict[str, list[NDArray[np.int64]]]:
    """Cut texts of each kind to one length."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(options.tokenizer))
    human = list(_human(options.data))
    sources: dict[str, Iterable[str]] = {
        "human": human,
        "code": _code(),
        "JSON rows": _json_rows(options.data),
        "repeated": [f"{paragraph}\n" * 20 for paragraph in human],
    }
    found = {}
    for kind, source in sources.items():
        encoded = (np.array(tokenizer.encode(text).ids, dtype=np.int64) for text in source)
        # A repeated paragraph stays whole, all twenty times.
        length = None if kind == "repeated" else TOKENS
        long = (ids[:length] for ids in encoded if len(ids) >= TOKENS)
        found[kind] = [ids for ids, _ in zip(long, range(TEXTS_OF_A_KIND), strict=False)]
    if options.texts:
        rows = map(json.loads, options.texts.open(encoding="utf-8"))
        plain = [np.array(row["tokens"], dtype=np.int64) for row in rows if not row["marked"]]
        found["model"] = plain[:TEXTS_OF_A_KIND]
    return found


def _human(data: Path) -> Iterator[str]:
    """Answers that people wrote in OpenAssistant, first those of 200 tokens or more."""
    path = data / "prompts" / "oasst-en-100-tree.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        pending = [json.loads(line)["prompt"] for line in lines]
    while pending:
        message = pending.pop(0)
        pending += message.get("replies", [])
        if not message.get("synthetic") and len(message["text"]) > 1_000:
            yield message["text"]


def _code() -> Iterator[str]:
    for path in sorted(Path(__file__).resolve().parents[1].glob("src/cautery/scan/*.py")):
        yield path.read_text(encoding="utf-8")


def _json_rows(data: Path) -> Iterator[str]:
    """Ten rows at a time, each with the same fields."""
    path = data / "prompts" / "arena-hard-v0.1.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for start in range(0, len(rows), 10):
        short = [{**row, "prompt": row["prompt"][:40]} for row in rows[start : start + 10]]
        yield "\n".join(json.dumps(row) for row in short)


def plan_of(case: Case) -> Plan:
    """Say how a case is tested: as a profile that names nothing but the parameters."""
    scheme = SCHEMES.load(case.scheme)
    parameters = scheme.parameters(case.given)
    return Plan(
        scheme=scheme,
        parameters=parameters,
        deduplicate=Deduplicate(scheme.deduplicate(parameters)),
        false_positive_rate=LEVELS[0],
    )


@lru_cache(maxsize=100_000)
def critical(null: NullDistribution, count: int, level: float) -> tuple[float, float]:
    """Find the smallest statistic that reaches a level, and its exact chance."""
    low = null.at_mean(null.mean, count)
    high = min(null.most(count), null.at_mean(null.mean + 40.0, count))
    if null.log10_upper_tail(high, count) > math.log10(level):
        return math.inf, 0.0
    for _ in range(45):
        middle = 0.5 * (low + high)
        if null.log10_upper_tail(middle, count) <= math.log10(level):
            high = middle
        else:
            low = middle
    return high, 10.0 ** null.log10_upper_tail(high, count)


def block_of_keys(plan: Plan, like: Key, count: int, seed: int) -> list[Key]:
    """Draw wrong keys; those of two layers share the half that splits a text, as an epoch's do."""
    keys = wrong_keys(plan, like, count, seed)
    if plan.scheme.name != "cautery-two-layer":
        return keys
    split = keys[0].value.reveal()[: len(like.value) // 2]
    return [
        Key(
            key_id=key.key_id,
            value=Secret(split + key.value.reveal()[len(split) :]),
            layer=like.layer,
        )
        for key in keys
    ]


def count_hits(
    plan: Plan, texts: Sequence[NDArray[np.int64]], like: Key, trials: int
) -> tuple[int, NDArray[np.int64], NDArray[np.float64]]:
    """Try wrong keys on texts.

    Args:
        plan: How.
        texts: Token ids.
        like: Length and layer of the keys.
        trials: Wanted; whole blocks of keys are tried.

    Returns:
        Trials made, how many reached each level, and how many the law allows.
    """
    hits, allowed, done, block = np.zeros(len(LEVELS), np.int64), np.zeros(len(LEVELS)), 0, 0
    null = plan.null
    while done < trials:
        size = min(KEYS_AT_ONCE, math.ceil(trials / len(texts)))
        keys = block_of_keys(plan, like, size, SEED + block)
        for text in texts:
            scores = score(plan, text, keys)
            for count in sorted(set(scores.counts.tolist())):
                statistics = scores.statistics[scores.counts == count]
                for place, level in enumerate(LEVELS):
                    line, exact = critical(null, int(count), level)
                    hits[place] += int((statistics >= line - 1e-12).sum())
                    allowed[place] += exact * len(statistics)
            done += size
        block += 1
    return done, hits, allowed


def main() -> None:
    """Read the command line, count, and print a row a scheme and kind."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tokenizer", type=Path, required=True, help="a tokenizer.json")
    parser.add_argument("--data", type=Path, required=True, help="the data pack")
    parser.add_argument("--texts", type=Path, help="what watermark_texts.py wrote")
    parser.add_argument("--trials", type=int, default=400_000)
    parser.add_argument("--slow-trials", type=int, default=200_000, help="of KGW")
    parser.add_argument("--schemes", nargs="*", help="these alone")
    parser.add_argument("--kinds", nargs="*", help="texts of these kinds alone")
    options = parser.parse_args()
    kinds = texts_by_kind(options)
    rows: list[Sequence[object]] = []
    for case in CASES:
        if options.schemes and case.scheme not in options.schemes:
            continue
        plan = plan_of(case)
        like = Key(key_id="like", value=Secret(bytes(case.key_bytes)), layer=case.layer)
        for kind, texts in kinds.items():
            if options.kinds and kind not in options.kinds:
                continue
            start = time.process_time()
            wanted = options.slow_trials if case.slow else options.trials
            trials, hits, allowed = count_hits(plan, texts, like, wanted)
            times = [f"{hit / trials / level:.2f}" for hit, level in zip(hits, LEVELS, strict=True)]
            law = [
                f"{share / trials / level:.2f}"
                for share, level in zip(allowed, LEVELS, strict=True)
            ]
            rows.append([case.title, kind, f"{trials:,}", *times, *law])
            seconds = time.process_time() - start
            print(*rows[-1], f"{seconds:.0f} s", sep="\t", file=sys.stderr, flush=True)
    names = [f"at {level:g}" for level in LEVELS]
    header = ["scheme", "text", "trials", *names, *(f"attainable {name}" for name in names)]
    print("\n".join(table(header, rows)))


if __name__ == "__main__":
    main()
