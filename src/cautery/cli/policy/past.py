"""The past as a guard would have met it: rows of tables, turned into facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

from cautery.plain_files import open_plain
from cautery.policy.backtest import PastExchange
from cautery.policy.backtest_file import LogFile
from cautery.records.account import ACCOUNT_COLUMNS
from cautery.records.exchange import make_column
from cautery.records.request import VERIFICATIONS, RequestFacts
from cautery.records.standing import AccountFacts, AllowlistEntry, CampaignStanding

EXCHANGE_COLUMNS: Final = (
    "time_start",
    "request_id",
    "account_id",
    "key_id",
    "org_id",
    "end_user_id",
    "client_address",
    "country",
    "asn",
    "operation",
    "request_model",
    "stream",
    "logprobs",
    "n",
    "max_tokens",
    "input_tokens",
    "output_tokens",
    "reasoning_tokens",
)
"""Columns of the exchange table that become facts or figures."""

STANDING_COLUMNS: Final = (
    *ACCOUNT_COLUMNS,
    make_column("billing_country", "string", "Country of the payment instrument."),
    make_column("permitted_until", "timestamp", "When the permission ends."),
    make_column("resale_attested", "bool", "Whether it attested that it passes no access on."),
    make_column("ownership", "string", "known, or unknown."),
    make_column("restricted_ownership_basis_points", "int32", "See `cautery policy ownership`."),
)
"""Columns of the account table as backtests read it: those of a scan, and what only rules ask."""

ALLOWLIST_COLUMNS: Final = (
    make_column("account_id", "string", "The account.", required=True),
    make_column("reason", "string", "Why.", required=True),
    make_column("owner", "string", "Who answers for it.", required=True),
    make_column("expires_at", "timestamp", "When it ends.", required=True),
)
HONEST_COLUMNS: Final = (make_column("account_id", "string", "The account.", required=True),)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPast:
    """An account as it is held now, and as it was before it was closed."""

    now: AccountFacts
    """As the account table has it."""
    before: AccountFacts
    """The same, but active."""
    closed_at: datetime | None
    """When it was closed; UTC."""

    def at(self, moment: datetime) -> AccountFacts:
        """Give the facts as of a time; but for the closing, they are those of now."""
        return self.before if self.closed_at is not None and moment < self.closed_at else self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is held of accounts, by account."""

    accounts: Mapping[str, AccountPast]
    """From the account table."""
    campaigns: Mapping[str, CampaignStanding]
    """From the last scan."""


def account_facts(path: Path) -> dict[str, AccountPast]:
    """Read an account table as facts.

    Args:
        path: CSV, JSON Lines or Parquet.

    Returns:
        Facts by account.

    Raises:
        InputError: It cannot be read.
    """
    return {str(row["account_id"]): _account(row) for row in side_rows(path, STANDING_COLUMNS)}


def allowlist_entries(path: Path) -> dict[str, AllowlistEntry]:
    """Read an allowlist.

    Args:
        path: A table with ``account_id,reason,owner,expires_at``.

    Returns:
        Entries by account.

    Raises:
        InputError: It cannot be read, or an entry lacks something.
    """
    return {
        str(row["account_id"]): AllowlistEntry(
            account_id=str(row["account_id"]),
            reason=str(row["reason"]),
            owner=str(row["owner"]),
            expires_at=_moment(row["expires_at"]),
        )
        for row in side_rows(path, ALLOWLIST_COLUMNS)
    }


def honest_accounts(path: Path) -> frozenset[str]:
    """Read accounts that are known to be honest.

    Args:
        path: A table with ``account_id``.

    Returns:
        The accounts.

    Raises:
        InputError: It cannot be read.
    """
    return frozenset(str(row["account_id"]) for row in side_rows(path, HONEST_COLUMNS))


