"""An open-source program's default prompt: thousands of unlinked users, disjoint items."""

from __future__ import annotations

import numpy as np

from cautery.simulate.accounts import ordinary_accounts
from cautery.simulate.honest_class import HonestClass
from cautery.simulate.lives import habits, lead_ordinary_lives, networks, volumes
from cautery.simulate.text.kinds import KIND_NUMBER
from cautery.simulate.world import World

APPLICATIONS = (
    (
        "Summarise the note below in three sentences and list its open questions.\n\nNote: ",
        "segment",
        0.45,
    ),
    (
        "You are a patient tutor. Explain step by step, then give the answer.\n\nProblem: ",
        "math",
        0.3,
    ),
    ("Improve the following prompt and answer it in detail.\n\nPrompt: ", "opening", 0.25),
)
"""Default prompt, kind of its items and share of the users of three programs."""


def build(world: World, size: int) -> None:
    """Add unrelated users who never changed the default prompt and parameters."""
    random = world.random("honest", "open_source_app")
    accounts = ordinary_accounts(random, size, "open_source_app", world.plan.days)
    rows = world.add_accounts(accounts)
    share = np.array([entry[2] for entry in APPLICATIONS])
    which = random.choice(len(APPLICATIONS), size, p=share / share.sum())
    heads = np.array([world.words.bank.add(entry[0]) for entry in APPLICATIONS])
    kinds = np.array([KIND_NUMBER[entry[1]] for entry in APPLICATIONS])
    clients = np.array([world.clients.pool(random, "openai-node", 1) for _ in range(size)])
    base = {**habits(world, random, accounts), **networks(world, random, accounts)}
    base.update(
        kind=kinds[which], head=heads[which], rate=volumes(random, size, 8.0),
        domain=random.integers(0, len(world.words.domains), size), client=clients, client_size=1,
        temperature=np.array([0.3, 0.7, 0.7])[which], max_tokens=np.array([1024, 2048,
        4096])[which],
        output_log=np.array([5.0, 6.2, 6.3])[which], session=random.choice([1.5, 3, 8], size),
    )  # fmt: skip
    world.add_strands(rows, **base)
    some = random.random(size) < 0.4
    lead_ordinary_lives(
        world, random, rows[some], accounts.take(some), rate=random.uniform(1, 8, int(some.sum()))
    )


MEMBER = HonestClass(
    name="open_source_app",
    share=0.045,
    least=24,
    build=build,
    property="shared template, disjoint items, same parameters: a campaign without an owner",
)
