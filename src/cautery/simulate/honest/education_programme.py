"""Research and education programmes: grants, one referral, data-annotation work."""

from __future__ import annotations

import numpy as np

from cautery.simulate.accounts import company_domain, ordinary_accounts
from cautery.simulate.groups import group_addresses, group_pieces, split_groups
from cautery.simulate.honest_class import HonestClass
from cautery.simulate.lives import composed_texts, habits, lead_ordinary_lives
from cautery.simulate.seeds import random_keys
from cautery.simulate.strands import HUMAN, OWN_ITEMS, PER_SESSION
from cautery.simulate.text.kinds import KIND_NUMBER
from cautery.simulate.world import World

PATTERN = "Annotate for our study ({task}). Give label, confidence and a reason.\n\nText: "


def build(world: World, size: int) -> None:
    """Add institutes of 3 to 8 grantees who annotate their own data."""
    random = world.random("honest", "education_programme")
    accounts = ordinary_accounts(
        random, size, "education_programme", world.plan.days, payment_fingerprint="",
        verification="email", referral="GRANT-26",
    )  # fmt: skip
    accounts["program"] = random.choice(np.array(["research", "education"], object), size)
    groups = split_groups(random, size, 3, 8)
    institutes = int(groups.max()) + 1
    mails = [company_domain(random).rsplit(".", 1)[0] + ".edu" for _ in range(institutes)]
    accounts["email_domain"] = np.array(mails, object)[groups]
    rows = world.add_accounts(accounts)
    domains = random.integers(0, len(world.words.domains), institutes)
    heads = composed_texts(world, random_keys(random, institutes), domains, PATTERN)
    base = habits(world, random, accounts)
    base.update(
        kind=KIND_NUMBER["segment"], head=group_pieces(world, groups, heads),
        domain=domains[groups],
        items=OWN_ITEMS, item_base=9000 + rows, item_size=random.integers(60, 800, size),
        schedule=HUMAN, rate=random.uniform(5, 50, size), session=12.0, gap_seconds=6.0,
        active_share=0.5, network=PER_SESSION, address_size=20,
        address=group_addresses(world, random, accounts, groups, kind="education", size=20,
        spread=-1),
    )  # fmt: skip
    world.add_strands(rows, **base)
    lead_ordinary_lives(world, random, rows, accounts, rate=random.uniform(1, 8, size))


MEMBER = HonestClass(
    name="education_programme",
    share=0.02,
    least=22,
    build=build,
    property="one programme, no payment, one network, repeated template, labels wanted",
)
