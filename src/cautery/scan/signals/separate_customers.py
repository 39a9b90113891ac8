"""Payers that keep to themselves: each with its own addresses, which no other payer uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.incidences import Incidences
from cautery.scan.weighing import Curve, on_curve, percent, rounded

CURVE: Final[Curve] = ((0.0, 0.0), (0.3, 0.0), (0.7, -2.0), (1.0, -4.0))
"""Part of a group's accounts whose payer has its own addresses, and bits."""


class SeparateCustomers:
    """Speaks for honest customers with a common program when payers and addresses coincide."""

    name: Final = "separate_customers"
    label: Final = "each payer with addresses of its own"
    aspect: Final[Aspect] = "distillation"
    family: Final[Family] = "context"
    needs: Final = ("accounts.payment_fingerprint", "client_network")

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says; not needed beyond the links' pairs.
            groups: Candidate groups.

        Returns:
            One weight a group. Null: not tested.
        """
        apart = accounts_apart(groups.incidences["payment"], groups.incidences["network"], groups)
        sizes = np.maximum(groups.sizes, 1)
        share = groups.sum_by_group(apart) / sizes
        bits = on_curve(CURVE, share)
        return [
            Weight(
                signal=self.name,
                label=self.label,
                aspect=self.aspect,
                family=self.family,
                bits=rounded(bits[g]),
                observed=f"{percent(float(share[g]))} of accounts",
                usual="pools mix payers and addresses",
                sentence=(
                    f"{percent(float(share[g]))} of the accounts share a network with accounts of "
                    "their own payer and with no other payer of the group."
                ),
                sample_size=int(sizes[g]),
            )
            for g in range(groups.count)
        ]


def accounts_apart(payments: Incidences, networks: Incidences, groups: Groups) -> NDArray[np.bool_]:
    """Find accounts whose payer shares networks inside itself and with no other payer.

    Args:
        payments: Account-payer pairs.
        networks: Account-network pairs.
        groups: Candidate groups.

    Returns:
        Whether each account is of such a payer.
    """
    payer = np.full(groups.group_of.size, -1, dtype=np.int64)
    payer[payments.account] = payments.token
    inside = (groups.group_of[networks.account] >= 0) & (payer[networks.account] >= 0)
    account, network = networks.account[inside], networks.token[inside]
    place = groups.group_of[account] * networks.token_count + network
    order = np.lexsort((payer[account], place))
    place, account = place[order], account[order]
    _places, first, counts = np.unique(place, return_index=True, return_counts=True)
    within: set[tuple[int, int]] = set()
    across: set[tuple[int, int]] = set()
    several = counts >= 2
    for start, count in zip(first[several].tolist(), counts[several].tolist(), strict=True):
        group = int(groups.group_of[account[start]])
        payers, held = np.unique(payer[account[start : start + count]], return_counts=True)
        if payers.size > 1:
            across.update((group, one) for one in payers.tolist())
        within.update((group, one) for one in payers[held >= 2].tolist())
    apart = within - across
    pairs = zip(groups.group_of.tolist(), payer.tolist(), strict=True)
    return np.array([pair in apart for pair in pairs], dtype=np.bool_)


MEMBER: Final = SeparateCustomers()
