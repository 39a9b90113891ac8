"""Hydra: many small accounts with cover traffic, rotating addresses and quick replacement."""

from __future__ import annotations

from typing import Any, Final

from cautery.simulate.campaign import CampaignPlan, add_campaign
from cautery.simulate.harvest import make_templates

MIXES: Final = (
    ("operator-1", 0.4, ("reasoning", "answers", "agentic"), 0.0),
    ("operator-1", 0.15, ("rubric", "rewriting"), 0.2),
    ("operator-2", 0.25, ("evol", "answers", "rewriting"), 0.0),
    ("operator-3", 0.2, ("reasoning", "answers", "ultrafeedback"), 0.1),
)
"""Operator, share of the accounts, capabilities, when it begins as a share of the log."""


class Hydra:
    """Four campaigns of three operators."""

    name = "hydra"
    description = "5 to 25 exchanges a day, 30-70 % cover, rotating addresses, replacement"

    def generate(self, plan: Any) -> None:
        """Add the campaigns to the world ``plan``."""
        world = plan
        random = world.random("attack", self.name)
        left = world.plan.attackers
        for place, (operator, share, mix, start) in enumerate(MIXES):
            last = place == len(MIXES) - 1
            size = left if last else round(world.plan.attackers * share)
            left -= size
            campaign = CampaignPlan(
                tier=self.name, campaign_id=f"hydra-{place + 1}", operator_id=operator, size=size,
                rate_low=5, rate_high=25, cover_low=0.3, cover_high=0.7, start_share=start,
            )  # fmt: skip
            add_campaign(world, random, campaign, make_templates(world, random, mix, 4))


MEMBER = Hydra()
