"""Accounts whose owner showed a document, and accounts that showed an address to write to."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.arrays import bare_facts, bare_groups
from tests.scan.conftest import ReadLog
from tests.scan.signals.conftest import LogWithout, NullWeights
from tests.scan.small_logs import HOSTILE
from tests.scan.weighed import (
    assert_not_in_this_log,
    at,
    least,
    mean_bits,
    most,
    weigh_bare,
    weigh_one,
    with_hostile,
)
from tests.scan.worlds import ordinary

from cautery.scan.signals.verified_identity import CURVE, STRONG

NAME = "verified_identity"
COLUMN = "accounts.verification"
WEAK = ("none", "email", "phone", "", None)
LEVELS = st.sampled_from([*STRONG, *WEAK])


def bits_of(levels: Sequence[str | None]) -> float:
    """Weigh a group of accounts with these levels, after a verified stranger."""
    count = len(levels) + 1
    facts = bare_facts(count, columns={"verification": [*levels, "document"]})
    (bits,) = weigh_bare(NAME, facts, bare_groups(count, [range(len(levels))]))
    return bits


@pytest.mark.parametrize("level", STRONG)
def test_verified_group(level: str) -> None:
    """Accounts that are all verified by document or contract are weighed down."""
    assert bits_of([level] * 12) == least(CURVE) < 0.0


@pytest.mark.parametrize("level", WEAK)
def test_weak_verification(level: str | None) -> None:
    """A mail address or a number can be rented, so it clears nobody."""
    assert bits_of([level] * 12) == most(CURVE)


def test_bought_identities() -> None:
    """One verified account among many does not clear the rest."""
    assert bits_of(["document", *["email"] * 19]) > 0.0


@given(st.lists(LEVELS, min_size=1, max_size=20))
def test_more_verified_never_weighs_more(levels: list[str | None]) -> None:
    """Another strongly verified account never weighs the group up."""
    assert bits_of([*levels, "contract"]) <= bits_of(levels)
    share = sum(level in STRONG for level in levels) / len(levels)
    assert bits_of(levels) == at(CURVE, share)


def test_usual_is_told(read_log: ReadLog) -> None:
    """The row says how many of the other accounts are verified so."""
    facts = read_log(ordinary(20, account_columns=lambda n: {"verification": WEAK[n % 2 * 2]}))
    row = weigh_one(facts, NAME, facts.account_ids[:10])
    assert (row.observed, row.usual) == ("0 % by document or contract", "0 %")


def test_null(null_weights: NullWeights) -> None:
    """Random groups of strangers, two fifths of them verified, are weighed down a little."""
    assert least(CURVE) / 2 <= mean_bits(null_weights[NAME]) <= 0.0
    assert max(row.bits for row in null_weights[NAME]) <= most(CURVE)


def test_missing_column(log_without: LogWithout) -> None:
    """Without levels of verification nothing is known of identities."""
    assert_not_in_this_log(log_without(), NAME, [COLUMN])


def test_hostile_values(read_log: ReadLog) -> None:
    """What is no level that names somebody clears nobody, however like one it looks."""
    values = (*HOSTILE, "", None, "Document ", "document\x00", 7)
    row_of = with_hostile(ordinary(26), {COLUMN: values})
    facts = read_log(row_of)
    assert weigh_one(facts, NAME, facts.account_ids).bits == most(CURVE)
