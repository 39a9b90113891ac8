from __future__ import annotations

import random

import pytest

from cautery.guard.early_warning import LEAST_MEMBERS, LEAST_TRIALS, EarlyWarning

CAMPAIGN = "C-2026-0001"


def learned(templates: list[int], draw: random.Random, share: float = 0.0) -> EarlyWarning:
    """Learn a campaign's templates; others send them with a chance of ``share``."""
    early = EarlyWarning(seed=1, capacity=1 << 16)
    for _ in range(2):
        for template in templates:
            for member in range(LEAST_MEMBERS):
                early.see_member(template, member, CAMPAIGN)
        for _ in range(2 * LEAST_TRIALS):
            template = draw.choice(templates) if draw.random() < share else draw.getrandbits(60)
            early.see_other(template, draw.getrandbits(64))
    return early


def test_newcomers_who_begin_with_the_template_are_seen() -> None:
    """After 2,000 quiet ones, twelve new accounts begin with it: its evidence passes 2^20."""
    draw = random.Random(1)
    early = learned([77], draw)
    warned = [early.see_other(77, draw.getrandbits(64)) for _ in range(12)]
    assert warned[0] is None or warned[0].bits < 5
    assert warned[-1] is not None
    assert warned[-1].stream == "template"
    assert warned[-1].campaign_id == CAMPAIGN
    assert warned[-1].bits > 20


def test_an_account_that_sends_one_campaign_template_after_another_is_seen() -> None:
    """It was there before, so only its own stream speaks."""
    draw = random.Random(2)
    early = learned([100, 101, 102, 103, 104, 105, 106, 107], draw)
    early.see_other(5, 999)
    warned = [early.see_other(100 + n, 999) for n in range(8)]
    assert warned[0] is None
    assert warned[-1] is not None
    assert warned[-1].stream == "account"
    assert warned[-1].bits > 20


def test_one_template_used_often_is_no_evidence() -> None:
    """A customer of a popular application sends the same template all day."""
    draw = random.Random(3)
    early = learned([77], draw)
    early.see_other(5, 999)
    assert all(early.see_other(77, 999) is None for _ in range(1_000))


def test_popular_templates_are_never_fixed() -> None:
    """What a tenth of the others send tells nothing about a campaign."""
    draw = random.Random(4)
    early = learned([77], draw, share=0.1)
    assert all(early.see_other(77, draw.getrandbits(64)) is None for _ in range(50))


@pytest.mark.parametrize("share", [0.0, 0.01])
def test_others_raise_few_alarms_under_the_null(share: float) -> None:
    """Forty worlds of 1,500 newcomers who go on as before: 2^7 is hardly ever reached."""
    reached = 0
    for seed in range(40):
        draw = random.Random(seed)
        early = learned([77, 78], draw, share)
        alarmed = False
        for _ in range(1_500):
            account = draw.getrandbits(64)
            for _ in range(2):
                hit = draw.random() < share
                template = draw.choice([77, 78]) if hit else draw.getrandbits(60)
                warned = early.see_other(template, account)
                alarmed |= warned is not None and warned.bits >= 7
        reached += alarmed
    assert reached <= 2


def test_memory_is_bounded() -> None:
    """A campaign that sends only new texts fills no more than its table."""
    early = EarlyWarning(seed=1, capacity=1 << 10)
    for template in range(1, 10_000):
        early.see_member(template, template, CAMPAIGN)
    assert len(early._candidates) == 4_096


def test_requests_without_a_template_are_left_out() -> None:
    """Absent is no observation."""
    early = EarlyWarning(seed=1, capacity=1 << 10)
    early.see_member(0, 1, CAMPAIGN)
    assert early.see_other(0, 2) is None
