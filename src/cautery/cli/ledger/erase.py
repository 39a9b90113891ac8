"""``cautery ledger erase``: erase records for good."""

from __future__ import annotations

from pathlib import Path


def erase(
    folder: Path,
    *position: int,
    reason: str,
    account: str = "",
    kind: str = "",
    before: str = "",
    key: Path | None = None,
) -> int:
    """Erase records for good; the ledger says that they were there.

    The record and its salt are overwritten; what stays in the log tells nothing about them. Copies
    of the folder elsewhere are not touched. Records that tell of an erasure stay.

    While a guard writes to the ledger, it does the work within a second or two.

    Args:
        folder: The ledger's folder.
        position: Places of records, as `cautery ledger show` tells them.
        reason: Why. It stays in the ledger: name nobody.
        account: Erase what is about this account instead.
        kind: Of these only the records of a kind.
        before: Of these only the records written before a date or time, UTC.
        key: The ledger's signing key; needed while nobody writes to the ledger.

    Returns:
        The exit code.
    """
    from cautery.cli.ledger.writing_run import erase_records

    return erase_records(
        folder, position, reason=reason, account=account, kind=kind, before=before, key=key
    )
