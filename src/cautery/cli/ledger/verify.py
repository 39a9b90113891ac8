"""``cautery ledger verify``: verify a ledger, or an evidence pack."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter


def verify(
    target: Path,
    *,
    public_key: Path | None = None,
    earlier: Annotated[tuple[Path, ...], Parameter(negative="")] = (),
    witness: Annotated[tuple[Path, ...], Parameter(negative="")] = (),
    certificates: Path | None = None,
    output_format: Literal["human", "json"] = "human",
) -> int:
    """Verify a ledger, or an evidence pack; nothing is fetched, nothing is changed.

    Of a ledger, every hash, commitment, erasure and earlier checkpoint is checked; of a pack,
    every byte. Exit code 1 says that it does not verify.

    Args:
        target: The ledger's folder, or a pack of `cautery ledger prove`.
        public_key: The log's public key, as it was handed out; a pack proves nothing without it.
        earlier: A checkpoint that somebody kept, which the ledger must have grown from; may be
            given several times.
        witness: The public key of a witness that is trusted; may be given several times.
        certificates: Certificates of time-stamp authorities that are trusted (PEM).
        output_format: json prints one object.

    Returns:
        The exit code.
    """
    from cautery.cli.ledger.verifying_run import verify_target

    code, lines = verify_target(
        target,
        public_key,
        earlier=earlier,
        witnesses=witness,
        certificates=certificates,
        output_format=output_format,
    )
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return code
