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
    bytes: int
    lines: int
    format: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of the log carries a column."""

    column: str
    share: float
    """Part of the rows where it is not null."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSummary:
    """What went in."""

    files: tuple[InputFile, ...]
    exchanges: int
    rejected: int
    accounts: int
    from_time: str
    to_time: str
    output_tokens: int
    coverage: tuple[Coverage, ...]
    account_table_rows: int
    release_table_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingSignal:
    """A signal or link that the log cannot feed."""

    name: str
    needs: tuple[str, ...]
    """Columns that it wants and the log lacks."""
    fix: str
    """How to get them, in one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalUse:
    """Which signals were used, and which the log switched off."""

    used: tuple[str, ...]
    missing: tuple[MissingSignal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSummary:
    """One row of ``accounts.csv``: every account seen in the log, accused or not."""

    account_id: str
    campaign_id: str
    operator_id: str
    linked_probability: float
    distillation_probability: float
    permitted_use: str
    probability: float
    band: Band
    exchanges: int
    output_tokens: int
    first_seen: str
    last_seen: str
    top_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """Who made this case."""

    name: str
    version: str
    weights_version: str
    """Version of the table of weights."""
    calibration: str
    """What the chances are calibrated on, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The whole result of a scan. ``accounts`` goes to ``accounts.csv``, the rest to ``case.json``.

    Every text in it may come from an attacker: writers escape it.
    """

    schema: str
    tool: Tool
    input: InputSummary
    signals: SignalUse
    campaigns: tuple[Campaign, ...]
    """Listed groups, strongest band first."""
    permitted_groups: tuple[Campaign, ...]
    """Groups that look like distillation and that contracts permit; no band."""
    operators: tuple[Operator, ...]
    near_misses: tuple[NearMiss, ...]
    notes: tuple[str, ...]
    """Notes and warnings about the data, for people."""
    accounts: tuple[AccountSummary, ...] = ()
