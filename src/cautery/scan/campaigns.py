"""Campaign candidates: accounts joined by behaviour and infrastructure together.

Three passes, each over the accounts that the passes before left free:

1. *both* (twice, for prompts and then for client parameters): behaviour tokens that are
   concentrated in shared infrastructure, joined where their linked accounts overlap, and extended
   to further accounts that live on those tokens;
2. *behaviour*: accounts that live on the same rare templates, in the same proportions;
3. *infrastructure*: dense communities of rare shared infrastructure (consensus of Leiden runs).

Linked is not guilty: candidates are judged later, and most of them are innocent.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cautery.scan.candidates import FEWEST_ACCOUNTS, Candidates, renumbered
from cautery.scan.cohesion import split_unlike, tokens_of_parts
from cautery.scan.communities import Communities, infrastructure_communities, partition_both
from cautery.scan.consensus import MOST_RUNS
from cautery.scan.degree_null import shared_things
from cautery.scan.facts import Facts
from cautery.scan.groups import NO_GROUP, Basis
from cautery.scan.incidences import Incidences
from cautery.scan.joining import Joining, joining_tokens
from cautery.scan.repertoires import LEAST_RARITY_BITS, repertoires

Integers = NDArray[np.int64]

LIVES_ON: Final = 0.15
"""Part of an account's exchanges that must carry a group's tokens to extend the group to it."""
FEWEST_ALIKE: Final = 5
"""Accounts of a group that nothing but its templates joins."""
HARD_LINKS: Final = ("address", "payment", "signature")
"""Links that strangers rarely have: who behaves alike must share one of these to be joined. A TLS
fingerprint only names the client, and a mail domain, a referral or an hour the crowd."""
COMMUNITY_LINKS: Final = ("address", "network", "payment", "signature")
"""Links that join accounts by themselves."""
PASSES: Final[tuple[tuple[str, ...], ...]] = (
    ("system_prompt", "template"),
    ("parameters", "shared_minutes"),
)
"""Behaviour links by how much they say: what is asked first, the client that asks second, and the
clock that drives it."""


def find_candidates(
    facts: Facts,
    behaviour: dict[str, Incidences],
    infrastructure: dict[str, Incidences],
    seed: int = 0,
) -> Candidates:
    """Group accounts by the links that the log can feed.

    Args:
        facts: What the log says.
        behaviour: Account-token pairs of the behaviour links, by link name.
        infrastructure: Account-token pairs of the infrastructure links, by link name.
        seed: Seed of the communities.

    Returns:
        Disjoint candidate groups of at least ``FEWEST_ACCOUNTS`` accounts.
    """
    count = facts.account_count
    group_of = np.full(count, NO_GROUP, dtype=np.int64)
    basis: list[Basis] = []
    speaking = np.zeros(0, dtype=np.int64)
    redrawn = np.full((MOST_RUNS, count), NO_GROUP, dtype=np.int64)
    shared = [infrastructure[name] for name in HARD_LINKS if name in infrastructure]
    if not {"address", "payment"} & infrastructure.keys() and "network" in infrastructure:
        shared.append(infrastructure["network"])
    shares = shared_things(shared, facts.customers)
    payers = infrastructure.get("payment")
    for names in PASSES:
        tokens = {name: behaviour[name] for name in names if name in behaviour}
        joining = joining_tokens(tokens, shares, facts.customers, group_of == NO_GROUP)
        speaking = np.union1d(speaking, joining.shingles)
        found = _both_families(joining, count, payers, seed)
        free = group_of == NO_GROUP
        _add(group_of, basis, _extended(facts, found, joining), "both")
        _remember(redrawn, free & (found.of_account != NO_GROUP), found.redrawn_accounts)
    if "template" in behaviour:
        free = group_of == NO_GROUP
        living = repertoires(behaviour["template"], facts.totals["exchanges"], free, seed)
        _add(group_of, basis, living.of_account, "behaviour", FEWEST_ALIKE)
        _remember(redrawn, free & (group_of != NO_GROUP), living.redrawn_accounts)
    free = group_of == NO_GROUP
    dense = [infrastructure[name] for name in COMMUNITY_LINKS if name in infrastructure]
    shared_only = infrastructure_communities(dense, free, seed)
    _add(group_of, basis, shared_only.of_account, "infrastructure")
    _remember(redrawn, free & (group_of != NO_GROUP), shared_only.redrawn_accounts)
    return replace(renumbered(group_of, basis, speaking), redrawn=redrawn)


def _remember(redrawn: Integers, free: NDArray[np.bool_], labels: Integers) -> None:
    """Note the communities of a pass in the runs with redrawn evidence, apart from other passes."""
    first = int(redrawn.max(initial=NO_GROUP)) + 1
    for run in range(len(redrawn)):
        # A large graph has fewer runs, which are then counted several times.
        here = labels[run % len(labels)]
        kept = free & (here != NO_GROUP)
        redrawn[run, kept] = here[kept] + first


def _both_families(
    joining: Joining, count: int, payers: Incidences | None, seed: int
) -> Communities:
    """Partition tokens and their linked accounts together, and set unlike payers apart."""
    rarity = np.log2(count / np.maximum(np.diff(joining.shows.indptr), 1))
    rarity = np.maximum(rarity, LEAST_RARITY_BITS)
    weighted = sparse.csr_matrix(sparse.diags(rarity) @ joining.linked)
    found = partition_both(weighted, joining.shows, rarity, seed)
    apart = split_unlike(joining.shows, rarity, found.of_account, payers)
    return replace(
        found,
        of_token=tokens_of_parts(joining.shows, found.of_token, found.of_account, apart),
        of_account=apart,
        redrawn_accounts=np.array(
            [split_unlike(joining.shows, rarity, run, payers) for run in found.redrawn_accounts]
        ),
    )


def _extended(facts: Facts, found: Communities, joining: Joining) -> Integers:
    """Add accounts that live on a group's tokens, though they share nothing."""
    of_token, labels = found.of_token, found.of_account
    extended = labels.copy()
    shows = joining.shows.tocsc()
    exchanges = facts.totals["exchanges"]
    for account in np.flatnonzero((np.diff(shows.indptr) > 0) & (labels == NO_GROUP)):
        start, stop = shows.indptr[account], shows.indptr[account + 1]
        groups = of_token[shows.indices[start:stop]]
        # The most frequent token of a group is a floor on the exchanges that carry the group's;
        # of equals, the one of which the account shows more.
        most: dict[int, tuple[float, float]] = {}
        for group, weight in zip(groups.tolist(), shows.data[start:stop].tolist(), strict=True):
            top, total = most.get(group, (0.0, 0.0))
            most[group] = (max(top, weight), total + weight)
        ordered = sorted(most.items(), key=lambda item: item[1], reverse=True)
        if len(ordered) > 1 and ordered[0][1] == ordered[1][1]:
            continue
        if ordered[0][1][0] >= LIVES_ON * exchanges[account]:
            extended[account] = ordered[0][0]
    return extended


def _add(
    group_of: Integers,
    basis: list[Basis],
    labels: Integers,
    kind: Basis,
    fewest: int = FEWEST_ACCOUNTS,
) -> None:
    """Give the labelled free accounts new group numbers, in order of their first account."""
    labels = np.where(group_of == NO_GROUP, labels, NO_GROUP)
    values, first, sizes = np.unique(labels, return_index=True, return_counts=True)
    kept = (values != NO_GROUP) & (sizes >= fewest)
    for value in values[kept][np.argsort(first[kept])]:
        group_of[labels == value] = len(basis)
        basis.append(kind)
