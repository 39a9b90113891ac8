"""The bulk: people who chat, products that call the API, programmers with agents."""

from __future__ import annotations

from cautery.simulate.accounts import ordinary_accounts
from cautery.simulate.honest_class import HonestClass
from cautery.simulate.lives import lead_ordinary_lives
from cautery.simulate.world import World


def build(world: World, size: int) -> None:
    """Add unrelated accounts, each with its own topics, rhythm, network and parameters."""
    random = world.random("honest", "ordinary")
    accounts = ordinary_accounts(random, size, "ordinary", world.plan.days)
    rows = world.add_accounts(accounts)
    lead_ordinary_lives(world, random, rows, accounts)


MEMBER = HonestClass(
    name="ordinary", share=0.0, least=0, build=build, property="It is the background."
)
