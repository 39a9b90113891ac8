"""Researchers who try to extract chains of thought: published prompts, small volume."""

from __future__ import annotations

import numpy as np

from cautery.simulate.accounts import ordinary_accounts
from cautery.simulate.harvest import make_templates
from cautery.simulate.honest_class import HonestClass
from cautery.simulate.lives import habits, lead_ordinary_lives, networks
from cautery.simulate.strands import HUMAN, SHARED_ITEMS
from cautery.simulate.world import World


def build(world: World, size: int) -> None:
    """Add unrelated researchers; two fifths have a permit, all use the same published prompts."""
    random = world.random("honest", "red_team")
    permitted = np.where(random.random(size) < 0.4, "red_team", "").astype(object)
    accounts = ordinary_accounts(
        random, size, "red_team", world.plan.days, permitted_use=permitted, program="research"
    )
    rows = world.add_accounts(accounts)
    published = make_templates(world, random, ("reasoning", "reasoning", "rewriting"), 4)
    for template in published:
        base = {**habits(world, random, accounts), **networks(world, random, accounts)}
        base.update(template.columns())
        base.update(
            items=SHARED_ITEMS, item_base=4242, item_size=300, schedule=HUMAN,
            rate=random.uniform(1, 8, size), session=4.0, active_share=0.4,
        )  # fmt: skip
        world.add_strands(rows, **base)
    lead_ordinary_lives(world, random, rows, accounts, rate=random.uniform(1, 10, size))


MEMBER = HonestClass(
    name="red_team",
    share=0.006,
    least=20,
    build=build,
    property="asks for reasoning traces with prompts that others use too",
)
