"""Benchmark runs: several laboratories send the same public items in the week of a release."""

from __future__ import annotations

import numpy as np

from cautery.simulate.accounts import ordinary_accounts
from cautery.simulate.groups import group_addresses, share_identity, split_groups
from cautery.simulate.honest_class import HonestClass
from cautery.simulate.lives import habits, lead_ordinary_lives
from cautery.simulate.strands import FLAT, PER_SESSION, SHARED_ITEMS
from cautery.simulate.text.kinds import KIND_NUMBER
from cautery.simulate.world import World


def build(world: World, size: int) -> None:
    """Add laboratories of 2 to 5 accounts that run lm-eval on the new model."""
    random = world.random("honest", "evaluation_harness")
    permitted = np.where(random.random(size) < 0.35, "evaluation", "").astype(object)
    accounts = ordinary_accounts(
        random, size, "evaluation_harness", world.plan.days, program="research",
        permitted_use=permitted, closed_day=np.nan, status="active",
        created_day=-random.gamma(1.2, 150.0, size) - 1,
    )  # fmt: skip
    groups = split_groups(random, size, 2, 5)
    share_identity(random, accounts, groups, card=0.8)
    rows = world.add_accounts(accounts)
    base = habits(world, random, accounts)
    pools = [world.clients.pool(random, "aiohttp") for _ in range(size)]
    begin = world.release_day + random.uniform(0.1, 5.0, size)
    gsm8k = random.random(size) < 0.75
    bank = world.words.bank
    base.update(
        kind=np.where(gsm8k, KIND_NUMBER["benchmark"], KIND_NUMBER["second_benchmark"]),
        head=np.where(gsm8k, bank.add("Question: "), 0), tail=np.where(gsm8k,
        bank.add("\nAnswer:"), 0),
        items=SHARED_ITEMS, item_base=77, item_size=1500, rate=random.uniform(80, 320, size),
        active_share=1.0, weekend=1.0, start=begin, end=begin + random.uniform(0.5, 2.5, size),
        schedule=FLAT, session=40.0, gap_seconds=2.0, client=np.array(pools), client_size=1,
        temperature=0.0, max_tokens=np.where(gsm8k, 256, 1024), fixed_seed=1234, top_p=np.nan,
        adoption_days=0.0, adoption_share=0.95, output_log=4.6, network=PER_SESSION,
        address=group_addresses(world, random, accounts, groups, kind="hosting", size=4),
        address_size=4,
    )  # fmt: skip
    world.add_strands(rows, **base)
    lead_ordinary_lives(world, random, rows, accounts, rate=random.uniform(0.5, 8, size))


MEMBER = HonestClass(
    name="evaluation_harness",
    share=0.006,
    least=20,
    build=build,
    property="one template and one set of items in several firms, days after a release",
)
