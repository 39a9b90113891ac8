"""Synchrony: pairs of accounts active in the same minutes, against nulls that keep their clocks.

Accounts whose sets of active minutes are alike are found by minhash in one pass (Broder 1997; one
permutation: Li, Owen and Zhang 2012), and only those are tested. Two nulls, of which the weaker
evidence counts:

- *whole days*: each account keeps what it does at which minute of the day, and works on other
  days (circadian shift). A job at two in the morning meets another one every day by this null.
- *within the hour*: each keeps the hours in which it works, how many minutes of each, and the
  minutes of the hour that it likes. A lecture on changing days, or a job at the full hour, is
  what this null expects.

Days and hours are counted, not minutes: one long common session is one coincidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.scan.distinct import distinct
from cautery.scan.minute_nulls import MINUTES_A_DAY, meetings, tables_of
from cautery.scan.null_models import accepted, sum_log_p

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

FEWEST_DAYS: Final = 4
"""Days on which an account must be active: an outage or a launch brings everybody on one."""
BINS: Final = 64
"""Parts of the range of hashes, of each of which the least minute is kept."""
BAND: Final = 3
"""Neighbouring bins that must agree for two accounts to be looked at: of pairs with half of all
minutes in common 94 % are, with a third 55 %, and of strangers with a fiftieth 2 in 10,000."""
LEAST_ALIKE: Final = 0.15
"""Part of the bins that must agree before a pair is tested; the others count as tested and not
striking."""
FEWEST_ALIKE: Final = 3
"""Bins that must agree by minutes of their own: one common minute may fill many empty bins."""
MOST_PARTNERS: Final = 2
"""Leading accounts that an account is tested against, the most alike first: with one scheduler any
one of them tells, and a log of nothing but one pool costs no more than another."""
PRIME: Final = 0x9E3779B97F4A7C15
"""Odd multiplier of Fibonacci hashing (Knuth 1973, volume 3, 6.4)."""


@dataclass(frozen=True, kw_only=True)
class Activity:
    """Minutes in which accounts are active, each once, sorted by account and minute."""

    account: Integers
    minute: Integers
    """Minutes since 1970."""


@dataclass(frozen=True, kw_only=True)
class SynchronousPairs:
    """Pairs of accounts that are together beyond chance."""

    first: Integers
    second: Integers
    together: Integers
    """Minutes in which both are active."""
    log_p: Floats
    tests: int
    """Pairs of eligible accounts, those never formed included."""


def synchronous_pairs(activity: Activity, account_count: int) -> SynchronousPairs:
    """Find the pairs of accounts that are active in the same minutes beyond chance.

    Args:
        activity: Active minutes.
        account_count: Number of accounts.

    Returns:
        Pairs at a false-discovery rate of 1 % over all pairs of accounts with ``FEWEST_DAYS``
        active days; the smaller account first.
    """
    keys = activity.account * (1 << 32) + activity.minute // MINUTES_A_DAY
    new_day = np.append(True, keys[1:] != keys[:-1])[: keys.size]
    eligible = np.bincount(activity.account[new_day], minlength=account_count) >= FEWEST_DAYS
    kept = eligible[activity.account]
    own = Activity(account=activity.account[kept], minute=activity.minute[kept])
    tests = int(eligible.sum()) * (int(eligible.sum()) - 1) // 2
    first, second = alike_pairs(own, account_count)
    log_p, together = pair_log_p(own, first, second, account_count)
    found = accepted(log_p, tests=max(tests, 1))
    return SynchronousPairs(
        first=first[found],
        second=second[found],
        together=together[found],
        log_p=log_p[found],
        tests=tests,
    )


def alike_pairs(activity: Activity, account_count: int) -> tuple[Integers, Integers]:
    """Choose pairs of accounts with like sets of minutes, without comparing all.

    The accounts of one bucket are compared with its first one only, so that a crowd with one
    clock makes as many pairs as it has accounts and no more.

    Args:
        activity: Active minutes.
        account_count: Number of accounts.

    Returns:
        Both accounts of each pair, the smaller first, sorted.
    """
    sketch, known = _sketches(activity, account_count)
    pairs = [np.zeros(0, dtype=np.int64)]
    for start in range(0, BINS - BAND + 1, BAND):
        bucket = np.zeros(known.size, dtype=np.uint64)
        for place in range(start, start + BAND):
            bucket = (bucket ^ sketch[known, place]) * np.uint64(PRIME)
        order = np.argsort(bucket, kind="stable")
        members, of = known[order], bucket[order]
        begins = np.flatnonzero(np.append(True, of[1:] != of[:-1])[: of.size])
        leader = np.repeat(members[begins], np.diff(np.append(begins, of.size)))
        others = members != leader
        pairs.append(leader[others] * account_count + members[others])
    pair_keys = distinct(np.concatenate(pairs))
    first, second = pair_keys // max(account_count, 1), pair_keys % max(account_count, 1)
    alike = np.zeros(pair_keys.size)
    for start in range(0, pair_keys.size, 65_536):
        part = slice(start, start + 65_536)
        same = sketch[first[part]] == sketch[second[part]]
        own = (sketch[first[part]] >> np.uint64(58)) == np.arange(BINS, dtype=np.uint64)
        enough = (same & own).sum(axis=1) >= FEWEST_ALIKE
        alike[part] = np.where(enough, same.mean(axis=1), 0.0)
    order = np.lexsort((first, -alike, second))
    order = order[alike[order] >= LEAST_ALIKE]
    partner: Integers = second[order]
    begin = np.searchsorted(partner, partner, side="left")
    kept = np.sort(order[np.arange(partner.size) - begin < MOST_PARTNERS])
    return first[kept], second[kept]


def _sketches(activity: Activity, account_count: int) -> tuple[NDArray[np.uint64], Integers]:
    """Least hash of each bin, accounts x bins, and the accounts that have any.

    An empty bin takes the value of the next full one (Shrivastava and Li 2014), so that accounts
    of few minutes are compared as well as others.
    """
    hashed = activity.minute.astype(np.uint64) * np.uint64(PRIME)
    hashed ^= hashed >> np.uint64(29)
    hashed *= np.uint64(PRIME)
    empty = np.uint64(2**64 - 1)
    place = activity.account * BINS + (hashed >> np.uint64(58)).astype(np.int64)
    flat = np.full(account_count * BINS, empty, dtype=np.uint64)
    np.minimum.at(flat, place, hashed)
    sketch = flat.reshape(account_count, BINS)
    known = distinct(activity.account)
    bins = np.arange(2 * BINS)
    full = np.where(np.tile(sketch[known] != empty, 2), bins, 4 * BINS)
    after = np.minimum.accumulate(full[:, ::-1], axis=1)[:, ::-1][:, :BINS]
    distance = (after - bins[:BINS]).astype(np.uint64)
    sketch[known] = np.take_along_axis(sketch[known], after % BINS, axis=1) + distance
    return sketch, known


def pair_log_p(
    activity: Activity, first: Integers, second: Integers, account_count: int
) -> tuple[Floats, Integers]:
    """Test pairs of accounts against both nulls.

    Args:
        activity: Active minutes, sorted by account and minute.
        first: One account of each pair.
        second: The other.
        account_count: Number of accounts.

    Returns:
        The larger of both log-chances, and the minutes in common, by pair.
    """
    # Most accounts are in no pair: their minutes need no tables.
    paired = np.zeros(account_count, dtype=np.bool_)
    paired[first] = paired[second] = True
    kept = paired[activity.account]
    held = tables_of(activity.account[kept], activity.minute[kept], account_count)
    days, hours, together = meetings(held, first, second)
    log_p = np.maximum(
        *(sum_log_p(unit.seen, unit.expected, unit.most) for unit in (days, hours)),
    )
    return log_p, together


def leaders(pairs: SynchronousPairs) -> tuple[Integers, Integers, Integers]:
    """Turn pairs into groups around one account each: a chain joins nobody.

    Args:
        pairs: Pairs beyond chance.

    Returns:
        Account, leader of its group and minutes that they have in common (of the leader itself:
        the most that it has with anybody), sorted by account. Every account is in one group: that
        of the partner with most partners, its smallest such.
    """
    one = np.concatenate([pairs.first, pairs.second])
    two = np.concatenate([pairs.second, pairs.first])
    shared = np.tile(pairs.together, 2)
    accounts, partners = np.unique(one, return_counts=True)
    degree = dict(zip(accounts.tolist(), partners.tolist(), strict=True))
    neighbours: dict[int, list[tuple[int, int]]] = {}
    for account, other, minutes in zip(one.tolist(), two.tolist(), shared.tolist(), strict=True):
        neighbours.setdefault(account, []).append((other, minutes))
    found: dict[int, tuple[int, int]] = {}
    for account in sorted(degree, key=lambda number: (-degree[number], number)):
        if account in found:
            continue
        free = [(other, minutes) for other, minutes in neighbours[account] if other not in found]
        if free:
            found[account] = (account, max(minutes for _other, minutes in free))
            found |= {other: (account, minutes) for other, minutes in free}
    rows = sorted((account, leader, minutes) for account, (leader, minutes) in found.items())
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]
