"""The paraphrased tier: every prompt reworded, nothing shared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from cautery.registry import ATTACKS

if TYPE_CHECKING:
    from tests.simulate.conftest import Log

Maker = Callable[..., "Log"]


def test_no_card_and_no_address_is_shared(simulated: Maker) -> None:
    """Each account has its own payment, and its addresses are nobody else's of the campaign."""
    log = simulated("paraphrased")
    rows = log.accounts_of("paraphrased")
    cards = Counter(row["payment_fingerprint"] for row in rows if row["payment_fingerprint"])
    assert max(cards.values()) == 1
    pairs = {(row["client_address"], row["account_id"]) for row in log.of_class("paraphrased")}
    holders = Counter(address for address, _account in pairs)
    assert sum(holders[address] > 1 for address in holders) < 0.05 * len(holders)


def test_says_what_it_is() -> None:
    """The tier says that it rewords."""
    assert "reworded" in ATTACKS.load("paraphrased").description
