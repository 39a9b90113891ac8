"""Loud: a few hundred careless accounts, much volume, few templates, shared cards and addresses."""

from __future__ import annotations

from typing import Any

from cautery.simulate.campaign import CampaignPlan, add_campaign
from cautery.simulate.harvest import make_templates


class Loud:
    """The easiest tier."""

    name = "loud"
    description = "few accounts, heavy volume, few templates, shared cards and addresses"

    def generate(self, plan: Any) -> None:
        """Add one operator with two campaigns to the world ``plan``."""
        world = plan
        random = world.random("attack", self.name)
        left = min(world.plan.attackers, 400)
        sizes = (round(left * 0.6), left - round(left * 0.6))
        mixes = (("reasoning", "answers"), ("ultrafeedback", "evol"))
        for number, (size, mix) in enumerate(zip(sizes, mixes, strict=True), start=1):
            campaign = CampaignPlan(
                tier=self.name, campaign_id=f"loud-{number}", operator_id="operator-1", size=size,
                rate_low=120, rate_high=400, active_low=0.85, life_days=12, closed_share=0.5,
                fresh_share=0.9, card_low=15, card_high=40, card_share=0.95, no_card_share=0.0,
                network="hosting", pivot_share=0.6, client_share=0.85, parameter_share=0.9,
                round_the_clock=0.9, repeat=0.05,
            )  # fmt: skip
            add_campaign(world, random, campaign, make_templates(world, random, mix, 1))


MEMBER = Loud()
