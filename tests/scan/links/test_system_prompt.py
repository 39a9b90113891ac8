"""Accounts with one system prompt, and a popular agent's that strangers share."""

from __future__ import annotations

from typing import Any

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
from tests.scan.small_logs import HOSTILE, SmallLog, exchange, exchanges_of
from tests.scan.worlds import planted

from cautery.scan.links.system_prompt import MEMBER

AGENT = "You are a careful coding agent. Use the tools, then report what you changed."
OWN = "Answer the numbered item. Put the working into tags, then the result."


def test_pairs(read_log: ReadLog) -> None:
    """Each account goes with each system prompt that it sent twice, and with how often."""
    shown: dict[str, list[Any]] = {
        "a": [AGENT, AGENT, AGENT, OWN],
        "b": [OWN, OWN],
        "c": [OWN, OWN, None],
        "d": [AGENT],
    }
    pairs = pairs_of(read_log(exchanges_of("system_text", shown)), "system_prompt")
    assert sorted((account, exchanges) for account, _token, exchanges in pairs) == [
        ("a", 3),
        ("b", 2),
        ("c", 2),
    ]
    tokens = {account: token for account, token, _exchanges in pairs}
    assert tokens["b"] == tokens["c"] != tokens["a"]


def test_spelling(read_log: ReadLog) -> None:
    """Case, line ends and punctuation do not make another prompt; another word does."""
    twice = {"a": AGENT, "b": AGENT.upper().replace(". ", "!\n\n"), "c": AGENT + " Today."}
    facts = read_log(
        exchanges_of("system_text", {name: [text] * 2 for name, text in twice.items()})
    )
    assert list(sharers(facts, "system_prompt").values()) == [["a", "b"]]


def test_without_text(read_log: ReadLog) -> None:
    """The sketch is enough: a table whose text was dropped gives the same pairs."""
    log = exchanges_of("system_text", {"a": [AGENT, AGENT], "b": [OWN, OWN]})
    kept, dropped = read_log(log), read_log(log, drop_text=True)
    assert dropped.missing(MEMBER.needs) == ()
    assert pairs_of(kept, "system_prompt") == pairs_of(dropped, "system_prompt")


def test_missing_column(read_log: ReadLog) -> None:
    """A log without system prompts does not feed the link."""
    facts = read_log(exchanges_of("system_text", {"a": [None], "b": [None]}))
    assert facts.missing(MEMBER.needs) == ("system_hash",)


def test_hostile_values(read_log: ReadLog) -> None:
    """Any text is hashed: it links who sends the same, and nobody else."""
    texts = [*HOSTILE, "word " * 100_000]
    shown = {f"{side}{place}": [text] * 2 for place, text in enumerate(texts) for side in "ab"}
    found = sharers(read_log(exchanges_of("system_text", shown)), "system_prompt")
    expected = [[f"a{place}", f"b{place}"] for place in range(len(texts))]
    assert sorted(found.values()) == expected


def test_long_prompts_with_another_middle(read_log: ReadLog) -> None:
    """Long prompts of which only the length differs in the middle are two prompts."""
    long = {
        name: "begin " + "word " * count + "end" for name, count in (("a", 9_000), ("b", 9_001))
    }
    facts = read_log(exchanges_of("system_text", {name: [text] * 2 for name, text in long.items()}))
    assert sharers(facts, "system_prompt") == {}


@pytest.mark.parametrize("text", ["", "  \n", "---"])
def test_empty_values(read_log: ReadLog, text: str) -> None:
    """A system prompt without a word is none, so it links nobody."""
    facts = read_log(exchanges_of("system_text", {"a": [text] * 2, "b": [text] * 2, "c": [OWN]}))
    assert sharers(facts, "system_prompt") == {}


@pytest.mark.parametrize("share", [0.4, 0.9])
def test_hub_joins_nobody(read_log: ReadLog, share: float) -> None:
    """A popular agent's prompt joins none of its strangers, though some of them share cards."""
    agents = share * STRANGERS
    facts = read_log(
        crowd(
            columns=lambda number, _turn: {"system_text": AGENT} if number < agents else {},
            account_columns=cards_of_two,
        )
    )
    assert joining_tokens(facts, "system_prompt", "payment") == 0
    assert joined(facts, "system_prompt", "payment") == []


def test_group_behind_a_hub_is_found(read_log: ReadLog) -> None:
    """A planted group with a prompt of its own is joined, and the agent's strangers are not."""
    agents = crowd(columns=lambda _number, _turn: {"system_text": AGENT})
    group = planted(12, columns=lambda _number, _turn: {"system_text": OWN})
    facts = read_log(agents + group + SmallLog(exchanges=(exchange("alone", system_text=OWN),)))
    assert joined(facts, "system_prompt", "payment") == [named(facts, "planted")]
