"""Forwarded: real end users' requests through a pool of accounts; nothing synthetic to find."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from cautery.simulate.accounts import zone_hours
from cautery.simulate.campaign import (
    CampaignPlan,
    campaign_accounts,
    client_software,
    half_own_clients,
    proxies,
)
from cautery.simulate.lives import habits, own_prompts
from cautery.simulate.strands import FLAT, HUMAN
from cautery.simulate.text.kinds import KIND_NUMBER

END_USER_KINDS: Final = ("opening", "document", "foreign", "document", "document", "human")
"""What the forwarded people ask for; each account carries a mixture."""
OPERATORS: Final = (("operator-1", 0.6), ("operator-2", 0.4))


OWN_CLIENT_KINDS: Final = 2
"""Kinds of requests that may come from another client than the relay's."""
PRODUCTS: Final = 40
"""Products whose users an operator forwards; their prompts give a relay away if it keeps them."""


class Forwarded:
    """Two operators that resell or silently forward their own users' traffic."""

    name = "forwarded"
    description = "real end users' requests through an account pool, balanced by a relay"

    def generate(self, plan: Any) -> None:
        """Add the pools to the world ``plan``."""
        world = plan
        random = world.random("attack", self.name)
        left = world.plan.attackers
        for place, (operator, share) in enumerate(OPERATORS):
            size = left if place else round(world.plan.attackers * share)
            left -= size
            campaign = CampaignPlan(
                tier=self.name, campaign_id=f"forwarded-{place + 1}", operator_id=operator,
                size=size, rate_low=8, rate_high=25, life_days=7, card_share=0.5,
                families=("go", "openai-node", "litellm", "openai-python"), round_the_clock=0.3,
                parameter_share=0.2,
            )  # fmt: skip
            self.add_pool(world, random, campaign)

    def add_pool(self, world: Any, random: np.random.Generator, campaign: CampaignPlan) -> None:
        """Add one pool: a relay spreads many people's requests evenly over its accounts."""
        accounts, start, end = campaign_accounts(world, random, campaign)
        rows = world.add_accounts(accounts)
        size = campaign.size
        base = {**habits(world, random, accounts), **proxies(world, random, campaign, accounts)}
        base.update(client_software(world, random, campaign, accounts))
        flat = random.random(size) < campaign.round_the_clock
        rate = random.uniform(campaign.rate_low, campaign.rate_high, size)
        mixture = random.dirichlet(np.full(len(END_USER_KINDS), 0.35), size)
        _, prompts = own_prompts(
            world, random, random.integers(0, len(world.words.domains), PRODUCTS)
        )
        base.update(
            start=start, end=end, session=1.0 + random.gamma(1.5, 4.0, size),
            active_share=random.uniform(0.3, 0.9, size), weekend=0.7,
            schedule=np.where(flat, FLAT, HUMAN), zone_hours=zone_hours(accounts["country"]),
            gap_seconds=np.exp(random.normal(4.0, 1.0, size)), model=1, other_model=2,
            other_share=0.3,
            context_tokens=random.choice([0, 100, 1500], size, p=[0.52, 0.33, 0.15]),
        )  # fmt: skip
        product = np.where(random.random(size) < 0.45, random.choice(prompts, size), 0)
        for place, kind in enumerate(END_USER_KINDS):
            talk = random.random(size) < 0.4
            world.add_strands(
                rows,
                **{
                    **base,
                    **(half_own_clients(world, random, base) if place < OWN_CLIENT_KINDS else {}),
                    "kind": KIND_NUMBER[kind], "harvest": True, "multi_turn": talk,
                    "system": product,
                    "rate": rate * mixture[:, place],
                    "domain": random.integers(0, len(world.words.domains), size),
                    "second_domain": random.integers(0, len(world.words.domains), size),
                    "second_share": 0.5,
                    "language": random.choice([-1, -1, -1, 0, 3, 4, 5, 6], size),
                },
            )  # fmt: skip


MEMBER = Forwarded()
