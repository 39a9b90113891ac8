"""The guard's own rules, as settings: limits, campaign bands, early warning, shared templates."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from cautery.errors import ConfigurationError
from cautery.guard.faults import FaultPolicy
from cautery.records.campaign import Band
from cautery.records.decision import Action, Degradation, Mode
from cautery.records.key import Secret

Scope = Literal["key", "account", "organisation", "campaign"]
"""Whose requests a limit counts together."""

SCOPES: Final[tuple[Scope, ...]] = ("key", "account", "organisation", "campaign")
"""Every scope."""

Unit = Literal["requests", "tokens"]
"""What a limit counts."""

WarningAction = Literal["allow", "tag", "degrade", "throttle", "challenge"]
"""What an early warning may ask for: never *block*; *allow* only writes the reason down."""

CREDENTIAL_ACTIONS: Final[Mapping[str, Action]] = {
    "invalid": "block",
    "expired": "block",
    "revoked": "block",
    "shared": "challenge",
}
"""What is done about a credential that is not simply valid."""

DAY_SECONDS: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A rate that a scope may not exceed, with a burst (GCRA).

    Raises:
        ConfigurationError: A number is not positive, or too large.
    """

    name: str
    """Identifier of the rule; different from all others."""
    scope: Scope
    """Whose requests count together."""
    unit: Unit
    """What is counted."""
    amount: float
    """How much of it, in each window."""
    window_seconds: float
    """The window."""
    burst: float
    """How much of it at once, after a pause."""
    mode: Mode = "shadow"
    """Whether it is done."""
    shared: bool = False
    """Whether guards share what was used, if sharing is set up."""
    capacity: int = 1 << 21
    """Places for keys; up to half of them are kept exactly. 4 bytes each, and 8 for each limit of
    the scope, whose largest capacity counts."""

    def __post_init__(self) -> None:
        numbers = (self.amount, self.window_seconds, self.burst)
        if not self.name or not all(math.isfinite(n) and n > 0 for n in numbers):
            raise ConfigurationError(
                "a limit needs a name, and amount, window and burst above zero", where=self.name
            )
        if not 16 <= self.capacity <= 1 << 28:
            raise ConfigurationError("capacity is between 16 and 2 ** 28", where=self.name)

    @property
    def seconds_per_unit(self) -> float:
        """Time in which one unit comes back."""
        return self.window_seconds / self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRule:
    """What is done with accounts that the last scan put into a band."""

    name: str
    """Identifier of the rule."""
    band: Band
    """The band; stronger bands want rules of their own."""
    action: Action
    """What it asks for."""
    mode: Mode = "shadow"
    """Whether it is done."""
    degradations: tuple[Degradation, ...] = ()
    """What is done to the answer, under *degrade*."""
    defence_tier: str = ""
    """Tier that they are of, whose parameters they have; empty for the usual ones."""
    retry_after_seconds: int = 60
    """When to come again, under *throttle*."""

    def __post_init__(self) -> None:
        if not self.band:
            raise ConfigurationError("a campaign rule needs a band", where=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyWarningRule:
    """When evidence between scans raises an account's tier, and to what."""

    name: str = "early-warning"
    """Identifier of the rule."""
    action: WarningAction = "allow"
    """What it asks for."""
    mode: Mode = "shadow"
    """Whether it is done."""
    threshold_bits: float = 20.0
    """Base-2 logarithm of the e-value from which it warns: 20 is one false alarm in a million."""
    retry_after_seconds: int = 60
    """When to come again, under *throttle*."""
    degradations: tuple[Degradation, ...] = ()
    """What is done to the answer, under *degrade*."""
    defence_tier: str = ""
    """Tier that they are of, whose parameters they have; empty for the usual ones."""

    def __post_init__(self) -> None:
        if self.action not in ("allow", "tag", "degrade", "throttle", "challenge"):
            raise ConfigurationError(
                "an early warning never blocks alone", where=self.name, hint="Use challenge."
            )
        if not self.threshold_bits > 0:
            raise ConfigurationError("threshold_bits is above zero", where=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedTemplateRule:
    """What is done where many accounts send one template, many of them in the same minute."""

    name: str = "shared-template"
    """Identifier of the rule."""
    action: WarningAction = "allow"
    """What it asks for; popular applications look like this too, so it never blocks."""
    mode: Mode = "shadow"
    """Whether it is done."""
    least_accounts: int = 200
    """Different accounts in the rolling window, about."""
    least_in_a_minute: int = 20
    """Different accounts in the busiest minute of the window, about."""
    retry_after_seconds: int = 60
    """When to come again, under *throttle*."""
    degradations: tuple[Degradation, ...] = ()
    """What is done to the answer, under *degrade*."""
    defence_tier: str = ""
    """Tier that they are of, whose parameters they have; empty for the usual ones."""

    def __post_init__(self) -> None:
        if self.action not in ("allow", "tag", "degrade", "throttle", "challenge"):
            raise ConfigurationError("a shared template never blocks alone", where=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSettings:
    """All that the decision core is told; the configuration file is read elsewhere.

    Raises:
        ConfigurationError: Two rules have one name, or a number makes no sense.
    """

    mode: Mode = "shadow"
    """Most that any rule or fault may do: in *shadow* nothing is enforced, *off* asks nothing."""
    limits: tuple[Limit, ...] = ()
    """Rates."""
    campaign_rules: tuple[CampaignRule, ...] = ()
    """Bands; at most one rule of each."""
    early_warning: EarlyWarningRule | None = None
    """Evidence between scans; none to do without."""
    shared_template: SharedTemplateRule | None = None
    """Templates of many accounts; none to do without."""
    credential_modes: Mapping[str, Mode] = field(default_factory=dict)
    """Modes of ``credential-invalid`` and so on; *enforce* unless said, *shared* in *shadow*."""
    tiers: Mapping[str, tuple[Degradation, ...]] = field(default_factory=dict)
    """What the tiers ask for that a policy set may name."""
    faults: FaultPolicy = field(default_factory=FaultPolicy)
    """How the guard fails."""
    expected_answer_tokens: int = 1_024
    """Charged before an answer whose length the client does not bound."""
    most_answer_tokens: int = 65_536
    """Most that is charged before an answer, whatever the client says."""
    settles: bool = True
    """Whether usage is told after answers; without it, estimates stand."""
    decision_seconds: float = 1.0
    """How long an adapter may reuse a decision."""
    most_snapshot_age_days: float = 14.0
    """Age from which verdicts are stale."""
    clock_jump_seconds: float = 5.0
    """How far the wall clock may depart from the monotonic one."""
    clock_settle_seconds: float = 300.0
    """How long both must agree again before the wall clock's new time is believed."""
    tag_secret: Secret | None = None
    """Derives opaque key identifiers of campaigns that the snapshot has none for."""

    def __post_init__(self) -> None:
        names = [limit.name for limit in self.limits]
        names += [rule.name for rule in self.campaign_rules]
        names += [self.early_warning.name] if self.early_warning else []
        names += [self.shared_template.name] if self.shared_template else []
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ConfigurationError(f"two rules are called '{twice[0]}'")
        bands = [rule.band for rule in self.campaign_rules]
        if len(set(bands)) < len(bands):
            raise ConfigurationError("two campaign rules are for one band")
        for state in self.credential_modes:
            if state not in CREDENTIAL_ACTIONS:
                raise ConfigurationError(f"there is no rule about a credential that is '{state}'")
        positive = (
            self.expected_answer_tokens,
            self.most_answer_tokens,
            self.decision_seconds,
            self.most_snapshot_age_days,
            self.clock_jump_seconds,
            self.clock_settle_seconds,
        )
        if not all(math.isfinite(number) and number > 0 for number in positive):
            raise ConfigurationError("times and amounts of the guard are above zero")
        if self.tag_secret is not None and len(self.tag_secret) < 32:
            raise ConfigurationError("the secret of key identifiers has at least 32 bytes")
