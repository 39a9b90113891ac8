"""A second, compact generator of labelled logs: a held-out world to measure generalisation.

    python benchmarks/alternate_world.py --tier february --seed 1 -o DIR

Written without sight of ``cautery.simulate`` and of the detector: own words, own templates, own
habits. Identifiers are opaque, most accounts declare no organisation, a fifth show no card. Never
tune on it: a detector that has seen a generator has learned that generator.
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

from benchmarks.alternate_honest import add_honest
from benchmarks.alternate_stage import CLIENTS, NEW_MODEL, NO_CARD, OLD_MODELS, Client, Stage
from benchmarks.alternate_words import HARVEST_TEMPLATES, harvest_prompt, question
from benchmarks.world_files import write_world
from benchmarks.world_formats import LOG_WRITERS
from benchmarks.world_habits import DAY_SECONDS, heavy_size, identifier, waking_times
from benchmarks.world_records import Variant, World, WorldAccount

START: Final = datetime(2026, 5, 4, tzinfo=UTC).timestamp()
"""First second of the log."""

DAYS: Final = 21
"""Length of the log."""

RELEASE_DAY: Final = 11.4
"""Day of the log on which ``NEW_MODEL`` comes out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How one tier's campaigns behave."""

    campaigns: int
    accounts: tuple[int, int]
    """Fewest and most accounts of a campaign."""
    per_day: tuple[float, float]
    """Fewest and most exchanges of an account and day, cover included."""
    life_days: tuple[int, int]
    """Fewest and most days that an account works."""
    cover: tuple[float, float]
    """Smallest and largest part of an account's exchanges that is cover traffic."""
    on_card: tuple[int, int]
    """Fewest and most accounts on one card."""
    own_card: float
    """Part of the accounts with a card of their own."""
    exits: int
    """Exit addresses of a campaign; 0 for home addresses, a new one every few requests."""
    hidden: bool
    """Whether wording varies, people's hours are kept and accounts have aged before use."""
    pivot: float
    """Part of the traffic that moves to a new model within a day of its release."""


SHAPES: Final[dict[str, Shape]] = {
    "loud": Shape(
        campaigns=1,
        accounts=(40, 60),
        per_day=(60, 120),
        life_days=(4, 6),
        cover=(0.0, 0.02),
        on_card=(15, 30),
        own_card=0.0,
        exits=4,
        hidden=False,
        pivot=0.9,
    ),
    "february": Shape(
        campaigns=2,
        accounts=(100, 250),
        per_day=(5, 14),
        life_days=(7, 15),
        cover=(0.0, 0.25),
        on_card=(8, 16),
        own_card=0.05,
        exits=60,
        hidden=False,
        pivot=0.5,
    ),
    "hydra": Shape(
        campaigns=2,
        accounts=(130, 200),
        per_day=(1.5, 5),
        life_days=(11, 20),
        cover=(0.3, 0.7),
        on_card=(4, 12),
        own_card=0.35,
        exits=0,
        hidden=True,
        pivot=0.3,
    ),
}
"""Tiers with an attack; ``none`` has none."""

TIERS: Final[tuple[str, ...]] = (*SHAPES, "none")
"""Every tier."""


def make_alternate_world(
    tier: str, seed: int, ordinary: int = 1_800, *, look_alikes: bool = True, days: int = DAYS
) -> World:
    """Build a labelled log.

    Args:
        tier: One of ``TIERS``.
        seed: The same tier and seed give the same log.
        ordinary: Number of ordinary people.
        look_alikes: Whether the 900 or so honest accounts that look like a campaign are there.
        days: Length of the log; a short one is soon made.

    Returns:
        The log with its truth.
    """
    released_at = START + RELEASE_DAY * DAY_SECONDS
    releases = tuple((model, START - 200 * DAY_SECONDS) for model in sorted(set(OLD_MODELS)))
    world = World(
        name="alternate_world",
        plan={"tier": tier, "seed": seed, "ordinary": ordinary},
        releases=(*releases, (NEW_MODEL, released_at)),
    )
    stage = Stage(
        rng=random.Random(f"alternate world {tier} {seed}"),
        start=START,
        days=days,
        released_at=released_at,
        world=world,
    )
    if tier in SHAPES:
        capabilities = stage.rng.sample(sorted(HARVEST_TEMPLATES), len(HARVEST_TEMPLATES))
        for number in range(SHAPES[tier].campaigns):
            # Two operators do not have the same prompts, word for word.
            own = capabilities[2 * number : 2 * number + stage.rng.choice((1, 2))]
            _add_campaign(stage, SHAPES[tier], f"{tier}-{number + 1}", own)
    add_honest(stage, ordinary, look_alikes=look_alikes)
    return world


