"""What ``cautery policy backtest`` does and says."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cautery.cli.exits import Exit, print_error, printable
from cautery.cli.policy.columns import print_columns
from cautery.cli.policy.past import (
    EXCHANGE_COLUMNS,
    AccountPast,
    Standing,
    account_facts,
    allowlist_entries,
    campaign_standings,
    file_digest,
    honest_accounts,
    past_exchanges,
)
from cautery.cli.work_folder import work_folder
from cautery.errors import UsageError
from cautery.policy.backtest import Backtest, BacktestResult, RuleResult
from cautery.policy.backtest_file import LogFile, SignOff, backtest_text, write_backtest
from cautery.policy.evaluator import CedarEvaluator
from cautery.policy.policy_set import PolicySet, load_policy_set

if TYPE_CHECKING:
    from cautery.ingest.options import IngestOptions
    from cautery.ingest.table import ExchangeTable, RejectedShareError
    from cautery.records.progress import Progress
    from cautery.records.standing import CampaignStanding

TICK: Final = 10_000
"""Exchanges between two words of progress."""
_TITLES: Final = (
    "rule",
    "action",
    "mode",
    "exchanges",
    "caught accounts",
    "caught tokens",
    "collateral accounts",
    "collateral tokens",
    "allowlisted",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestRequest:
    """What a backtest was asked to do."""

    policy: Path
    """The set's ``policy.toml``."""
    options: IngestOptions
    """The logs and how to read them."""
    accounts: Path | None
    """Account table."""
    case: Path | None
    """Folder that a scan wrote."""
    allowlist: Path | None
    """Allowlist."""
    honest: Path | None
    """Accounts known to be honest."""
    output: Path | None
    """``backtest.json``."""
    sign_off: str | None
    """Who answers for the result."""
    as_json: bool
    """JSON to standard output."""


def run_backtest(request: BacktestRequest, progress: Progress, now: datetime | None = None) -> int:
    """Ask a policy set about the past.

    Args:
        request: What to do.
        progress: Told how far it is.
        now: The clock, for the sign-off; the machine's own if None.

    Returns:
        The exit code.

    Raises:
        CauteryError: The set, a log or a table is wrong, or the result cannot be written.
    """
    _check(request)
    policy = load_policy_set(request.policy)
    files: list[LogFile] = []
    standing = _standing(request, files)
    test = Backtest(
        policy,
        CedarEvaluator(policy),
        allowlist=allowlist_entries(request.allowlist) if request.allowlist else {},
        honest=honest_accounts(request.honest) if request.honest else frozenset(),
    )
    files += [file_digest(path) for path in (request.allowlist, request.honest) if path]
    place = request.output.parent if request.output is not None else Path()
    with work_folder(place) as work:
        table, too_many = _read(request.options, work, progress)
        files += [LogFile(name=file.name, sha256=file.sha256) for file in table.files]
        _ask(test, table, standing, progress)
    result = test.result()
    signed_off = None
    if request.sign_off is not None:
        signed_off = SignOff(by=request.sign_off.strip(), at=now or datetime.now(UTC))
    text = backtest_text(policy, result, files, signed_off)
    if request.output is not None:
        write_backtest(request.output, text)
    if request.as_json:
        sys.stdout.write(text)
    else:
        _print(policy, result)
    _print_next(request)
    if too_many is not None:
        print_error(too_many)
        return Exit.REJECTED
    return Exit.RAN


def _check(request: BacktestRequest) -> None:
    if not request.options.logs:
        raise UsageError("no log was named", hint="cautery policy backtest POLICY LOG...")
    if request.sign_off is not None and not request.sign_off.strip():
        raise UsageError("--sign-off needs the name of who looked at the result")
    if request.sign_off is not None and request.output is None:
        raise UsageError("--sign-off signs a file", hint="Name it: -o backtest.json")


def _standing(request: BacktestRequest, files: list[LogFile]) -> Standing:
    campaigns: dict[str, CampaignStanding] = {}
    if request.case is not None:
        campaigns, found = campaign_standings(request.case)
        files += found
    accounts: dict[str, AccountPast] = {}
    if request.accounts is not None:
        accounts = account_facts(request.accounts)
        files.append(file_digest(request.accounts))
    return Standing(accounts=accounts, campaigns=campaigns)


def _read(
    options: IngestOptions, work: Path, progress: Progress
) -> tuple[ExchangeTable, RejectedShareError | None]:
    from dataclasses import replace

    from cautery.ingest.read import read_logs
    from cautery.ingest.table import RejectedShareError

    wanted = replace(options, columns=frozenset(EXCHANGE_COLUMNS))
    try:
        return read_logs(wanted, work, progress), None
    except RejectedShareError as error:
        return error.table, error


def _ask(test: Backtest, table: ExchangeTable, standing: Standing, progress: Progress) -> None:
    progress.start("asking", table.rows, "exchanges")
    for count, past in enumerate(past_exchanges(table.parts, standing), start=1):
        test.add(past)
        if count % TICK == 0:
            progress.advance(TICK)
    progress.finish(f"{table.rows:,} exchanges asked about")


def _print(policy: PolicySet, result: BacktestResult) -> None:
    print(f"policy set {policy.version}")
    first = result.first_at.isoformat() if result.first_at else "-"
    last = result.last_at.isoformat() if result.last_at else "-"
    print(
        f"{result.exchanges:,} exchanges, {result.output_tokens:,} output tokens, "
        f"{result.accounts:,} accounts, {first} to {last}"
    )
    if result.failed:
        print(f"warning: the policy set failed on {result.failed:,} exchanges")
    print()
    print_columns(_TITLES, [_row(rule) for rule in result.rules])
    hindering = result.rules[-1]
    if hindering.collateral_names:
        shown = ", ".join(printable(name) for name in hindering.collateral_names)
        print(f"\ncollateral of what hinders, most exchanges first: {shown}")


def _row(rule: RuleResult) -> tuple[str | int, ...]:
    return (
        rule.rule,
        rule.action,
        rule.mode if rule.mode != "off" else "",
        rule.exchanges,
        rule.caught_accounts,
        rule.caught_output_tokens,
        rule.collateral_accounts,
        rule.collateral_output_tokens,
        rule.allowlisted_accounts,
    )


def _print_next(request: BacktestRequest) -> None:
    if request.case is None:
        print("note: without --case nobody counts as caught", file=sys.stderr)
    if request.output is not None:
        print(f"wrote {printable(str(request.output))}", file=sys.stderr)
    if request.output is not None and request.sign_off is None:
        print("not signed off: run again with --sign-off NAME, then enforce", file=sys.stderr)
