"""Campaign candidates: accounts joined by behaviour and infrastructure together.

Three passes, each over the accounts that the passes before left free:

1. *both* (twice, for prompts and then for client parameters): behaviour tokens that are concentrated in shared infrastructure, joined where their
   linked accounts overlap, and extended to further accounts that live on those tokens;
2. *infrastructure*: dense communities of rare shared infrastructure (Leiden, fixed seed);
3. *behaviour*: accounts that live on the same rare templates, when nothing else is known.

Linked is not guilty: candidates are judged later, and most of them are innocent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from cautery.scan.association import Concentration, concentrate
from cautery.scan.communities import infrastructure_communities, partition
from cautery.scan.facts import Facts, Incidences
from cautery.scan.groups import NO_GROUP, Basis

Integers = NDArray[np.int64]

FEWEST_ACCOUNTS: Final = 3
"""Smallest group: two accounts are a couple, not a campaign."""
LEAST_RARITY_BITS: Final = 0.5
"""Weight of an edge to a token that nearly everybody shows."""
LIVES_ON: Final = 0.15
"""Part of an account's exchanges that must carry a group's tokens to extend the group to it."""
EXTENSION_CONCENTRATION: Final = 0.5
"""Part of a token's holders that must be linked before it speaks for the rest of its holders."""
BEHAVIOUR_ONLY_SHARE: Final = 0.5
"""Part of an account's exchanges that a rare template must fill when nothing else links."""
BEHAVIOUR_ONLY_FEWEST: Final = 5
"""Accounts that such a template needs."""
BEHAVIOUR_ONLY_MOST: Final = 0.25
"""Part of all accounts above which a template is popular rather than rare."""


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Disjoint groups of accounts, numbered by their smallest account."""

    group_of: Integers
    basis: tuple[Basis, ...]
    speaking: Integers
    """Shingles of which most holders are linked: they may bring further accounts in."""


PERMITTED_SHARE: Final = 0.5
"""Part of a payer's or group's accounts that must be permitted for all of it to count so."""
HARD_LINKS: Final = ("address", "payment")
"""Links that strangers rarely have: who behaves alike must share one of these to be joined. A TLS
fingerprint only names the client, and a mail domain, a referral or an hour the crowd."""
COMMUNITY_LINKS: Final = ("address", "network", "payment")
"""Links that join accounts by themselves."""
PASSES: Final = (("system_prompt", "template"), ("parameters",))
"""Behaviour links by how much they say: what is asked first, the client that asks second."""


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
    shared = [infrastructure[name] for name in HARD_LINKS if name in infrastructure]
    if not shared and "network" in infrastructure:
        shared = [infrastructure["network"]]
    for names in PASSES:
        tokens = {name: behaviour[name] for name in names if name in behaviour}
        joining = _joining_tokens(tokens, shared, facts.customers, group_of == NO_GROUP)
        speaking = np.union1d(speaking, joining.speaking_shingles)
        _add(
            group_of, basis, _extended(facts, _both_families(joining, count, seed), joining), "both"
        )
    free = group_of == NO_GROUP
    dense = [infrastructure[name] for name in COMMUNITY_LINKS if name in infrastructure]
    _add(group_of, basis, infrastructure_communities(dense, free, seed), "infrastructure")
    if "template" in behaviour:
        free = group_of == NO_GROUP
        _add(group_of, basis, _behaviour_only(facts, behaviour["template"], free), "behaviour")
    return renumbered(group_of, basis, speaking)


@dataclass(frozen=True, kw_only=True)
class _Joining:
    """Behaviour tokens that join accounts, of all behaviour links together."""

    linked: sparse.csr_matrix
    """Tokens x accounts: holders that share infrastructure."""
    shows: sparse.csr_matrix
    """Tokens x accounts: exchanges that show the token."""
    speaks: NDArray[np.bool_]
    """Whether the token may extend a group to holders without shared infrastructure."""
    speaking_shingles: Integers
    """Stored shingles among the tokens that speak."""


def _joining_tokens(
    behaviour: dict[str, Incidences],
    shared: list[Incidences],
    customers: Integers,
    free: NDArray[np.bool_],
) -> _Joining:
    """Choose the behaviour tokens that may join accounts, and spread them over free accounts."""
    linked, shows, speaks = [], [], []
    shingles = np.zeros(0, dtype=np.int64)
    count = customers.size
    accounts_of = sparse.csr_matrix(
        (free.astype(np.float64), (customers, np.arange(count))),
        shape=(int(customers.max(initial=-1)) + 1, count),
    )
    for name in sorted(behaviour):
        pairs = behaviour[name]
        found: Concentration = concentrate(pairs, shared, customers)
        rows = np.flatnonzero(found.joins)
        weights = sparse.csr_matrix(
            (pairs.exchanges * free[pairs.account] * 1.0, (pairs.token, pairs.account)),
            shape=(pairs.token_count, count),
        )[rows]
        weights.eliminate_zeros()
        here = (found.linked_pairs[rows] @ accounts_of).multiply(weights > 0).tocsr()
        here.eliminate_zeros()
        linked.append(here)
        shows.append(weights)
        speaks.append(found.linked[rows] >= EXTENSION_CONCENTRATION * found.holders[rows])
        if name == "template":
            shingles = np.asarray(pairs.names, dtype=np.int64)[rows[speaks[-1]]]
    if not linked:
        empty = sparse.csr_matrix((0, count))
        nothing = np.zeros(0, dtype=np.bool_)
        return _Joining(linked=empty, shows=empty, speaks=nothing, speaking_shingles=shingles)
    return _Joining(
        linked=sparse.vstack(linked, format="csr"),
        shows=sparse.vstack(shows, format="csr"),
        speaks=np.concatenate(speaks),
        speaking_shingles=shingles,
    )


def _both_families(joining: _Joining, count: int, seed: int) -> tuple[Integers, Integers]:
    """Partition tokens and their linked accounts together; returns both label arrays."""
    tokens = joining.linked.shape[0]
    labels = np.full(count, NO_GROUP, dtype=np.int64)
    if tokens == 0:
        return np.zeros(0, dtype=np.int64), labels
    rarity = np.log2(count / np.maximum(np.diff(joining.shows.indptr), 1))
    weighted = sparse.diags(np.maximum(rarity, LEAST_RARITY_BITS)) @ joining.linked
    graph = sparse.bmat([[None, weighted], [weighted.T, None]], format="csr")
    community = partition(graph, seed)
    labels = np.where(
        np.asarray(joining.linked.sum(axis=0)).ravel() > 0, community[tokens:], NO_GROUP
    )
    return community[:tokens], labels


def _extended(facts: Facts, found: tuple[Integers, Integers], joining: _Joining) -> Integers:
    """Add accounts that live on tokens which speak for a group, though they share nothing."""
    of_token, labels = found
    rows = np.flatnonzero(joining.speaks)
    if rows.size == 0:
        return labels
    extended = labels.copy()
    shows = joining.shows[rows].tocsc()
    exchanges = facts.totals["exchanges"]
    for account in np.flatnonzero((np.diff(shows.indptr) > 0) & (labels == NO_GROUP)):
        start, stop = shows.indptr[account], shows.indptr[account + 1]
        groups = of_token[rows[shows.indices[start:stop]]]
        # The most frequent token of a group is a floor on the exchanges that carry the group's.
        most: dict[int, float] = {}
        for group, weight in zip(groups.tolist(), shows.data[start:stop].tolist(), strict=True):
            most[group] = max(most.get(group, 0.0), weight)
        best = max(most.items(), key=lambda item: (item[1], -item[0]))
        if best[1] >= LIVES_ON * exchanges[account]:
            extended[account] = best[0]
    return extended


def _behaviour_only(facts: Facts, templates: Incidences, free: NDArray[np.bool_]) -> Integers:
    """Join free accounts of which a rare template fills most of the traffic."""
    count = facts.account_count
    labels = np.full(count, NO_GROUP, dtype=np.int64)
    share = templates.exchanges / np.maximum(facts.totals["exchanges"][templates.account], 1)
    kept = free[templates.account] & (share >= BEHAVIOUR_ONLY_SHARE)
    holders = np.bincount(templates.token[kept], minlength=templates.token_count)
    rare = (holders >= BEHAVIOUR_ONLY_FEWEST) & (holders <= BEHAVIOUR_ONLY_MOST * count)
    kept &= rare[templates.token]
    if not kept.any():
        return labels
    edges = sparse.coo_matrix(
        (np.ones(int(kept.sum())), (templates.account[kept], templates.token[kept] + count)),
        shape=(count + templates.token_count, count + templates.token_count),
    )
    _components, component = connected_components(edges.tocsr(), directed=False)
    inside = np.unique(templates.account[kept])
    labels[inside] = component[inside]
    return labels


def _add(group_of: Integers, basis: list[Basis], labels: Integers, kind: Basis) -> None:
    """Give the labelled free accounts new group numbers, in order of their first account."""
    labels = np.where(group_of == NO_GROUP, labels, NO_GROUP)
    values, first, sizes = np.unique(labels, return_index=True, return_counts=True)
    kept = (values != NO_GROUP) & (sizes >= FEWEST_ACCOUNTS)
    for value in values[kept][np.argsort(first[kept])]:
        group_of[labels == value] = len(basis)
        basis.append(kind)


def split_permitted(candidates: Candidates, permitted: NDArray[np.bool_]) -> Candidates:
    """Give the accounts of a group that a contract permits a group of their own.

    What is permitted must neither be accused with the rest nor speak for it.

    Args:
        candidates: Disjoint groups.
        permitted: Whether the account table permits an account something.

    Returns:
        Groups that are either wholly permitted or not at all.
    """
    group_of = candidates.group_of.copy()
    basis = list(candidates.basis)
    for group in range(len(candidates.basis)):
        inside = candidates.group_of == group
        if np.any(inside & permitted) and np.any(inside & ~permitted):
            group_of[inside & permitted] = len(basis)
            basis.append(candidates.basis[group])
    return renumbered(group_of, basis, candidates.speaking)


def permitted_customers(facts: Facts) -> NDArray[np.bool_]:
    """Accounts that a contract permits something, and the other accounts of the same payer.

    A contract is a customer's: where most accounts of a payer are permitted, one that was left
    out of the table's column is no stranger.

    Args:
        facts: What the account table says.

    Returns:
        Whether each account belongs to a permitted customer.
    """
    permitted = facts.account_texts("permitted_use") != ""
    payers = facts.account_texts("payment_fingerprint").astype(str)
    names, codes = np.unique(payers, return_inverse=True)
    share = np.bincount(codes, weights=permitted) / np.maximum(np.bincount(codes), 1)
    return permitted | ((share[codes] >= PERMITTED_SHARE) & (names[codes] != ""))


def renumbered(group_of: Integers, basis: Sequence[Basis], speaking: Integers) -> Candidates:
    """Number groups by their smallest account and drop those that are too small.

    Args:
        group_of: Group of each account, ``NO_GROUP`` if none.
        basis: Basis of each group number.
        speaking: Shingles that may bring further accounts in.

    Returns:
        The groups of at least ``FEWEST_ACCOUNTS`` accounts.
    """
    sizes = np.bincount(group_of[group_of != NO_GROUP], minlength=len(basis))
    big = np.append(sizes >= FEWEST_ACCOUNTS, False)
    group_of = np.where(big[group_of], group_of, NO_GROUP)
    inside = group_of[group_of != NO_GROUP]
    order = list(dict.fromkeys(inside.tolist()))
    new = np.full(len(basis) + 1, NO_GROUP, dtype=np.int64)
    new[order] = np.arange(len(order))
    return Candidates(
        group_of=new[group_of], basis=tuple(basis[old] for old in order), speaking=speaking
    )
