"""Sharing: how far the accounts of a group share tokens of one link, against a random group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.records.evidence import Weight
from cautery.scan.distinct import distinct
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.incidences import Incidences
from cautery.scan.null_models import chance_of_two, poisson_log_p
from cautery.scan.weighing import percent, rounded

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

NO_WORTH_BITS: Final = 2.0
"""Rarity at which a shared thing is worth nothing: a quarter of all accounts have it."""
FULL_WORTH_BITS: Final = 8.0
"""Rarity at which it counts in full: one account in 256 has it."""

NOT_SHARED: Final = 0.4
"""Part of the most bits that speaks against one owner if nobody in the group shares anything."""
ONE_COINCIDENCE: Final = 0.5
"""Part that counts, at most, of sharing one single instrument: it makes one customer of those who
do, however many they are, and says little of the others."""
FULL_SHARE_UNEXPLAINED: Final = 0.5
"""Part of the accounts from which sharing counts in full where nothing explains who shares
(``lone_cards``): half of a careful operator's cards are single."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """One entry a group."""

    sharing: Integers
    """Accounts that share a token with another account of the group."""
    distinct: Integers
    """Different tokens among the group's accounts."""
    shared: Integers
    """Tokens that several customers of the group hold."""
    largest: Integers
    """Accounts on the most shared token."""
    rarity: Floats
    """Mean rarity, in bits, of the rarest token that each sharing account shares."""
    log_p: Floats
    """Log-chance that a random group of this size shares as many tokens."""


def sharing_of(facts: Facts, groups: Groups, link: str) -> Sharing:
    """Measure one link of the groups, or return what was measured before.

    Args:
        facts: What the log says.
        groups: Candidate groups.
        link: Name of a link in ``groups.incidences``.

    Returns:
        Sharing by group.
    """
    name = f"sharing of {link}"
    if name not in groups.measured:
        groups.measured[name] = measure_sharing(groups, groups.incidences[link], facts.customers)
    found: Sharing = groups.measured[name]
    return found


def measure_sharing(groups: Groups, pairs: Incidences, customers: Integers) -> Sharing:
    """Measure how every group shares the tokens of one link.

    Args:
        groups: Candidate groups.
        pairs: Account-token pairs of the link.
        customers: Customer of each account; sharing counts between customers only.

    Returns:
        Sharing by group. The null of ``log_p``: the group is a random set of accounts.
    """
    population = groups.group_of.size
    group = groups.group_of[pairs.account]
    inside = group >= 0
    keys = group[inside] * pairs.token_count + pairs.token[inside]
    unique, inverse, accounts = np.unique(keys, return_inverse=True, return_counts=True)
    held = customers_of(inverse, customers[pairs.account[inside]], unique.size)
    of_group = unique // pairs.token_count
    degree = _degrees(pairs, customers)
    breadth = pairs.breadth(population)
    bits = np.log2(
        population / np.maximum(degree[pairs.token[inside]] * breadth[pairs.account[inside]], 1)
    )
    best = np.full(population, -np.inf)
    shared = held[inverse] >= 2
    np.maximum.at(best, pairs.account[inside][shared], np.maximum(bits[shared], 0.0))
    sharing_account = np.isfinite(best)
    sharing = groups.sum_by_group(sharing_account).astype(np.int64)
    total = groups.sum_by_group(np.where(sharing_account, best, 0.0))
    largest = np.zeros(groups.count, dtype=np.int64)
    np.maximum.at(largest, of_group, accounts)
    several = np.bincount(of_group[held >= 2], minlength=groups.count).astype(np.int64)
    return Sharing(
        sharing=sharing,
        distinct=np.bincount(of_group, minlength=groups.count).astype(np.int64),
        shared=several,
        largest=largest,
        rarity=total / np.maximum(sharing, 1),
        log_p=_log_p(groups.sizes, several, degree, population),
    )


def _degrees(pairs: Incidences, customers: Integers) -> Integers:
    """Customers on each token; most tokens of a long log are one account's."""
    degree = np.bincount(pairs.token, minlength=pairs.token_count)
    several = degree[pairs.token] >= 2
    counted = customers_of(
        pairs.token[several], customers[pairs.account[several]], pairs.token_count
    )
    return np.where(degree >= 2, counted, degree).astype(np.int64)


