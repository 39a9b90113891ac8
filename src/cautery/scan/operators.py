"""Operators: campaigns that share more rare things than chance lets be have one hand, it seems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from cautery.records.campaign import Campaign, Operator
from cautery.scan.communities import rarity_bits
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.incidences import Incidences
from cautery.scan.null_models import accepted, poisson_log_p

Floats = NDArray[np.float64]

LEAST_TOKENS: Final = 3
"""Rare tokens that two campaigns must have in common, however surprising fewer are: a card of two
campaigns may have been sold twice."""
LEAST_BITS: Final = 4.0
"""Rarity of such a token."""
OPERATOR_LINKS: Final = {
    "payment": "payment instruments",
    "address": "client addresses",
    "device": "TLS fingerprints",
}
"""Links that tell of one hand, and what is shared by each."""
CHOSEN_BY: Final = "address"
"""Link that does not count for a group which infrastructure alone joins: its accounts were chosen
for the addresses that they share, mostly rented ones, and are not anybody. In a log of 200,000
accounts 964 honest ones were of the operator of three campaigns by it (decision 0047)."""
ONE_CAMPAIGN: Final = "one campaign"
"""Reason of an operator of a single campaign."""


@dataclass(frozen=True, kw_only=True)
class Tie:
    """What two listed groups have in common; places are those in the printed order."""

    one: int
    other: int
    shared: tuple[tuple[str, int], ...]
    """Link and number of rare tokens that accounts of both show, where there are any."""
    log_p: float
    """Natural logarithm of a bound on the chance of so many."""


def operator_ties(facts: Facts, groups: Groups, listed: Sequence[int]) -> list[Tie]:
    """Find the listed groups that share more rare things than chance lets be.

    Null: whoever holds a group's token outside the group is anybody, and so of the other group as
    often as that one's part of all accounts (or of all pairs of accounts and tokens, as in the
    configuration model, if that is more). The tokens of the one group that the other shows are then
    a sum of independent events, for which the Poisson tail is a bound; both directions are tested
    and the better is doubled. Over all pairs of groups the false discovery rate is held at 1 %
    (Benjamini and Hochberg 1995). Addresses are left out where a group was chosen by them.

    Args:
        facts: What the log says.
        groups: Judged groups.
        listed: Numbers of the listed groups, in their printed order.

    Returns:
        The ties, in order of their places.
    """
    size = len(listed)
    observed, expected = np.zeros((size, size)), np.zeros((size, size))
    by_link: list[tuple[str, Any]] = []
    for name in OPERATOR_LINKS:
        if name in groups.incidences:
            common, by_chance = _in_common(facts, groups, listed, groups.incidences[name])
            if name == CHOSEN_BY:
                alone = [groups.basis[group] == "infrastructure" for group in listed]
                chosen = np.array(alone, dtype=np.bool_)
                untold = chosen[:, None] | chosen[None, :]
                common, by_chance = np.where(untold, 0, common), np.where(untold, 0.0, by_chance)
            by_link.append((name, common))
            observed, expected = observed + common, expected + by_chance
    ones, others = np.triu_indices(size, k=1)
    log_p = np.log(2.0) + np.minimum(
        poisson_log_p(observed[ones, others], expected[ones, others]),
        poisson_log_p(observed[ones, others], expected[others, ones]),
    )
    kept = accepted(log_p, tests=max(ones.size, 1)) & (observed[ones, others] >= LEAST_TOKENS)
    return [
        Tie(
            one=int(one),
            other=int(other),
            shared=tuple(
                (name, int(common[one, other])) for name, common in by_link if common[one, other]
            ),
            log_p=float(p),
        )
        for one, other, p in zip(ones[kept], others[kept], log_p[kept], strict=True)
    ]


def _in_common(
    facts: Facts, groups: Groups, listed: Sequence[int], pairs: Incidences
) -> tuple[Floats, Floats]:
    """Rare tokens of one link that two groups share; and how many of the first's chance gives."""
    place = np.full(groups.count + 1, -1, dtype=np.int64)
    place[list(listed)] = np.arange(len(listed))
    row = place[groups.group_of[pairs.account]]
    rare = rarity_bits(pairs, facts.account_count) >= LEAST_BITS
    kept = (row >= 0) & rare
    holds = sparse.csr_matrix(
        (np.ones(int(kept.sum())), (row[kept], pairs.token[kept])),
        shape=(len(listed), pairs.token_count),
    )
    holders = np.bincount(pairs.token[rare], minlength=pairs.token_count)
    members = np.bincount(groups.group_of[groups.group_of >= 0], minlength=groups.count)
    breadth = np.bincount(row[kept], minlength=len(listed))
    most = max(int(rare.sum()), facts.account_count)
    share = np.maximum(members[list(listed)] / facts.account_count, breadth / most)
    expected = np.zeros((len(listed), len(listed)))
    for one in range(len(listed)):
        start, stop = holds.indptr[one], holds.indptr[one + 1]
        others = holders[holds.indices[start:stop]] - holds.data[start:stop]
        sizes, uses = np.unique(others[others >= 1], return_counts=True)
        expected[one] = (1.0 - (1.0 - np.minimum(share, 1.0))[:, None] ** sizes) @ uses
    holds.data[:] = 1.0
    return (holds @ holds.T).toarray(), expected


