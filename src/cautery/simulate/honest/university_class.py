"""University courses: the same /24, the same assignments, a burst before the deadline."""

from __future__ import annotations

import numpy as np

from cautery.simulate.accounts import company_domain, ordinary_accounts
from cautery.simulate.groups import split_groups
from cautery.simulate.honest_class import HonestClass
from cautery.simulate.lives import habits, lead_ordinary_lives
from cautery.simulate.strands import PER_SESSION, SHARED_ITEMS
from cautery.simulate.text.kinds import KIND_NUMBER
from cautery.simulate.world import World


def build(world: World, size: int) -> None:
    """Add courses of 20 to 45 students who also use the API for themselves."""
    random = world.random("honest", "university_class")
    days = world.plan.days
    groups = split_groups(random, size, 20, 45)
    deadline = random.uniform(0.25, 0.95, int(groups.max()) + 1)[groups] * days
    accounts = ordinary_accounts(
        random, size, "university_class", days, verification="email", program="education",
        created_day=deadline - random.uniform(2, 25, size), closed_day=np.nan, status="active",
    )  # fmt: skip
    place = np.zeros(size, np.int64)
    for group in np.unique(groups):
        mine = groups == group
        accounts["country"][mine] = accounts["country"][mine][0]
        accounts["email_domain"][mine] = company_domain(random).rsplit(".", 1)[0] + ".edu"
        country = accounts["country"][mine][0]
        place[mine] = world.addresses.pool(random, "education", country, 80, -1)
    rows = world.add_accounts(accounts)
    base = habits(world, random, accounts)
    base.update(
        kind=KIND_NUMBER["coursework"], items=SHARED_ITEMS, item_base=1000 + groups, item_size=12,
        domain=groups % len(world.words.domains), start=deadline - 2.5, end=deadline,
        active_share=0.95, weekend=1.0, rate=random.uniform(8, 30, size), session=4.0,
        multi_turn=random.random(size) < 0.6, network=PER_SESSION, address=place, address_size=80,
    )  # fmt: skip
    world.add_strands(rows, **base)
    lead_ordinary_lives(world, random, rows, accounts, rate=random.uniform(1, 6, size))


MEMBER = HonestClass(
    name="university_class",
    share=0.03,
    least=22,
    build=build,
    property="same /24, same prompts, same deadline, signed up together",
)
