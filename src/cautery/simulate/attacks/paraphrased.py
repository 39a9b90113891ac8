"""Paraphrased: hydra with every harvest prompt reworded, and unique cards and addresses."""

from __future__ import annotations

from typing import Any, Final

from cautery.simulate.campaign import CampaignPlan, add_campaign
from cautery.simulate.harvest import NOTHING, Template
from cautery.simulate.text.kinds import KIND_NUMBER

MIXES: Final = (
    ("operator-1", 0.5, (("reworded_math", 6.6), ("reworded_code", 6.8))),
    ("operator-2", 0.3, (("reworded_task", 6.4), ("reworded_math", 6.6))),
    ("operator-3", 0.2, (("reworded_grading", 5.2),)),
)
"""Operator, share of the accounts, item kinds with the mean logarithm of output tokens."""


def reworded(kind: str, output: float) -> Template:
    """Return a template without fixed words: the item brings its own instruction."""
    return Template(
        capability=kind, kind=KIND_NUMBER[kind], head=NOTHING, tail=NOTHING, system=NOTHING,
        output_log=output, tools=0, recorded=False,
    )  # fmt: skip


class Paraphrased:
    """Three campaigns that no word n-gram gives away."""

    name = "paraphrased"
    description = "hydra, every harvest prompt reworded, unique cards and addresses"

    def generate(self, plan: Any) -> None:
        """Add the campaigns to the world ``plan``."""
        world = plan
        random = world.random("attack", self.name)
        left = world.plan.attackers
        for place, (operator, share, kinds) in enumerate(MIXES):
            last = place == len(MIXES) - 1
            size = left if last else round(world.plan.attackers * share)
            left -= size
            campaign = CampaignPlan(
                tier=self.name, campaign_id=f"paraphrased-{place + 1}", operator_id=operator,
                size=size, rate_low=5, rate_high=25, cover_low=0.3, cover_high=0.7, card_share=0.0,
                no_card_share=0.14, network="ordinary", pivot_share=0.4, client_share=0.0,
                parameter_share=0.0,
            )  # fmt: skip
            templates = [reworded(kind, output) for kind, output in kinds]
            add_campaign(world, random, campaign, templates)


MEMBER = Paraphrased()