def operator_labels(facts: Facts, groups: Groups, listed: Sequence[int]) -> list[int]:
    """Label listed groups by the operator thought to run them.

    Args:
        facts: What the log says.
        groups: Judged groups.
        listed: Numbers of the listed groups, in their printed order.

    Returns:
        One label a listed group; equal labels are one operator. Labels count up from 0 in the
        order of the listed groups.
    """
    return _labels(operator_ties(facts, groups, listed), len(listed))


def _labels(ties: Sequence[Tie], size: int) -> list[int]:
    graph = sparse.coo_matrix(
        (
            np.ones(len(ties)),
            (
                np.array([tie.one for tie in ties], dtype=np.int64),
                np.array([tie.other for tie in ties], dtype=np.int64),
            ),
        ),
        shape=(size, size),
    )
    _count, labels = connected_components(graph, directed=False)
    order: dict[int, int] = {}
    return [order.setdefault(int(label), len(order)) for label in labels]


def operator_reasons(facts: Facts, groups: Groups, listed: Sequence[int]) -> list[str]:
    """Say why campaigns are thought to have one operator.

    Args:
        facts: What the log says.
        groups: Judged groups.
        listed: Numbers of the listed groups, in their printed order.

    Returns:
        One sentence by label of ``operator_labels``.
    """
    ties = operator_ties(facts, groups, listed)
    labels = _labels(ties, len(listed))
    return [
        _reason([tie for tie in ties if labels[tie.one] == label])
        for label in range(max(labels, default=-1) + 1)
    ]


def _reason(ties: Sequence[Tie]) -> str:
    if not ties:
        return ONE_CAMPAIGN
    counts: dict[str, int] = {}
    for tie in ties:
        for name, count in tie.shared:
            counts[name] = counts.get(name, 0) + count
    things = ", ".join(f"{counts[name]} {OPERATOR_LINKS[name]}" for name in sorted(counts))
    weakest = max(tie.log_p for tie in ties) / np.log(10.0)
    return (
        f"campaigns share rare infrastructure: {things}; "
        f"chance among unrelated groups 10^{weakest:.0f} or less"
    )


def operator_records(campaigns: tuple[Campaign, ...], reasons: list[str]) -> tuple[Operator, ...]:
    """List the operators of the campaigns that are told of.

    Args:
        campaigns: Campaigns with their operators' names.
        reasons: Why its campaigns have one operator, in the order of the operators' names.

    Returns:
        The operators, in that order.
    """
    by_operator: dict[str, list[str]] = {}
    for campaign in campaigns:
        by_operator.setdefault(campaign.operator_id, []).append(campaign.campaign_id)
    return tuple(
        Operator(operator_id=operator, campaign_ids=tuple(ids), reason=reason)
        for (operator, ids), reason in zip(sorted(by_operator.items()), reasons, strict=True)
    )
