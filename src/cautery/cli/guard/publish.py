"""``cautery guard publish``: a snapshot of verdicts and account facts, for guards to map."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def publish(
    case: Path | None = None,
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])] = Path("verdicts.snapshot"),
    accounts: Path | None = None,
    campaign_keys: Path | None = None,
    seal_key: Path | None = None,
) -> int:
    """Publish a scan's verdicts and an account table as one file that guards map into memory.

    The file is written beside its place and renamed there, so guards never see half of it, and
    take the new one into use by themselves.

    Args:
        case: The folder that `cautery scan` wrote, or its case.json.
        output: The snapshot.
        accounts: Account table; with it, an account that is in no row is unknown to guards.
        campaign_keys: CSV with the columns campaign_id and key_id: the watermark key of each
            campaign, by its opaque identifier.
        seal_key: File with at least 32 random bytes as hexadecimal digits; guards that have it
            use no other snapshot.

    Returns:
        The exit code.
    """
    from cautery.cli.guard.publish_run import publish_snapshot
    from cautery.errors import UsageError

    if case is None and accounts is None:
        raise UsageError(
            "there is nothing to publish",
            hint="Give a case, an account table, or both: cautery guard publish FOLDER.",
        )
    summary = publish_snapshot(
        case, output, accounts=accounts, campaign_keys=campaign_keys, seal_key=seal_key
    )
    print(summary, file=sys.stderr)
    return 0
