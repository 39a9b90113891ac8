"""The hydra tier: many small accounts under cover traffic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING

from cautery.registry import ATTACKS

if TYPE_CHECKING:
    from tests.simulate.conftest import Log

Maker = Callable[..., "Log"]


def test_addresses_are_hardly_shared(simulated: Maker) -> None:
    """Rotating home addresses join few accounts of a campaign."""
    log = simulated("hydra")
    pairs = {(row["client_address"], row["account_id"]) for row in log.of_class("hydra")}
    holders = Counter(address for address, _account in pairs)
    assert sum(holders[address] > 1 for address in holders) < 0.05 * len(holders)


def test_two_campaigns_of_one_operator(simulated: Maker) -> None:
    """Four campaigns belong to three operators."""
    truth = [row for row in simulated("hydra").truth.values() if row["attacker"] == "1"]
    assert len({row["campaign_id"] for row in truth}) == 4
    assert len({row["operator_id"] for row in truth}) == 3


def test_every_account_mixes(simulated: Maker) -> None:
    """The median busy account sends both harvest and cover."""
    log = simulated("hydra")
    made = Counter(row["account_id"] for row in log.of_class("hydra"))
    taken = Counter(
        row["account_id"] for row in log.of_class("hydra") if log.harvest[row["request_id"]]
    )
    shares = [taken[account] / made[account] for account in made if made[account] >= 20]
    assert 0.25 < median(shares) < 0.75


def test_says_what_it_is() -> None:
    """The tier describes its cover."""
    assert "cover" in ATTACKS.load("hydra").description
