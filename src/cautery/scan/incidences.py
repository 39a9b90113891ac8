"""Incidences: which account shows which token; the raw material of every link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cautery.scan.distinct import numbered

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidences:
    """Which account shows which token, how often; sorted by token, then account."""

    account: Integers
    """Number of the account of each pair."""
    token: Integers
    """Number of the token of each pair, from 0."""
    exchanges: Integers
    """Exchanges of the account that show the token (1 if it is not a thing of exchanges)."""
    names: tuple[str, ...] | Integers
    """Name of each token, or its hash."""
    bound_to_one: bool = False
    """Whether each token was given to one account only, so that nobody meets it by chance."""

    @property
    def token_count(self) -> int:
        """Number of different tokens."""
        return len(self.names)

    def breadth(self, account_count: int) -> Integers:
        """Count, by account, the tokens by which it may be like another by chance.

        Args:
            account_count: Number of accounts in the log.

        Returns:
            Tokens of each account; 1 for everybody if none can be met by chance.
        """
        if self.bound_to_one:
            return np.ones(account_count, dtype=np.int64)
        return np.bincount(self.account, minlength=account_count).astype(np.int64)


def make_incidences(
    account: Integers, token: Any, exchanges: Integers, *, bound_to_one: bool = False
) -> Incidences:
    """Number the tokens in their own order and sort the pairs.

    Args:
        account: Account number of each pair; every pair of account and token comes once.
        token: Arrow array, or array of integers or objects, of each pair's token, without nulls.
        exchanges: Exchanges of each pair.
        bound_to_one: Whether each token was given to one account only.

    Returns:
        The same pairs in an order that does not depend on the input's.
    """
    labels: tuple[str, ...] | Integers
    if isinstance(token, (pa.Array, pa.ChunkedArray)) and pa.types.is_integer(token.type):
        token = token.to_numpy()
    if isinstance(token, np.ndarray) and token.dtype.kind == "i":
        labels, codes = numbered(token.astype(np.int64))
    else:
        texts = token.to_pylist() if hasattr(token, "to_pylist") else list(token)
        unique = sorted(set(texts))
        numbers = {name: number for number, name in enumerate(unique)}
        codes = np.fromiter((numbers[name] for name in texts), np.int64, len(texts))
        labels = tuple(unique)
    most = int(account.max(initial=0)) + 1
    # No two keys are equal, so that the order of equal ones need not be kept, which costs twice.
    order = np.argsort(codes.astype(np.int64) * most + account)
    return Incidences(
        account=account[order],
        token=codes[order].astype(np.int64),
        exchanges=exchanges[order],
        names=labels,
        bound_to_one=bound_to_one,
    )
