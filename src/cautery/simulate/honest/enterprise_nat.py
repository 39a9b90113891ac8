"""Companies behind one address: one payer, often one ``org_id``, sometimes none."""

from __future__ import annotations

from cautery.simulate.accounts import ordinary_accounts
from cautery.simulate.groups import group_addresses, share_identity, split_groups
from cautery.simulate.honest_class import HonestClass
from cautery.simulate.lives import lead_ordinary_lives
from cautery.simulate.strands import STICKY
from cautery.simulate.world import World


def build(world: World, size: int) -> None:
    """Add companies of 20 to 60 accounts whose people work on different things."""
    random = world.random("honest", "enterprise_nat")
    accounts = ordinary_accounts(
        random,
        size,
        "enterprise_nat",
        world.plan.days,
        verification="contract",
        program="enterprise",
    )
    groups = split_groups(random, size, 20, 60)
    share_identity(random, accounts, groups, card=1.0, org=0.6)
    rows = world.add_accounts(accounts)
    place = group_addresses(world, random, accounts, groups, kind="corporate", size=2)
    lead_ordinary_lives(
        world, random, rows, accounts, network=STICKY, address=place, address_size=2
    )


MEMBER = HonestClass(
    name="enterprise_nat",
    share=0.05,
    least=22,
    build=build,
    property="one address, one payer, one organisation (which some do not declare)",
)