def customers_of(token: Integers, customer: Integers, token_count: int) -> Integers:
    """Count the different customers on each token.

    Args:
        token: Token of each pair.
        customer: Customer of each pair.
        token_count: Number of tokens.

    Returns:
        Number of customers by token.
    """
    count = int(customer.max(initial=-1)) + 1
    keys = distinct(token.astype(np.int64) * max(count, 1) + customer)
    return np.bincount(keys // max(count, 1), minlength=token_count).astype(np.int64)


def _log_p(sizes: Integers, observed: Integers, degree: Integers, population: int) -> Floats:
    shared = degree[degree >= 2]
    unique, counts = np.unique(shared, return_counts=True)
    expected = np.array(
        [(chance_of_two(population, unique, int(size)) * counts).sum() for size in sizes]
    )
    return poisson_log_p(observed, expected if expected.size else np.zeros(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingRule:
    """How sharing of one link is weighed."""

    link: str
    """Name of the link in ``Groups.incidences``."""
    signal: str
    label: str
    """Words of the waterfall row."""
    noun: str
    """What is shared, in the plural."""
    most_bits: float
    """Bits if all accounts share something rare."""
    full_share: float = 1.0
    """Part of the accounts from which sharing counts in full."""
    firm_accounts: int = 0
    """Accounts on the most shared token, at most, that may be one open customer's own among
    strangers; they are set aside where they are less than half of the group."""


def sharing_weights(
    facts: Facts,
    groups: Groups,
    rule: SharingRule,
    *,
    young: NDArray[np.bool_] | None = None,
    unexplained: NDArray[np.bool_] | None = None,
) -> Sequence[Weight]:
    """Turn sharing of an infrastructure link into one linkage weight a group.

    Args:
        facts: What the log says.
        groups: Candidate groups.
        rule: How it is weighed.
        young: Groups that have not had time to show a second shared token; None for none.
        unexplained: Groups with a shared token of whose holders nothing explains who they are; None
            for none.

    Returns:
        One weight a group, in order.
    """
    none = np.zeros(groups.count, dtype=np.bool_)
    odd = none if unexplained is None else unexplained
    found = sharing_of(facts, groups, rule.link)
    counted = _counted(found, groups.sizes, rule, none if young is None else young, odd)
    worth = np.clip((found.rarity - NO_WORTH_BITS) / (FULL_WORTH_BITS - NO_WORTH_BITS), 0.0, 1.0)
    most = rule.most_bits
    bits = most * counted * worth - NOT_SHARED * most * (1.0 - counted)
    everybody = _usual_share(groups.incidences[rule.link], groups.group_of.size)
    return [
        _row(rule, found, group, int(groups.sizes[group]), (float(bits[group]), everybody))
        for group in range(groups.count)
    ]


def _counted(
    found: Sharing,
    sizes: Integers,
    rule: SharingRule,
    young: NDArray[np.bool_],
    odd: NDArray[np.bool_],
) -> Floats:
    """Part of what sharing could say that it does say, from 0 to 1."""
    sizes = np.maximum(sizes, 1)
    rest = _share_of_the_rest(found, sizes, rule.firm_accounts)
    rest = np.where(odd, found.sharing / sizes, rest)
    full = np.where(odd, min(rule.full_share, FULL_SHARE_UNEXPLAINED), rule.full_share)
    counted = np.minimum(rest / full, 1.0)
    if rule.firm_accounts == 0:
        return counted
    alone = (found.shared == 1) & (found.largest < sizes) & ~odd & ~young
    return np.where(alone, np.minimum(counted, ONE_COINCIDENCE), counted)


def _row(
    rule: SharingRule, found: Sharing, group: int, size: int, weighed: tuple[float, float]
) -> Weight:
    """Say what one group shares, with its bits and what is usual."""
    bits, everybody = weighed
    share = float(found.sharing[group]) / max(size, 1)
    return Weight(
        signal=rule.signal,
        label=rule.label,
        aspect="linkage",
        family="infrastructure",
        bits=rounded(bits),
        observed=(
            f"{int(found.sharing[group])} of {max(size, 1)} accounts "
            f"on {int(found.distinct[group])} {rule.noun}"
        ),
        usual=f"{percent(everybody)} of accounts share one",
        sentence=(
            f"{percent(share)} of these accounts share {rule.noun} with another of them; "
            f"the most shared one is used by {int(found.largest[group])}."
        ),
        p_value=float(np.exp(found.log_p[group])),
        sample_size=max(size, 1),
    )


def _share_of_the_rest(found: Sharing, sizes: Integers, firm_accounts: int) -> Floats:
    """Part of the accounts that share, a small open customer among strangers set aside."""
    firm = np.where(2 * found.largest < sizes, np.minimum(found.largest, firm_accounts), 0)
    rest = np.maximum(found.sharing - firm, 0) / np.maximum(sizes - firm, 1)
    return np.asarray(rest, dtype=np.float64)


def _usual_share(pairs: Incidences, population: int) -> float:
    """Part of all accounts that share any token with anybody."""
    degree = np.bincount(pairs.token, minlength=pairs.token_count)
    return distinct(pairs.account[degree[pairs.token] >= 2]).size / max(population, 1)
