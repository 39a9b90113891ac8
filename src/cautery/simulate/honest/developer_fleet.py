"""One developer's agents: several accounts, one card, one address, one home-made prompt."""

from __future__ import annotations

from cautery.simulate.accounts import ordinary_accounts
from cautery.simulate.groups import group_addresses, group_pieces, share_identity, split_groups
from cautery.simulate.honest_class import HonestClass
from cautery.simulate.lives import coder, composed_texts, habits
from cautery.simulate.seeds import random_keys
from cautery.simulate.strands import FLAT, STICKY
from cautery.simulate.text.kinds import KIND_NUMBER
from cautery.simulate.world import World

PATTERN = "You are worker {task}. Pick the next ticket, think, act, report the diff."


def build(world: World, size: int) -> None:
    """Add developers with 4 to 9 accounts that work round the clock on one project."""
    random = world.random("honest", "developer_fleet")
    accounts = ordinary_accounts(random, size, "developer_fleet", world.plan.days)
    groups = split_groups(random, size, 4, 9)
    share_identity(random, accounts, groups, org=0.3, mail=0.4)
    rows = world.add_accounts(accounts)
    owners = int(groups.max()) + 1
    domains = random.integers(0, 4, owners)
    prompts = composed_texts(world, random_keys(random, owners), domains, PATTERN)
    base = {**habits(world, random, accounts), **coder(world, random, size)}
    base.update(
        kind=KIND_NUMBER["code_turn"], domain=domains[groups], tools=9, schedule=FLAT,
        system=group_pieces(world, groups, prompts), rate=random.uniform(15, 80, size),
        active_share=0.9, weekend=1.0, network=STICKY, address_size=1,
        address=group_addresses(world, random, accounts, groups, kind="residential", size=1),
    )  # fmt: skip
    world.add_strands(rows, **base)


MEMBER = HonestClass(
    name="developer_fleet",
    share=0.01,
    least=20,
    build=build,
    property="same card, address, prompt and hours in several accounts",
)
