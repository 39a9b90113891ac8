"""Requests whose user agent names one client while their header order is that of another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _
from numpy.typing import NDArray

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.questions import Question
from cautery.scan.weighing import Curve, on_curve, percent, rounded

CURVE: Final[Curve] = ((0.0, 0.0), (0.03, 0.0), (0.15, 1.0), (0.5, 2.0))
"""Share of the harvest that contradicts itself, less the usual share, and bits."""
DOMINANT: Final = 0.9
"""Part of a header order's accounts that must name one client before others contradict it."""
FEWEST_ACCOUNTS: Final = 5
"""Accounts that a header order needs before it has a dominant client."""


class IdentityIncoherence:
    """Speaks for relays when what a client says and what it does disagree."""

    name: Final = "identity_incoherence"
    label: Final = "claims to be another client"
    aspect: Final[Aspect] = "linkage"
    family: Final[Family] = "infrastructure"
    needs: Final = ("user_agent", "header_order")

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups.

        Returns:
            One weight a group. Null: not tested here.
        """
        seen = facts.answer(
            Question(
                of="rows",
                by=("header_order", "user_agent"),
                where=_.user_agent.notnull() & _.header_order.notnull(),
                sums={"exchanges": _.count()},
            )
        )
        odd = contradicting_exchanges(_by_product(seen), facts.account_count)
        total = facts.totals["exchanges"]
        outside = groups.group_of < 0
        usual = (
            float(np.mean(odd[outside] / np.maximum(total[outside], 1))) if outside.any() else 0.0
        )
        share = groups.sum_by_group(odd) / np.maximum(groups.sum_by_group(total), 1)
        bits = on_curve(CURVE, share - usual)
        return [
            Weight(
                signal=self.name,
                label=self.label,
                aspect=self.aspect,
                family=self.family,
                bits=rounded(bits[g]),
                observed=f"{percent(float(share[g]))} of exchanges",
                usual=percent(usual),
                sentence=(
                    f"{percent(float(share[g]))} of the exchanges name a client that does not send "
                    "its headers in that order."
                ),
                sample_size=int(groups.sum_by_group(total)[g]),
            )
            for g in range(groups.count)
        ]


def _by_product(seen: pa.Table) -> pa.Table:
    """Add the versions of each product up: few different rows are left to take apart."""
    first = pc.list_element(pc.split_pattern(seen["user_agent"], "/"), 0)
    product = pc.utf8_lower(pc.list_element(pc.split_pattern(first, " "), 0))
    named = seen.append_column("product", product)
    added = named.group_by(["account", "header_order", "product"], use_threads=False).aggregate(
        [("exchanges", "sum")]
    )
    return added.rename_columns(["account", "header_order", "product", "exchanges"])


def contradicting_exchanges(seen: pa.Table, account_count: int) -> NDArray[np.int64]:
    """Count, by account, exchanges whose client is not the dominant one of their header order.

    Args:
        seen: Columns account, header_order, product, exchanges.
        account_count: Number of accounts in the log.

    Returns:
        Contradicting exchanges of each account.
    """
    rows = list(
        zip(
            *(
                seen[name].to_pylist()
                for name in ("account", "header_order", "product", "exchanges")
            ),
            strict=True,
        )
    )
    holders: dict[str, dict[str, set[int]]] = {}
    for account, order, product, _exchanges in rows:
        holders.setdefault(order, {}).setdefault(product, set()).add(account)
    dominant: dict[str, str] = {}
    for order, products in holders.items():
        most = max(products, key=lambda name: (len(products[name]), name))
        accounts = len(set().union(*products.values()))
        if accounts >= FEWEST_ACCOUNTS and len(products[most]) >= DOMINANT * accounts:
            dominant[order] = most
    odd = np.zeros(account_count, dtype=np.int64)
    for account, order, product, exchanges in rows:
        if dominant.get(order, product) != product:
            odd[account] += exchanges
    return odd


MEMBER: Final = IdentityIncoherence()
