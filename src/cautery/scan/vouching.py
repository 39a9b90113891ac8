"""Vouching: which of a group's own templates its linked members use, and who lives on those.

A published prompt, or what a team of strangers asks, becomes a group's own template when a few
accounts brought it along. Accounts that share nothing are told by the templates alone, so for them
only those count that accounts of the group use which are linked to each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.scan.groups import Groups
from cautery.scan.harvest import LEAST_HOLDER_SHARE, LEAST_LIFT
from cautery.scan.incidences import Incidences
from cautery.scan.known_templates import known_shingles
from cautery.scan.likeness import FEWEST_CORE
from cautery.scan.template_users import OwnPairs, own_pairs

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

LEAST_HOLDERS: Final = 2
"""Linked members that must use a template before they vouch for it; one may have it by chance."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """One entry an account."""

    share: Floats
    """Part of what it shows of its group's own templates that linked members vouch for; 1 where
    too few are linked to tell."""
    private: Integers
    """Exchanges, at least, on such a template that no public pipeline has."""
    top: Integers
    """Exchanges on the own template that it uses most."""


def vouched(groups: Groups, linked: NDArray[np.bool_], private_tokens: Integers) -> Vouched:
    """Measure how far each account lives on the templates that linked members use.

    Args:
        groups: Candidate groups with their own templates.
        linked: Accounts that share infrastructure with another of their group.
        private_tokens: Own shingles of groups with a stock prompt that are no piece of it; those of
            other groups are private all.

    Returns:
        The share, and the exchanges on private templates, by account.
    """
    count = groups.group_of.size
    share = np.ones(count)
    private, top = (np.zeros(count, dtype=np.int64) for _ in range(2))
    pairs = groups.incidences.get("template")
    if pairs is None or pairs.account.size == 0 or groups.template_group.size == 0:
        return Vouched(share, private, top)
    own = own_pairs(groups, pairs)
    place, account, exchanges = own.place, own.account, own.exchanges
    good = _used_by_linked(groups, pairs, linked, own)
    shown = np.bincount(account, weights=exchanges, minlength=count)
    held = np.bincount(account, weights=exchanges * good[place], minlength=count)
    tellable = np.append(groups.sum_by_group(linked) >= FEWEST_CORE, False)[groups.group_of]
    share = np.where(tellable & (shown > 0), held / np.maximum(shown, 1), 1.0)
    stock = groups.template_group[np.isin(groups.template_token, known_shingles())]
    hidden = ~np.isin(groups.template_group, stock)
    hidden |= np.isin(groups.template_token, private_tokens)
    chosen = (good & hidden)[place]
    np.maximum.at(private, account[chosen], exchanges[chosen])
    np.maximum.at(top, account, exchanges)
    return Vouched(share, np.where(tellable, private, 0), top)


def _used_by_linked(
    groups: Groups, pairs: Incidences, linked: NDArray[np.bool_], own: OwnPairs
) -> NDArray[np.bool_]:
    """Own templates that a group's linked members use, and strangers hardly."""
    core = groups.sum_by_group(linked)[groups.template_group]
    holders = np.bincount(own.place, weights=linked[own.account], minlength=core.size)
    token = np.searchsorted(np.asarray(pairs.names, dtype=np.int64), groups.template_token)
    free = groups.group_of < 0
    outside = np.bincount(pairs.token[free[pairs.account]], minlength=pairs.token_count)[token]
    usual = (outside + 0.5) / (np.count_nonzero(free) + 1.0)
    good = holders >= np.maximum(LEAST_HOLDERS, LEAST_HOLDER_SHARE * core)
    good &= holders / np.maximum(core, 1) >= LEAST_LIFT * usual
    return np.asarray(good, dtype=np.bool_)
