"""Customers whose contract allows synthetic data: a real harvest, and permitted."""

from __future__ import annotations

from cautery.simulate.accounts import ordinary_accounts
from cautery.simulate.groups import (
    group_addresses,
    group_queues,
    group_templates,
    share_identity,
    split_groups,
)
from cautery.simulate.harvest import CAPABILITIES, make_templates
from cautery.simulate.honest_class import HonestClass
from cautery.simulate.lives import habits
from cautery.simulate.strands import FLAT, PER_SESSION, QUEUE_ITEMS
from cautery.simulate.world import World


def build(world: World, size: int) -> None:
    """Add firms of 3 to 6 accounts with harvest templates and a partitioned queue."""
    random = world.random("honest", "permitted_synthesis")
    accounts = ordinary_accounts(
        random, size, "permitted_synthesis", world.plan.days, permitted_use="synthetic_data",
        verification="contract", program="enterprise",
    )  # fmt: skip
    groups = split_groups(random, size, 3, 6)
    share_identity(random, accounts, groups, org=1.0)
    rows = world.add_accounts(accounts)
    names = tuple(str(random.choice(CAPABILITIES)) for _ in range(int(groups.max()) + 1))
    base = habits(world, random, accounts)
    base.update(group_templates(make_templates(world, random, names, 2), groups))
    base.update(
        items=QUEUE_ITEMS, item_base=group_queues(world, groups), schedule=FLAT,
        rate=random.uniform(20, 120, size), session=5.0, gap_seconds=15.0, active_share=0.9,
        network=PER_SESSION, address_size=6,
        address=group_addresses(world, random, accounts, groups, kind="hosting", size=6),
    )  # fmt: skip
    world.add_strands(rows, **base)


MEMBER = HonestClass(
    name="permitted_synthesis",
    share=0.005,
    least=20,
    build=build,
    property="distillation-like in every way, and allowed by contract",
)
