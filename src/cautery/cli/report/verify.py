"""``cautery report verify``: say what holds of an evidence pack."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter


def verify(
    pack: Path,
    *,
    trusted_key: Annotated[tuple[Path, ...], Parameter(negative="")] = (),
    ledger_key: Path | None = None,
    log: Annotated[tuple[Path, ...], Parameter(negative="")] = (),
    output_format: Literal["human", "json"] = "human",
) -> int:
    """Say what holds of an evidence pack, item by item; nothing is fetched, nothing is changed.

    Every byte of the file is checked. Exit code 1 says that something does not hold.

    Args:
        pack: A pack of `cautery report evidence`.
        trusted_key: Public key of whoever may have made it; may be given several times. With one,
            an unsigned pack and one of another key do not hold.
        ledger_key: Public key of the ledger that its decisions are in.
        log: A log that the scan read, or a file that it was told to use: is it still the same? May
            be given several times.
        output_format: json prints one object.

    Returns:
        The exit code.
    """
    from cautery.cli.report.verify_run import verify_pack_file

    code, lines = verify_pack_file(
        pack, trusted_key, ledger_key, logs=log, output_format=output_format
    )
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return code
