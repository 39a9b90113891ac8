"""Accounts that repeat one prompt template, and a popular app's that strangers repeat."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.scan.conftest import ReadLog
from tests.scan.grouping import (
    STRANGERS,
    cards_of_two,
    crowd,
    joined,
    joining_tokens,
    named,
    pairs_of,
    sharers,
)
from tests.scan.small_logs import HOSTILE, Row, exchanges_of
from tests.scan.worlds import TEMPLATES, made_up_words, ordinary, planted

from cautery.ingest.shingles import MOST_SHINGLES
from cautery.ingest.sketches import sketch_columns
from cautery.scan.links.template import FEWEST_ACCOUNTS, FEWEST_REPEATS, LEAST_SHARE, MEMBER


def items(account: int, count: int = FEWEST_REPEATS, frame: str = TEMPLATES[0]) -> list[str]:
    """Fill a template with so many items that nobody else asks."""
    generator = np.random.default_rng([11, account])
    return [frame.format(made_up_words(generator, 9)) for _turn in range(count)]


def shingles_of(texts: list[str]) -> set[int]:
    """Find the stored shingles that all texts carry."""
    sketches = sketch_columns(
        pa.array(texts, pa.large_string()),
        pa.nulls(len(texts), pa.large_string()),
        pa.nulls(len(texts), pa.string()),
    )
    return set.intersection(*map(set, sketches["input_shingles"].to_pylist()))


def test_pairs(read_log: ReadLog) -> None:
    """Each account goes with each shingle of the frame that it repeats, items left out."""
    shown = {"a": items(1), "b": items(2, 3), "c": items(3), "d": items(4, 1)}
    frame = sorted(shingles_of([*shown["a"], *shown["b"]]))
    assert len(frame) >= 4
    assert pairs_of(read_log(exchanges_of("input_text", shown)), "template") == [
        (account, token, exchanges)
        for token in frame
        for account, exchanges in (("a", 2), ("b", 3), ("c", 2))
    ]


def test_too_few_accounts(read_log: ReadLog) -> None:
    """A template that fewer accounts repeat than the link asks for is no token."""
    shown = {f"a{number}": items(number) for number in range(FEWEST_ACCOUNTS - 1)}
    assert pairs_of(read_log(exchanges_of("input_text", shown)), "template") == []


def test_too_few_repeats(read_log: ReadLog) -> None:
    """What accounts ask only once is no template, however many ask it."""
    shown = {f"a{number}": items(number, FEWEST_REPEATS - 1) for number in range(20)}
    assert pairs_of(read_log(exchanges_of("input_text", shown)), "template") == []


def test_too_small_a_share(read_log: ReadLog) -> None:
    """What comes back twice among very many prompts is a phrase of the items and no frame."""
    others = ["hi"] * int(2 * FEWEST_REPEATS / LEAST_SHARE)
    shown = {f"a{number}": [*items(number), *others] for number in range(FEWEST_ACCOUNTS)}
    assert pairs_of(read_log(exchanges_of("input_text", shown)), "template") == []


def test_without_text(read_log: ReadLog) -> None:
    """The sketches are enough: a table whose text was dropped gives the same pairs."""
    log = exchanges_of("input_text", {f"a{number}": items(number) for number in range(4)})
    kept, dropped = read_log(log), read_log(log, drop_text=True)
    assert dropped.missing(MEMBER.needs) == ()
    assert pairs_of(kept, "template") == pairs_of(dropped, "template") != []


def test_missing_column(read_log: ReadLog) -> None:
    """A log without prompts does not feed the link."""
    facts = read_log(exchanges_of("input_text", {"a": [None], "b": [None]}))
    assert facts.missing(MEMBER.needs) == ("input_text",)


def test_empty_values(read_log: ReadLog) -> None:
    """Prompts under four words have no shingles, so they link nobody."""
    texts: list[Any] = ["", "hi", None, "yes, go on"] * 3
    shown = {f"a{number}": texts for number in range(9)}
    assert pairs_of(read_log(exchanges_of("input_text", shown)), "template") == []


def test_hostile_values(read_log: ReadLog) -> None:
    """Any text is words: a frame of escapes links who repeats it, and nobody else."""
    frame = f"{HOSTILE[0]} one two three {HOSTILE[3]} four five six {{}} {HOSTILE[4]} seven eight"
    shown = {f"a{number}": items(number, frame=frame) for number in range(3)}
    shown |= {f"b{number}": list(HOSTILE) for number in range(3)}
    found = sharers(read_log(exchanges_of("input_text", shown)), "template")
    assert found != {}
    assert all(accounts == ["a0", "a1", "a2"] for accounts in found.values())


def test_very_long_texts(read_log: ReadLog) -> None:
    """A prompt of a million characters still gives its ends, in bounded number."""
    frame = "Begin with these four words {} " + "word " * 200_000 + "and end with those four words"
    shown = {f"a{number}": items(number, frame=frame) for number in range(3)}
    pairs = pairs_of(read_log(exchanges_of("input_text", shown)), "template")
    assert 2 <= len({token for _account, token, _exchanges in pairs}) <= MOST_SHINGLES + 4


@pytest.mark.parametrize("share", [0.4, 0.9])
def test_hub_joins_nobody(read_log: ReadLog, share: float) -> None:
    """An app's default prompt joins none of its strangers, though it is all that they send."""
    prompts = {number: items(number, 9) for number in range(round(share * STRANGERS))}

    def asked(number: int, turn: int) -> Row:
        return {"input_text": prompts[number][turn]} if number in prompts else {}

    facts = read_log(ordinary(STRANGERS, exchanges=9, columns=asked, account_columns=cards_of_two))
    assert joining_tokens(facts, "template", "payment") == 0
    assert joined(facts, "template", "payment") == []


def test_group_is_joined(read_log: ReadLog) -> None:
    """A planted group's own templates join it if its accounts share cards as well."""
    facts = read_log(crowd() + planted(12, templates=TEMPLATES[1:], cover=0.5))
    assert joined(facts, "template", "payment") == [named(facts, "planted")]
