"""Portraits say what a group asked for, when, and what it shares."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st
from tests.scan.conftest import ReadLog
from tests.scan.grouping import groups_of, named
from tests.scan.small_logs import SmallLog, exchange
from tests.scan.worlds import DAY, DAYS, ordinary, planted

from cautery.records.campaign import SharedThing
from cautery.scan.facts import Facts
from cautery.scan.portrait import (
    OTHER,
    UNKNOWN,
    capability_shares,
    daily_exchanges,
    iso_time,
    shared_things,
)

CAPABLE = {
    "reasoning traces": "Show your chain-of-thought for this",
    "graded answers": "Rate this answer on a scale of ten",
    "training material": "Write several new questions about this",
    "sensitive rewrites": "A politically acceptable version of this",
    "agentic work": "Run this shell command in the terminal",
    "code": "Refactor this python code",
    "mathematics": "Calculate the derivative of this",
    "translation": "Translate this note into french",
    "extraction": "Summarize this note",
    OTHER: "Tell me about this",
}


def shares(facts: Facts, *members: list[str]) -> list[tuple[tuple[str, float], ...]]:
    """Tell the capabilities of groups of named accounts."""
    return capability_shares(groups_of(facts, *members), "input_text" in facts.present)


def prompts(name: str, texts: Iterable[str | None]) -> SmallLog:
    """Make one account that sends these prompts."""
    return SmallLog(
        exchanges=tuple(exchange(name, turn, input_text=text) for turn, text in enumerate(texts))
    )


def test_capabilities(read_log: ReadLog) -> None:
    """Each capability is told by what its prompts ask, largest share first and then by name."""
    log = prompts("all", CAPABLE.values()) + prompts(
        "two", [*[CAPABLE["code"]] * 3, CAPABLE[OTHER]]
    )
    found = shares(read_log(log), ["all"], ["two"])
    assert found[0] == tuple((name, 0.1) for name in sorted(CAPABLE))
    assert found[1] == (("code", 0.75), (OTHER, 0.25))


def test_capabilities_take_precedence(read_log: ReadLog) -> None:
    """An exchange that asks for two things counts for the more telling one, and once."""
    both = f"{CAPABLE['mathematics']} and {CAPABLE['reasoning traces'].lower()}"
    assert shares(read_log(prompts("a", [both])), ["a"]) == [(("reasoning traces", 1.0),)]


def test_capabilities_without_text(read_log: ReadLog) -> None:
    """A log without prompts does not tell what was asked for."""
    assert shares(read_log(ordinary(3).without("input_text")), ["ordinary-000"]) == [
        ((UNKNOWN, 1.0),)
    ]


def test_capabilities_of_some_text(read_log: ReadLog) -> None:
    """Exchanges whose prompts the log lacks are unknown, though other accounts' are logged."""
    facts = read_log(prompts("a", [None, None]) + prompts("b", [CAPABLE["code"]]))
    assert shares(facts, ["a"]) == [((UNKNOWN, 1.0),)]


def test_daily_exchanges(read_log: ReadLog) -> None:
    """Every day from the first to the last has its count, days without exchanges a zero."""
    seconds = (5, 3 * DAY, 3 * DAY + 9, DAY - 0.5)
    log = SmallLog(exchanges=tuple(exchange("a", second) for second in seconds))
    facts = read_log(log + SmallLog(exchanges=(exchange("b", 9 * DAY),)))
    assert daily_exchanges(groups_of(facts, ["a"], ["b"])) == [
        (("2026-10-01", 2), ("2026-10-02", 0), ("2026-10-03", 0), ("2026-10-04", 2)),
        (("2026-10-10", 1),),
    ]
    assert daily_exchanges(groups_of(facts)) == []


def test_shared_things(read_log: ReadLog) -> None:
    """What is shared is counted by kind; a kind that the log lacks is left out."""
    facts = read_log(ordinary(20) + planted(8, accounts_per_card=4, accounts_per_address=2))
    (found,) = shared_things(facts, groups_of(facts, named(facts, "planted")))
    by_kind = {row.kind: row for row in found}
    assert "referral code" not in by_kind
    assert by_kind["payment instrument"] == SharedThing(
        kind="payment instrument", distinct=2, accounts=8, largest=4
    )
    assert by_kind["client address"] == SharedThing(
        kind="client address", distinct=4, accounts=8, largest=2
    )
    assert by_kind["e-mail domain"].accounts == 0


@given(st.integers(-(10**15), 10**16))
def test_iso_time(microseconds: int) -> None:
    """A time is written in whole seconds, rounded down, and sorts as it runs."""
    text = iso_time(microseconds)
    assert text.endswith("Z")
    assert len(text) == 20
    assert text <= iso_time(microseconds + 1_000_000)
    assert text == iso_time(microseconds // 1_000_000 * 1_000_000)


def test_days_of_a_world(read_log: ReadLog) -> None:
    """All exchanges of a group are counted on some day."""
    facts = read_log(planted(9))
    (days,) = daily_exchanges(groups_of(facts, named(facts, "planted")))
    assert sum(count for _day, count in days) == 72
    assert len(days) <= DAYS
