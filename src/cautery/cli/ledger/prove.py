"""``cautery ledger prove``: write an evidence pack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def prove(
    folder: Path,
    *record: str,
    key: Path,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
) -> int:
    """Write an evidence pack, which verifies offline: records, proofs and checkpoint in one file.

    The pack holds the records in clear. A record that was erased is proved to have been there.

    Args:
        folder: The ledger's folder.
        record: Records: their places, or identifiers of decisions or requests.
        key: The ledger's signing key, which signs the pack.
        output: The pack's file.

    Returns:
        The exit code.
    """
    from cautery.cli.ledger.reading_run import write_pack

    return write_pack(folder, record, key, output)
