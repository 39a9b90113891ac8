"""Counts, batch by batch, how much of a log carries each column, and what is odd about it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cautery.records.case import Coverage
from cautery.records.exchange import EXCHANGE_COLUMNS, SKETCH_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable

MEASURED_COLUMNS: Final = tuple(column.name for column in (*EXCHANGE_COLUMNS, *SKETCH_COLUMNS))
"""The canonical columns, then the sketches: a log may carry the second without the first."""
FEW_ACCOUNTS: Final = 50
FEW_EXCHANGES: Final = 5_000
"""Below both, linking has too little to compare with (ux.md, section 6)."""
BALANCER_SHARE: Final = 0.95
"""A single address with so much of the traffic of many accounts is a load balancer's."""
BALANCER_ACCOUNTS: Final = 5
"""Accounts behind it at least: fewer may well share one machine."""
_CANDIDATES: Final = 8


class CoverageCounter:
    """Sums up what batches carry; its size does not grow with the log."""

    def __init__(self) -> None:
        self._filled: Counter[str] = Counter()
        self._rows = 0
        self._accounts: set[str] = set()
        self._addresses: Counter[str] = Counter()

    def add(self, batch: Any) -> None:
        """Count one batch.

        Args:
            batch: A ``pyarrow.RecordBatch`` of the parts' schema, text included.
        """
        self._rows += batch.num_rows
        for name in MEASURED_COLUMNS:
            self._filled[name] += batch.num_rows - batch.column(name).null_count
        if len(self._accounts) < FEW_ACCOUNTS:
            self._add_accounts(set(pc.unique(batch.column("account_id")).to_pylist()))
        self._count_addresses(batch.column("client_address"))

    def _add_accounts(self, accounts: set[str]) -> None:
        new = sorted(accounts - self._accounts)
        self._accounts.update(new[: FEW_ACCOUNTS - len(self._accounts)])

    def _count_addresses(self, addresses: Any) -> None:
        """Misra and Gries (1982): an address on more than 1/9 of the rows is always kept.

        A batch is cut to its own candidates before it is added (summaries may be merged so:
        Agarwal, Cormode, Huang, Phillips, Wei and Yi 2012), as most addresses come once.
        """
        found = pc.value_counts(addresses.drop_null())
        counts = found.field("counts").to_numpy()
        floor = 0
        if counts.size > _CANDIDATES:
            floor = int(np.partition(counts, counts.size - 1 - _CANDIDATES)[-1 - _CANDIDATES])
        kept = pa.array(np.flatnonzero(counts > floor))
        values = found.field("values").take(kept).to_pylist()
        for address, count in zip(values, counts[kept].tolist(), strict=True):
            self._addresses[address] += count - floor
        self._cut_addresses()

    def _cut_addresses(self) -> None:
        if len(self._addresses) > _CANDIDATES:
            floor = sorted(self._addresses.values(), reverse=True)[_CANDIDATES]
            self._addresses = Counter(
                {
                    address: count - floor
                    for address, count in self._addresses.items()
                    if count > floor
                }
            )

    def merge(self, other: CoverageCounter) -> None:
        """Add what other rows carry.

        Args:
            other: Their counter.
        """
        self._rows += other._rows
        self._filled.update(other._filled)
        self._add_accounts(other._accounts)
        self._addresses.update(other._addresses)
        self._cut_addresses()

    def document(self) -> dict[str, Any]:
        """Give the counts as objects that JSON can hold."""
        return {
            "rows": self._rows,
            "filled": dict(self._filled),
            "accounts": sorted(self._accounts),
            "addresses": dict(self._addresses),
        }

    @classmethod
    def of(cls, document: Any) -> CoverageCounter:
        """Read what ``document`` gave."""
        counter = cls()
        counter._rows = int(document["rows"])
        counter._filled = Counter(document["filled"])
        counter._accounts = set(document["accounts"])
        counter._addresses = Counter(document["addresses"])
        return counter

    @property
    def few_accounts(self) -> int | None:
        """Number of accounts if there are few; None if there are enough."""
        return len(self._accounts) if len(self._accounts) < FEW_ACCOUNTS else None

    @property
    def rows(self) -> int:
        """Rows counted."""
        return self._rows

    def commonest_address(self) -> str | None:
        """Name the only address that may hold most of the rows; the caller counts it."""
        if not self._addresses:
            return None
        return max(self._addresses, key=lambda address: (self._addresses[address], address))

    def result(self) -> tuple[Coverage, ...]:
        """Give the shares, in the order of ``MEASURED_COLUMNS``."""
        return tuple(
            Coverage(column=name, share=self._filled[name] / self._rows if self._rows else 0.0)
            for name in MEASURED_COLUMNS
        )


def coverage_lines(coverage: Iterable[Coverage], switched_off: frozenset[str]) -> list[str]:
    """Write the coverage report for people: one line a column that the log should carry.

    Args:
        coverage: Shares by column.
        switched_off: Columns that are there and not believed.

    Returns:
        Lines without ends; sketches are left out, as they follow from their texts.

    Example:
        >>> coverage_lines([Coverage(column="seed", share=0.25)], frozenset())
        ['  seed                 25.0 %']
    """
    sketches = {column.name for column in SKETCH_COLUMNS}
    lines = []
    for item in coverage:
        if item.column in sketches:
            continue
        share = f"{100 * item.share:5.1f} %" if item.share else "    -   not in this log"
        off = "  switched off" if item.column in switched_off else ""
        lines.append(f"  {item.column:<19}{share}{off}".rstrip())
    return lines
