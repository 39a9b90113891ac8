"""``cautery ingest``: read access logs into one exchange table, without scanning."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import Parameter

DEFAULT_OUTPUT: Final = Path("exchanges.parquet")
"""Where the table goes if nobody says where."""


def ingest(
    *logs: str,
    output: Annotated[Path, Parameter(name=["--output", "-o"])] = DEFAULT_OUTPUT,
    format: str = "auto",  # noqa: A002 - the option's name in contracts.md
    mapping: Path | None = None,
    drop_text: Annotated[bool, Parameter(negative="")] = False,
    since: str | None = None,
    until: str | None = None,
    max_bad: str = "1%",
    time_zone: Annotated[str, Parameter(name="--tz")] = "UTC",
    time_unit: Literal["auto", "s", "ms", "us", "ns"] = "auto",
    account_field: Annotated[str | None, Parameter(name="--account")] = None,
    client_address_field: Annotated[str | None, Parameter(name="--client-ip")] = None,
    trusted_proxy: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    processes: int | None = None,
    no_progress: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Read access logs into one exchange table, which `cautery scan` reads fastest.

    Args:
        logs: Files, folders or globs; - is standard input.
        output: The Parquet file to write.
        format: Name of the log format; see `cautery list formats`.
        mapping: Mapping file for a log of one's own make.
        drop_text: Leave prompts and answers out; their sketches stay.
        since: Leave out what began before this date or time.
        until: Leave out what began at this date or time, or after it.
        max_bad: Share of lines that may be unreadable, as 1% or 0.01; above it the exit is 4.
        time_zone: Zone of times that name none, for example Europe/Berlin.
        time_unit: Unit of times that are numbers.
        account_field: Field that holds the account, as a dotted path or header:NAME.
        client_address_field: Field that holds the client's address, in the same notation.
        trusted_proxy: Address or network of one's own proxies; may be given several times.
        processes: Processes that read the lines of long logs; as many as processors, at most
            eight, if not given. The table is the same for any number.
        no_progress: Show no progress.

    Returns:
        The exit code.
    """
    from cautery.cli.ingest_run import run_ingest
    from cautery.cli.progress import progress_for
    from cautery.cli.shares import share_of
    from cautery.ingest.options import IngestOptions
    from cautery.ingest.period import read_period
    from cautery.ingest.times import zone_of

    options = IngestOptions(
        logs=logs,
        format=format,
        mapping=mapping,
        drop_text=drop_text,
        period=read_period(since, until, zone_of(time_zone)),
        max_bad_share=share_of(max_bad),
        time_zone=time_zone,
        time_unit=time_unit,
        account_field=account_field,
        client_address_field=client_address_field,
        trusted_proxies=trusted_proxy,
        processes=processes,
    )
    with progress_for(sys.stderr, silent=no_progress) as progress:
        return run_ingest(options, output, sys.stderr, progress)
