"""Continuous-integration fleets: review loops from shared runners, a popular action's prompt."""

from __future__ import annotations

import numpy as np

from cautery.simulate.accounts import ordinary_accounts
from cautery.simulate.groups import share_identity, split_groups
from cautery.simulate.honest_class import HonestClass
from cautery.simulate.lives import habits
from cautery.simulate.strands import OFFICE, PER_CALL, QUEUE_ITEMS
from cautery.simulate.text.kinds import KIND_NUMBER
from cautery.simulate.world import World

POPULAR = "Review this change. List bugs, risky lines and missing tests as Markdown bullets.\n"
OWN = "As our release gatekeeper, point out defects in the patch and propose a fix:\n"


def build(world: World, size: int) -> None:
    """Add firms of 2 to 8 accounts; all runners leave through one cloud's addresses."""
    random = world.random("honest", "ci_fleet")
    accounts = ordinary_accounts(random, size, "ci_fleet", world.plan.days)
    groups = split_groups(random, size, 2, 8)
    share_identity(random, accounts, groups, card=0.9, org=0.6)
    rows = world.add_accounts(accounts)
    runners = world.addresses.pool(random, "hosting", "US", 300, 6)
    bank = world.words.bank
    popular = (groups % 4) != 3
    base = habits(world, random, accounts)
    queues = np.array([world.new_queue() for _ in range(size)])
    base.update(
        kind=KIND_NUMBER["code_review"], head=np.where(popular, bank.add(POPULAR), bank.add(OWN)),
        items=QUEUE_ITEMS, item_base=queues, domain=groups % 4, schedule=OFFICE,
        rate=random.uniform(15, 80, size), session=4.0, gap_seconds=8.0, active_share=0.9,
        weekend=0.1, temperature=0.0, max_tokens=4096, output_log=5.8, network=PER_CALL,
        address=runners, address_size=300, multi_turn=False, context_tokens=1500,
    )  # fmt: skip
    world.add_strands(rows, **base)


MEMBER = HonestClass(
    name="ci_fleet",
    share=0.015,
    least=20,
    build=build,
    property="shared runners, shared prompt, disjoint items, no human rhythm",
)
