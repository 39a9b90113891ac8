"""Synchrony: whether accounts of a fixed group work in the same ten minutes of fresh hours.

Null: given in how many windows of ten minutes a customer works within two hours, which windows
these are is as likely a member's as an outsider's who worked in as many of the same two hours, and
customers choose on their own. The day's rhythm, outages, and the top of the hour are the same for
both sides and count for nothing; so is how busy anybody is. (Jitter methods condition on coarse
counts in the same way: Amarasingham, Harrison, Hatsopoulos and Geman, J. Neurophysiology 2012.)

A work queue that starts its accounts together breaks the null, and so does a class that is told to
begin: the test tells that accounts act together, and not what for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from ibis import _
from numpy.typing import NDArray
from scipy import sparse

from cautery.scan.e_values import e_of_permutations
from cautery.scan.newcomers import FreshGroup, Seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cautery.scan.facts import Facts

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

WINDOW_SECONDS: Final = 600
"""Ten minutes: longer than a retry, shorter than a lecture."""
WINDOWS_A_BLOCK: Final = 12
"""Windows of two hours, within which the rhythm of a day is flat enough to be random."""
MOST_CUSTOMERS: Final = 300
"""Customers of a side that are compared at most."""
DRAWS: Final = 199
"""Random relabellings; one scan's e-value is 8.3 at most."""
SEED: Final = 20_261_126


def synchrony(facts: Facts, groups: Sequence[FreshGroup], horizon_us: int) -> list[Seen | None]:
    """Test every group on the exchanges after the scan before.

    Args:
        facts: What the log says.
        groups: The groups as they were fixed.
        horizon_us: End of the log then, in microseconds since 1970.

    Returns:
        One finding a group; None where fewer than two of its customers worked since.
    """
    active = (
        facts.exchanges.filter(_.second > horizon_us // 1_000_000)
        .mutate(window=(_.second // WINDOW_SECONDS).cast("int64"))
        .select("account", "window")
        .distinct()
        .to_pyarrow()
    )
    customer = facts.customers[active["account"].to_numpy()]
    window = active["window"].to_numpy().astype(np.int64)
    pairs = np.unique(np.column_stack([customer, window]), axis=0)
    watched = np.zeros(int(facts.customers.max(initial=-1)) + 1, dtype=np.bool_)
    for group in groups:
        watched[facts.customers[group.accounts]] = True
    present = np.unique(pairs[:, 0])
    others = _thinned(present[~watched[present]])
    found: list[Seen | None] = []
    for group in groups:
        own = np.intersect1d(facts.customers[group.accounts], present)
        found.append(None if own.size < 2 else _tested(pairs, _thinned(own), others, horizon_us))
    return found


def _thinned(customers: Integers) -> Integers:
    """Take customers at even distances, so that the same ones come in any order of rows."""
    if customers.size <= MOST_CUSTOMERS:
        return customers
    return customers[np.arange(MOST_CUSTOMERS) * customers.size // MOST_CUSTOMERS]


def _tested(pairs: Integers, own: Integers, others: Integers, horizon_us: int) -> Seen:
    kept = pairs[np.isin(pairs[:, 0], np.concatenate([own, others]))]
    member = np.isin(kept[:, 0], own)
    e_value, observed, mean = coincidence_test(kept[:, 0], kept[:, 1], member, horizon_us)
    return Seen(
        e_value=e_value,
        observed=(
            f"{observed:,.0f} times two of its customers worked in the same ten minutes; "
            f"others in their place would have {mean:,.0f} times"
        ),
    )


def coincidence_test(
    customer: Integers, window: Integers, member: NDArray[np.bool_], seed: int
) -> tuple[float, float, float]:
    """Compare coincidences of a group with those of random sets of like hours.

    Args:
        customer: Customer of each pair.
        window: Window of ten minutes in which it worked; each pair once.
        member: Whether the customer is the group's.
        seed: Of the random sets; another one for every scan.

    Returns:
        The e-value, the coincidences seen, and the mean of the random sets.
    """
    block = window // WINDOWS_A_BLOCK
    # A row is what one customer did in one block; rows of one block and size can be exchanged.
    rows, of_row, sizes = np.unique(
        np.column_stack([customer, block]), axis=0, return_inverse=True, return_counts=True
    )
    of_row = of_row.ravel()
    stratum = np.unique(np.column_stack([rows[:, 1], sizes]), axis=0, return_inverse=True)[1]
    stratum = stratum.ravel()
    inside = np.zeros(sizes.size, dtype=np.bool_)
    inside[of_row[member]] = True
    windows, column = np.unique(window, return_inverse=True)
    patterns = sparse.csr_matrix(
        (np.ones(of_row.size), (of_row, column.ravel())), shape=(sizes.size, windows.size)
    )
    labels = sparse.vstack([sparse.csr_matrix(inside[None, :]), _labels(stratum, inside, seed)])
    crowd = np.asarray((labels.astype(np.float64) @ patterns).todense())
    pairs = (crowd * (crowd - 1.0) / 2.0).sum(axis=1)
    return e_of_permutations(float(pairs[0]), pairs[1:]), float(pairs[0]), float(pairs[1:].mean())


def _labels(stratum: Integers, inside: NDArray[np.bool_], seed: int) -> sparse.csr_matrix:
    """Draw which rows are the group's, as many in every stratum as are."""
    random = np.random.default_rng([SEED, seed, stratum.size, int(inside.sum())])
    ordered = np.sort(stratum)
    wanted = np.bincount(stratum, weights=inside, minlength=int(stratum.max()) + 1)
    place = np.arange(stratum.size) - np.searchsorted(ordered, ordered)
    taken = place < wanted[ordered]
    chosen = [
        np.argsort(stratum + random.random(stratum.size), kind="stable")[taken]
        for _draw in range(DRAWS)
    ]
    draw = np.repeat(np.arange(DRAWS), int(taken.sum()))
    return sparse.csr_matrix(
        (np.ones(draw.size), (draw, np.concatenate(chosen))), shape=(DRAWS, stratum.size)
    )
