"""The case: the whole result of a scan, written as ``case.json`` (schema ``cautery.case/1``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cautery.records.campaign import Band, Campaign, NearMiss, Operator

CASE_SCHEMA: Final = "cautery.case/1"
"""Name and version of the schema that ``case.json`` follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """One log file that was read."""

    name: str
    """Path as given, or ``-`` for standard input."""
    sha256: str
    """SHA-256 of the file as it was read, in hexadecimal digits."""
    bytes: int
    """Size of the file as it was read."""
    lines: int
    """Records in it, read and rejected."""
    format: str
    """Name of the log format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of the log carries a column."""

    column: str
    """Name of the column."""
    share: float
    """Part of the rows where it is not null."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSummary:
    """What went in."""

    files: tuple[InputFile, ...]
    """The logs, sorted by name."""
    exchanges: int
    """Exchanges that were read."""
    rejected: int
    """Records that could not be read."""
    accounts: int
    """Different accounts."""
    from_time: str
    """Start of the first exchange, ISO 8601, UTC; empty if there is none."""
    to_time: str
    """Start of the last exchange."""
    output_tokens: int
    """Tokens of all responses."""
    coverage: tuple[Coverage, ...]
    """How much of the log carries each column."""
    account_table_rows: int
    """Rows of the account table; 0 without one."""
    release_table_rows: int
    """Rows of the release table; 0 without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingSignal:
    """A signal or link that the log cannot feed."""

    name: str
    """Name of the signal or link."""
    needs: tuple[str, ...]
    """Columns that it wants and the log lacks."""
    fix: str
    """How to get them, in one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalUse:
    """Which signals were used, and which the log switched off."""

    used: tuple[str, ...]
    """Names of the signals and links that could be fed."""
    missing: tuple[MissingSignal, ...]
    """Those that could not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSummary:
    """One row of ``accounts.csv``: every account seen in the log, accused or not."""

    account_id: str
    """The account, as the log names it."""
    campaign_id: str
    """Its campaign or permitted group; empty for an account in none."""
    operator_id: str
    """Operator of that campaign; empty if there is none."""
    linked_probability: float
    """Chance that it belongs to the group's operator."""
    distillation_probability: float
    """Chance that its group's traffic is distillation."""
    permitted_use: str
    """What the account table allows it; empty if nothing."""
    probability: float
    """Chance that it takes part in an unpermitted distillation campaign."""
    band: Band
    """Band of that chance; empty below *watch* and for a permitted account."""
    exchanges: int
    """Exchanges of the account in the log."""
    output_tokens: int
    """Tokens that it received."""
    first_seen: str
    """ISO 8601, UTC."""
    last_seen: str
    """ISO 8601, UTC."""
    top_reason: str
    """The strongest weight or link, in words; empty if there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """Who made this case."""

    name: str
    """Always *cautery*."""
    version: str
    """Version of the package."""
    weights_version: str
    """Version of the table of weights."""
    calibration: str
    """What the chances are calibrated on, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """When a served model became available: one row of the release table."""

    model: str
    """Name of the served model."""
    released_at: str
    """ISO 8601, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingUse:
    """The embedding of prompts that a scan was given, and what it was used for."""

    sha256: str
    """SHA-256 of what ``sha256sum model.safetensors tokenizer.json`` prints in its folder."""
    tokens: int
    """Tokens that it has a vector for."""
    dimensions: int
    """Numbers of a vector."""
    exchanges: int
    """Exchanges whose prompts were embedded; 0 if the log keeps none of large groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFile:
    """A file that the scan was told to use, besides its logs."""

    option: str
    """The option that named it, such as *--accounts*."""
    name: str
    """Path as given."""
    sha256: str
    """SHA-256 of the file, in hexadecimal digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenOption:
    """An option that differs from what holds if nothing is said."""

    option: str
    """Its name, such as *--seed*."""
    value: str
    """What it was given; a time with its zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the scan was told besides its logs, as far as that can change the result."""

    files: tuple[GivenFile, ...]
    """Tables, mapping, calibration and indicators."""
    options: tuple[GivenOption, ...]
    """How the logs were read, the seed, and whether all near misses are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The whole result of a scan. ``accounts`` goes to ``accounts.csv``, the rest to ``case.json``.

    Every text in it may come from an attacker: writers escape it.
    """

    schema: str
    """Name and version of the schema."""
    tool: Tool
    """Who made the case, and with which weights."""
    input: InputSummary
    """What went in."""
    signals: SignalUse
    """What could be looked at, and what could not."""
    campaigns: tuple[Campaign, ...]
    """Listed groups, strongest band first."""
    permitted_groups: tuple[Campaign, ...]
    """Groups that look like distillation and that contracts permit; no band."""
    operators: tuple[Operator, ...]
    """Campaigns that are thought to have one operator."""
    near_misses: tuple[NearMiss, ...]
    """Groups that were looked at and not listed."""
    notes: tuple[str, ...]
    """Notes and warnings about the data, for people."""
    embedding: EmbeddingUse | None = None
    """The embedding of prompts; not in the document if the scan was given none."""
    releases: tuple[Release, ...] = ()
    """Releases of served models, oldest first; not in the document without a release table."""
    settings: Settings | None = None
    """What the scan was told besides its logs; not in the document if that was nothing."""
    accounts: tuple[AccountSummary, ...] = ()
    """Every account of the log; written to ``accounts.csv``, not to ``case.json``."""
