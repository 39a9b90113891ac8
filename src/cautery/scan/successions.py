"""Successions: things that pass from an account that ends to a fresh one, again and again.

Null: every account keeps the length of its life and its times of day, but on which day of the log
it begins is random and its own (circadian shift by whole days). That a card or an address is
taken over once within a day happens to strangers; that it happens three times and more, always
soon after the last holder fell silent or was closed, does not. A hub has somebody who ends on
every day, so its null expects what it shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.ingest.background import in_threads
from cautery.scan.facts import MICROSECONDS_A_DAY, NO_TIME
from cautery.scan.incidences import Incidences
from cautery.scan.null_models import accepted, sum_log_p

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

MICROSECONDS_AN_HOUR: Final = MICROSECONDS_A_DAY // 24
LAGS: Final = (MICROSECONDS_AN_HOUR, 6 * MICROSECONDS_AN_HOUR, MICROSECONDS_A_DAY)
"""Longest times between an end and what follows it, each a test of its own: reported pools show no
gap when an account is banned. Where somebody ends every other day only the short ones can tell."""
SILENCE: Final = MICROSECONDS_A_DAY
"""Time without an exchange at the end of the log from which an account counts as fallen silent."""
FEWEST_SUCCESSIONS: Final = 3
"""Times that a thing must pass on: one employee who leaves is no chain."""


@dataclass(frozen=True, kw_only=True)
class Lives:
    """When accounts begin and end, in microseconds since 1970; one entry an account."""

    begin: Integers
    end: Integers
    begins: NDArray[np.bool_]
    """Whether the account begins inside the log: not before it, and not with it."""
    ends: NDArray[np.bool_]
    """Whether the account falls silent or is closed inside the log."""
    start: int
    """First moment of the log."""
    stop: int
    """Last moment of the log."""


def lives_of(first: Integers, last: Integers, created: Integers, closed: Integers) -> Lives:
    """Say when accounts begin and end.

    Args:
        first: First exchange of each account.
        last: Its last exchange.
        created: Its sign-up, ``NO_TIME`` if not known.
        closed: Its closure, ``NO_TIME`` if not known or not closed.

    Returns:
        The lives. Who signed up long before the first exchange is old, whenever it began to ask;
        who asks in the first or last day of the log may have been there before, or come back.
    """
    start, stop = (int(first.min()), int(last.max())) if first.size else (0, 0)
    known = created != NO_TIME
    fresh = np.where(known, created >= start, first >= start + SILENCE)
    fresh &= first >= start + MICROSECONDS_AN_HOUR
    shut = (closed != NO_TIME) & (closed <= stop) & (closed >= first)
    end = np.where(shut, np.minimum(np.maximum(closed, last), stop), last)
    return Lives(
        begin=first,
        end=end,
        begins=np.asarray(fresh, dtype=np.bool_),
        ends=np.asarray(shut | (last <= stop - SILENCE), dtype=np.bool_),
        start=start,
        stop=stop,
    )


@dataclass(frozen=True, kw_only=True)
class Successions:
    """One entry a thing; and which pairs of account and thing take part."""

    seen: Integers
    """Ends after which a fresh account took the thing up."""
    expected: Floats
    """Fresh accounts that would take it up within the lag by the null."""
    log_p: Floats
    """Log-chance of so many, a bound."""
    takes_part: NDArray[np.bool_]
    """Pairs whose account hands the thing over or takes it over."""


def successions(pairs: Incidences, lives: Lives, lag: int) -> Successions:
    """Test every thing for a chain of accounts, one after another.

    Args:
        pairs: Account-token pairs of one kind of thing.
        lives: Lives of all accounts.
        lag: Longest time from an end to what follows it, in microseconds.

    Returns:
        The counts, and the binomial bound of their chance (``null_models.sum_log_p``): of a day
        that an account might begin on, by its length and the log's, how many lie within the lag
        after another holder's end.
    """
    span = lives.stop - lives.start + lag + 1
    ending, beginning = lives.ends[pairs.account], lives.begins[pairs.account]
    # Times of all things on one line, each thing on a stretch of its own.
    offset = pairs.token * (2 * span) - lives.start + lag
    own_end = offset + lives.end[pairs.account]
    rows = np.flatnonzero(ending)
    order = rows[np.argsort(own_end[rows], kind="stable")]
    ends = own_end[order]
    at = np.flatnonzero(beginning)
    begin, token = (offset + lives.begin[pairs.account])[at], pairs.token[at]
    length = (lives.end - lives.begin)[pairs.account][at]
    earliest = pairs.token[at] * (2 * span) + lag
    latest = earliest + (lives.stop - lives.start) - length
    own = np.where(ending[at], own_end[at], np.iinfo(np.int64).min)
    days = (lives.stop - lives.start) // MICROSECONDS_A_DAY + 1
    places, hits = np.zeros(at.size, dtype=np.int64), np.zeros(at.size, dtype=np.int64)
    for day in range(-int(days), int(days) + 1):
        moved = begin + day * MICROSECONDS_A_DAY
        inside = (moved >= earliest) & (moved <= latest)
        before = np.searchsorted(ends, moved - lag, side="left")
        found = np.searchsorted(ends, moved, side="left") - before
        found -= (own >= moved - lag) & (own < moved)
        places += inside
        hits += inside & (found > 0)
    last = np.searchsorted(ends, begin, side="left") - 1
    follows = last >= 0
    follows[follows] = ends[last[follows]] >= begin[follows] - lag
    chances = np.where(places > 0, hits / np.maximum(places, 1), 1.0)
    expected = np.zeros(pairs.token_count, dtype=np.float64)
    np.add.at(expected, token, chances)
    most = np.bincount(token, minlength=pairs.token_count)
    # Many that begin after one end are one event: each end counts once.
    used, first = np.unique(last[follows], return_index=True)
    seen = np.bincount(token[follows][first], minlength=pairs.token_count)
    takes_part = np.zeros(pairs.account.size, dtype=np.bool_)
    takes_part[order[used]] = True
    takes_part[at[follows]] = True
    return Successions(
        seen=seen.astype(np.int64),
        expected=expected,
        log_p=sum_log_p(seen.astype(np.int64), expected, most.astype(np.int64)),
        takes_part=takes_part,
    )


def handed_over(pairs: Incidences, lives: Lives) -> NDArray[np.bool_]:
    """Choose the pairs of account and thing that are part of a chain beyond chance.

    Args:
        pairs: Account-token pairs of one kind of thing.
        lives: Lives of all accounts.

    Returns:
        Which pairs: of things with a false-discovery rate of 1 % over all things of two accounts
        or more and all ``LAGS``, and with ``FEWEST_SUCCESSIONS`` seen.
    """
    holders = np.bincount(pairs.token, minlength=pairs.token_count)
    tested = np.flatnonzero(holders >= 2)
    found = list(in_threads(successions, ((pairs, lives, lag) for lag in LAGS)))
    log_p = np.concatenate([one.log_p[tested] for one in found])
    good = accepted(log_p, max(log_p.size, 1)).reshape(len(LAGS), tested.size)
    part = np.zeros(pairs.account.size, dtype=np.bool_)
    for one, chosen in zip(found, good, strict=True):
        things = np.zeros(pairs.token_count, dtype=np.bool_)
        things[tested] = chosen & (one.seen[tested] >= FEWEST_SUCCESSIONS)
        part |= things[pairs.token] & one.takes_part
    return part
