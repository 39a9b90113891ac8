"""Spread recordings of real harvesting pipelines over pools of accounts.

    python benchmarks/recorded_pools.py --seed 1 -o DIR

An independent check: written without sight of ``cautery.simulate`` and of the detector, from
requests that unmodified clients sent. What is real: every harvesting request's wording, its
parameters, its headers, and the wording of people's prompts. What is made up: who shares which
account, card and address, the times, and the answers. Needs the data pack (``../shared/data``).
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.recorded_honest import Stage, add_honest
from benchmarks.recorded_material import (
    HARVESTERS,
    Material,
    Recorded,
    in_other_words,
    own_words,
    reworded,
    with_item,
)
from benchmarks.world_files import write_world
from benchmarks.world_formats import LOG_WRITERS
from benchmarks.world_habits import DAY_SECONDS, identifier, working_times
from benchmarks.world_records import Variant, World, WorldAccount

START: Final = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
"""First second of the log."""

TIER: Final = "recorded"
"""The tier's name in the truth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolPlan:
    """How the recordings are spread."""

    seed: int
    harvesters: tuple[str, ...] = HARVESTERS
    """Recordings that become pools; none gives a log without an attack."""
    accounts: tuple[int, int] = (20, 60)
    """Fewest and most accounts of a pool."""
    exchanges: tuple[int, int] = (8, 40)
    """Fewest and most harvesting exchanges of an account."""
    cover: float = 0.2
    """Part of an account's exchanges that are ordinary questions."""
    shared_infrastructure: bool = True
    """Cards for about ten accounts and a few exit addresses; else everybody the own."""
    reworded: bool = False
    """Whether each pool puts its pipeline's template in other words than the published ones."""
    ordinary: int = 900
    """Number of ordinary people."""
    days: int = 14
    """Length of the log."""


def make_recorded_pools(plan: PoolPlan, material: Material | None = None) -> World:
    """Build the labelled log.

    Args:
        plan: What to build; the same plan gives the same log.
        material: The recordings and prompts; the data pack beside the repository if None.

    Returns:
        The log with its truth.
    """
    details: dict[str, object] = {
        "seed": plan.seed,
        "harvesters": list(plan.harvesters),
        "cover": plan.cover,
        "shared_infrastructure": plan.shared_infrastructure,
        "reworded": plan.reworded,
    }
    world = World(name="recorded_pools", plan=details)
    stage = Stage(
        rng=random.Random(f"recorded pools {plan.seed}"),
        material=material or Material(),
        start=START,
        days=plan.days,
        world=world,
    )
    for name in plan.harvesters:
        _add_pool(stage, plan, name)
    add_honest(stage, plan.ordinary)
    return world


def _add_pool(stage: Stage, plan: PoolPlan, name: str) -> None:
    rng = stage.rng
    accounts = _pool_accounts(stage, plan, name)
    sizes = {a.account_id: rng.randint(*plan.exchanges) for a in accounts}
    exits = _exits(stage, plan, accounts)
    clients = {a.account_id: stage.client() for a in accounts}
    begin, days = stage.start + rng.random() * 2 * DAY_SECONDS, min(stage.days - 3, 9)
    requests, owners = _work_list(stage, name, sum(sizes.values())), []
    for account_id, size in sizes.items():
        owners.extend([account_id] * size)
    rng.shuffle(owners)
    times = working_times(rng, len(owners), begin, days)
    # One list is worked through in order; whichever account is free takes the next item.
    for owner, moment, (recorded, text) in zip(owners, times, requests, strict=True):
        exchange = recorded.exchange(owner, moment, text)
        exchange.harvest = True
        if plan.reworded:
            author = f"{plan.seed} {name}"
            for field in ("input_text", "system_text"):
                other = in_other_words(stage.material, getattr(exchange, field), author)
                setattr(exchange, field, other)
        stage.add(exchange, rng.choice(exits[owner]))
        if rng.random() < plan.cover / (1 - plan.cover):
            idle = begin + rng.random() * days * DAY_SECONDS
            cover = clients[owner].exchange(owner, idle, own_words(rng, stage.material))
            stage.add(cover, rng.choice(exits[owner]))


def _pool_accounts(stage: Stage, plan: PoolPlan, name: str) -> list[WorldAccount]:
    rng, accounts = stage.rng, []
    cards = [identifier(rng, "card-") for _ in range(plan.accounts[1])]
    sign_up = stage.start - rng.uniform(3, 250) * DAY_SECONDS
    for number in range(rng.randint(*plan.accounts)):
        facts: dict[str, object] = {"attacker": True, "tier": TIER}
        facts |= {"campaign_id": f"recorded-{name}", "operator_id": f"operator-{name}"}
        if plan.shared_infrastructure:
            facts["payment_fingerprint"] = cards[number // 10]
            facts["created_at"] = sign_up + rng.random() * 2 * DAY_SECONDS
        accounts.append(stage.account(TIER, **facts))
    return accounts


def _exits(stage: Stage, plan: PoolPlan, accounts: Sequence[WorldAccount]) -> dict[str, list[str]]:
    if plan.shared_infrastructure:
        exits = [stage.addresses.address() for _ in range(8)]
        return {a.account_id: stage.rng.sample(exits, stage.rng.randint(1, 4)) for a in accounts}
    return {a.account_id: [stage.addresses.address()] for a in accounts}


def _work_list(stage: Stage, name: str, count: int) -> list[tuple[Recorded, str]]:
    """Take each recorded request once, then the same templates with new items; no item twice."""
    rng, material = stage.rng, stage.material
    recorded = material.harvester(name)
    work = [(request, request.last_turn) for request in rng.sample(recorded, len(recorded))]
    items = rng.sample(material.human_prompts, len(material.human_prompts))
    while len(work) < count:
        request = rng.choice(recorded)
        item = items.pop() if items else ""
        if not item:
            item = reworded(rng, material, rng.choice(material.human_prompts))
        work.append((request, with_item(rng, material, name, request, item)))
    return work[:count]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write one log from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--format", choices=sorted(LOG_WRITERS), default="canonical")
    parser.add_argument("--harvesters", nargs="*", choices=HARVESTERS, default=list(HARVESTERS))
    parser.add_argument("--ordinary", type=int, default=900)
    parser.add_argument("--cover", type=float, default=0.2)
    parser.add_argument("--unique-infrastructure", action="store_true")
    parser.add_argument("--reworded", action="store_true")
    parser.add_argument("--no-account-table", action="store_true")
    parser.add_argument("--no-text", action="store_true")
    parser.add_argument("--load-balancer", action="store_true")
    given = parser.parse_args(arguments)
    plan = PoolPlan(
        seed=given.seed,
        harvesters=tuple(given.harvesters),
        ordinary=given.ordinary,
        cover=given.cover,
        shared_infrastructure=not given.unique_infrastructure,
        reworded=given.reworded,
    )
    variant = Variant(
        account_table=not given.no_account_table,
        text=not given.no_text,
        load_balancer=given.load_balancer,
    )
    world = make_recorded_pools(plan)
    path = write_world(world, given.output, given.format, variant)
    print(f"{path}: {len(world.exchanges)} exchanges of {len(world.accounts)} accounts")


if __name__ == "__main__":
    main()
