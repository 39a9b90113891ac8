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
from cautery.scan.distinct import distinct, numbered
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
    order, product = _codes(seen["header_order"]), _codes(seen["product"])
    account = seen["account"].to_numpy().astype(np.int64)
    width = int(product.max(initial=0)) + 1
    pairs, pair = numbered(order * width + product)
    of_order, of_product = pairs // width, pairs % width
    holders = _accounts_of(pair, account, account_count)
    # The client with most accounts; of equals, the last one by its name.
    by_holders = np.lexsort((of_product, holders, of_order))
    most = by_holders[np.searchsorted(of_order, np.unique(of_order), side="right") - 1]
    accounts = _accounts_of(order, account, account_count)
    known = (accounts >= FEWEST_ACCOUNTS) & (holders[most] >= DOMINANT * accounts)
    odd = known[order] & (product != of_product[most][order])
    exchanges = seen["exchanges"].to_numpy()[odd]
    return np.bincount(account[odd], exchanges, account_count).astype(np.int64)


def _codes(texts: pa.ChunkedArray) -> NDArray[np.int64]:
    """Number the texts of a column in their own order."""
    encoded = texts.combine_chunks().dictionary_encode()
    names = np.array(encoded.dictionary.to_pylist(), dtype=object)
    numbers = np.empty(names.size, dtype=np.int64)
    numbers[np.argsort(names)] = np.arange(names.size)
    return np.asarray(numbers[encoded.indices.to_numpy()], dtype=np.int64)


def _accounts_of(
    code: NDArray[np.int64], account: NDArray[np.int64], account_count: int
) -> NDArray[np.int64]:
    """Count the different accounts of each code; every code from 0 on is there."""
    pairs = distinct(code * account_count + account)
    return np.bincount(pairs // max(account_count, 1)).astype(np.int64)


MEMBER: Final = IdentityIncoherence()
