from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cautery.errors import ConfigurationError
from cautery.guard.faults import FAULTS, FaultPolicy
from cautery.guard.rules import (
    CampaignRule,
    EarlyWarningRule,
    GuardSettings,
    Limit,
    SharedTemplateRule,
)
from cautery.records.key import Secret


def limit(**more: Any) -> Limit:
    """Make a limit."""
    usual = {"name": "a", "scope": "account", "unit": "requests", "amount": 1}
    return Limit(**{**usual, "window_seconds": 1, "burst": 1, **more})


WRONG: dict[str, Callable[[], object]] = {
    "no amount": lambda: limit(amount=0),
    "endless window": lambda: limit(window_seconds=float("inf")),
    "no number": lambda: limit(burst=float("nan")),
    "no name": lambda: limit(name=""),
    "no room": lambda: limit(capacity=1),
    "blocking warning": lambda: EarlyWarningRule(action="block"),  # type: ignore[arg-type]
    "warning of nothing": lambda: EarlyWarningRule(threshold_bits=0),
    "blocking template": lambda: SharedTemplateRule(action="block"),  # type: ignore[arg-type]
    "no band": lambda: CampaignRule(name="a", band="", action="allow"),
    "two names": lambda: GuardSettings(
        limits=(limit(),), campaign_rules=(CampaignRule(name="a", band="watch", action="allow"),)
    ),
    "two bands": lambda: GuardSettings(
        campaign_rules=(
            CampaignRule(name="a", band="watch", action="allow"),
            CampaignRule(name="b", band="watch", action="block"),
        )
    ),
    "unknown credential": lambda: GuardSettings(credential_modes={"stolen": "enforce"}),
    "no lifetime": lambda: GuardSettings(decision_seconds=0),
    "weak secret": lambda: GuardSettings(tag_secret=Secret(b"short")),
    "unknown fault": lambda: FaultPolicy(chosen={"no-snapshots": "open"}),
    "unknown mode": lambda: FaultPolicy(chosen={"no-snapshot": "ajar"}),
}


@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG)
def test_settings_that_make_no_sense_are_refused(make: Callable[[], object]) -> None:
    """What cannot be meant is an error when it is read, not when a request comes."""
    with pytest.raises(ConfigurationError):
        make()


def test_a_guard_does_nothing_until_it_is_told() -> None:
    """The defaults enforce nothing."""
    assert GuardSettings().mode == "shadow"
    assert limit().mode == EarlyWarningRule().mode == SharedTemplateRule().mode == "shadow"


def test_closed_means_that_the_request_does_not_pass() -> None:
    """Each fault's closed action stops a request, and waits where waiting helps."""
    for kind in FAULTS.values():
        assert kind.closed_action in {"throttle", "challenge", "block"}
        assert (kind.retry_after_seconds > 0) == (kind.closed_action == "throttle")
