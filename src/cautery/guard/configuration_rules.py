"""Sections that say what the guard decides by, and where it writes that down."""

# ruff: noqa: RUF009 - `key` makes a field, as `dataclasses.field` does
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from cautery.guard.configuration_keys import REQUIRED, key
from cautery.guard.degrading.settings import Overflow
from cautery.guard.faults import FAULTS, Fault
from cautery.guard.rules import SCOPES, Scope, Unit, WarningAction
from cautery.records.campaign import Band
from cautery.records.decision import ACTIONS, DEGRADATIONS, MODES, Action, Degradation, Mode

_MODE: Final = "Whether the rule is asked, and whether what it asks for is done."
_MILD: Final = ("allow", "tag", "degrade", "throttle", "challenge")
_DONE: Final = "What is done to the answer, under `degrade`."
_TIER: Final = "Tier of `[degrade] tiers` that says so instead, under `degrade`."
_AGAIN: Final = "When to come again, under `throttle`."
_FAULTS: Final = tuple(FAULTS)
_DAY_SECONDS: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionSection:
    """Decisions; without this section the guard only observes."""

    mode: Mode = key("choice", "shadow", "Most that any rule or fault may do.", options=MODES)
    allowlist: Path | None = key(
        "file",
        None,
        "Accounts that no rule may hinder, CSV: `account_id`, `reason`, `owner`, `expires_at`, and "
        "`starts_at` if it is there.",
    )
    help_url: str = key(
        "url", "", "Where a challenged client can verify itself or appeal; told in the answer."
    )
    fail_open: tuple[Fault, ...] = key(
        "choices", (), "Faults at which requests pass, unlike usual.", options=_FAULTS
    )
    fail_closed: tuple[Fault, ...] = key(
        "choices", (), "Faults at which requests stop, unlike usual.", options=_FAULTS
    )
    tag_secret_file: Path | None = key(
        "file",
        None,
        "File with at least 32 random bytes as hexadecimal digits, to derive identifiers of keys "
        "for campaigns that the snapshot has none for.",
    )
    expected_answer_tokens: int = key(
        "integer",
        1_024,
        "Charged before an answer whose length the client does not bound.",
        minimum=1,
    )
    most_answer_tokens: int = key(
        "integer", 65_536, "Most that is charged before an answer.", minimum=1
    )
    lifetime: float = key(
        "seconds", 1.0, "How long an adapter may reuse a decision.", minimum=0.001
    )
    clock_jump: float = key(
        "seconds", 5.0, "How far the wall clock may leave the monotonic one.", minimum=0.01
    )
    clock_settle: float = key(
        "seconds", 300.0, "How long both must agree again after a jump.", minimum=0.01
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialsSection:
    """Rules on credentials that are not simply valid; the proxy refuses the first three itself."""

    invalid: Mode = key("choice", "enforce", "Mode of the rule, which blocks.", options=MODES)
    expired: Mode = key("choice", "enforce", "Mode of the rule, which blocks.", options=MODES)
    revoked: Mode = key("choice", "enforce", "Mode of the rule, which blocks.", options=MODES)
    shared: Mode = key("choice", "shadow", "Mode of the rule, which challenges.", options=MODES)


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotSection:
    """Verdicts and account facts, as `cautery guard publish` writes them."""

    file: Path = key("path", REQUIRED, "The snapshot; it may come later.")
    seal_key_file: Path | None = key(
        "file",
        None,
        "File with the key that must have sealed it; with it no other snapshot is used.",
    )
    most_age: float = key(
        "seconds", 14 * _DAY_SECONDS, "Age from which verdicts are stale.", minimum=1
    )
    interval: float = key("seconds", 1.0, "How often a new snapshot is looked for.", minimum=0.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class BandSection:
    """What is done with accounts that the last scan put into a band."""

    band: Band = key("choice", REQUIRED, "The band.", options=("very likely", "likely", "watch"))
    action: Action = key("choice", REQUIRED, "What is asked for.", options=ACTIONS)
    mode: Mode = key("choice", "shadow", _MODE, options=MODES)
    name: str = key("text", "", "Identifier of the rule; `band-` and the band if empty.")
    degradations: tuple[Degradation, ...] = key("choices", (), _DONE, options=DEGRADATIONS)
    defence_tier: str = key("text", "", _TIER)
    retry_after: float = key("seconds", 60.0, _AGAIN, minimum=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSection:
    """A rate that a key, account, organisation or campaign may not exceed; more is throttled."""

    name: str = key("text", REQUIRED, "Identifier of the rule.")
    scope: Scope = key("choice", REQUIRED, "Whose requests count together.", options=SCOPES)
    unit: Unit = key("choice", "requests", "What is counted.", options=("requests", "tokens"))
    amount: float = key(
        "number", REQUIRED, "How much of it in each window.", minimum=1e-6, maximum=1e15
    )
    window: float = key("seconds", REQUIRED, "The window.", minimum=0.001)
    burst: float | None = key(
        "number",
        None,
        "How much of it at once, after a pause; the amount if not given.",
        minimum=1e-6,
        maximum=1e15,
    )
    mode: Mode = key("choice", "shadow", _MODE, options=MODES)
    shared: bool = key("boolean", False, "Whether guards share what was used, by `[sharing]`.")
    places: int = key(
        "integer",
        1 << 21,
        "Places for keys, 4 bytes each and 8 for each rate of the scope.",
        minimum=16,
        maximum=1 << 28,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyWarningSection:
    """What is done between scans with accounts that begin with a campaign's templates."""

    action: WarningAction = key("choice", "allow", "What is asked for.", options=_MILD)
    mode: Mode = key("choice", "shadow", _MODE, options=MODES)
    threshold_bits: float = key(
        "number",
        20.0,
        "Evidence from which it warns: 20 is one false alarm in a million.",
        minimum=1,
        maximum=1_000,
    )
    degradations: tuple[Degradation, ...] = key("choices", (), _DONE, options=DEGRADATIONS)
    defence_tier: str = key("text", "", _TIER)
    retry_after: float = key("seconds", 60.0, _AGAIN, minimum=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedTemplateSection:
    """What is done where many accounts send one template, many of them in the same minute."""

    action: WarningAction = key("choice", "allow", "What is asked for.", options=_MILD)
    mode: Mode = key("choice", "shadow", _MODE, options=MODES)
    least_accounts: int = key("integer", 200, "Accounts in the rolling hour, about.", minimum=1)
    least_in_a_minute: int = key("integer", 20, "Accounts in the busiest minute.", minimum=1)
    degradations: tuple[Degradation, ...] = key("choices", (), _DONE, options=DEGRADATIONS)
    defence_tier: str = key("text", "", _TIER)
    retry_after: float = key("seconds", 60.0, _AGAIN, minimum=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DegradeSection:
    """How answers are degraded, and what the guard has to know of the served model for it."""

    reasoning_begins_inside: bool = key(
        "boolean",
        False,
        "Whether its text begins in the reasoning without a tag, as of models whose chat template "
        "opens it, behind a server without a reasoning parser.",
    )
    tiers: Path | None = key(
        "file",
        None,
        "Defences by tier, as `cautery resist` reads them; for rules with a `defence_tier`.",
    )
    usual_tier: str = key(
        "text", "", "Tier whose parameters hold for rules that name their `degradations`."
    )
    held_characters: int = key(
        "integer",
        200_000,
        "Of one text or stretch of reasoning that are held back for a summary or a final answer.",
        minimum=1_000,
        maximum=1_000_000,
    )
    overflow: Overflow = key(
        "choice",
        "hide",
        "What becomes of a longer one: it is left out, or the answer ends in an error.",
        options=("hide", "refuse"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySection:
    """The policy set."""

    file: Path = key("file", REQUIRED, "Its `policy.toml`.")
    archive: Path | None = key(
        "path",
        None,
        "Folder where each set is kept under its digest before it is asked, for "
        "`cautery policy explain --as-of`; made if it is not there.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSection:
    """The ledger that decisions are written to."""

    ledger: Path = key(
        "folder",
        REQUIRED,
        "Folder of the ledger; with several workers it holds one for each: `0`, `1` and so on.",
    )
    key_file: Path = key("file", REQUIRED, "Its signing key.")
    mode: Literal["required", "best-effort"] = key(
        "choice",
        "required",
        "`required` gives no decision that is not on disk; `best-effort` counts what is lost.",
        options=("required", "best-effort"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingSection:
    """Guards share what was used of rates, over Redis or Valkey."""

    url: str = key("text", REQUIRED, "`redis://`, `rediss://` or `unix://`, without a password.")
    password_file: Path | None = key("file", None, "File with its password.")
    prefix: str = key("text", "cautery:limit:", "Begins every key there.")
    name_secret_file: Path | None = key(
        "file",
        None,
        "File with at least 32 random bytes as hexadecimal digits, the same for all guards: makes "
        "names of accounts secret from whoever reads that server.",
    )
    interval: float = key("seconds", 0.25, "Between two exchanges.", minimum=0.05, maximum=5)
    timeout: float = key("seconds", 1.0, "How long the server may take.", minimum=0.01)
    lost_after: float = key(
        "seconds", 2.0, "Without an exchange, until it is a fault.", minimum=0.1
    )
