"""The February tier: the shape that was reported in February 2026."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING

from cautery.registry import ATTACKS

if TYPE_CHECKING:
    from tests.simulate.conftest import Log

Maker = Callable[..., "Log"]


def test_cards_are_shared_by_about_ten(simulated: Maker) -> None:
    """Nine accounts in ten pay with a card that seven to thirteen share, leftovers aside."""
    rows = simulated("february").accounts_of("february")
    cards = Counter(row["payment_fingerprint"] for row in rows if row["payment_fingerprint"])
    shared = [card for card in cards.elements() if cards[card] > 1]
    assert len(shared) > 0.75 * len(rows)
    assert 5 <= median(cards[card] for card in shared) <= 13


def test_most_accounts_are_closed_in_the_end(simulated: Maker) -> None:
    """Accounts are closed and replaced while the campaign runs."""
    rows = simulated("february").accounts_of("february")
    assert 0.2 * len(rows) < sum(bool(row["closed_at"]) for row in rows) < 0.9 * len(rows)


def test_says_what_it_is() -> None:
    """The tier names the exchanges of a life, from which its pace follows."""
    assert "667" in ATTACKS.load("february").description
