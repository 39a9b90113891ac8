"""Private matching, keyed values, bundles and template sketches: how fast, how sure.

    python benchmarks/intel.py [--data FOLDER]

Prompts that people wrote stand for templates of different operators: two of them that are alike
by their keyed bands are a false match. The same prompt with a share of its words replaced stands
for one operator's template in another wording. Prints Markdown.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any, Final, TypeVar

from benchmarks.recorded_material import DATA_FOLDER

from cautery.errors import CauteryError
from cautery.intel.epoch_keys import EpochKey, new_key
from cautery.intel.formats.stix import MEMBER as STIX
from cautery.intel.identifiers import identifier
from cautery.intel.keyed_values import keyed_value
from cautery.intel.private_matching import answer, ask, overlap
from cautery.intel.template_sketches import LEAST_BANDS, common_bands, template_bands
from cautery.intel.values_file import Value
from cautery.records.bulletin import Bulletin
from cautery.records.indicator import Indicator

OURS: Final = 24_000
THEIRS: Final = 10_000
EDITS: Final = (0.0, 0.05, 0.1, 0.2, 0.3)
LEAST_WORDS: Final = 12
_Result = TypeVar("_Result")


def timed(work: Callable[[], _Result]) -> tuple[_Result, float]:
    """Do work and say how long it took, in seconds."""
    begun = time.perf_counter()
    result = work()
    return result, time.perf_counter() - begun


def prompts(folder: Path) -> list[str]:
    """Read prompts that people wrote, each once."""
    found: set[str] = set()
    for path in sorted((folder / "prompts").glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            for line in stream:
                found.update(_texts(json.loads(line)))
    return sorted(text for text in found if len(text.split()) >= LEAST_WORDS)


def _texts(row: dict[str, Any]) -> list[str]:
    names = ("instruction", "question", "prompt", "text", "input")
    texts = [row[name] for name in names if isinstance(row.get(name), str)]
    if isinstance(row.get("prompt"), dict):
        texts.append(str(row["prompt"]["text"]))
    return texts


def edited(text: str, share: float, words: Sequence[str], draw: random.Random) -> str:
    """Replace a share of a text's words by others of the corpus."""
    return " ".join(draw.choice(words) if draw.random() < share else word for word in text.split())


def sketches(folder: Path, key: EpochKey) -> None:
    """Count false matches between different prompts, and matches of edited ones."""
    texts = prompts(folder)
    bands = [made for text in texts if (made := template_bands(text, key))]
    counts: dict[int, int] = {}
    for one, other in combinations(bands, 2):
        common = common_bands(one, other)
        counts[common] = counts.get(common, 0) + 1
    pairs = sum(counts.values())
    matched = sum(count for common, count in counts.items() if common >= LEAST_BANDS)
    by_one = pairs - counts.get(0, 0)
    print(f"\n{len(bands):,} prompts, {pairs:,} pairs of different ones")
    print(f"alike by {LEAST_BANDS} bands or more: {matched:,} ({matched / pairs:.2e} of pairs)")
    print(f"alike by one band or more: {by_one:,} ({by_one / pairs:.2e} of pairs)\n")
    draw = random.Random(11)
    words = [word for text in texts for word in text.split()]
    print("| words replaced | found |\n| ---: | ---: |")
    kept = [text for text in texts if template_bands(text, key)]
    for share in EDITS:
        found = sum(
            common_bands(
                template_bands(text, key), template_bands(edited(text, share, words, draw), key)
            )
            >= LEAST_BANDS
            for text in kept
        )
        print(f"| {share:.0%} | {found / len(kept):.3f} |")


def matching() -> None:
    """Match many suspects, and count whether the overlap is right."""
    ours: list[Value] = [("payment", f"pm_{n}") for n in range(OURS)]
    theirs: list[Value] = [("payment", f"pm_{n}") for n in range(OURS - THEIRS, OURS)]
    theirs = [*theirs[: THEIRS // 2], *(("payment", f"other_{n}") for n in range(THEIRS // 2))]
    asked, first = timed(lambda: ask(theirs))
    answered, second = timed(lambda: answer(asked.request, "request", ours))
    found, third = timed(lambda: overlap(answered.response, "response", asked.kept, "kept"))
    right = found == sorted(theirs[: THEIRS // 2])
    print(f"\n{OURS:,} against {THEIRS:,}: overlap of {len(found):,}, right: {right}")
    print(f"ask {first:.1f} s, answer {second:.1f} s, read {third:.1f} s")
    print(f"request {len(asked.request):,} bytes, response {len(answered.response):,} bytes")


def values(key: EpochKey) -> None:
    """Key many values."""
    _none, seconds = timed(lambda: [keyed_value("payment", f"pm_{n}", key) for n in range(100_000)])
    print(f"\n100,000 keyed values: {seconds:.2f} s")


def bundles(key: EpochKey) -> None:
    """Write and read many indicators, and refuse too many."""
    made = Bulletin(
        provider="Lab",
        provider_ref=identifier("identity", "Lab"),
        made_at="2026-11-01T00:00:00.000Z",
        tlp="amber",
        tool="cautery",
        campaigns=(),
        indicators=tuple(_indicator(number, key) for number in range(20_000)),
    )
    stream = io.BytesIO()
    _none, written = timed(lambda: STIX.write(made, stream))
    found, read = timed(lambda: STIX.read(stream.getvalue(), "x"))
    size = len(stream.getvalue())
    print(f"\n20,000 indicators: written {written:.1f} s, {size:,} bytes, read {read:.1f} s")
    print(f"all came back: {set(found.indicators) == set(made.indicators)}")
    line = stream.getvalue().splitlines()[-2]
    flood = b'{"type":"bundle","id":"bundle--' + b"0" * 36 + b'","objects":[' + line
    flood += (b"," + line) * 1_000_000 + b"]}"
    refused, seconds = timed(lambda: _refused(flood))
    print(f"a million indicators, {len(flood):,} bytes: {refused} ({seconds:.2f} s)")


def _refused(content: bytes) -> str:
    try:
        STIX.read(content, "x")
    except CauteryError as error:
        return error.what
    return "read"


def _indicator(number: int, key: EpochKey) -> Indicator:
    digest = keyed_value("payment", f"pm_{number}", key)
    return Indicator(
        indicator_id=identifier("indicator", digest),
        kind="payment",
        form="keyed",
        value=digest,
        key_id=key.key_id,
        confidence=90,
        created="2026-10-01T00:00:00.000Z",
        modified="2026-11-01T00:00:00.000Z",
        valid_from="2026-10-01T00:00:00.000Z",
        valid_until="2026-12-01T00:00:00.000Z",
        source="Lab",
        source_id=identifier("identity", "Lab"),
    )


def main() -> None:
    """Run all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA_FOLDER)
    chosen = parser.parse_args()
    key = new_key("benchmark", datetime(2026, 11, 23, tzinfo=UTC))
    matching()
    values(key)
    bundles(key)
    sketches(chosen.data, key)


if __name__ == "__main__":
    main()
