"""A partitioned work queue: one template, many accounts, hardly an item that two of them ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import ibis
import numpy as np
from ibis import _
from numpy.typing import NDArray

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.birthdays import MOST_COPIES, Birthday, birthday
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.template_rarity import rarity_outside, template_worth
from cautery.scan.weighing import Curve, on_curve, percent, rounded

CURVE: Final[Curve] = ((0.0, 2.5), (0.02, 1.7), (0.08, 0.0), (0.3, -2.5), (0.7, -4.0))
"""Share of the harvest whose exact prompt another account of the group also sent, and bits."""
PLAIN_CURVE: Final[Curve] = ((0.15, 0.0), (0.4, -2.5), (0.7, -4.0))
"""The same for a group without templates of its own: strangers rarely meet on an item anyway."""
FEWEST_EXCHANGES: Final = 30
"""Harvest under which disjointness is no surprise."""


class ItemDisjointness:
    """Speaks for distillation when accounts share templates and no items; clears classes."""

    name: Final = "item_disjointness"
    label: Final = "no item asked twice"
    aspect: Final[Aspect] = "distillation"
    family: Final[Family] = "behaviour"
    needs: Final = ("input_text",)

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups.

        Returns:
            One weight a group. Null of the p-value: accounts draw independently from the pool's
            own items, so that the copies of an item fall on accounts at random; small where a
            queue gives each item to one account, retries included.
        """
        asked = groups.exchanges.filter(_.harvest & _.input_hash.notnull())
        found = _copies(asked)
        group = found["group"].to_numpy()
        total = np.bincount(group, found["exchanges"].to_numpy(), groups.count)
        repeated = np.bincount(group, found["repeated"].to_numpy(), groups.count)
        birthdays = _birthdays(groups, found, asked)
        share = repeated / np.maximum(total, 1)
        bits = _bits(groups, share, total)
        return [
            Weight(
                signal=self.name,
                label=self.label,
                aspect=self.aspect,
                family=self.family,
                bits=rounded(bits[g]),
                observed=f"{percent(float(share[g]))} of items met by two accounts",
                usual="classes and test suites repeat items",
                sentence=(
                    f"Of {int(total[g])} harvest exchanges, {int(repeated[g])} carry a prompt that "
                    f"another account of the group also sent; of {birthdays[g].repeated} prompts "
                    f"sent again, {birthdays[g].met} met two accounts, by chance "
                    f"{birthdays[g].expected:.0f}."
                ),
                p_value=birthdays[g].p_value,
                sample_size=int(total[g]),
            )
            for g in range(groups.count)
        ]


def _copies(asked: Any) -> Any:
    """Count each group's items by how often each was sent, and those that met two accounts."""
    distinct = asked.group_by(["group", "input_hash"]).aggregate(
        exchanges=_.count(), first=_.account.min(), last=_.account.max()
    )
    return (
        distinct.mutate(copies=ibis.least(_.exchanges, MOST_COPIES), met=_.first != _.last)
        .group_by(["group", "copies"])
        .aggregate(
            items=_.count(),
            met=_.met.sum().cast("int64"),
            exchanges=_.exchanges.sum().cast("int64"),
            repeated=ibis.ifelse(_.met, _.exchanges, 0).sum().cast("int64"),
        )
        .to_pyarrow()
    )


def _bits(groups: Groups, share: NDArray[np.float64], total: NDArray[Any]) -> NDArray[np.float64]:
    """Weigh the share of items that met two accounts; against a group also where it is small."""
    templated = np.isin(np.arange(groups.count), groups.template_group)
    bits = np.where(templated, on_curve(CURVE, share), on_curve(PLAIN_CURVE, share))
    # Items under a phrase that everybody uses are disjoint without any queue.
    bits = np.where(bits > 0, bits * template_worth(rarity_outside(groups)), bits)
    return np.where((total < FEWEST_EXCHANGES) & (bits > 0), 0.0, bits)


def _birthdays(groups: Groups, found: Any, asked: Any) -> list[Birthday]:
    """Test every group against the birthday null of its own items."""
    sent = asked.group_by("account").aggregate(exchanges=_.count()).to_pyarrow()
    account, exchanges = sent["account"].to_numpy(), sent["exchanges"].to_numpy()
    of_account = groups.group_of[account]
    group, copies, items, met = (
        found[name].to_numpy() for name in ("group", "copies", "items", "met")
    )
    tests = []
    for one in range(groups.count):
        chosen = np.flatnonzero((group == one) & (copies > 1))
        chosen = chosen[np.argsort(copies[chosen])]
        volumes = np.sort(exchanges[of_account == one])
        tests.append(birthday(copies[chosen], items[chosen], int(met[chosen].sum()), volumes))
    return tests


MEMBER: Final = ItemDisjointness()
