"""One hand, many payment instruments: an honest company pays with one or two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.sharing import measure_sharing
from cautery.scan.weighing import Curve, on_curve, rounded

CURVE: Final[Curve] = ((0.0, 2.0), (0.15, 1.5), (0.4, 0.3), (0.6, -0.5), (0.9, -1.5), (1.0, -2.0))
"""Part of the accounts on the group's most used instrument, and bits, if instruments are shared."""
LEAST_SHARING: Final = 0.2
"""Part of the accounts that must share an instrument before the spread says anything."""


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
        found = measure_sharing(groups, groups.incidences["payment"], facts.customers)
        sizes = np.maximum(groups.sizes, 1)
        largest = found.largest / sizes
        shares = found.sharing / sizes
        bits = np.where(shares >= LEAST_SHARING, on_curve(CURVE, largest), 0.0)
        bits = np.where(bits > 0, bits * shares * np.clip(sizes / 20.0, 0.0, 1.0), bits)
        return [
            Weight(
                signal=self.name,
                label=self.label,
                aspect=self.aspect,
                family=self.family,
                bits=rounded(bits[g]),
                observed=f"{int(found.distinct[g])} instruments, largest pays for {int(found.largest[g])}",
                usual="one or two instruments a customer",
                sentence=(
                    f"{int(found.distinct[g])} payment instruments pay for {int(sizes[g])} accounts; "
                    f"the most used one pays for {int(found.largest[g])}."
                ),
                sample_size=int(sizes[g]),
            )
            for g in range(groups.count)
        ]


MEMBER: Final = PayerSpread()
