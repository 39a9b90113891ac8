"""Lone cards: groups of which one instrument ties a part, and nothing explains who is on it.

One shared instrument makes one customer of its holders and says little of the others: a firm pays
for its people, and strangers use the firm's program. Two things speak against that. A firm's or a
class's people are at one address or network now and then, all of them; and what they alone use is
used by people on that card. Where the holders are many, have no place in common, and are no more
than three in five of the group, the card says of the group what several would.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.scan.distinct import numbered
from cautery.scan.groups import Groups
from cautery.scan.incidences import Incidences
from cautery.scan.sharing import customers_of

Integers = NDArray[np.int64]

FEWEST_HOLDERS: Final = 10
"""Customers on the instrument. Cards that campaigns share carry ten to twenty accounts (docs,
simulation); red teams without a contract had up to nine on theirs."""
MOST_OF_GROUP: Final = 0.62
"""Part of the group, at most, that holds it: a team is on its card nearly as a whole. Red teams on
a card of ten and more measured 0.68 to 1.00, a campaign in its first days 0.54 to 0.61."""
LEAST_OF_HOLDERS: Final = 0.6
"""Part of all customers on it, at least, that are in the group: an issuer of virtual cards gives
one fingerprint to many strangers."""
MOST_TOGETHER: Final = 0.25
"""Part of the holders, at most, that share an address or network with another of them: offices,
classes and hackathons of simulated logs measured 1.00, campaigns 0.00 to 0.18."""
PLACES: Final = ("address", "network")
"""Links that tell where an account is used."""


def unexplained(groups: Groups, link: str, customers: Integers) -> NDArray[np.bool_]:
    """Mark groups whose only shared instrument no place explains, or return what was marked before.

    Args:
        groups: Candidate groups.
        link: Name of the instruments' link in ``groups.incidences``.
        customers: Customer of each account.

    Returns:
        One truth a group; all false if no link tells where accounts are used.
    """
    name = f"unexplained {link}"
    if name not in groups.measured:
        groups.measured[name] = _marked(groups, link, customers)
    marked: NDArray[np.bool_] = groups.measured[name]
    return marked


def _marked(groups: Groups, link: str, customers: Integers) -> NDArray[np.bool_]:
    marked = np.zeros(groups.count, dtype=np.bool_)
    places = [groups.incidences[name] for name in PLACES if name in groups.incidences]
    if not places:
        return marked
    pairs = groups.incidences[link]
    group = groups.group_of[pairs.account]
    inside = np.flatnonzero(group >= 0)
    keys, place = numbered(group[inside] * pairs.token_count + pairs.token[inside])
    account = pairs.account[inside]
    held = customers_of(place, customers[account], keys.size)
    of_group = keys // max(pairs.token_count, 1)
    everywhere = customers_of(pairs.token, customers[pairs.account], pairs.token_count)
    large = (held >= FEWEST_HOLDERS) & (held <= MOST_OF_GROUP * groups.sizes[of_group])
    large &= held >= LEAST_OF_HOLDERS * everywhere[keys % max(pairs.token_count, 1)]
    chosen = large[place]
    thing, holder = place[chosen], account[chosen]
    together = np.zeros(holder.size, dtype=np.bool_)
    for one in places:
        together |= together_with(one, thing, holder, groups.group_of.size)
    holders = np.bincount(thing, minlength=keys.size)
    apart = np.bincount(thing[together], minlength=keys.size) <= MOST_TOGETHER * holders
    marked[of_group[large & apart]] = True
    return marked


def together_with(
    pairs: Incidences, thing: Integers, holder: Integers, account_count: int
) -> NDArray[np.bool_]:
    """Mark the holders of things that share a place with another holder of the same thing.

    Args:
        pairs: Accounts and the places of one link where they are used.
        thing: Thing of each pair of thing and holder; no pair comes twice.
        holder: Account of each pair.
        account_count: Number of accounts in the log.

    Returns:
        One truth a pair of thing and holder.

    Example:
        >>> places = Incidences(
        ...     account=np.array([0, 1, 2]),
        ...     token=np.array([0, 0, 1]),
        ...     exchanges=np.ones(3, dtype=np.int64),
        ...     names=("office", "elsewhere"),
        ... )
        >>> together_with(places, np.array([0, 0, 0]), np.array([0, 1, 2]), 3).tolist()
        [True, True, False]
    """
    # For all things at once: a log of 200,000 accounts has a thousand such cards, and millions of
    # pairs of account and place.
    by_holder = np.argsort(holder, kind="stable")
    things_of = np.bincount(holder, minlength=account_count)
    first = np.cumsum(things_of) - things_of
    rows = np.flatnonzero(things_of[pairs.account] > 0)
    repeats = things_of[pairs.account[rows]]
    # Every pair of account and place, once for each thing that the account holds.
    ends = np.cumsum(repeats)
    step = np.arange(int(ends[-1]) if ends.size else 0) - np.repeat(ends - repeats, repeats)
    member = by_holder[np.repeat(first[pairs.account[rows]], repeats) + step]
    place = np.repeat(pairs.token[rows], repeats)
    keys, number = numbered(thing[member] * max(pairs.token_count, 1) + place)
    shared = np.bincount(number, minlength=keys.size)[number] >= 2
    marked = np.zeros(holder.size, dtype=np.bool_)
    marked[member[shared]] = True
    return marked
