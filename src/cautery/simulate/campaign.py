"""A campaign: accounts with one operator, their lives, payment, network, harvest and cover."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from cautery.simulate.accounts import ordinary_accounts, token, zone_hours
from cautery.simulate.columns import Columns
from cautery.simulate.harvest import Template
from cautery.simulate.lives import habits, lead_ordinary_lives, networks
from cautery.simulate.strands import FLAT, HUMAN, PER_CALL, PER_SESSION, QUEUE_ITEMS, STICKY
from cautery.simulate.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPlan:
    """The parameters of one campaign; each tier fills them in its own way."""

    tier: str
    campaign_id: str
    operator_id: str
    size: int
    """Accounts over the whole log, replaced ones included."""
    rate_low: float
    rate_high: float
    """Exchanges of an account on a day of activity, cover included."""
    cover_low: float = 0.0
    cover_high: float = 0.0
    """Share of an account's exchanges that is cover traffic."""
    active_low: float = 0.4
    active_high: float = 1.0
    """Share of days on which an account works."""
    life_days: float = 8.0
    """Mean life of an account before it is closed or dropped."""
    closed_share: float = 0.35
    """Share of ended accounts that the provider closed; the others just fall silent."""
    fresh_share: float = 0.35
    """Share of accounts signed up for the campaign; the others were bought aged."""
    card_low: int = 10
    card_high: int = 20
    card_share: float = 0.52
    """Share of accounts that pay with a card shared by ``card_low`` to ``card_high`` of them."""
    no_card_share: float = 0.12
    network: str = "mixed"
    """``hosting`` (few addresses), ``mixed`` residential rotation, or ``ordinary``."""
    pivot_share: float = 0.5
    """Part of the work that moves to the new model within a day of its release."""
    start_share: float = 0.0
    """When the campaign begins, as a share of the log."""
    families: tuple[str, ...] = ("openai-python-async", "openai-python", "aiohttp", "litellm")
    repeat: float = 0.03
    """Share of items asked again (retries, several samples)."""
    round_the_clock: float = 0.4
    """Share of accounts without a night."""
    client_share: float = 0.35
    """Share of accounts that show the pipeline's client; the others show one of their own."""
    parameter_share: float = 0.25
    """Share of accounts that send the pipeline's parameters; the others send their own."""


PARAMETERS: Final = (
    "temperature",
    "top_p",
    "max_tokens",
    "fixed_seed",
    "stream",
    "logprobs",
    "choices",
)
"""Strand columns that a pipeline fixes."""


def lives(random: np.random.Generator, plan: CampaignPlan, days: int) -> tuple[Any, Any, Any]:
    """Draw chains of accounts: when each starts and ends, and whether it was closed.

    A slot's account is followed by the next one after some hours, until the log ends.
    """
    starts: list[float] = []
    ends: list[float] = []
    begin = plan.start_share * days
    now: float
    while len(starts) < plan.size:
        now = begin + float(random.uniform(-plan.life_days * 0.6, min(3.0, 0.15 * days)))
        while now < days and len(starts) < plan.size:
            stop = now + float(random.gamma(2.5, plan.life_days / 2.5)) + 0.3
            if stop > begin:
                starts.append(max(now, 0.0))
                ends.append(stop)
            now = stop + float(random.lognormal(-1.2, 1.0))
    start, end = np.array(starts), np.array(ends)
    closed = (random.random(plan.size) < plan.closed_share) & (end < days)
    return start, end, closed


def shared_cards(random: np.random.Generator, plan: CampaignPlan, start: Any) -> Any:
    """Draw payment instruments: groups on one card in order of sign-up, own cards, no card."""
    cards = np.array(token(random, "pm_", plan.size), object)
    rows = np.argsort(start + random.normal(0, 1.5, plan.size))
    rows = rows[random.random(plan.size) < plan.card_share]
    place = 0
    while place < len(rows):
        group = rows[place : place + int(random.integers(plan.card_low, plan.card_high + 1))]
        cards[group] = cards[group[0]]
        place += len(group)
    lone = np.setdiff1d(np.arange(plan.size), rows)
    without = min(1.0, plan.no_card_share / max(1e-9, 1 - plan.card_share))
    cards[lone[random.random(len(lone)) < without]] = ""
    return cards


def campaign_accounts(
    world: World, random: np.random.Generator, plan: CampaignPlan
) -> tuple[Columns, Any, Any]:
    """Build the accounts of a campaign; return them with start and end days."""
    days = world.plan.days
    start, end, closed = lives(random, plan, days)
    accounts = ordinary_accounts(
        random, plan.size, plan.tier, days, tier=plan.tier, attacker=True,
        campaign_id=plan.campaign_id, operator_id=plan.operator_id,
        payment_fingerprint=shared_cards(random, plan, start),
    )  # fmt: skip
    fresh = random.random(plan.size) < plan.fresh_share
    before = start - random.gamma(1.2, 2.0, plan.size)
    aged = np.minimum(accounts["created_day"], before)
    accounts["created_day"] = np.where(fresh, before, aged)
    accounts["closed_day"] = np.where(closed, end, np.nan)
    suspended = np.where(random.random(plan.size) < 0.6, "suspended", "closed").astype(object)
    accounts["status"] = np.where(closed, suspended, "active")
    return accounts, start, end


