"""February: the shape that was reported in February 2026, with several capability mixes."""

from __future__ import annotations

from typing import Any, Final

from cautery.simulate.campaign import CampaignPlan, add_campaign
from cautery.simulate.harvest import make_templates

LIFE_EXCHANGES: Final = 667
"""Exchanges of an account in its whole life: 16 million over 24,000 accounts."""
LIFE_DAYS: Final = 60
"""Assumed length of those lives; the report gives none."""
MIXES: Final = (
    ("operator-1", 0.5, ("agentic", "reasoning", "answers"), 0.55),
    ("operator-2", 0.3, ("agentic", "reasoning"), 0.5),
    ("operator-3", 0.2, ("reasoning", "rubric", "rewriting"), 0.45),
)
"""Operator, share of the accounts, capabilities, part of the work that pivots."""


class February:
    """Three operators with proxies that resell access."""

    name = "february"
    description = "667 exchanges a life, cards shared by about ten, pivot within 24 hours"

    def generate(self, plan: Any) -> None:
        """Add three operators with a campaign each to the world ``plan``."""
        world = plan
        random = world.random("attack", self.name)
        left = world.plan.attackers
        daily = LIFE_EXCHANGES / LIFE_DAYS
        for place, (operator, share, mix, pivot) in enumerate(MIXES):
            last = place == len(MIXES) - 1
            size = left if last else round(world.plan.attackers * share)
            left -= size
            campaign = CampaignPlan(
                tier=self.name, campaign_id=f"february-{place + 1}", operator_id=operator,
                size=size, rate_low=0.9 * daily, rate_high=2.9 * daily, active_low=0.75,
                life_days=0.8 * world.plan.days, closed_share=0.6, fresh_share=0.75, card_low=7,
                card_high=13, card_share=0.9, no_card_share=0.03, pivot_share=pivot,
                client_share=0.85, parameter_share=0.9, round_the_clock=0.6,
            )  # fmt: skip
            add_campaign(world, random, campaign, make_templates(world, random, mix, 3))


MEMBER = February()
