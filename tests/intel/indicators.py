"""Records for the tests of intelligence: keys, observables, bulletins, indicators."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from tests.report.cases import example_case

from cautery.intel.bulletins import make_bulletin
from cautery.intel.epoch_keys import EpochKey, GroupKeys
from cautery.intel.sharing_choices import SharingChoices
from cautery.records.bulletin import Bulletin
from cautery.records.case import Case
from cautery.records.indicator import INDICATOR_KINDS, Indicator, IndicatorKind, Observable
from cautery.records.key import Secret

NOW: Final = datetime(2026, 11, 1, 12, tzinfo=UTC)
"""When tests take place: a few days after the example case ends."""
EPOCH: Final = datetime(2026, 10, 26, tzinfo=UTC)

VALUES: Final[dict[IndicatorKind, str]] = {
    "account": "acct_0001",
    "address": "198.51.100.7",
    "autonomous_system": "64500",
    "email_domain": "mail.example",
    "network": "198.51.100.0/24",
    "organisation": "org_1",
    "payment": "pm_8c1f3a7d2e54",
    "template": "Solve the following task step by step and show all of your reasoning. {...}",
    "tls_fingerprint": "t13d1516h2_8daaf6152771_02713d6af862",
}
"""A value of every kind, in its one spelling."""


def epoch_key(number: int = 0, group: str = "labs") -> EpochKey:
    """Make the key of an epoch, the same for everybody who asks for that number."""
    value = sha256(f"{group} {number}".encode()).digest()
    start = EPOCH + timedelta(days=7 * number)
    digest = sha256(b"cautery sharing key id\0" + value).hexdigest()[:8]
    return EpochKey(
        key_id=f"{group}/{start:%Y-%m-%d}/{digest}",
        secret=Secret(value),
        valid_from=start,
        valid_until=start + timedelta(days=7),
    )


KEYS: Final = GroupKeys(group="labs", keys=(epoch_key(),))


def observable(kind: IndicatorKind, value: str = "", **changes: Any) -> Observable:
    """Make an observable of the example's first campaign that is fit to be shared."""
    made = Observable(
        kind=kind,
        value=value or VALUES[kind],
        campaign_id="C-2026-0001",
        accounts=12,
        first_seen="2026-10-03T00:01:00Z",
        last_seen="2026-10-20T23:58:41Z",
    )
    return replace(made, **changes)


def observables() -> list[Observable]:
    """Make one observable of every kind."""
    return [observable(kind) for kind in INDICATOR_KINDS]


def choices(**changes: Any) -> SharingChoices:
    """Choose to share every kind."""
    made = SharingChoices(provider="Example AI", kinds=frozenset(INDICATOR_KINDS))
    return replace(made, **changes)


def bulletin(case: Case | None = None, **changes: Any) -> Bulletin:
    """Make the bulletin of the example case."""
    return make_bulletin(case or example_case(), observables(), epoch_key(), choices(**changes))


def indicator(kind: IndicatorKind = "address", value: str = "", **changes: Any) -> Indicator:
    """Make an indicator in clear that holds at ``NOW``."""
    made = Indicator(
        indicator_id="indicator--0d6a1f0c-8c5b-4a0e-9f63-2b7e4c1d9a58",
        kind=kind,
        form="clear",
        value=value or VALUES[kind],
        confidence=90,
        created="2026-10-03T00:01:00.000Z",
        modified="2026-10-28T23:11:09.000Z",
        valid_from="2026-10-03T00:01:00.000Z",
        valid_until="2026-11-20T00:00:00.000Z",
        source="Example AI",
        source_id="identity--0d6a1f0c-8c5b-4a0e-9f63-2b7e4c1d9a58",
        given_by="Lab A",
    )
    return replace(made, **changes)
