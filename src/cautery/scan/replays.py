"""Replays: reasoning signatures that were issued to one account and sent back by another's.

A signature is bound to one response, so nobody shows another customer's by chance. What honest
traffic does do is set aside here: an answer from a cache, which is issued to several accounts; and
a published transcript or a program's built-in block, which a stranger sends over and over but took
over once. So only who takes signatures over again and again, at different times, counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from ibis import _
from numpy.typing import NDArray

from cautery.scan.incidences import Incidences, make_incidences

Integers = NDArray[np.int64]

FEWEST_HAND_OVERS: Final = 3
"""Different seconds in which an account first sent back what was another's: a conversation that was
copied once, however long, is one hand-over."""
SOON_SECONDS: Final = 86_400
"""Longest time from the answer to its replay that speaks against who was given it. Conversations
that a pool spreads go on at once; a transcript that was published is used by others later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replays:
    """One entry a signature and account that sent it back though it was another customer's."""

    account: Integers
    """Account that sent it back."""
    origin: Integers
    """Account that it was issued to; if to none in this log, the first that sent it back."""
    signature: Integers
    """Hash of the signature."""
    exchanges: Integers
    """Exchanges of the account that carry it."""
    from_source: NDArray[np.bool_]
    """Whether the origin takes part: it takes over itself, or its signatures were taken over soon,
    again and again. Others may have been robbed, or have published what they were given."""

    def pairs(self) -> Incidences:
        """Give accounts and signatures as the pairs of a link; an origin shows its own."""
        own = np.flatnonzero(self.from_source)
        origin, signature = self.origin[own], self.signature[own]
        _held, first = np.unique(np.stack([origin, signature]), axis=1, return_index=True)
        account = np.concatenate([self.account, origin[first]])
        token = np.concatenate([self.signature, signature[first]])
        exchanges = np.concatenate([self.exchanges, np.ones(first.size, dtype=np.int64)])
        _tokens, code, holders = np.unique(token, return_inverse=True, return_counts=True)
        several = holders[code] >= 2  # a robbed account's signature may be left to one
        return make_incidences(
            account[several], token[several], exchanges[several], bound_to_one=True
        )


def find_replays(rows: Any, customers: Integers) -> Replays:
    """Find the signatures that went from one customer's account to another's.

    The engine counts pairs of account and signature and gives only those of several accounts.

    Args:
        rows: Ibis table of exchanges with account, second and the two columns of signatures.
        customers: Customer of each account; accounts of one customer may share what they like.

    Returns:
        The replays, by signature, second and account.
    """
    issued = rows.select(
        "account", "second", signature=_.issued_signatures.unnest(), issued=1, carried=0
    )
    carried = rows.select(
        "account", "second", signature=_.carried_signatures.unnest(), issued=0, carried=1
    )
    shown = issued.union(carried)
    several = (
        shown.group_by("signature")
        .aggregate(least=_.account.min(), most=_.account.max())
        .filter(_.least < _.most)
    )
    found = (
        shown.semi_join(several, "signature")
        .group_by(["account", "signature"])
        .aggregate(
            issued=_.issued.sum().cast("int64"),
            carried=_.carried.sum().cast("int64"),
            second=_.second.min(),
        )
        .to_pyarrow()
    )
    columns = [found[name].to_numpy().astype(np.int64) for name in found.column_names]
    return _taken_over(dict(zip(found.column_names, columns, strict=True)), customers)


def _taken_over(found: dict[str, Integers], customers: Integers) -> Replays:
    """Choose the pairs that are replays of what another customer's account was given."""
    order = np.lexsort((found["account"], found["second"], found["signature"]))
    account, signature, second = (found[name][order] for name in ("account", "signature", "second"))
    issued, carried = found["issued"][order] > 0, found["carried"][order]
    _names, first, code = np.unique(signature, return_index=True, return_inverse=True)
    origin = account[first]  # the earliest, unless the log says to whom it was issued
    origin[code[issued]] = account[issued]
    # An answer that several accounts were given came from a cache: it is nobody's own.
    own = np.bincount(code[issued], minlength=first.size) <= 1
    other = customers[account] != customers[origin[code]]
    kept = np.flatnonzero(own[code] & other & (carried > 0))
    kept = kept[_often(account[kept], second[kept], account[kept], customers.size)]
    source = origin[code[kept]]
    # The first row of a signature is its answer, or the earliest request that carries it.
    given = np.zeros(first.size, dtype=np.int64)
    given[code[::-1]] = second[::-1]
    given[code[issued]] = second[issued]
    soon = kept[second[kept] - given[code[kept]] <= SOON_SECONDS]
    from_soon = origin[code[soon]]
    often = _often(from_soon, second[soon], account[soon], customers.size)
    takes_part = np.zeros(customers.size, dtype=np.bool_)
    takes_part[account[kept]] = True
    takes_part[from_soon[often]] = True
    return Replays(
        account=account[kept],
        origin=source,
        signature=signature[kept],
        exchanges=carried[kept],
        from_source=takes_part[source],
    )


def _often(whose: Integers, second: Integers, by: Integers, count: int) -> NDArray[np.bool_]:
    """Whether an account has enough hand-overs; those of one account in one second are one."""
    events = np.unique(np.stack([whose, by, second]), axis=1)
    times = np.bincount(events[0], minlength=count)
    return np.asarray(times[whose] >= FEWEST_HAND_OVERS, dtype=np.bool_)
