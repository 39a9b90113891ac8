"""What is odd about a log, in sentences that say what to do (ux.md, section 6)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cautery.ingest.coverage import (
    BALANCER_ACCOUNTS,
    BALANCER_SHARE,
    FEW_ACCOUNTS,
    FEW_EXCHANGES,
    CoverageCounter,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from cautery.ingest.findings import Findings
    from cautery.records.case import Coverage

ADDRESS_COLUMNS: Final = frozenset({"client_address", "client_network", "asn"})
"""Columns that say nothing when the only address is a load balancer's."""


def reader_notes(findings: Findings, time_zone: str) -> list[str]:
    """Put what the readers found in all files into sentences.

    Args:
        findings: The readers' counts, added up.
        time_zone: The zone that times without one were read in.

    Returns:
        Notes and warnings.
    """
    notes = []
    for field in sorted(findings.without_zone):
        notes.append(
            f"warning: '{field}' has no time zone; read as {time_zone}. If it is local time use "
            "--tz Europe/Berlin or the like. (Rhythm signals depend on it.)"
        )
    if findings.hidden_keys:
        notes.append(
            f"warning: {findings.hidden_keys:,} values look like raw API keys; only one-way "
            "digests of them are kept. Log key identifiers instead."
        )
    if findings.repaired:
        notes.append(f"note: {findings.repaired:,} lines are not strict JSON and were repaired.")
    if findings.unreadable:
        named = ", ".join(
            f"{column} ({count:,})" for column, count in sorted(findings.unreadable.items())
        )
        notes.append(f"note: values that cannot be read count as missing: {named}.")
    for kind, count in sorted(findings.skipped.items()):
        notes.append(f"note: {count:,} {kind} skipped: no exchanges with a model.")
    notes.extend(f"note: {note}" for note in sorted(set(findings.notes)))
    return notes


def table_notes(
    counter: CoverageCounter, coverage: Iterable[Coverage], prompt_hints: Mapping[str, str]
) -> list[str]:
    """Put what is odd about all rows together into sentences.

    Args:
        counter: Counts of all rows.
        coverage: Shares by column.
        prompt_hints: Per format that was read, why it may hold no prompts.

    Returns:
        Notes.
    """
    notes = []
    shares = {item.column: item.share for item in coverage}
    if counter.few_accounts is not None and 0 < counter.rows < FEW_EXCHANGES:
        notes.append(
            f"note: {counter.rows:,} exchanges from {counter.few_accounts} accounts. Linking needs "
            f"about {FEW_ACCOUNTS} accounts or {FEW_EXCHANGES:,} exchanges; results below are not "
            "calibrated."
        )
    if counter.rows and not shares["input_text"] and not shares["input_hash"]:
        hints = "; ".join(sorted(set(prompt_hints.values())))
        because = f" ({hints})" if hints else ""
        notes.append(
            f"note: this log has no prompt text{because}. Signals that read prompts are off; "
            "detection of campaigns under about 20 accounts is weaker."
        )
    return notes


def balancer_note(parts: Iterable[Path], counter: CoverageCounter) -> str | None:
    """Tell whether nearly all rows carry one address, as behind a load balancer.

    Args:
        parts: The written parts, read once more for the one candidate.
        counter: Counts that name the candidate.

    Returns:
        The warning, or None if addresses mean something.
    """
    candidate = counter.commonest_address()
    if candidate is None:
        return None
    held = on_it = 0
    accounts: Counter[str] = Counter()
    for batch in _addresses(parts):
        addresses = batch.column("client_address")
        same = pc.fill_null(pc.equal(addresses, pa.scalar(candidate, addresses.type)), False)
        held += batch.num_rows - addresses.null_count
        on_it += pc.sum(same).as_py() or 0
        if len(accounts) < BALANCER_ACCOUNTS:
            accounts.update(pc.unique(batch.column("account_id").filter(same)).to_pylist())
    return balancer_sentence(candidate, held, on_it, len(accounts))


def balancer_sentence(candidate: str, held: int, on_it: int, accounts: int) -> str | None:
    """Judge whether one address is a load balancer's.

    Args:
        candidate: The address.
        held: Rows with an address.
        on_it: Rows with this one.
        accounts: Accounts on it; may stop at ``BALANCER_ACCOUNTS``.

    Returns:
        The warning, or None if addresses mean something.
    """
    if on_it < BALANCER_SHARE * held or accounts < BALANCER_ACCOUNTS:
        return None
    return (
        f"warning: {100 * on_it / held:.1f} % of lines have client address {candidate}, your load "
        "balancer? Address signals switched off. Log X-Forwarded-For and use --client-ip "
        f"header:x-forwarded-for --trusted-proxy {candidate}."
    )


def _addresses(parts: Iterable[Path]) -> Any:
    columns = ["client_address", "account_id"]
    for part in parts:
        with pq.ParquetFile(part) as file:
            # Parts that were asked for without them have nothing to switch off.
            if set(columns) <= set(file.schema_arrow.names):
                yield from file.iter_batches(65_536, columns=columns)
