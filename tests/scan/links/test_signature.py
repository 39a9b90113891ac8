"""A signature that was issued to one account and is sent back by another is a thing they share."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.scan.conftest import ReadLog
from tests.scan.grouping import candidates_of, named, pairs_of, sharers
from tests.scan.replay_worlds import PUBLIC, signature_of, signed
from tests.scan.small_logs import Row, SmallLog, exchange
from tests.scan.worlds import ordinary, planted

from cautery.scan.links.signature import MEMBER
from cautery.scan.replays import FEWEST_HAND_OVERS

LINK = "signature"
Turn = tuple[str, list[int], list[int]]
"""Account, signatures issued to it and signatures that it sends back."""


def told(*turns: Turn, organisations: Mapping[str, str] | None = None) -> SmallLog:
    """Make one exchange a turn, a minute apart."""
    orgs = organisations or {}
    rows: list[Row] = [
        exchange(account, 60 * place)
        | ({"issued_signatures": issued} if issued else {})
        | ({"carried_signatures": carried} if carried else {})
        | ({"org_id": orgs[account]} if account in orgs else {})
        for place, (account, issued, carried) in enumerate(turns)
    ]
    return SmallLog(exchanges=tuple(rows))


def handed_over(times: int = FEWEST_HAND_OVERS) -> list[Turn]:
    """Have ``a`` be given signatures that ``b`` sends back, each in a request of its own."""
    return [
        turn
        for number in range(1, times + 1)
        for turn in (("a", [number], []), ("b", [100 + number], [number]))
    ]


def test_issued_to_one_and_carried_by_another(read_log: ReadLog) -> None:
    """Both show the signature; the exchanges are those that send it back."""
    found = pairs_of(read_log(told(*handed_over(), ("b", [], [1]))), LINK)
    assert found == [("a", 1, 1), ("b", 1, 2), ("a", 2, 1), ("b", 2, 1), ("a", 3, 1), ("b", 3, 1)]


def test_own_reasoning_is_no_link(read_log: ReadLog) -> None:
    """What everybody does, sending back what it was given, gives nothing."""
    facts = read_log(signed(ordinary(20) + planted(12)))
    assert pairs_of(facts, LINK) == []
    assert candidates_of(facts, LINK) == []


def test_issued_before_the_log(read_log: ReadLog) -> None:
    """Of a signature that the log issued to nobody, the first that sends it back is the origin."""
    turns: list[Turn] = [(name, [], [number]) for number in range(1, 4) for name in ("a", "b")]
    assert sharers(read_log(told(*turns)), LINK) == {n: ["a", "b"] for n in (1, 2, 3)}


@pytest.mark.parametrize("times", range(1, FEWEST_HAND_OVERS))
def test_once_is_not_again_and_again(read_log: ReadLog, times: int) -> None:
    """Few hand-overs are a moved or copied conversation, however often it is then sent back."""
    turns = [*handed_over(times), *(("b", [], [1]),) * 20]
    assert pairs_of(read_log(told(*turns)), LINK) == []


def test_one_long_conversation_is_copied_once(read_log: ReadLog) -> None:
    """Many signatures that come together, as a migrated conversation's do, are one hand-over."""
    turns: list[Turn] = [("a", [number], []) for number in range(1, 13)]
    turns += [("b", [], list(range(1, 13)))] * 9
    assert pairs_of(read_log(told(*turns)), LINK) == []


def test_a_published_transcript(read_log: ReadLog) -> None:
    """A program's built-in block, which strangers send in every request, links nobody."""
    rows = tuple(row | {"carried_signatures": [PUBLIC]} for row in ordinary(40).exchanges)
    assert pairs_of(read_log(SmallLog(exchanges=rows)), LINK) == []


def test_an_answer_from_a_cache(read_log: ReadLog) -> None:
    """A response that a cache gave to several accounts is nobody's own."""
    turns: list[Turn] = [("a", [1], []), ("b", [1], []), ("c", [], [])]
    turns += [(name, [], [1]) for name in "abc"]
    several = [*turns, *((name, [n], []) for n in (2, 3, 4) for name in "ab")]
    several += [("c", [], [n]) for n in (2, 3, 4)]
    assert pairs_of(read_log(told(*several)), LINK) == []


def test_one_organisation_is_one_customer(read_log: ReadLog) -> None:
    """A gateway that spreads conversations over the accounts of one customer links nobody."""
    same = {"a": "org-1", "b": "org-1"}
    assert pairs_of(read_log(told(*handed_over(9), organisations=same)), LINK) == []
    apart = {"a": "org-1", "b": "org-2"}
    assert pairs_of(read_log(told(*handed_over(9), organisations=apart)), LINK) != []


def test_a_source_that_was_robbed_once(read_log: ReadLog) -> None:
    """Who gave one conversation to a pool is not shown with it; those who replay it are."""
    turns: list[Turn] = [("victim", [1], [])]
    turns += [turn for _ in range(3) for turn in handed_over()]
    turns += [("b", [], [1]), ("c", [], [1])]
    turns += [("c", [], [number]) for number in (1, 2, 3)]
    found = pairs_of(read_log(told(*turns)), LINK)
    assert "victim" not in {account for account, _token, _exchanges in found}


def test_pool_is_joined_by_it_alone(read_log: ReadLog) -> None:
    """Accounts that share nothing else are joined when they go on with each other's reasoning."""
    log = ordinary(200) + ordinary(12, name="pool", block=9)
    facts = read_log(signed(log, pool="pool", every=2))
    assert candidates_of(facts, LINK) == [("infrastructure", named(facts, "pool"))]


def test_order_and_other_columns(read_log: ReadLog) -> None:
    """Without what was issued, the link still tells two accounts that carry the same."""
    log = signed(ordinary(20) + ordinary(12, name="pool", block=9), pool="pool", every=2)
    whole = sharers(read_log(log), LINK)
    part = sharers(read_log(log.without("issued_signatures")), LINK)
    assert whole
    assert set(part) <= set(whole)


def test_tokens_are_hashes(read_log: ReadLog) -> None:
    """A token is the stored hash, so that it can be found in the log."""
    log = signed(ordinary(12, name="pool", block=9), pool="pool", every=2)
    known = {signature_of(row["account_id"], turn) for row in log.exchanges for turn in range(8)}
    assert {token for _account, token, _one in pairs_of(read_log(log), LINK)} <= known


def test_needs() -> None:
    """Requests must be logged whole; what was issued makes the link surer."""
    assert MEMBER.needs == ("carried_signatures",)
