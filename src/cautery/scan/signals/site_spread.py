"""Many networks for one owner: an office, a school or a household has one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.sharing import sharing_of
from cautery.scan.spread import effective_number, largest_customer
from cautery.scan.weighing import Curve, on_curve, rounded

CURVE: Final[Curve] = ((1.0, -4.0), (1.5, -3.0), (2.5, -1.5), (4.0, 0.0), (12.0, 0.5))
"""Effective number of networks, and bits, if networks are shared."""
LEAST_SHARING: Final = 0.4
"""Part of the accounts that must share a network before its number says anything."""
ONE_PAYER: Final = 2.0
SEVERAL_PAYERS: Final = 6.0
"""Effective numbers of shared payers between which one site ceases to look like an office, which
one instrument pays for, or a school, where everybody pays with his own."""
MOST_EXCUSED: Final = 0.75
"""Part of the bits against the group that is then dropped."""


class SiteSpread:
    """Speaks against a hidden operator when all accounts sit behind one network."""

    name: Final = "site_spread"
    label: Final = "many sites for one owner"
    aspect: Final[Aspect] = "distillation"
    family: Final[Family] = "context"
    needs: Final = ("client_network",)

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups with the pairs of the network link.

        Returns:
            One weight a group. Null: not tested.
        """
        found = sharing_of(facts, groups, "network")
        sites = effective_number(groups, groups.incidences["network"])
        sizes = np.maximum(groups.sizes, 1)
        share = np.maximum(found.sharing / sizes, largest_customer(groups, facts.customers))
        bits = np.where(share >= LEAST_SHARING, on_curve(CURVE, sites), 0.0)
        bits = np.where(bits < 0, bits * (1.0 - _excused(facts, groups)), bits)
        return [
            Weight(
                signal=self.name,
                label=self.label,
                aspect=self.aspect,
                family=self.family,
                bits=rounded(bits[g]),
                observed=f"about {sites[g]:.0f} networks for {int(sizes[g])} accounts",
                usual="one network an office or school",
                sentence=(
                    f"The accounts work from about {sites[g]:.0f} networks; "
                    f"{int(found.sharing[g])} of them share one with another customer."
                ),
                sample_size=int(sizes[g]),
            )
            for g in range(groups.count)
        ]


def _excused(facts: Facts, groups: Groups) -> NDArray[np.float64]:
    """Part of the bits against one site that its payers contradict."""
    if "payment" not in groups.incidences:
        return np.zeros(groups.count)
    shared = sharing_of(facts, groups, "payment").sharing / np.maximum(groups.sizes, 1)
    payers = effective_number(groups, groups.incidences["payment"])
    several = np.clip((payers - ONE_PAYER) / (SEVERAL_PAYERS - ONE_PAYER), 0.0, 1.0)
    return np.asarray(MOST_EXCUSED * several * shared, dtype=np.float64)


MEMBER: Final = SiteSpread()
