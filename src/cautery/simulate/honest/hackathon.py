"""Hackathons: a burst of sign-ups with one promotion code, sponsor's credit and venue network."""

from __future__ import annotations

from typing import Any

import numpy as np

from cautery.simulate.accounts import ordinary_accounts, token
from cautery.simulate.groups import split_groups
from cautery.simulate.honest_class import HonestClass
from cautery.simulate.lives import lead_ordinary_lives
from cautery.simulate.strands import PER_SESSION
from cautery.simulate.world import World


def build(world: World, size: int) -> None:
    """Add events of 20 to 60 unrelated people who meet for a weekend."""
    random = world.random("honest", "hackathon")
    groups = split_groups(random, size, 20, 60)
    events = int(groups.max()) + 1
    begin = (random.uniform(0.05, 0.7, events) * world.plan.days)[groups]
    accounts = ordinary_accounts(
        random, size, "hackathon", world.plan.days, created_day=begin + random.exponential(0.12,
        size),
        program="startup", closed_day=np.nan, status="active", org_id="",
    )  # fmt: skip
    accounts["referral"] = np.array([f"HACK{26 + g}" for g in range(events)], object)[groups]
    sponsor = np.array(token(random, "pm_", events), object)[groups]
    accounts["payment_fingerprint"] = np.where(
        random.random(size) < 0.6, sponsor, accounts["payment_fingerprint"]
    )
    for group in range(events):
        accounts["country"][groups == group] = accounts["country"][groups == group][0]
    rows = world.add_accounts(accounts)
    venue = np.array([world.addresses.pool(random, "corporate", "US", 3, 1) for _ in range(events)])
    event: dict[str, Any] = {
        "start": begin,
        "end": begin + 2.2,
        "active_share": 1.0,
        "weekend": 1.0,
    }
    lead_ordinary_lives(
        world, random, rows, accounts, rate=random.uniform(15, 60, size), network=PER_SESSION,
        address=venue[groups], address_size=3, **event,
    )  # fmt: skip
    lead_ordinary_lives(world, random, rows, accounts, rate=random.uniform(1, 10, size))


MEMBER = HonestClass(
    name="hackathon",
    share=0.02,
    least=22,
    build=build,
    property="signed up within hours, one code, one card, one address, bursts",
)
