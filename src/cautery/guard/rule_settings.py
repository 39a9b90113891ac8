"""From the sections on decisions to what the decision core is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from cautery.guard.degrade_assembly import degradations_of
from cautery.guard.faults import FaultPolicy
from cautery.guard.rules import (
    CampaignRule,
    EarlyWarningRule,
    GuardSettings,
    Limit,
    SharedTemplateRule,
)
from cautery.guard.secret_files import read_secret

if TYPE_CHECKING:
    from cautery.guard.configuration import CoreConfiguration
    from cautery.guard.configuration_rules import BandSection, DecisionSection, RateSection
    from cautery.records.decision import Degradation
    from cautery.resist.plans import Plan

_DAY_SECONDS: Final = 86_400.0


def guard_settings(
    configuration: CoreConfiguration,
    decision: DecisionSection,
    *,
    settles: bool = True,
    tiers: Mapping[str, Plan] | None = None,
) -> GuardSettings:
    """Turn sections into settings.

    Args:
        configuration: The configuration.
        decision: Its section on decisions.
        settles: Whether the adapter tells usage after answers.
        tiers: Defences by tier, of all tiers that rules name.

    Returns:
        The settings.

    Raises:
        ConfigurationError: A secret cannot be read.
    """
    chosen: dict[str, str] = dict.fromkeys(decision.fail_open, "open")
    chosen |= dict.fromkeys(decision.fail_closed, "closed")
    credentials, snapshot = configuration.credentials, configuration.snapshot
    secret_file = decision.tag_secret_file
    usual = GuardSettings()
    return GuardSettings(
        mode=decision.mode,
        limits=tuple(map(_limit, configuration.rate)),
        campaign_rules=tuple(_campaign_rule(band, tiers or {}) for band in configuration.band),
        early_warning=_early_warning(configuration, tiers or {}),
        shared_template=_shared_template(configuration, tiers or {}),
        credential_modes={
            "invalid": credentials.invalid,
            "expired": credentials.expired,
            "revoked": credentials.revoked,
            "shared": credentials.shared,
        },
        tiers={name: degradations_of(plan) for name, plan in (tiers or {}).items()},
        faults=FaultPolicy(chosen=chosen),
        expected_answer_tokens=decision.expected_answer_tokens,
        most_answer_tokens=decision.most_answer_tokens,
        settles=settles,
        decision_seconds=decision.lifetime,
        most_snapshot_age_days=(
            snapshot.most_age / _DAY_SECONDS if snapshot else usual.most_snapshot_age_days
        ),
        clock_jump_seconds=decision.clock_jump,
        clock_settle_seconds=decision.clock_settle,
        tag_secret=read_secret(secret_file) if secret_file is not None else None,
    )


def _limit(section: RateSection) -> Limit:
    return Limit(
        name=section.name,
        scope=section.scope,
        unit=section.unit,
        amount=section.amount,
        window_seconds=section.window,
        burst=section.amount if section.burst is None else section.burst,
        mode=section.mode,
        shared=section.shared,
        capacity=section.places,
    )


def _campaign_rule(section: BandSection, tiers: Mapping[str, Plan]) -> CampaignRule:
    return CampaignRule(
        name=section.name or f"band-{section.band}".replace(" ", "-"),
        band=section.band,
        action=section.action,
        mode=section.mode,
        degradations=_degradations(section, tiers),
        defence_tier=section.defence_tier,
        retry_after_seconds=int(section.retry_after),
    )


def _early_warning(
    configuration: CoreConfiguration, tiers: Mapping[str, Plan]
) -> EarlyWarningRule | None:
    section = configuration.early_warning
    if section is None:
        return None
    return EarlyWarningRule(
        action=section.action,
        mode=section.mode,
        threshold_bits=section.threshold_bits,
        retry_after_seconds=int(section.retry_after),
        degradations=_degradations(section, tiers),
        defence_tier=section.defence_tier,
    )


def _shared_template(
    configuration: CoreConfiguration, tiers: Mapping[str, Plan]
) -> SharedTemplateRule | None:
    section = configuration.shared_template
    if section is None:
        return None
    return SharedTemplateRule(
        action=section.action,
        mode=section.mode,
        least_accounts=section.least_accounts,
        least_in_a_minute=section.least_in_a_minute,
        retry_after_seconds=int(section.retry_after),
        degradations=_degradations(section, tiers),
        defence_tier=section.defence_tier,
    )


def _degradations(section: Any, tiers: Mapping[str, Plan]) -> tuple[Degradation, ...]:
    given: tuple[Degradation, ...] = section.degradations
    return degradations_of(tiers[section.defence_tier]) if section.defence_tier else given
