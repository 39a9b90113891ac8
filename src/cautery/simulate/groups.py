"""Organisations inside a class: which accounts belong together, and what they share."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cautery.simulate.accounts import company_domain, token
from cautery.simulate.columns import Columns
from cautery.simulate.harvest import Template
from cautery.simulate.world import World

Groups = npt.NDArray[np.int64]


def split_groups(random: np.random.Generator, size: int, low: int, high: int) -> Groups:
    """Split accounts into groups of ``low`` to ``high``; return each account's group number.

    Example:
        >>> split_groups(np.random.default_rng(1), 5, 2, 2).tolist()
        [0, 0, 1, 1, 1]
    """
    numbers: list[int] = []
    group = 0
    while len(numbers) < size:
        count = int(random.integers(low, high + 1))
        if size - len(numbers) - count < low:
            count = size - len(numbers)
        numbers.extend([group] * count)
        group += 1
    return np.array(numbers, np.int64)


def share_identity(
    random: np.random.Generator,
    accounts: Columns,
    groups: Groups,
    *,
    card: float = 1.0,
    org: float = 0.7,
    mail: float = 0.9,
    country: bool = True,
) -> None:
    """Give the accounts of each group one payer, organisation, e-mail domain and country.

    Args:
        random: Stream to draw from.
        accounts: Changed in place.
        groups: Group number of every account.
        card: Share of groups with one payer.
        org: Share of groups whose accounts carry the same ``org_id``; the others carry none.
        mail: Share of groups with a domain of their own.
        country: Whether all are in one country.
    """
    for group in np.unique(groups):
        mine = groups == group
        chances = random.random(3)
        if chances[0] < card:
            accounts["payment_fingerprint"][mine] = token(random, "pm_", 1)[0]
        accounts["org_id"][mine] = token(random, "org_", 1)[0] if chances[1] < org else ""
        if chances[2] < mail:
            accounts["email_domain"][mine] = company_domain(random)
        if country:
            accounts["country"][mine] = accounts["country"][mine][0]


def group_addresses(
    world: World,
    random: np.random.Generator,
    accounts: Columns,
    groups: Groups,
    *,
    kind: str,
    size: int,
    spread: int = 1,
) -> Groups:
    """Give each group one pool of addresses; return the pool's place for every account."""
    places = np.zeros(len(groups), np.int64)
    for group in np.unique(groups):
        mine = groups == group
        country = accounts["country"][mine][0]
        places[mine] = world.addresses.pool(random, kind, country, size, spread)
    return places


def group_values(random: np.random.Generator, groups: Groups, choices: Any) -> Any:
    """Draw one value for each group; return it for every account."""
    return random.choice(np.array(choices), int(groups.max()) + 1)[groups]


def group_queues(world: World, groups: Groups) -> Groups:
    """Give each group a work queue of its own."""
    return np.array([world.new_queue() for _ in range(int(groups.max()) + 1)], np.int64)[groups]


def group_templates(templates: list[Template], groups: Groups) -> dict[str, Any]:
    """Return the strand columns of templates, one template a group."""
    rows = [templates[group % len(templates)].columns() for group in groups]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def group_pieces(world: World, groups: Groups, texts: list[str]) -> Groups:
    """Give each group one of the texts; return its piece for every account."""
    span = world.pieces(texts)
    return np.asarray(span.start + groups % span.size)
