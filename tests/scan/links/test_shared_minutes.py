"""Accounts that one clock wakes share a token; strangers, whatever their hours, share none."""

from __future__ import annotations

from tests.scan.conftest import ReadLog
from tests.scan.grouping import joining_tokens, pairs_of, sharers
from tests.scan.small_logs import SmallLog
from tests.scan.timed_worlds import driven
from tests.scan.worlds import ordinary

from cautery.scan.links.shared_minutes import MEMBER


def test_pairs(read_log: ReadLog) -> None:
    """The token is the leading account, and the count what is in common with it."""
    facts = read_log(ordinary(20) + driven(4))
    assert pairs_of(facts, "shared_minutes") == [
        (f"driven-{number}", "driven-0", 28) for number in range(4)
    ]


def test_strangers(read_log: ReadLog) -> None:
    """Accounts with hours of their own share no minutes beyond chance."""
    assert sharers(read_log(ordinary(40, exchanges=20)), "shared_minutes") == {}


def test_it_joins_with_infrastructure_only(read_log: ReadLog) -> None:
    """One clock joins accounts that share addresses too, and no others."""
    pool = driven(4)
    apart = tuple(
        row | {"client_address": f"198.51.100.{row['account_id'][-1]}"} for row in pool.exchanges
    )
    together = tuple(row | {"client_address": "198.51.100.9"} for row in pool.exchanges)
    for rows, tokens in ((apart, 0), (together, 1)):
        facts = read_log(ordinary(40) + SmallLog(exchanges=rows))
        assert joining_tokens(facts, "shared_minutes", "address") == tokens


def test_needs() -> None:
    """Times are all that it reads."""
    assert MEMBER.needs == ("time_start",)
