"""False matches and recall of keyed fingerprints, on answers that people wrote.

    python benchmarks/fingerprints.py

Answers to half of the data pack's questions are stored, half of them where there are several.
Snippets of answers to other questions must match nothing; those of other answers to the same
question show how often one model's answers share their phrases; snippets of what is stored, with a
share of their words replaced, left out or followed by another, must match their own answer first.
Prints Markdown.
"""

from __future__ import annotations

import gzip
import json
import random
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.recorded_material import DATA_FOLDER

from cautery.ledger.fingerprint_store import FingerprintStore, GivenText
from cautery.records.key import Secret

SNIPPET_WORDS: Final = (25, 50, 100, 200)
EDITS: Final = (0.0, 0.05, 0.1, 0.2, 0.3)
SNIPPETS: Final = 500
"""Snippets a cell."""


def answers() -> dict[str, list[str]]:
    """Read long answers by question: conversations, written instructions, sums with working."""
    found: dict[str, list[str]] = {}
    for place, line in enumerate(_lines("oasst-en-100-tree")):
        found[f"tree {place}"] = _replies(json.loads(line)["prompt"])
    for place, line in enumerate(_lines("self-instruct-user-252")):
        cases = json.loads(line)["instances"]
        found[f"task {place}"] = [str(case["output"]) for case in cases]
    for place, line in enumerate(_lines("gsm8k-test-0-399")):
        found[f"sum {place}"] = [str(json.loads(line).get("answer", ""))]
    long = {
        question: sorted({text for text in texts if len(text.split()) >= min(SNIPPET_WORDS)})
        for question, texts in found.items()
    }
    return {question: texts for question, texts in long.items() if texts}


def _lines(name: str) -> Iterator[str]:
    path = DATA_FOLDER / "prompts" / f"{name}.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        yield from stream


def _replies(message: dict[str, Any]) -> list[str]:
    texts = [message["text"]] if message["role"] == "assistant" else []
    for reply in message.get("replies", ()):
        texts += _replies(reply)
    return texts


def snippet(text: str, words: int, edits: float, draw: random.Random, others: list[str]) -> str:
    """Cut a run of words out of a text and change some of them."""
    all_words = text.split()
    start = draw.randrange(max(1, len(all_words) - words + 1))
    changed: list[str] = []
    for word in all_words[start : start + words]:
        if draw.random() >= edits:
            changed.append(word)
            continue
        act = draw.randrange(3)
        if act == 0:
            changed.append(draw.choice(others))
        elif act == 1:
            changed += [word, draw.choice(others)]
    return " ".join(changed)


def main() -> None:
    """Measure and print."""
    draw = random.Random(4)
    by_question = answers()
    questions = sorted(by_question)
    draw.shuffle(questions)
    half = len(questions) // 2
    siblings, stored = [], []
    for question in questions[:half]:
        texts = by_question[question]
        stored += texts[: (len(texts) + 1) // 2]
        siblings += texts[(len(texts) + 1) // 2 :]
    strange = [text for question in questions[half:] for text in by_question[question]]
    others = [word for text in strange for word in text.split()]
    with tempfile.TemporaryDirectory() as folder:
        store = FingerprintStore(Path(folder) / "store", "e", Secret(secrets.token_bytes(32)))
        store.add(
            GivenText(request_id=str(place), account_id="", time_start="", text=text)
            for place, text in enumerate(stored)
        )
        print(
            f"{len(stored)} answers stored; {len(siblings)} other answers to the same questions, "
            f"{len(strange)} to others; {SNIPPETS} snippets a cell\n"
        )
        edits = " | ".join(f"own, {edit:.0%} edited" for edit in EDITS)
        print(f"| words | other question | same question | {edits} |")
        print("| --- " * (3 + len(EDITS)) + "|")
        for words in SNIPPET_WORDS:
            rates = [_false(store, texts, words, draw) for texts in (strange, siblings)]
            rates += [
                _recall(store, stored, words=words, edits=edit, draw=draw, others=others)
                for edit in EDITS
            ]
            print(f"| {words} | " + " | ".join(f"{rate:.3f}" for rate in rates) + " |")


def _false(store: FingerprintStore, texts: list[str], words: int, draw: random.Random) -> float:
    long = [text for text in texts if len(text.split()) >= words]
    cuts = (snippet(draw.choice(long), words, 0.0, draw, [""]) for _ in range(SNIPPETS))
    return sum(bool(store.look_up(cut)) for cut in cuts) / SNIPPETS


def _recall(
    store: FingerprintStore,
    stored: list[str],
    *,
    words: int,
    edits: float,
    draw: random.Random,
    others: list[str],
) -> float:
    places = [place for place, text in enumerate(stored) if len(text.split()) >= words]
    right = 0
    for _ in range(SNIPPETS):
        place = draw.choice(places)
        found = store.look_up(snippet(stored[place], words, edits, draw, others))
        right += bool(found) and found[0].request_id == str(place)
    return right / SNIPPETS


if __name__ == "__main__":
    main()