def _add_campaign(stage: Stage, shape: Shape, name: str, capabilities: Sequence[str]) -> None:
    rng, tier = stage.rng, name.rsplit("-", 1)[0]
    exits = [stage.addresses.address() for _ in range(shape.exits)]
    kit = rng.sample(CLIENTS, 3 if shape.hidden else 1)
    facts: dict[str, object] = {"attacker": True, "tier": tier, "campaign_id": name}
    facts["operator_id"] = f"operator-{name}"
    for account in _campaign_accounts(stage, shape, tier, facts):
        own = rng.sample(exits, min(3, len(exits)))
        _work(stage, shape, account, capabilities=capabilities, kit=kit, exits=own)


def _campaign_accounts(
    stage: Stage, shape: Shape, tier: str, facts: dict[str, object]
) -> list[WorldAccount]:
    rng, accounts = stage.rng, []
    card, left, moment = "", 0, stage.start - 25 * DAY_SECONDS
    for _ in range(rng.randint(*shape.accounts)):
        if left == 0:
            # Cards are bought in batches, and a batch of accounts is made on the day of its card.
            card, left = identifier(rng, "pm_", 20), rng.randint(*shape.on_card)
            moment = stage.start - rng.uniform(1, 380 if shape.hidden else 40) * DAY_SECONDS
        left -= 1
        own_card = identifier(rng, "pm_", 20) if rng.random() < shape.own_card else card
        own_card = "" if rng.random() < NO_CARD else own_card
        created = moment + rng.random() * 0.5 * DAY_SECONDS
        accounts.append(
            stage.account(tier, **{**facts, "payment_fingerprint": own_card, "created_at": created})
        )
    return accounts


def _work(
    stage: Stage,
    shape: Shape,
    account: WorldAccount,
    *,
    capabilities: Sequence[str],
    kit: Sequence[Client],
    exits: Sequence[str],
) -> None:
    rng = stage.rng
    life = rng.randint(*shape.life_days)
    begin = stage.start + rng.random() * (stage.days - life) * DAY_SECONDS
    cover, topics, old_model = rng.uniform(*shape.cover), stage.topics(), rng.choice(OLD_MODELS)
    client, home = rng.choice(kit), [stage.addresses.address()]
    for moment in _work_times(rng, shape, begin, life):
        is_cover = rng.random() < cover
        text = harvest_prompt(rng, rng.choice(capabilities), shape.hidden)
        address = rng.choice(exits) if exits else stage.addresses.wander(home, 0.08)
        exchange = stage.say(account, client, moment, text, address)
        exchange.harvest = not is_cover
        if is_cover:
            exchange.input_text = question(rng, topics)
            turns = rng.choice((0, 0, 1, 2, 4))
            exchange.history = tuple(
                (role, question(rng, topics))
                for _ in range(turns)
                for role in ("user", "assistant")
            )
        exchange.request_model = old_model
        if moment > stage.released_at and rng.random() < shape.pivot:
            exchange.request_model = NEW_MODEL
    if rng.random() < 0.1:
        account.status, account.closed_at = "closed", begin + life * DAY_SECONDS


def _work_times(rng: random.Random, shape: Shape, begin: float, life: int) -> list[float]:
    count = heavy_size(rng, rng.uniform(*shape.per_day) * life, 0.5 if shape.hidden else 0.3)
    if shape.hidden:
        return waking_times(rng, count, begin, life)
    return [begin + rng.random() * life * DAY_SECONDS for _ in range(count)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write one log from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--tier", choices=TIERS, default="february")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ordinary", type=int, default=1_800)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--format", choices=sorted(LOG_WRITERS), default="canonical")
    parser.add_argument("--no-account-table", action="store_true")
    parser.add_argument("--no-text", action="store_true")
    parser.add_argument("--load-balancer", action="store_true")
    given = parser.parse_args(arguments)
    variant = Variant(
        account_table=not given.no_account_table,
        text=not given.no_text,
        load_balancer=given.load_balancer,
    )
    world = make_alternate_world(given.tier, given.seed, given.ordinary)
    path = write_world(world, given.output, given.format, variant)
    print(f"{path}: {len(world.exchanges)} exchanges of {len(world.accounts)} accounts")


if __name__ == "__main__":
    main()
