"""Companies that grade their own product's answers with a rubric."""

from __future__ import annotations

from cautery.simulate.accounts import ordinary_accounts
from cautery.simulate.groups import (
    group_addresses,
    group_queues,
    group_templates,
    share_identity,
    split_groups,
)
from cautery.simulate.harvest import make_templates
from cautery.simulate.honest_class import HonestClass
from cautery.simulate.lives import habits, lead_ordinary_lives
from cautery.simulate.strands import FLAT, PER_SESSION, QUEUE_ITEMS
from cautery.simulate.text.kinds import KIND_NUMBER
from cautery.simulate.world import World


def build(world: World, size: int) -> None:
    """Add firms of 2 to 5 accounts; the pairs stay inside the firm's own domain."""
    random = world.random("honest", "judge_pipeline")
    accounts = ordinary_accounts(random, size, "judge_pipeline", world.plan.days)
    groups = split_groups(random, size, 2, 5)
    share_identity(random, accounts, groups, org=0.7)
    rows = world.add_accounts(accounts)
    firms = int(groups.max()) + 1
    base = habits(world, random, accounts)
    base.update(group_templates(make_templates(world, random, ("rubric",) * firms, 1), groups))
    base.update(
        kind=KIND_NUMBER["pair"], items=QUEUE_ITEMS, item_base=group_queues(world, groups),
        domain=random.integers(0, len(world.words.domains), firms)[groups], schedule=FLAT,
        rate=random.uniform(15, 70, size), session=8.0, gap_seconds=5.0, active_share=0.8,
        temperature=0.0, max_tokens=512, output_log=4.4, network=PER_SESSION, address_size=4,
        address=group_addresses(world, random, accounts, groups, kind="hosting", size=4),
    )  # fmt: skip
    world.add_strands(rows, **base)
    lead_ordinary_lives(world, random, rows, accounts, rate=random.uniform(1, 12, size))


MEMBER = HonestClass(
    name="judge_pipeline",
    share=0.006,
    least=20,
    build=build,
    property="rubric grading with one template and disjoint items inside one firm",
)
