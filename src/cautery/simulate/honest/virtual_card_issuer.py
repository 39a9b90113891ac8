"""Customers of one virtual-card issuer, and families on one card: payment, no common owner."""

from __future__ import annotations

import numpy as np

from cautery.simulate.accounts import ordinary_accounts
from cautery.simulate.honest_class import HonestClass
from cautery.simulate.lives import lead_ordinary_lives
from cautery.simulate.world import World

ISSUER_PREFIX = "pm_vc4f2"


def build(world: World, size: int) -> None:
    """Add unrelated accounts whose payment tokens begin alike; a third share theirs with family."""
    random = world.random("honest", "virtual_card_issuer")
    accounts = ordinary_accounts(random, size, "virtual_card_issuer", world.plan.days)
    numbers = random.integers(0, 2**40, size)
    cards = np.array([f"{ISSUER_PREFIX}{number:011x}" for number in numbers], object)
    place = 0
    while place < size // 3:
        members = int(random.integers(2, 5))
        cards[place : place + members] = cards[place]
        place += members
    accounts["payment_fingerprint"] = cards
    rows = world.add_accounts(accounts)
    lead_ordinary_lives(world, random, rows, accounts)


MEMBER = HonestClass(
    name="virtual_card_issuer",
    share=0.05,
    least=22,
    build=build,
    property="one payment prefix for all, one card for families",
)
