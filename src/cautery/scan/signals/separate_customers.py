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
    """Find accounts that share networks with others of their payer, which shares none with others.

    An account of such a payer that is on no network with the rest of it says nothing: two of
    sixteen accounts on one card may have met by chance.

    Args:
        payments: Account-payer pairs.
        networks: Account-network pairs.
        groups: Candidate groups.

    Returns:
        One truth an account.
    """
    payer = np.full(groups.group_of.size, -1, dtype=np.int64)
    payer[payments.account] = payments.token
    inside = (groups.group_of[networks.account] >= 0) & (payer[networks.account] >= 0)
    account, network = networks.account[inside], networks.token[inside]
    group, paid = groups.group_of[account], payer[account]
    _places, place = np.unique(group * networks.token_count + network, return_inverse=True)
    _sites, site, on_site = np.unique(
        place * (payments.token_count + 1) + paid, return_inverse=True, return_counts=True
    )
    first = np.unique(site, return_index=True)[1]
    payers_at = np.bincount(place[first], minlength=int(place.max(initial=-1)) + 1)
    meets_own = np.zeros(payer.size, dtype=np.bool_)
    meets_own[account[on_site[site] >= 2]] = True
    crossing = np.unique(
        group[payers_at[place] >= 2] * (payments.token_count + 1) + paid[payers_at[place] >= 2]
    )
    own_key = groups.group_of * (payments.token_count + 1) + payer
    return np.asarray(meets_own & ~np.isin(own_key, crossing), dtype=np.bool_)


MEMBER: Final = SeparateCustomers()
