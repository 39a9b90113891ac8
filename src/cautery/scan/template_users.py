"""Who else uses a group's templates: accounts that nothing links to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.scan.distinct import counted, distinct
from cautery.scan.groups import Groups
from cautery.scan.incidences import Incidences

Integers = NDArray[np.int64]

USUAL_SHARE: Final = 0.5
"""Part of a group's accounts that show a template which is usual there, and part of the usual
templates that an account must show to use the prompts as the group does: most of most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateUsers:
    """One entry a group; 0 where no template is usual."""

    members: Integers
    """Customers of the group that show most of its usual templates."""
    strangers: Integers
    """Customers in no group, or in one that infrastructure alone joins, that show as many."""


@dataclass(frozen=True, slots=True)
class OwnPairs:
    """Pairs of an account and a template that is its group's own, as the link gives them."""

    place: Integers
    """Place of the template in ``Groups.template_token``."""
    account: Integers
    exchanges: Integers


def own_pairs(groups: Groups, templates: Incidences) -> OwnPairs:
    """Find who shows which of the own templates of its group.

    Args:
        groups: Candidate groups with their own templates.
        templates: Account-token pairs of the template link.

    Returns:
        The pairs.
    """
    width = max(templates.token_count, 1)
    token = np.searchsorted(np.asarray(templates.names, dtype=np.int64), groups.template_token)
    keys = groups.template_group * width + token
    order = np.argsort(keys)
    group = groups.group_of[templates.account]
    wanted = group * width + templates.token
    found = np.searchsorted(keys, wanted, sorter=order)
    place = np.append(order, -1)[found]
    own = (group >= 0) & (place >= 0)
    own[own] = keys[place[own]] == wanted[own]
    return OwnPairs(place[own], templates.account[own], templates.exchanges[own])


def own_holders(groups: Groups, templates: Incidences) -> tuple[Integers, Integers]:
    """Count the members that show each of their group's own templates.

    Args:
        groups: Candidate groups with their own templates.
        templates: Account-token pairs of the template link.

    Returns:
        Token and holders inside the group, for each of ``groups.template_token``.
    """
    token = np.searchsorted(np.asarray(templates.names, dtype=np.int64), groups.template_token)
    group = groups.group_of[templates.account]
    keys = group[group >= 0] * templates.token_count + templates.token[group >= 0]
    unique, counts = np.unique(keys, return_counts=True)
    wanted = groups.template_group * templates.token_count + token
    held = counts[np.searchsorted(unique, wanted)] if wanted.size else counts[:0]
    return token.astype(np.int64), held.astype(np.int64)


def template_users(groups: Groups, customers: Integers) -> TemplateUsers:
    """Count who uses the prompts of each group, inside and outside.

    Args:
        groups: Candidate groups with their own templates.
        customers: Customer of each account; accounts of one declared organisation count once.

    Returns:
        Users by group.
    """
    templates = groups.incidences["template"]
    token, held = own_holders(groups, templates)
    usual = held >= USUAL_SHARE * groups.sizes[groups.template_group]
    group, token = groups.template_group[usual], token[usual]
    needed = USUAL_SHARE * np.bincount(group, minlength=groups.count)
    starts = np.searchsorted(templates.token, token)
    lengths = np.searchsorted(templates.token, token, side="right") - starts
    of_group = np.repeat(group, lengths)
    place = np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
    count = groups.group_of.size
    keys, shown = counted(of_group * count + templates.account[place])
    uses = shown >= needed[keys // count]
    of_group, account = keys[uses] // count, keys[uses] % count
    alone = np.array([*(kind == "infrastructure" for kind in groups.basis), True], dtype=np.bool_)
    elsewhere = groups.group_of[account]
    inside = elsewhere == of_group
    return TemplateUsers(
        members=_customers(of_group[inside], customers[account[inside]], groups.count),
        strangers=_customers(
            of_group[~inside & alone[elsewhere]],
            customers[account[~inside & alone[elsewhere]]],
            groups.count,
        ),
    )


def _customers(group: Integers, customer: Integers, group_count: int) -> Integers:
    """Count the different customers of each group."""
    most = int(customer.max(initial=0)) + 1
    return np.bincount(distinct(group * most + customer) // most, minlength=group_count)
