"""Facts and groups made of arrays, for the parts of the scan that read no log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cautery.scan.engine_options import EngineOptions
from cautery.scan.engines.duckdb import LocalEngine
from cautery.scan.facts import AccountNumbers, Facts, Scratch
from cautery.scan.groups import NO_GROUP, Basis, Groups
from cautery.scan.incidences import Incidences, make_incidences

Integers = NDArray[np.int64]
Use = tuple[int, int, int]
"""Account, token and number of exchanges."""


def bare_facts(
    count: int, *, exchanges: int = 8, columns: Mapping[str, Sequence[str | None]] | None = None
) -> Facts:
    """Make the facts of accounts by number, without a log behind them.

    Args:
        count: Number of accounts, at most 10,000.
        exchanges: Exchanges of each account.
        columns: Text columns of the account table.

    Returns:
        Facts without rows; ids are ``a0000`` and so on.
    """
    held = {name: pa.array(values, pa.string()) for name, values in (columns or {}).items()}
    each = np.full(count, exchanges, dtype=np.int64)
    return Facts(
        engine=LocalEngine(EngineOptions()),
        exchanges=None,
        rows=None,
        parts=(),
        numbers=AccountNumbers(keys=np.arange(count), number=np.arange(count)),
        scratch=Scratch(None),
        account_ids=tuple(f"a{number:04d}" for number in range(count)),
        totals={
            "exchanges": each,
            "output_tokens": 100 * each,
            "active_days": np.minimum(each, 7),
            "first_us": np.zeros(count, dtype=np.int64),
            "last_us": np.full(count, 10**12, dtype=np.int64),
        },
        account_columns=held,
        releases=(),
        present=frozenset(f"accounts.{name}" for name in held),
    )


def hashes(uses: Iterable[Use]) -> Incidences:
    """Make pairs whose tokens are numbers, as those of templates are."""
    account, token, exchanges = np.array(list(uses), dtype=np.int64).reshape(-1, 3).T
    return make_incidences(account, pa.array(token, pa.int64()), exchanges)


def bare_groups(
    count: int,
    members: Sequence[Iterable[int]],
    incidences: Mapping[str, Incidences] | None = None,
    *,
    basis: Basis = "both",
    own: Sequence[Iterable[int]] = (),
    harvest: Mapping[int, int] | None = None,
) -> Groups:
    """Make groups of account numbers.

    Args:
        count: Number of all accounts.
        members: Accounts of each group.
        incidences: Account-token pairs by link.
        basis: How every group was formed.
        own: Own template shingles of each group, ascending.
        harvest: Exchanges of each member on them; the others have one that is none.

    Returns:
        The groups, with exchanges that say only what is harvest.
    """
    group_of = np.full(count, NO_GROUP, dtype=np.int64)
    for group, accounts in enumerate(members):
        group_of[list(accounts)] = group
    pairs = [(group, token) for group, tokens in enumerate(own) for token in tokens]
    template_group, template_token = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return Groups(
        group_of=group_of,
        basis=(basis,) * len(members),
        incidences=dict(incidences or {}),
        template_group=template_group,
        template_token=template_token,
        exchanges=_exchanges(group_of, harvest or {}),
    )


def _exchanges(group_of: Integers, harvest: Mapping[int, int]) -> Any:
    rows = [
        (account, group, here)
        for account, group in enumerate(group_of.tolist())
        if group != NO_GROUP
        for here in ([True] * harvest[account] if harvest.get(account) else [False])
    ]
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    kinds = (("account", pa.int32()), ("group", pa.int32()), ("harvest", pa.bool_()))
    return ibis.memtable(
        pa.table(
            {
                name: pa.array(values, kind)
                for (name, kind), values in zip(kinds, columns, strict=True)
            }
        )
    )


def same_partition(left: Integers, right: Integers) -> bool:
    """Tell whether two labellings put the same things together."""
    pairs = set(zip(left.tolist(), right.tolist(), strict=True))
    return len(pairs) == len(set(left.tolist())) == len(set(right.tolist()))
