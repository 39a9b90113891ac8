"""What every link keeps to: no order, no guess about what is missing, no text in a query."""

from __future__ import annotations

import pytest
from tests.scan.conftest import ReadLog
from tests.scan.grouping import candidates_of, fed_links, joined, named, pairs_of
from tests.scan.replay_worlds import signed
from tests.scan.small_logs import HOSTILE, SmallLog, exchange
from tests.scan.timed_worlds import driven, relay
from tests.scan.worlds import ordinary, planted

from cautery.ports import Link
from cautery.records.account import ACCOUNT_COLUMNS
from cautery.records.exchange import EXCHANGE_COLUMNS, SKETCH_COLUMNS
from cautery.registry import LINKS

COLUMNS = {column.name for column in (*EXCHANGE_COLUMNS, *SKETCH_COLUMNS)}
COLUMNS |= {f"accounts.{column.name}" for column in ACCOUNT_COLUMNS}
LINK_NAMES = LINKS.names()
WHOLE = signed(
    ordinary(
        12,
        columns=lambda number, _turn: {"system_text": f"You are agent {number % 2} of the house"},
        account_columns=lambda number: {"referral": f"code-{number % 3}"},
    )
    + planted(8)
    + driven(4)
    + relay(8),
    pool="planted",
    every=2,
)


@pytest.mark.parametrize("name", LINK_NAMES)
def test_port(name: str) -> None:
    """A link is told by known columns and by one of the two families that joining asks for."""
    link = LINKS.load(name)
    assert isinstance(link, Link)
    assert set(link.needs) <= COLUMNS
    assert link.needs
    assert link.family in {"behaviour", "infrastructure"}


@pytest.mark.parametrize("name", LINK_NAMES)
def test_order_of_rows(read_log: ReadLog, name: str) -> None:
    """The same exchanges in another order give the same pairs with the same tokens."""
    plain = pairs_of(read_log(WHOLE), name)
    assert plain != []
    assert pairs_of(read_log(WHOLE.reversed()), name) == plain


@pytest.mark.parametrize("name", LINK_NAMES)
def test_pairs_are_distinct(read_log: ReadLog, name: str) -> None:
    """An account and a token are one pair, with at least one exchange and no more than it has."""
    facts = read_log(WHOLE)
    pairs = pairs_of(facts, name)
    assert len({(account, token) for account, token, _exchanges in pairs}) == len(pairs)
    total = dict(zip(facts.account_ids, facts.totals["exchanges"].tolist(), strict=True))
    assert all(1 <= exchanges <= total[account] for account, _token, exchanges in pairs)


def test_whole_log_feeds_all(read_log: ReadLog) -> None:
    """A log with all columns and an account table feeds every link."""
    assert sorted(fed_links(read_log(WHOLE))) == sorted(LINK_NAMES)


@pytest.mark.parametrize(
    ("column", "lost"),
    [
        ("client_address", {"address", "hand_over", "network"}),
        ("tls_ja4", {"device"}),
        ("max_tokens", {"parameters"}),
        ("system_text", {"system_prompt"}),
        ("carried_signatures", {"signature"}),
        ("input_text", {"template"}),
        ("accounts.payment_fingerprint", {"payment"}),
        ("accounts.email_domain", {"email_domain"}),
        ("accounts.referral", {"referral"}),
        ("accounts.created_at", {"sign_up_cohort"}),
    ],
)
def test_missing_column_feeds_no_link(read_log: ReadLog, column: str, lost: set[str]) -> None:
    """A column that is missing switches off the links that read it, and no other."""
    assert set(LINK_NAMES) - set(fed_links(read_log(WHOLE.without(column)))) == lost


def test_hostile_accounts(read_log: ReadLog) -> None:
    """Links of accounts whose ids are hostile name these accounts as they are."""
    rows = tuple(
        exchange(f"{text}{place}", place, tls_ja4="t", system_text="Be brief please now.")
        for place, text in enumerate(HOSTILE)
        for _twice in range(2)
    )
    facts = read_log(SmallLog(exchanges=rows))
    for name in ("device", "system_prompt"):
        shown = {account for account, _token, _exchanges in pairs_of(facts, name)}
        assert shown == {f"{text}{place}" for place, text in enumerate(HOSTILE)}


def test_strangers_are_no_candidates(read_log: ReadLog) -> None:
    """Accounts that share nothing rare are in no group by all links together."""
    facts = read_log(ordinary(60))
    assert candidates_of(facts, *fed_links(facts)) == []


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_planted_group_is_a_candidate(read_log: ReadLog, seed: int) -> None:
    """A planted group is found whole and alone, whatever the seed of the communities."""
    facts = read_log(ordinary(60) + planted(12, cover=0.25, accounts_per_address=2))
    assert joined(facts, *fed_links(facts), seed=seed) == [named(facts, "planted")]
