"""A group that asks nothing peculiar and shares little is held under ``watch``."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.scan.limit_rows import STEP, limit, row, total

from cautery.records.evidence import Weight
from cautery.scan.evidence import PRIOR_BITS
from cautery.scan.limits import (
    LEAST_CONTENT_BITS,
    LEAST_HARD_BITS,
    PLAIN_BITS,
    counts_as_asked,
    limits_of,
)


def plain(content: float, hard: float) -> list[Weight]:
    """A group that its templates and its size would bring to ``watch``."""
    return [
        row("co_activity", 6.0),
        row("repeated_templates", 3.5),
        row("group_size", 0.7),
        row("shared_payment", hard),
        row("rubric_grading", content),
    ]


def test_plain_use_stays_under_watch() -> None:
    """Nothing peculiar in what is asked and hardly anything shared: a program's users."""
    little = plain(LEAST_CONTENT_BITS - STEP, LEAST_HARD_BITS - STEP)
    assert limit(little, "plain_limit") < 0
    assert PRIOR_BITS + total(little) == pytest.approx(PLAIN_BITS)
    assert not counts_as_asked(
        next(r for r in limits_of(little, PRIOR_BITS) if "plain" in r.signal)
    )


@pytest.mark.parametrize(("content", "hard"), [(LEAST_CONTENT_BITS, 0.0), (0.0, LEAST_HARD_BITS)])
def test_peculiar_prompts_or_sure_ties_lift_that(content: float, hard: float) -> None:
    """What harvests are known by lifts the limit, and so do cards in common."""
    assert limit(plain(content, hard), "plain_limit") == 0


def test_without_text_nothing_is_known_to_be_plain() -> None:
    """A log without prompts says how many turns there are, and not that nothing was asked."""
    absent = [
        replace(one, available=False) if one.signal == "rubric_grading" else one
        for one in plain(0.0, 0.0)
    ]
    turns = replace(row("rubric_grading", 0.5), signal="single_turn")
    assert limit([*absent, turns], "plain_limit") == 0
    assert limit([*plain(0.0, 0.0), turns], "plain_limit") < 0


def test_without_payments_little_shared_says_nothing() -> None:
    """What would tie the accounts is not in the log, so nothing is known to be plain."""
    rows = [
        replace(one, available=False, bits=0.0) if one.signal == "shared_payment" else one
        for one in plain(0.0, 0.0)
    ]
    assert limit(rows, "plain_limit") == 0
