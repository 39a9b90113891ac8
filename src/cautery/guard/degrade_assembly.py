"""Turns ``[degrade]`` and the tiers that rules name into what is done to degraded answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from cautery.errors import ConfigurationError, UsageError
from cautery.guard.degrading.settings import DegradeSettings
from cautery.records.decision import DEGRADATIONS, Degradation

if TYPE_CHECKING:
    from cautery.guard.configuration import CoreConfiguration
    from cautery.policy.rules import Rule
    from cautery.resist.plans import Plan

_BY_DEFENCE: Final[dict[str, Degradation]] = {name.replace("_", "-"): name for name in DEGRADATIONS}


def degrade_settings(configuration: CoreConfiguration) -> DegradeSettings:
    """Turn a configuration into what the operator says of degraded answers.

    Args:
        configuration: The configuration. What a gateway cannot do is refused of tiers that its
            rules name; others of the file may ask for it, as the laboratory reads the file too.

    Returns:
        The settings.

    Raises:
        ConfigurationError: There is no such tier, it asks for nothing, or for something that needs
            more than an answer.
        NoInputError: The file of tiers cannot be read.
    """
    section = configuration.degrade
    return DegradeSettings(
        reasoning_begins_inside=section.reasoning_begins_inside,
        most_held=section.held_characters,
        overflow=section.overflow,
        usual_tier=section.usual_tier,
        tiers={} if section.tiers is None else _read_tiers(configuration),
    )


def degradations_of(plan: Plan) -> tuple[Degradation, ...]:
    """Name what a tier asks for, in the order in which it is done."""
    return tuple(_BY_DEFENCE[step.defence.name] for step in plan.steps)


def _read_tiers(configuration: CoreConfiguration) -> dict[str, Plan]:
    from cautery.resist.tiers import load_tiers

    path = configuration.degrade.tiers
    if path is None:
        return {}
    tiers = load_tiers(path)
    plans = {name: plan for name, plan in tiers.plans.items() if _is_carried_out(plan)}
    for rule, name in _named(configuration):
        try:
            plan = tiers.plan(name)
        except UsageError as error:
            raise ConfigurationError(
                error.what, where=f"{path}, for {rule}", hint=error.hint
            ) from None
        _check(plan, f"{path}: tiers.{name}", rule)
    return plans


def _is_carried_out(plan: Plan) -> bool:
    return bool(plan.steps) and all(step.defence.name in _BY_DEFENCE for step in plan.steps)


def check_policy_tiers(rules: Iterable[Rule], tiers: Collection[str]) -> None:
    """See to it that the tiers that a policy set names are there.

    Args:
        rules: Of the policy set.
        tiers: Those that can be carried out.

    Raises:
        ConfigurationError: One of them is not.
    """
    for rule in rules:
        if rule.defence_tier and rule.defence_tier not in tiers:
            there = ", ".join(tiers)
            raise ConfigurationError(
                f"the rule {rule.rule} names the tier '{rule.defence_tier}', which the guard does "
                "not know or cannot carry out",
                where=rule.where,
                hint=f"[degrade] tiers has: {there}." if there else "Name a file: [degrade] tiers.",
            )


def _check(plan: Plan, where: str, rule: str) -> None:
    """See to it that a tier asks for something, and for nothing that a gateway cannot do."""
    for step in plan.steps:
        if step.defence.name not in _BY_DEFENCE:
            raise ConfigurationError(
                f"the guard cannot carry out {step.defence.name}, which {rule} asks for",
                where=where,
                hint=f"It changes answers, not sampling: {', '.join(_BY_DEFENCE)}.",
            )
    if not plan.steps:
        raise ConfigurationError(
            f"the tier has no defence, and {rule} degrades by it",
            where=where,
            hint="Give it one, or the rule another action.",
        )


def _named(configuration: CoreConfiguration) -> Iterator[tuple[str, str]]:
    """Name the tiers that the configuration uses, and who uses them."""
    for band in configuration.band:
        if band.defence_tier:
            yield f"[[band]] {band.band}", band.defence_tier
    for name in ("early_warning", "shared_template"):
        section = getattr(configuration, name)
        if section is not None and section.defence_tier:
            yield f"[{name}]", section.defence_tier
    if configuration.degrade.usual_tier:
        yield "[degrade] usual_tier", configuration.degrade.usual_tier