def proxies(
    world: World, random: np.random.Generator, plan: CampaignPlan, accounts: Columns
) -> dict[str, Any]:
    """Give a campaign's accounts their way out."""
    count = accounts.rows
    if plan.network == "ordinary":
        return networks(world, random, accounts)
    if plan.network == "hosting":
        size = max(4, count // 12)
        place = world.addresses.pool(random, "hosting", "US", size, 3)
        return {"network": PER_SESSION, "address": place, "address_size": size}
    mode = random.choice([STICKY, PER_SESSION, PER_CALL], count, p=[0.45, 0.4, 0.15])
    sizes = np.where(
        mode == STICKY, random.choice([1, 2, 3, 6], count), random.choice([30, 120, 400], count)
    )
    kinds = np.where(random.random(count) < 0.7, "residential", "hosting")
    return {
        "network": mode,
        "address": world.home_addresses(random, accounts, kinds, sizes),
        "address_size": sizes,
    }


def client_software(
    world: World, random: np.random.Generator, plan: CampaignPlan, accounts: Columns
) -> dict[str, Any]:
    """Give a campaign's accounts the clients and parameters of its pipeline, or their own."""
    count = accounts.rows
    own = habits(world, random, accounts)
    found = {name: own[name] for name in ("client", "client_size", *PARAMETERS)}
    variants = [world.clients.pool(random, str(random.choice(plan.families))) for _ in range(4)]
    piped = random.random(count) < plan.client_share
    usual = random.choice(variants, count, p=[0.4, 0.3, 0.2, 0.1])
    found["client"] = np.where(piped, usual, found["client"])
    found["client_size"] = np.where(piped, 1, found["client_size"])
    pipeline = {
        "temperature": random.choice([np.nan, np.nan, 0.6, 0.7, 0.7, 1.0]),
        "top_p": random.choice([np.nan, np.nan, np.nan, 1.0]), "fixed_seed": -1, "choices": 0,
        "max_tokens": random.choice([0, 0, 1024, 2048, 4096]), "logprobs": -1,
        "stream": random.choice([-1, 0, 1]),
    }  # fmt: skip
    same = random.random(count) < plan.parameter_share
    for name, value in pipeline.items():
        found[name] = np.where(same, value, found[name])
    return found


def add_campaign(
    world: World, random: np.random.Generator, plan: CampaignPlan, templates: list[Template]
) -> None:
    """Add the accounts of a campaign with their harvest and cover strands."""
    accounts, start, end = campaign_accounts(world, random, plan)
    rows = world.add_accounts(accounts)
    count = plan.size
    way_out = proxies(world, random, plan, accounts)
    rate = random.uniform(plan.rate_low, plan.rate_high, count)
    cover = random.uniform(plan.cover_low, plan.cover_high, count)
    common = {
        "start": start, "end": end, **way_out, **client_software(world, random, plan, accounts),
        "active_share": random.uniform(plan.active_low, plan.active_high, count),
        "zone_hours": zone_hours(accounts["country"]), "weekend": 0.9,
        "adoption_days": random.uniform(0.05, 0.9, count),
        "adoption_share": np.clip(random.normal(plan.pivot_share, 0.12, count), 0, 1),
    }  # fmt: skip
    flat = random.random(count) < plan.round_the_clock
    work = {
        "harvest": True, "items": QUEUE_ITEMS, "repeat": plan.repeat,
        "schedule": np.where(flat, FLAT, HUMAN), "spread_hours": random.uniform(3, 6, count),
        "peak_hour": random.normal(14, 3, count), "session": random.choice([2.0, 5.0, 10.0], count),
        "gap_seconds": random.choice([20.0, 60.0, 180.0], count), "model": 1, "other_model": 2,
        "other_share": random.choice([0.0, 0.05, 0.2], count),
        "reasoning_share": random.choice([0.05, 0.3, 0.6], count),
        "context_tokens": random.choice([0, 200, 1500], count, p=[0.6, 0.25, 0.15]),
    }  # fmt: skip
    weights = random.dirichlet(np.full(len(templates), 4.0), count)
    for place, template in enumerate(templates):
        world.add_strands(
            rows,
            **common,
            **work,
            **template.columns(),
            rate=rate * (1 - cover) * weights[:, place],
            item_base=world.new_queue(),
        )
    if plan.cover_high > 0:
        add_cover(world, random, rows, accounts, {**common, "rate": rate * cover})


def add_cover(
    world: World,
    random: np.random.Generator,
    rows: Any,
    accounts: Columns,
    common: dict[str, Any],
) -> None:
    """Add cover traffic: an ordinary life behind the same way out."""
    kept = ["rate", "start", "end", "network", "address", "address_size", "active_share"]
    kept += ["client", "client_size", *PARAMETERS]
    same = {name: common[name] for name in kept}
    same.update(half_own_clients(world, random, common))
    lead_ordinary_lives(world, random, rows, accounts, most_lives=1, **same)


def half_own_clients(
    world: World, random: np.random.Generator, common: dict[str, Any]
) -> dict[str, Any]:
    """Let half of the accounts show another client for this strand, as several projects do."""
    count = len(common["client"])
    places, sizes = world.own_clients(random, count)
    other = random.random(count) < 0.5
    return {
        "client": np.where(other, places, common["client"]),
        "client_size": np.where(other, sizes, common["client_size"]),
    }
