"""One hand, many payment instruments: an honest company pays with one or two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.lone_cards import unexplained
from cautery.scan.sharing import sharing_of
from cautery.scan.spread import effective_number, largest_customer
from cautery.scan.weighing import Curve, on_curve, rounded
from cautery.scan.young_groups import FULL_SIZE, tied, young

CURVE: Final[Curve] = ((1.0, -5.0), (1.3, -3.5), (2.0, -1.5), (3.5, 0.0), (8.0, 2.0), (25.0, 3.0))
"""Effective number of payers (inverse Simpson index), and bits, if instruments are shared. One
payer is one customer, as openly as a declared organisation."""
LEAST_SHARING: Final = 0.2
"""Part of the accounts that must share an instrument before the spread says anything."""

LEAST_SHARED: Final = 2
"""Instruments that several customers must hold before a small group is excused for its few."""


class PayerSpread:
    """Speaks for hiding when accounts that share instruments still use many."""

    name: Final = "payer_spread"
    label: Final = "many payers for one owner"
    aspect: Final[Aspect] = "distillation"
    family: Final[Family] = "context"
    needs: Final = ("accounts.payment_fingerprint",)

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups.

        Returns:
            One weight a group. Null: not tested here.
        """
        found = sharing_of(facts, groups, "payment")
        sizes = np.maximum(groups.sizes, 1)
        shares = np.maximum(found.sharing / sizes, largest_customer(groups, facts.customers))
        payers = effective_number(groups, groups.incidences["payment"])
        against = np.minimum(on_curve(CURVE, payers), 0.0)
        # Few accounts cannot show many payers: as many beyond the first as FULL_SIZE would.
        in_full = 1.0 + (payers - 1.0) * np.maximum(FULL_SIZE / sizes, 1.0)
        # One shared instrument is one coincidence: a customer with several accounts. A group of
        # this week may be a pool of which one card has been seen.
        may = tied(facts, groups) * ((found.shared >= LEAST_SHARED) | young(facts, groups))
        excused = may * (np.minimum(on_curve(CURVE, in_full), 0.0) - against)
        weighed = np.where(against < 0, against + excused, on_curve(CURVE, payers))
        # A card of many people who have no place in common is no customer's.
        odd = unexplained(groups, "payment", facts.customers)
        weighed = np.where(odd, np.maximum(weighed, 0.0), weighed)
        bits = np.where(shares >= LEAST_SHARING, weighed, 0.0)
        bits = np.where(bits > 0, bits * shares, bits)
        return [
            Weight(
                signal=self.name,
                label=self.label,
                aspect=self.aspect,
                family=self.family,
                bits=rounded(bits[g]),
                observed=(
                    f"{int(found.distinct[g])} instruments, "
                    f"largest pays for {int(found.largest[g])}"
                ),
                usual="one or two instruments a customer",
                sentence=(
                    f"{int(found.distinct[g])} payment instruments pay for {int(sizes[g])} "
                    f"accounts; the most used one pays for {int(found.largest[g])}."
                ),
                sample_size=int(sizes[g]),
            )
            for g in range(groups.count)
        ]


MEMBER: Final = PayerSpread()
