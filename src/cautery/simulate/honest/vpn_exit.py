"""Unrelated people behind the same exits: company VPN, carrier NAT, privacy relays."""

from __future__ import annotations

from cautery.simulate.accounts import ordinary_accounts
from cautery.simulate.groups import split_groups
from cautery.simulate.honest_class import HonestClass
from cautery.simulate.lives import lead_ordinary_lives
from cautery.simulate.strands import PER_SESSION
from cautery.simulate.world import World


def build(world: World, size: int) -> None:
    """Add relays with 20 to 120 accounts on a handful of addresses."""
    random = world.random("honest", "vpn_exit")
    accounts = ordinary_accounts(random, size, "vpn_exit", world.plan.days)
    groups = split_groups(random, size, 20, 120)
    rows = world.add_accounts(accounts)
    for group in range(int(groups.max()) + 1):
        mine = groups == group
        kind = str(random.choice(["vpn", "residential"]))
        pool = int(random.choice([2, 4, 10]))
        place = world.addresses.pool(random, kind, accounts["country"][mine][0], pool, 1)
        lead_ordinary_lives(
            world, random, rows[mine], accounts.take(mine), network=PER_SESSION, address=place,
            address_size=pool,
        )  # fmt: skip


MEMBER = HonestClass(
    name="vpn_exit",
    share=0.05,
    least=22,
    build=build,
    property="dozens of accounts on the same few addresses at the same hours",
)
