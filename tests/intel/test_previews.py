"""Previews: every field of a case is accounted for, and the numbers are those of the export."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace

from tests.intel.indicators import choices, epoch_key, observable, observables
from tests.report.cases import example_case

from cautery.intel.bulletins import make_bulletin
from cautery.intel.previews import preview_of
from cautery.intel.shared_fields import FIELDS
from cautery.records.campaign import Campaign, Member, Template
from cautery.records.case import Case
from cautery.records.evidence import Weight


def test_every_field_of_a_case_is_accounted_for() -> None:
    """A new field of a case is in no preview until somebody says what becomes of it."""
    for record in (Case, Campaign, Member, Template, Weight):
        told = [row.field for row in FIELDS if row.record == record.__name__]
        assert told == sorted(field.name for field in fields(record)), record.__name__


def test_numbers_are_those_of_the_export() -> None:
    """What the preview counts as shared is what the bulletin holds, kind by kind."""
    for key in (None, epoch_key()):
        made = make_bulletin(example_case(), observables(), key, choices())
        found = preview_of(example_case(), observables(), key, choices())
        shared = Counter(one.kind for one in made.indicators)
        assert {row.kind: row.shared for row in found.kinds if row.shared} == dict(shared)
        assert found.campaigns == tuple(one.name for one in made.campaigns)


def test_reasons() -> None:
    """Each value that stays has its reason."""
    rows = [
        observable("payment", "pm_1", accounts=1),
        observable("payment", "pm_2", accounts=4, other_accounts=2),
        observable("payment", "pm_3", campaign_id="C-2026-9999"),
        observable("address", "nowhere"),
        observable("template", "Explain: {...}"),
        observable("account"),
    ]
    some = replace(choices(), kinds=choices().kinds - {"account"})
    found = preview_of(example_case(), rows, epoch_key(), some)
    reasons = {row.kind: dict(row.withheld) for row in found.kinds if row.withheld}
    assert reasons["payment"] == {
        "one account alone shows it": 1,
        "others have it too": 1,
        "its campaign is not shared": 1,
    }
    assert reasons["address"] == {"it is no value of its kind": 1}
    assert reasons["account"] == {"its kind was not asked for": 1}
    assert reasons["template"]["it is too short to be told from a phrase"] >= 1


def test_what_is_never_shared_is_counted() -> None:
    """Permitted groups, near misses and low bands are named as staying."""
    case = example_case()
    found = preview_of(case, [], None, choices(least_band="very likely"))
    assert found.permitted_groups == len(case.permitted_groups)
    assert found.near_misses == len(case.near_misses)
    low = [one.campaign_id for one in case.campaigns if one.probability < 0.99]
    assert list(found.withheld_campaigns) == low
