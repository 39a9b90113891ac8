"""``cautery ledger show``: show records."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal


def show(
    folder: Path,
    *position: int,
    kind: str = "",
    account: str = "",
    campaign: str = "",
    request: str = "",
    since: str = "",
    until: str = "",
    last: int = 20,
    output_format: Literal["human", "json"] = "human",
) -> int:
    """Show records, the newest last.

    Args:
        folder: The ledger's folder.
        position: Places of records; the last ones if left out.
        kind: Only records of this kind, for example decision.
        account: Only records about this account.
        campaign: Only records about this campaign.
        request: Only records about this request.
        since: Only records written at this date or time or later, UTC.
        until: Only records written before this date or time, UTC.
        last: How many at most.
        output_format: json writes one line a record.

    Returns:
        The exit code.
    """
    from cautery.cli.ledger.reading_run import shown_records

    lines = shown_records(
        folder,
        position,
        kind=kind,
        account=account,
        campaign=campaign,
        request=request,
        since=since,
        until=until,
        last=last,
        output_format=output_format,
    )
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0
