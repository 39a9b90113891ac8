"""Resellers with a contract: a few accounts, very many customers behind each, a Go client."""

from __future__ import annotations

import numpy as np

from cautery.simulate.accounts import ordinary_accounts
from cautery.simulate.groups import group_addresses, share_identity, split_groups
from cautery.simulate.honest_class import HonestClass
from cautery.simulate.lives import lead_ordinary_lives
from cautery.simulate.strands import PER_CALL
from cautery.simulate.world import World

CUSTOMER_KINDS = 8
"""Ordinary lives that run through each account."""


def build(world: World, size: int) -> None:
    """Add gateways of 1 to 3 accounts."""
    random = world.random("honest", "contract_reseller")
    accounts = ordinary_accounts(
        random, size, "contract_reseller", world.plan.days, permitted_use="resale",
        verification="contract", program="enterprise", closed_day=np.nan, status="active",
        created_day=-random.gamma(2, 200.0, size) - 5,
    )  # fmt: skip
    groups = split_groups(random, size, 1, 3)
    share_identity(random, accounts, groups, org=0.8)
    rows = world.add_accounts(accounts)
    place = group_addresses(world, random, accounts, groups, kind="hosting", size=5)
    clients = np.array([world.clients.pool(random, "go") for _ in range(size)])
    for _ in range(CUSTOMER_KINDS):
        lead_ordinary_lives(
            world, random, rows, accounts, network=PER_CALL, address=place, address_size=5,
            client=clients, client_size=1, rate=random.uniform(10, 60, size), active_share=1.0,
            end_users=random.integers(50, 800, size),
        )  # fmt: skip


MEMBER = HonestClass(
    name="contract_reseller",
    share=0.005,
    least=20,
    build=build,
    property="every topic, language and persona in one account, round the clock",
)
