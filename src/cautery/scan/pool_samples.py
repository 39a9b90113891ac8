"""Pool samples: some exchanges of the members of large groups and of their matched cohorts.

Exchanges are sampled by the hash of their prompt, so that every copy of a prompt is in the sample
or none is, in any order of rows and on any engine. What is kept of each account is which sampled
word shingles and prompts it sent, and how often.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import ibis
import numpy as np
import pyarrow.compute as pc
from ibis import _
from numpy.typing import NDArray
from scipy import sparse

from cautery.scan.cohorts import Cohorts, cohorts_of

if TYPE_CHECKING:
    from cautery.scan.facts import Facts
    from cautery.scan.groups import Groups

Integers = NDArray[np.int64]

FEWEST_EXCHANGES: Final = 1_000
"""Exchanges of a group under which its pool is not judged as a whole (arXiv 2606.05725: a window of
1,000 finds an attacker's share of 5 % in 45 % of cases, one of 100 in 1 %)."""
FEWEST_ACCOUNTS: Final = 5
"""Accounts under which their labels cannot be shuffled: 5 of 10 give 252 ways."""
MOST_POOLS: Final = 40
"""Groups that are looked at, those with most exchanges first."""
ROWS: Final = 80_000
"""Exchanges that are read, about."""
BATCH_ROWS: Final = 65_536


@dataclass(frozen=True, kw_only=True)
class PoolSamples:
    """Sketches of the sampled accounts."""

    members: dict[int, Integers]
    """Sampled accounts of each judged group."""
    cohort: dict[int, Integers]
    """Accounts of its matched cohort."""
    share: float
    """Part of all prompts that was sampled."""
    rows: Integers
    """Sampled exchanges by account."""
    shingles: Any
    """Exchanges by account and sampled shingle, SciPy CSR."""
    shingle_names: Integers
    """Hash of each shingle, ascending."""
    prompts: Any
    """Exchanges by account and sampled prompt, SciPy CSR; those at temperature 0 left out."""


def pool_samples(facts: Facts, groups: Groups) -> PoolSamples:
    """Sample the pools of large groups and of their cohorts; done once and kept with the groups.

    Args:
        facts: What the log says; it must have prompts.
        groups: Candidate groups.

    Returns:
        The samples.
    """
    if "pool_samples" not in groups.measured:
        groups.measured["pool_samples"] = _sampled(facts, groups, cohorts_of(facts, groups))
    found: PoolSamples = groups.measured["pool_samples"]
    return found


def judged_groups(facts: Facts, groups: Groups) -> Integers:
    """Numbers of the groups that are large enough to be judged as a pool.

    Args:
        facts: What the log says.
        groups: Candidate groups.

    Returns:
        At most ``MOST_POOLS`` numbers, ascending.
    """
    volume = groups.sum_by_group(facts.totals["exchanges"])
    large = np.flatnonzero((volume >= FEWEST_EXCHANGES) & (groups.sizes >= FEWEST_ACCOUNTS))
    order = np.lexsort((large, -groups.sizes[large], -volume[large]))
    return np.sort(large[order][:MOST_POOLS])


def highest_hash(share: float) -> int:
    """Hash up to which prompts are in a sample.

    Args:
        share: Part of all prompts that is sampled.

    Returns:
        The highest hash, 64 bits with a sign.

    Example:
        >>> highest_hash(0.5), highest_hash(1.0) == 2**63 - 1
        (0, True)
    """
    return min(-(2**63) + int(share * 2**64), 2**63 - 1)


def _sampled(facts: Facts, groups: Groups, cohorts: Cohorts) -> PoolSamples:
    members, cohort = {}, {}
    for group in judged_groups(facts, groups).tolist():
        members[group] = cohorts.thinned(groups.members(group))
        cohort[group] = cohorts.sample(group, members[group].size)
    none = np.zeros(0, dtype=np.int64)
    accounts = np.unique(np.concatenate([none, *members.values(), *cohort.values()]))
    total = int(facts.totals["exchanges"][accounts].sum())
    share = min(1.0, ROWS / max(total, 1))
    account, prompt, drawn, shingle_of, shingle = _read(facts, accounts, share)
    count = facts.account_count
    shingles, names = _counts(account[shingle_of], shingle, count)
    free = drawn > 0
    return PoolSamples(
        members=members,
        cohort=cohort,
        share=share,
        rows=np.bincount(account, minlength=count),
        shingles=shingles,
        shingle_names=names,
        prompts=_counts(account[free], prompt[free], count)[0],
    )


def _read(facts: Facts, accounts: Integers, share: float) -> tuple[Integers, ...]:
    """Read the sampled exchanges, and exchange and hash of each of their shingles."""
    rows = (
        facts.exchanges_of(accounts)
        .filter(_.input_hash.notnull() & (_.input_hash <= highest_hash(share)))
        .mutate(drawn=ibis.ifelse(ibis.coalesce(_.greedy, False), 0, 1).cast("int32"))
        .select("account", "input_hash", "drawn", "shingles")
    )
    none = np.zeros(0, dtype=np.int64)
    parts: list[tuple[Integers, ...]] = [(none,) * 5]
    base = 0
    for batch in rows.to_pyarrow_batches(chunk_size=BATCH_ROWS):
        account = batch.column("account").to_numpy().astype(np.int64)
        shingles = batch.column("shingles")
        lengths = pc.fill_null(pc.list_value_length(shingles), 0).to_numpy(zero_copy_only=False)
        parts.append(
            (
                account,
                batch.column("input_hash").to_numpy().astype(np.int64),
                batch.column("drawn").to_numpy().astype(np.int64),
                base + np.repeat(np.arange(account.size), lengths),
                shingles.flatten().to_numpy(zero_copy_only=False).astype(np.int64),
            )
        )
        base += account.size
    return tuple(np.concatenate(arrays) for arrays in zip(*parts, strict=True))


def _counts(account: Integers, token: Integers, count: int) -> tuple[Any, Integers]:
    names, column = np.unique(token, return_inverse=True)
    ones = np.ones(account.size, dtype=np.int64)
    return sparse.csr_matrix((ones, (account, column)), shape=(count, names.size)), names
