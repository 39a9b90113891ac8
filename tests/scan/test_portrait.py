"""Portraits say what a group asked for, when and with which templates, whatever the row order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.conftest import ReadLog
from tests.scan.grouping import groups_of, named
from tests.scan.small_logs import HOSTILE, Row, SmallLog, exchange
from tests.scan.worlds import DAY, DAYS, TEMPLATES, made_up_words, ordinary, planted

from cautery.records.campaign import SharedThing, Template
from cautery.scan.facts import Facts
from cautery.scan.portrait import (
    OTHER,
    UNKNOWN,
    capability_shares,
    daily_exchanges,
    iso_time,
    shared_things,
)
from cautery.scan.template_portraits import MOST_TEMPLATES, template_portraits

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


def templates_of(facts: Facts, begin: str = "planted") -> tuple[Template, ...]:
    """Describe the templates of a group of accounts."""
    return template_portraits(facts, groups_of(facts, named(facts, begin)), [0])[0]


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


def test_templates(read_log: ReadLog) -> None:
    """A template is told once, with its frame and without items, by how much it is used."""
    log = planted(9, exchanges=12, templates=(TEMPLATES[0], TEMPLATES[0], TEMPLATES[1]))
    found = templates_of(read_log(ordinary(30) + log))
    assert [(one.accounts, one.exchanges) for one in found] == [(9, 72), (9, 36)]
    assert [one.share for one in found] == [0.6667, 0.3333]
    assert [one.text for one in found] == [frame.replace("{}", "{...}") for frame in TEMPLATES]
    assert len({one.template_id for one in found}) == 2
    assert all("2026-10-01" <= one.first_seen[:10] <= "2026-10-07" for one in found)


def test_templates_without_text(read_log: ReadLog) -> None:
    """Dropped text leaves templates with their numbers and without words."""
    log = ordinary(30) + planted(9)
    kept, dropped = templates_of(read_log(log)), templates_of(read_log(log, drop_text=True))
    assert dropped == tuple(replace(one, text="") for one in kept) != ()


def test_no_templates(read_log: ReadLog) -> None:
    """A group without own templates, or of a log without prompts, has none to tell."""
    facts = read_log(ordinary(30))
    assert templates_of(facts, "ordinary-00") == ()
    assert templates_of(read_log(planted(9).without("input_text"))) == ()


def test_many_templates(read_log: ReadLog) -> None:
    """No more than so many templates are told, the most used of all."""
    frames = [
        f"{made_up_words(np.random.default_rng([9, place]), 10)} {{}} end of number {place}"
        for place in range(MOST_TEMPLATES + 4)
    ]

    def ask(number: int, turn: int) -> Row:
        item = made_up_words(np.random.default_rng([10, number, turn]), 6)
        return {"input_text": frames[turn % len(frames)].format(item)}

    log = planted(6, exchanges=4 * len(frames), columns=ask)
    found = templates_of(read_log(ordinary(40) + log))
    assert len(found) == MOST_TEMPLATES
    assert len({one.template_id for one in found}) == MOST_TEMPLATES


def test_share_is_of_all_exchanges(read_log: ReadLog) -> None:
    """A template's share is part of all exchanges of the group, also of those without a prompt."""
    log = planted(9, columns=lambda _n, turn: {} if turn % 2 else {"input_text": None})
    (found,) = templates_of(read_log(ordinary(30) + log))
    assert found.share == pytest.approx(0.5)


def test_frames_show_nobodys_words(read_log: ReadLog) -> None:
    """Items never stand in a template's text, not even hostile ones that come back."""

    def ask(number: int, turn: int) -> Row:
        item = made_up_words(np.random.default_rng([11, number, turn]), 5)
        secret = HOSTILE[(number + turn) % (len(HOSTILE) - 1)]
        return {"input_text": TEMPLATES[0].format(f"{item} {secret}")}

    (found,) = templates_of(read_log(ordinary(30) + planted(9, columns=ask)))
    assert found.text == TEMPLATES[0].replace("{}", "{...}")


def shouting(loud: int) -> SmallLog:
    """Make a group of which some accounts write in capitals, with the same items for all."""

    def ask(number: int, turn: int) -> Row:
        item = made_up_words(np.random.default_rng([12, turn]), 9)
        text = TEMPLATES[turn % 2].format(item)
        return {"input_text": text.upper() if number < loud else text}

    return ordinary(40) + planted(28, columns=ask)


def test_order_of_rows(read_log: ReadLog) -> None:
    """Prompts that differ only in their capitals give the same text in any order of rows."""
    for loud in (10, 12, 16):
        log = shouting(loud)
        generator = np.random.default_rng(13)
        orders = [generator.permutation(len(log.exchanges)).tolist() for _turn in range(2)]
        logs = [replace(log, exchanges=tuple(log.exchanges[n] for n in order)) for order in orders]
        plain, *others = (templates_of(read_log(one)) for one in (log, log.reversed(), *logs))
        assert others == [plain] * len(others)


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
