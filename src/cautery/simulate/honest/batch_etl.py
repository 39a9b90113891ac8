"""Nightly extraction jobs: one template, disjoint records, short outputs, several accounts."""

from __future__ import annotations

from cautery.simulate.accounts import ordinary_accounts
from cautery.simulate.groups import (
    group_addresses,
    group_pieces,
    group_queues,
    group_values,
    share_identity,
    split_groups,
)
from cautery.simulate.honest_class import HonestClass
from cautery.simulate.lives import composed_texts, habits
from cautery.simulate.seeds import random_keys
from cautery.simulate.strands import CRON, QUEUE_ITEMS, STICKY
from cautery.simulate.text.kinds import KIND_NUMBER
from cautery.simulate.world import World

PATTERN = "Extract customer, amount, date and status as JSON. Context: {task}. Record: "


def build(world: World, size: int) -> None:
    """Add firms of 2 to 6 accounts that share a table partitioned by account."""
    random = world.random("honest", "batch_etl")
    accounts = ordinary_accounts(random, size, "batch_etl", world.plan.days)
    groups = split_groups(random, size, 2, 6)
    share_identity(random, accounts, groups, card=0.8, org=0.5)
    rows = world.add_accounts(accounts)
    firms = int(groups.max()) + 1
    domains = random.integers(0, len(world.words.domains), firms)
    heads = composed_texts(world, random_keys(random, firms), domains, PATTERN)
    base = habits(world, random, accounts)
    base.update(
        kind=KIND_NUMBER["record"], head=group_pieces(world, groups, heads), domain=domains[groups],
        items=QUEUE_ITEMS, item_base=group_queues(world, groups), schedule=CRON,
        peak_hour=group_values(random, groups, [1.0, 2.0, 3.5, 5.0]), rate=random.uniform(20, 90,
        size),
        session=20.0, gap_seconds=3.0, active_share=0.97, weekend=group_values(random, groups,
        [0.0, 1.0]),
        temperature=0.0, max_tokens=group_values(random, groups, [100, 200, 256]), output_log=3.4,
        output_spread=0.25, network=STICKY, address_size=2,
        address=group_addresses(world, random, accounts, groups, kind="hosting", size=2),
    )  # fmt: skip
    world.add_strands(rows, **base)


MEMBER = HonestClass(
    name="batch_etl",
    share=0.015,
    least=20,
    build=build,
    property="a template repeated inside and across accounts, items never twice",
)
