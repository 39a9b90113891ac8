"""``cautery policy backtest``: ask a policy set about the past."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cautery.cli.log_options import READING, LogOptions


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
    reading: LogOptions = READING,
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
        reading: How logs are read.
        as_json: Write what backtest.json holds to standard output.
        no_progress: Show no progress.

    Returns:
        The exit code.
    """
    import sys

    from cautery.cli.policy.backtest_run import BacktestRequest, run_backtest
    from cautery.cli.progress import progress_for

    request = BacktestRequest(
        policy=policy,
        options=reading.ingest_options(logs, drop_text=True),
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
