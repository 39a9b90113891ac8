"""Findings in OCSF are what the published class says, and as many as the case has."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.report.cases import crowded_case, empty_case, example_case
from tests.report.golden import golden
from tests.report.hostile import HOSTILE, case_with_text
from tests.report.judged import judged_case

from cautery.records.case import Case
from cautery.report.findings import MOST_REASONS, MOST_TEXT
from cautery.report.formats.ocsf import MEMBER

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "siem"
SCHEMA = json.loads((VECTORS / "ocsf-1.6.0-detection-finding.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def written(case: Case) -> str:
    """Write the findings of a case."""
    stream = io.StringIO()
    MEMBER.write(case, stream)
    return stream.getvalue()


def events_of(case: Case) -> list[dict[str, Any]]:
    """Read them back."""
    return [json.loads(line) for line in written(case).splitlines()]


def test_golden() -> None:
    """The findings of a known case are what they were."""
    text = written(judged_case())
    assert text == golden("findings-judged.ocsf.jsonl", text)


@pytest.mark.parametrize("case", [example_case(), judged_case(), crowded_case()])
def test_schema(case: Case) -> None:
    """Every attribute is one of the class, of its type; what is required is there."""
    for event in events_of(case):
        unmapped = event.pop("unmapped")
        VALIDATOR.validate(event)
        assert unmapped["band"]
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]


def test_the_schema_refuses_what_is_wrong() -> None:
    """The check itself is no sham."""
    (event, *_) = events_of(judged_case())
    event.pop("unmapped")
    wrong: list[dict[str, Any]] = [
        {"severity_id": 7},
        {"time": "now"},
        {"more": 1},
        {"finding_info": {"title": "no uid"}},
        {"class_uid": 2001},
    ]
    for change in wrong:
        assert not VALIDATOR.is_valid(event | change)


def test_one_a_campaign_and_one_an_accused_account() -> None:
    """Permitted groups, near misses and accounts in no band are none."""
    case = judged_case()
    events = events_of(case)
    accused = [m for group in case.campaigns for m in group.members if m.band]
    assert len(events) == len(case.campaigns) + len(accused)
    names = [event["resources"][0]["uid"] for event in events if "resources" in event]
    assert names == [member.account_id for member in accused]
    assert events_of(empty_case()) == []


def test_accounts_point_to_their_campaign() -> None:
    """A SIEM can follow an account to the campaign's own event."""
    events = events_of(judged_case())
    uids = {event["metadata"]["uid"] for event in events}
    assert len(uids) == len(events)
    for event in events:
        for related in event["finding_info"].get("related_events", []):
            assert related["uid"] in uids
    assert sum("related_events" in event["finding_info"] for event in events) == 8


def test_figures() -> None:
    """Score, times and counts are those of the case."""
    case = judged_case()
    event = events_of(case)[0]
    group = case.campaigns[0]
    assert event["confidence_score"] == group.score
    assert event["count"] == group.exchanges
    assert event["unmapped"]["probability"] == group.probability
    assert event["start_time"] == 1_790_985_660_000
    assert [one["data"]["bits"] for one in event["evidences"]] == [
        4.6,
        4.5,
        3.2,
        2.4,
        -1.6,
        1.5,
        -0.4,
    ]
    assert len(event["evidences"]) <= MOST_REASONS


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts(text: str) -> None:
    """One line a finding, printable, short, and still of the class."""
    lines = written(case_with_text(text)).splitlines()
    assert len(lines) == 2
    for line in lines:
        assert line.isprintable()
        assert "<" not in line
        event = json.loads(line)
        event.pop("unmapped")
        VALIDATOR.validate(event)
        assert len(event["message"]) <= MOST_TEXT + 20
