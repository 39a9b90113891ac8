"""Translation vendors: disjoint segments, one template, languages of restricted regions."""

from __future__ import annotations

import numpy as np

from cautery.simulate.accounts import ordinary_accounts
from cautery.simulate.groups import (
    group_addresses,
    group_pieces,
    group_queues,
    share_identity,
    split_groups,
)
from cautery.simulate.honest_class import HonestClass
from cautery.simulate.lives import habits
from cautery.simulate.strands import OFFICE, PER_SESSION, QUEUE_ITEMS
from cautery.simulate.text.kinds import KIND_NUMBER
from cautery.simulate.world import World

HEADS = [
    f"Translate the segment into {language}. Keep names and numbers. Segment: "
    for language in ("Simplified Chinese", "Russian", "Farsi", "Traditional Chinese", "Korean")
] + [
    f"{role} Target language: {language}.\n\n"
    for role in ("Localise this text for our readers.", "You translate for a publisher.")
    for language in ("Simplified Chinese", "Vietnamese", "Russian")
]


def build(world: World, size: int) -> None:
    """Add vendors of 3 to 7 accounts."""
    random = world.random("honest", "translation_vendor")
    accounts = ordinary_accounts(random, size, "translation_vendor", world.plan.days)
    accounts["country"] = random.choice(np.array(["HK", "SG", "VN", "TW", "TR"], object), size)
    groups = split_groups(random, size, 3, 7)
    share_identity(random, accounts, groups, org=0.5)
    rows = world.add_accounts(accounts)
    base = habits(world, random, accounts)
    base.update(
        kind=KIND_NUMBER["segment"], head=group_pieces(world, groups, HEADS), items=QUEUE_ITEMS,
        item_base=group_queues(world, groups), domain=groups % len(world.words.domains),
        schedule=OFFICE, rate=random.uniform(20, 90, size), session=10.0, gap_seconds=20.0,
        active_share=0.85, weekend=0.2, temperature=0.2, output_log=4.6, output_spread=0.4,
        network=PER_SESSION, address_size=3,
        address=group_addresses(world, random, accounts, groups, kind="corporate", size=3),
    )  # fmt: skip
    world.add_strands(rows, **base)


MEMBER = HonestClass(
    name="translation_vendor",
    share=0.008,
    least=20,
    build=build,
    property="one template, disjoint items, steady volume from a restricted region",
)
