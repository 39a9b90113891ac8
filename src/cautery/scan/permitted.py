"""Permitted: accounts whose contract allows what the scan looks for are judged apart."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.scan.candidates import Candidates, renumbered
from cautery.scan.customers import code_texts
from cautery.scan.facts import Facts

PERMITTED_SHARE: Final = 0.5
"""Part of a payer's or group's accounts that must be permitted for all of it to count so."""


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
    codes = code_texts(facts.account_texts("payment_fingerprint"))
    share = np.bincount(codes, weights=permitted) / np.maximum(np.bincount(codes), 1)
    return np.asarray(permitted | ((share[codes] >= PERMITTED_SHARE) & (codes > 0)), dtype=np.bool_)
