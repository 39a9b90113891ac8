"""Users of one popular coding agent: the same system prompt and tools, unrelated people."""

from __future__ import annotations

import numpy as np

from cautery.simulate.accounts import ordinary_accounts
from cautery.simulate.honest_class import HonestClass
from cautery.simulate.lives import AGENT_PROMPT, coder, habits, networks, volumes
from cautery.simulate.world import World


def build(world: World, size: int) -> None:
    """Add unrelated programmers with the same agent."""
    random = world.random("honest", "popular_agent")
    accounts = ordinary_accounts(random, size, "popular_agent", world.plan.days)
    rows = world.add_accounts(accounts)
    clients = [world.clients.pool(random, "coding-agent", 2) for _ in range(size)]
    base = {**habits(world, random, accounts), **networks(world, random, accounts)}
    base.update(coder(world, random, size))
    base.update(
        system=world.words.bank.add(AGENT_PROMPT), tools=14, max_tokens=8192, temperature=1.0,
        stream=1, rate=volumes(random, size, 25.0), client=np.array(clients), client_size=2,
    )  # fmt: skip
    world.add_strands(rows, **base)


MEMBER = HonestClass(
    name="popular_agent",
    share=0.06,
    least=22,
    build=build,
    property="identical system prompt, tool count, parameters and client everywhere",
)
