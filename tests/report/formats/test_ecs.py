"""Findings in ECS have its fields, of its types and allowed values, and ``cautery`` beside them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.report.cases import crowded_case, empty_case, example_case
from tests.report.golden import golden
from tests.report.hostile import HOSTILE, case_with_text
from tests.report.judged import judged_case

from cautery.records.case import Case
from cautery.report.formats.ecs import ECS_VERSION, MEMBER

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "siem"
ECS = json.loads((VECTORS / "ecs-9.4.0-fields.json").read_text())
FIELDS: dict[str, dict[str, Any]] = ECS["fields"]


def written(case: Case) -> str:
    """Write the findings of a case."""
    stream = io.StringIO()
    MEMBER.write(case, stream)
    return stream.getvalue()


def alerts_of(case: Case) -> list[dict[str, Any]]:
    """Read them back."""
    return [json.loads(line) for line in written(case).splitlines()]


def flat(value: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Name the fields of a document as ECS does."""
    for name, item in value.items():
        if isinstance(item, dict):
            yield from flat(item, f"{prefix}{name}.")
        else:
            yield prefix + name, item


def faults_of(alert: dict[str, Any]) -> list[str]:
    """Check a document against the fields of ECS."""
    faults = []
    fields = dict(flat({name: item for name, item in alert.items() if name != "cautery"}))
    for name, value in fields.items():
        field = FIELDS.get(name)
        if field is None:
            faults.append(f"{name} is no field")
        elif field.get("array", False) != isinstance(value, list):
            faults.append(f"{name} is a list or not")
        else:
            faults += [
                f"{name}: {one!r}"
                for one in (value if isinstance(value, list) else [value])
                if not fits(field, one)
            ]
    faults += [f"{n} is missing" for n in FIELDS if FIELDS[n].get("required") and n not in fields]
    kinds = FIELDS["event.category"]["expected_event_types"]
    for category in alert["event"]["category"]:
        faults += [t for t in alert["event"]["type"] if t not in kinds.get(category, [])]
    return faults


def fits(field: dict[str, Any], value: Any) -> bool:
    """Whether one value is of a field's type, and allowed."""
    if "allowed_values" in field and value not in field["allowed_values"]:
        return False
    kind = field["type"]
    if kind == "date":
        return datetime.fromisoformat(value) is not None
    if kind in {"keyword", "match_only_text", "wildcard"}:
        return isinstance(value, str) and len(value) <= 1_024
    if kind == "long":
        return isinstance(value, int) and not isinstance(value, bool)
    return kind == "float" and isinstance(value, float)


def test_golden() -> None:
    """The findings of a known case are what they were."""
    text = written(judged_case())
    assert text == golden("findings-judged.ecs.jsonl", text)


@pytest.mark.parametrize("case", [example_case(), judged_case(), crowded_case()])
def test_fields(case: Case) -> None:
    """Every field is one of ECS, of its type, with an allowed value."""
    assert ECS["version"] == ECS_VERSION
    for alert in alerts_of(case):
        assert faults_of(alert) == []


def test_the_check_refuses_what_is_wrong() -> None:
    """The check itself is no sham."""
    (alert, *_) = alerts_of(judged_case())
    event = alert["event"]
    wrong: list[dict[str, Any]] = [
        {"event": event | {"kind": "suspicion"}},
        {"event": event | {"type": ["creation"]}},
        {"event": event | {"severity": "high"}},
        {"event": event | {"action": ["a"]}},
        {"verdict": "guilty"},
    ]
    for change in wrong:
        assert faults_of(alert | change)
    del alert["@timestamp"]
    assert faults_of(alert) == ["@timestamp is missing"]


def test_one_a_campaign_and_one_an_accused_account() -> None:
    """Accounts carry their name and organisation where ECS wants them."""
    alerts = alerts_of(judged_case())
    assert [alert["event"]["action"] for alert in alerts].count("distillation-campaign") == 2
    names = [alert["user"]["id"] for alert in alerts if "user" in alert]
    assert names[:2] == ["acct_0001", "acct_0002"]
    assert len(names) == 8
    assert alerts_of(empty_case()) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts(text: str) -> None:
    """One line a finding, printable, and still of ECS."""
    lines = written(case_with_text(text)).splitlines()
    assert len(lines) == 2
    for line in lines:
        assert line.isprintable()
        assert faults_of(json.loads(line)) == []
