"""A case says how firmly its campaigns stand, and whose traffic an account carries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.scan.scanning import accused, check_sums, scanned
from tests.scan.small_logs import Row, SmallLog
from tests.scan.worlds import TEMPLATES, made_up_words, ordinary, planted

from cautery.records.campaign import Campaign, Member
from cautery.records.case import Case
from cautery.scan.run import ScanOptions

OTHERS = tuple(
    f"Compose {adjective} riddle whose answer is hidden in these words, then explain it: {{}}"
    for adjective in ("a short rhyming", "a long solemn", "a witty modern")
)
"""Templates of a second campaign, which has nothing in common with the first."""
POOL, TURNS, COVER = 20, 16, 0.5


def works_for_both(number: int, turn: int) -> Row:
    """A relay: a quarter of its exchanges each for two campaigns, the rest its customers'."""
    if turn % 4 > 1:
        return {}
    frames = TEMPLATES if turn % 4 == 0 else OTHERS
    words = made_up_words(np.random.default_rng([9, number, turn]), 9)
    return {"input_text": frames[turn // 4 % len(frames)].format(words)}


def on_its_card(number: int) -> Row:
    """Pay the relay with a card of the first campaign."""
    return {"payment_fingerprint": f"card-first-{number}"}


def two_campaigns(common_cards: int = 0) -> SmallLog:
    """Strangers, two campaigns, and a relay that both use; with cards in common if asked."""

    def bought_together(number: int) -> Row:
        shared = number >= POOL - common_cards
        return {"payment_fingerprint": f"card-both-{number}"} if shared else {}

    log = ordinary(120, exchanges=TURNS)
    for block, (name, templates) in enumerate((("first", TEMPLATES), ("second", OTHERS)), 3):
        log += planted(
            POOL,
            name=name,
            block=block,
            exchanges=TURNS,
            cover=COVER,
            templates=templates,
            account_columns=bought_together,
        )
    return log + ordinary(
        1,
        name="relay",
        block=5,
        exchanges=2 * TURNS,
        columns=works_for_both,
        account_columns=on_its_card,
    )


@pytest.fixture(scope="module", name="case")
def _case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return scanned(tmp_path_factory.mktemp("standing") / "log", two_campaigns())


def member_of(case: Case, name: str) -> tuple[Campaign, Member]:
    """Find an account in the campaigns."""
    return next(
        (campaign, member)
        for campaign in case.campaigns
        for member in campaign.members
        if member.account_id.startswith(name)
    )


def test_two_campaigns_are_stable(case: Case) -> None:
    """Two campaigns that share nothing are two, each stable, and members' shares are half."""
    check_sums(case)
    first, _member = member_of(case, "first")
    second, member = member_of(case, "second")
    assert first.campaign_id != second.campaign_id
    for campaign in (first, second):
        assert campaign.stability is not None
        assert campaign.stability >= 0.75
    assert member.stability is not None
    own, rest = member.shares
    assert (own.campaign_id, rest.campaign_id) == (second.campaign_id, "")
    assert own.share == rest.share == COVER


def test_a_relay_hangs_on_two_campaigns(case: Case) -> None:
    """A relay is told by the shares of both campaigns and of the rest, which add up to one."""
    campaign, relay = member_of(case, "relay")
    other = ({row.campaign_id for row in case.campaigns} - {campaign.campaign_id}).pop()
    assert [share.campaign_id for share in relay.shares] == [campaign.campaign_id, other, ""]
    assert [share.share for share in relay.shares] == [0.25, 0.25, 0.5]
    assert any("another campaign" in limit for limit in campaign.limits)
    row = next(row for row in case.accounts if row.account_id == relay.account_id)
    assert row.campaign_id == campaign.campaign_id


def test_unrelated_campaigns_have_two_operators(case: Case) -> None:
    """Campaigns that share nothing rare are not put under one operator."""
    assert len({row.operator_id for row in case.campaigns}) == len(case.campaigns) == 2
    assert {row.reason for row in case.operators} == {"one campaign"}


@pytest.mark.slow
def test_one_operator_for_any_seed(tmp_path: Path) -> None:
    """Campaigns with cards in common have one operator, whatever the seed; it says why."""
    log = two_campaigns(common_cards=6)
    found = [
        scanned(tmp_path / f"log-{seed}", log, options=ScanOptions(seed=seed)) for seed in (0, 5)
    ]
    for case in found:
        (operator,) = case.operators
        assert len(operator.campaign_ids) == 2
        assert "6 payment instruments" in operator.reason
    assert accused(found[0]) == accused(found[1])
