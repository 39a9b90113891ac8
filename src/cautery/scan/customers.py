"""Customers: accounts that openly belong together are one, and what they share is no secret."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

Integers = NDArray[np.int64]
Texts = NDArray[np.object_]

PRIVATE_DOMAIN_SHARE: Final = 0.01
"""Part of all accounts above which a mail domain is a public provider's, not a customer's."""
FEWEST_PUBLIC: Final = 3
"""Accounts up to which a mail domain counts as private in a log of few accounts."""
MOST_UNPAID: Final = 20
"""Accounts on one private mail domain without any payment that still are one open customer; a
larger fleet on free credit is what a catch-all domain makes."""


def number_customers(organisations: Texts, domains: Texts, payers: Texts) -> Integers:
    """Number the customers behind accounts.

    Accounts of one declared organisation are one customer, and so are accounts that share a
    payment instrument *and* a mail domain that is not everybody's, or that few accounts without
    any payment share (a grant's institute).

    Args:
        organisations: Declared organisation of each account, empty if none.
        domains: E-mail domain of each account, empty if none.
        payers: Payment fingerprint of each account, empty if none.

    Returns:
        Number of the customer of each account, in order of first appearance.

    Example:
        >>> texts = lambda *values: np.array(values, dtype=object)
        >>> number_customers(texts("a", "a", ""), texts("", "", ""), texts("", "", "")).tolist()
        [0, 0, 1]
    """
    if organisations.size == 0:
        return np.zeros(0, dtype=np.int64)
    organisation, domain, payer = (code_texts(texts) for texts in (organisations, domains, payers))
    held = np.bincount(domain)
    private = held <= max(PRIVATE_DOMAIN_SHARE * domain.size, FEWEST_PUBLIC)
    private[0] = False
    unpaid = np.bincount(domain, weights=payer == 0)
    small = private & (unpaid <= MOST_UNPAID)
    openly = np.where(payer == 0, small[domain], private[domain])
    pair = np.where(openly, payer * held.size + domain, 0)
    return _joined([organisation, pair])


def code_texts(texts: Texts) -> Integers:
    """Number texts in order of appearance, 0 for an empty one; long texts are never widened.

    Args:
        texts: Object array of texts.

    Returns:
        One number a text.

    Example:
        >>> code_texts(np.array(["b", "", "a", "b"], dtype=object)).tolist()
        [1, 0, 2, 1]
    """
    # The empty text goes first, so that it is number 0.
    column = pa.array(["", *texts], pa.large_string()).dictionary_encode()
    return np.asarray(column.indices.to_numpy()[1:], dtype=np.int64)


def _joined(keys: Sequence[Integers]) -> Integers:
    """Number accounts so that those with an equal key, directly or through others, are one."""
    count = keys[0].size
    accounts, tokens, offset = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], count
    for key in keys:
        _values, codes = np.unique(key, return_inverse=True)
        held = np.flatnonzero(key > 0)
        accounts.append(held)
        tokens.append(codes[held] + offset)
        offset += int(codes.max(initial=-1)) + 1
    left, right = np.concatenate(accounts), np.concatenate(tokens)
    edges = sparse.coo_matrix((np.ones(left.size), (left, right)), shape=(offset, offset))
    _parts, part = connected_components(edges, directed=False)
    _labels, first, numbers = np.unique(part[:count], return_index=True, return_inverse=True)
    order = np.empty(first.size, dtype=np.int64)
    order[np.argsort(first)] = np.arange(first.size)
    return np.asarray(order[numbers], dtype=np.int64)
