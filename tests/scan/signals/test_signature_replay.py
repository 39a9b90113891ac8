"""A group that sends back each other's reasoning, beside people who send back their own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.replay_worlds import PUBLIC, signed
from tests.scan.signals.conftest import LogWithout, NullWeights
from tests.scan.small_logs import SmallLog
from tests.scan.weighed import assert_not_in_this_log, weigh, weigh_one
from tests.scan.worlds import ordinary

from cautery.scan.signals.signature_replay import CURVE

NAME = "signature_replay"
MOST = max(bits for _share, bits in CURVE)


def pool(members: int = 12, *, every: int = 2, strangers: int = 60, exchanges: int = 8) -> SmallLog:
    """Make strangers, and accounts whose conversations go on in each other."""
    log = ordinary(members, name="pool", block=9, exchanges=exchanges)
    return signed(ordinary(strangers) + log, pool="pool", every=every)


def test_pool(read_log: ReadLog) -> None:
    """A pool that goes on with half of its conversations elsewhere weighs in full, and no more."""
    facts = read_log(pool())
    row = weigh_one(facts, NAME, named(facts, "pool"))
    assert row.bits == MOST
    assert row.p_value is not None
    assert row.p_value < 1e-6
    assert "12 of 12 accounts" in row.observed
    assert row.usual == "0 % in the rest of the log"


def test_small_part(read_log: ReadLog) -> None:
    """A pool that replays one exchange in twelve weighs less, and still speaks."""
    facts = read_log(pool(every=12, exchanges=48))
    assert 1.0 < weigh_one(facts, NAME, named(facts, "pool")).bits < MOST


def test_strangers(read_log: ReadLog) -> None:
    """Who sends back what it was given weighs nothing, in either direction."""
    facts = read_log(pool())
    row = weigh_one(facts, NAME, named(facts, "ordinary")[:12])
    assert (row.bits, row.p_value) == (0.0, 1.0)
    assert row.observed == "0 % of signatures sent back are others', 0 of 12 accounts"


def test_few_among_many(read_log: ReadLog) -> None:
    """Two accounts of one hand in a group of strangers weigh by their part of it."""
    facts = read_log(pool(members=2))
    alone = weigh_one(facts, NAME, named(facts, "pool")).bits
    among = weigh_one(facts, NAME, [*named(facts, "pool"), *named(facts, "ordinary")[:18]]).bits
    assert 0.0 <= among <= alone / 4


def test_only_each_others(read_log: ReadLog) -> None:
    """What a member sends back of accounts outside the group is not the group's doing."""
    facts = read_log(pool(exchanges=48))
    members = named(facts, "pool")
    whole, half = (weigh_one(facts, NAME, some) for some in (members, members[::2]))
    sent_back = [int(row.sentence.split(" of ")[0]) for row in (whole, half)]
    assert (half.sample_size or 0) >= 0.5 * (whole.sample_size or 0)
    assert 2 * sent_back[1] < sent_back[0]


def test_usual_here(read_log: ReadLog) -> None:
    """Where the rest of the log does as the group does, behind one gateway, it weighs nothing."""
    log = signed(ordinary(60), pool="ordinary", every=2)
    facts = read_log(log)
    assert weigh_one(facts, NAME, named(facts, "ordinary")[:12]).bits <= 1.0


@pytest.mark.parametrize("same", ["org_id", "public"])
def test_innocent(read_log: ReadLog, same: str) -> None:
    """Accounts of one declared organisation, and users of one published block, weigh nothing."""
    log = pool() if same == "org_id" else signed(ordinary(72, name="pool", block=9))
    shown = {"org_id": "org-1"} if same == "org_id" else {"carried_signatures": [PUBLIC]}
    rows = tuple(
        row | shown if row["account_id"].startswith("pool") else row for row in log.exchanges
    )
    facts = read_log(replace(log, exchanges=rows))
    assert weigh_one(facts, NAME, named(facts, "pool")[:12]).bits == 0.0


def test_more_is_never_less(read_log: ReadLog) -> None:
    """The more of its conversations a pool spreads, the more it weighs."""
    found: list[float] = []
    for every in (16, 8, 4, 2):
        facts = read_log(pool(every=every, exchanges=48, strangers=20))
        found.extend(row.bits for row in weigh(facts, NAME, named(facts, "pool")))
    assert found == sorted(found)
    assert found[0] < found[-1]


def test_null(null_weights: NullWeights) -> None:
    """Random groups of strangers weigh nothing, with cached answers and a public block among."""
    assert {row.bits for row in null_weights[NAME]} == {0.0}


def test_missing_column(log_without: LogWithout) -> None:
    """Without the bodies of requests nothing is known of what they carry."""
    assert_not_in_this_log(log_without(), NAME, ["carried_signatures"])