def campaign_standings(folder: Path) -> tuple[dict[str, CampaignStanding], list[LogFile]]:
    """Read which accounts a scan put into campaigns.

    Args:
        folder: Folder that the scan wrote.

    Returns:
        Standings by account, and the files that they come from.

    Raises:
        InputError: The results are not there, or damaged.
    """
    from cautery.report.load import read_accounts

    accounts = read_accounts(folder / "accounts.csv")
    files = [file_digest(folder / name) for name in ("case.json", "accounts.csv")]
    return {
        account.account_id: CampaignStanding(
            campaign_id=account.campaign_id,
            probability=account.probability,
            band=account.band,
            permitted_use=account.permitted_use,
            case_id=files[0].sha256,
        )
        for account in accounts
        if account.campaign_id
    }, files


def past_exchanges(parts: tuple[Path, ...], standing: Standing) -> Iterator[PastExchange]:
    """Turn an exchange table into facts, batch by batch.

    Args:
        parts: Its Parquet files.
        standing: What is held of accounts.

    Yields:
        Its exchanges.
    """
    import pyarrow.parquet as pq

    for part in parts:
        with pq.ParquetFile(part) as file:
            columns = [name for name in EXCHANGE_COLUMNS if name in file.schema_arrow.names]
            for batch in file.iter_batches(batch_size=8192, columns=columns):
                held = batch.to_pydict()
                for values in zip(*held.values(), strict=True):
                    yield _exchange(dict(zip(held, values, strict=True)), standing)


def side_rows(path: Path, columns: Any) -> list[dict[str, Any]]:
    """Read a small table.

    Args:
        path: CSV, JSON Lines or Parquet with ``account_id``.
        columns: What it may have.

    Returns:
        Its rows.

    Raises:
        InputError: It cannot be read.
    """
    from cautery.ingest.side_tables import read_side_table

    return cast("list[dict[str, Any]]", read_side_table(path, columns, "account_id").to_pylist())


def file_digest(path: Path) -> LogFile:
    """Give a file's name and SHA-256.

    Args:
        path: The file.

    Returns:
        Both.

    Raises:
        NoInputError: It cannot be read.
    """
    import hashlib

    from cautery.errors import NoInputError

    try:
        with open_plain(path) as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    return LogFile(name=str(path), sha256=digest)


def _exchange(row: Mapping[str, Any], standing: Standing) -> PastExchange:
    account_id = str(row["account_id"])
    arrived_at = _moment(row["time_start"])
    past = standing.accounts.get(account_id)
    account = past.at(arrived_at) if past is not None else None
    return PastExchange(
        request=RequestFacts(
            arrived_at=arrived_at,
            request_id=row.get("request_id") or "",
            account_id=account_id,
            key_id=row.get("key_id") or "",
            org_id=row.get("org_id") or (account.org_id if account else ""),
            end_user_id=row.get("end_user_id") or "",
            client_address=row.get("client_address") or "",
            country=row.get("country") or "",
            asn=row.get("asn") or 0,
            operation=row.get("operation") or "",
            request_model=row.get("request_model") or "",
            stream=bool(row.get("stream")),
            logprobs=bool(row.get("logprobs")),
            reasoning=bool(row.get("reasoning_tokens")),
            choices=row.get("n") or 1,
            max_tokens=row.get("max_tokens") or 0,
            input_tokens=row.get("input_tokens") or 0,
        ),
        account=account,
        campaign=standing.campaigns.get(account_id),
        output_tokens=row.get("output_tokens") or 0,
    )


def _account(row: Mapping[str, Any]) -> AccountPast:
    verification = row["verification"]
    facts = AccountFacts(
        account_id=str(row["account_id"]),
        org_id=row["org_id"] or "",
        verification=verification if verification in VERIFICATIONS else "none",
        declared_country=row["country"] or "",
        billing_country=row["billing_country"] or "",
        status=row["status"] or "",
        program=row["program"] or "",
        permitted_use=row["permitted_use"] or "",
        permitted_until=_moment(row["permitted_until"]) if row["permitted_until"] else None,
        resale_attested=bool(row["resale_attested"]),
        ownership="known" if row["ownership"] == "known" else "unknown",
        restricted_ownership_basis_points=row["restricted_ownership_basis_points"] or 0,
    )
    return AccountPast(
        now=facts,
        before=replace(facts, status="active"),
        closed_at=_moment(row["closed_at"]) if row["closed_at"] else None,
    )


def _moment(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
