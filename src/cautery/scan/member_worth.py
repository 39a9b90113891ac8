"""What sharing a thing with a group is worth to an account, thing by thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from cautery.scan.distinct import distinct
from cautery.scan.groups import Groups
from cautery.scan.sharing import customers_of

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

FEWEST_CUSTOMERS: Final = 2
"""Customers of the group that must hold a thing before it is shared: what one of them has on
several accounts says nothing of the others."""
TIE_BITS: Final = 2.0
"""Worth from which a thing ties two accounts."""
PARTY_ACCOUNTS: Final = 4
"""Accounts, at most, of a party that may be a firm or a family among strangers: they have a few
accounts on one card and at one address, and use one program."""
LARGER_PARTIES: Final = 0.5
"""Part of a group's tied accounts that must be in larger parties before small ones are doubted: a
young pool has only small ones."""
SMALL_PARTY_BITS: Final = 0.9
"""Most bits of one link for an account of a doubted party. Under half of ``TIE_BITS``, so that card
and address together do not tie it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Pairs of an account and a thing of one link, of accounts in groups."""

    account: Integers
    place: Integers
    """Number of the thing in its group, from 0; one thing in two groups has two numbers."""
    places: int
    """Number of different things."""
    worth: Floats
    """Log-likelihood ratio, in bits: member against stranger."""
    shared: NDArray[np.bool_]
    """Whether several customers of the group hold it."""


def held_things(groups: Groups, name: str, customers: Integers) -> Held:
    """Weigh the things of one link.

    A member holds a thing as often as the group's accounts do, a stranger as often as the accounts
    outside the group; an account with many things meets one of them as often more.

    Args:
        groups: Judged or unjudged groups.
        name: Name of a link in ``groups.incidences``.
        customers: Customer of each account.

    Returns:
        The pairs.
    """
    pairs, count = groups.incidences[name], groups.group_of.size
    group = groups.group_of[pairs.account]
    inside = group >= 0
    account, token = pairs.account[inside], pairs.token[inside]
    keys = group[inside] * pairs.token_count + token
    unique, place, holders = np.unique(keys, return_inverse=True, return_counts=True)
    degree = np.bincount(pairs.token, minlength=pairs.token_count)
    sizes = groups.sizes[unique // max(pairs.token_count, 1)]
    outside = degree[unique % max(pairs.token_count, 1)] - holders
    rate = holders / np.maximum(sizes, 1)
    chance_outside = (outside + 0.5) / (count - sizes + 1.0)
    breadth = pairs.breadth(count)[account]
    held = customers_of(place, customers[account], unique.size)
    return Held(
        account=account,
        place=place,
        places=int(unique.size),
        worth=np.log2(rate / chance_outside)[place] - np.log2(np.maximum(breadth, 1)),
        shared=held[place] >= FEWEST_CUSTOMERS,
    )


def best_bits(held: Held, count: int, most: float) -> Floats:
    """Find the most telling shared thing of each account.

    Args:
        held: Pairs of one link.
        count: Number of accounts.
        most: Most bits.

    Returns:
        Bits by account, one decimal; 0 for accounts that share nothing.
    """
    bits = np.zeros(count)
    np.maximum.at(bits, held.account[held.shared], np.minimum(held.worth[held.shared], most))
    return np.round(bits, 1) + 0.0


def doubted_parties(groups: Groups, links: list[Held]) -> NDArray[np.bool_]:
    """Find accounts that are tied to a few others of their group and to none of the rest.

    Things tie accounts into parties: a campaign's cards carry ten and more accounts each, or an
    address leads from one card to the next. A card of three in such a group is as likely that of a
    firm or a family with the same program, so it says little of the rest.

    Args:
        groups: Judged or unjudged groups.
        links: Pairs of each link that strangers rarely have in common.

    Returns:
        Whether each account is of a party of at most ``PARTY_ACCOUNTS`` in a group most of whose
        tied accounts are in larger ones.
    """
    count = groups.group_of.size
    rows, columns, first = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)], count
    for held in links:
        ties = held.shared & (held.worth >= TIE_BITS)
        rows.append(held.account[ties])
        columns.append(first + held.place[ties])
        first += held.places
    account = np.concatenate(rows)
    graph = sparse.coo_matrix(
        (np.ones(account.size), (account, np.concatenate(columns))), shape=(first, first)
    )
    _count, part = connected_components(graph, directed=False)
    tied = np.zeros(count, dtype=np.bool_)
    tied[distinct(account)] = True
    sizes = np.bincount(part[:count][tied], minlength=int(part.max(initial=-1)) + 1)
    small = tied & (sizes[part[:count]] <= PARTY_ACCOUNTS)
    in_larger = groups.sum_by_group(tied & ~small) / np.maximum(groups.sum_by_group(tied), 1.0)
    doubted: NDArray[np.bool_] = (
        small & np.append(in_larger >= LARGER_PARTIES, False)[groups.group_of]
    )
    return doubted
