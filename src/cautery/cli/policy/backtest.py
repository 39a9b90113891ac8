"""``cautery policy backtest``: ask a policy set about the past."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def backtest(
    policy: Path,
    /,
    *logs: str,
    accounts: Path | None = None,
    case: Path | None = None,
    allowlist: Path | None = None,
    honest: Path | None = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    sign_off: str | None = None,
    format: str = "auto",  # noqa: A002 - the option's name in contracts.md
    mapping: Path | None = None,
    since: str | None = None,
    until: str | None = None,
    max_bad: str = "1%",
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
    no_progress: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Say whom each rule would have caught, whom beside, and whom the allowlist would have saved.

    A rule may be enforced only after a backtest of these very rules that somebody signed off:
    run it, look at it, run it again with --sign-off and -o, and name the file in [enforcement].

    Args:
        policy: The set's policy.toml.
        logs: Files, folders or globs, as for cautery scan.
        accounts: Account table, CSV, JSON Lines or Parquet; besides the columns that a scan reads
            it may have billing_country, permitted_until, resale_attested, ownership and
            restricted_ownership_basis_points. It is taken as it stands now.
        case: Folder that cautery scan wrote: which accounts campaigns hold.
        allowlist: CSV: account_id, reason, owner, expires_at.
        honest: Table with a column account_id: accounts that are known to be honest.
        output: Write backtest.json here.
        sign_off: Who looked at the result and answers for it.
        format: Name of the log format; see `cautery list formats`.
        mapping: Mapping file for a log of one's own make.
        since: Leave out what began before this date or time.
        until: Leave out what began at this date or time, or after it.
        max_bad: Share of lines that may be unreadable, as 1% or 0.01; above it the exit is 4.
        as_json: Write what backtest.json holds to standard output.
        no_progress: Show no progress.

    Returns:
        The exit code.
    """
    import sys

    from cautery.cli.policy.backtest_run import BacktestRequest, run_backtest
    from cautery.cli.progress import progress_for
    from cautery.cli.shares import share_of
    from cautery.ingest.options import IngestOptions
    from cautery.ingest.period import read_period
    from cautery.ingest.times import zone_of

    options = IngestOptions(
        logs=logs,
        format=format,
        mapping=mapping,
        drop_text=True,
        period=read_period(since, until, zone_of("UTC")),
        max_bad_share=share_of(max_bad),
    )
    request = BacktestRequest(
        policy=policy,
        options=options,
        accounts=accounts,
        case=case,
        allowlist=allowlist,
        honest=honest,
        output=output,
        sign_off=sign_off,
        as_json=as_json,
    )
    with progress_for(sys.stderr, silent=no_progress) as progress:
        return run_backtest(request, progress)
