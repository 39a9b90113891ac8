"""The loud tier: bare scripts at full speed, with little to hide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING

from cautery.registry import ATTACKS

if TYPE_CHECKING:
    from tests.simulate.conftest import Log

Maker = Callable[..., "Log"]


def test_nothing_but_harvest(simulated: Maker) -> None:
    """A loud campaign hides its work in no ordinary traffic."""
    log = simulated("loud")
    rows = log.of_class("loud")
    assert sum(log.harvest[row["request_id"]] for row in rows) > 0.95 * len(rows)


def test_cards_are_shared_by_many(simulated: Maker) -> None:
    """Nearly every account pays with a card that several others use."""
    cards = Counter(row["payment_fingerprint"] for row in simulated("loud").accounts_of("loud"))
    assert median(cards[card] for card in cards.elements() if card) >= 5


def test_says_what_it_is() -> None:
    """The tier names itself and describes its shape."""
    assert ATTACKS.load("loud").name == "loud"
    assert ATTACKS.load("loud").description
