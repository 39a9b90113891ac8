"""Security events in OCSF."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator
from tests.guard.deciders import ALLOW, NOW

from cautery.errors import ConfigurationError
from cautery.guard.events import EventLog, degraded_event, events_of
from cautery.records.decision import ACTIONS, Action, Reason
from cautery.records.degraded import AnswerCounts, DegradedAnswer
from cautery.records.request import RequestFacts

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
FACTS = RequestFacts(
    arrived_at=NOW,
    request_id="req_1",
    account_id="acct-1",
    key_id="key-1",
    org_id="org-1",
    client_address="203.0.113.9",
    country="NL",
    user_agent="a\x1b[31m\nb",
    operation="chat",
)
REASON = Reason(rule="campaign-band", text="It is in a campaign.", evidence=("case:abc",))
CLASSES = {6003: "api_activity", 2004: "detection_finding"}
SCHEMA = json.loads((VECTORS / "siem" / "ocsf-1.6.0-guard.schema.json").read_text())
"""What ocsf-schema says of the classes; ``make_ocsf.py`` beside it made it."""


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_is_an_event_of_its_class(action: Action) -> None:
    """Required attributes are there, and the numbers belong together."""
    decision = replace(ALLOW, action=action, enforced_action=action, reasons=(REASON,))
    events = events_of(decision, FACTS)
    assert [event["class_uid"] for event in events] == [6003, 2004]
    for event in events:
        of_class = {**SCHEMA, "$ref": f"#/$defs/{CLASSES[event['class_uid']]}"}
        Draft202012Validator(of_class).validate(json.loads(msgspec.json.encode(event)))
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
        assert event["metadata"]["version"] == "1.6.0"
    assert events[0]["actor"]["user"]["uid"] == "acct-1"
    assert events[1]["evidences"][0]["actor"]["user"]["uid"] == "acct-1"
    assert events[1]["finding_info"]["uid"] == decision.decision_id
    assert events[1]["evidences"][0]["data"]["pointers"] == ("case:abc",)


def test_without_reasons_there_is_no_finding() -> None:
    """A throttle by a plain limit is an activity only."""
    assert [event["class_uid"] for event in events_of(ALLOW, FACTS)] == [6003]


def test_a_degraded_answer_is_an_event_of_its_decision() -> None:
    """What was done and how much was left out, in counts; it names the decision."""
    answer = DegradedAnswer(
        decision_id="dec_1",
        request_id="req_1",
        account_id="acct-1",
        degradations=("answer_only",),
        defence_tiers=("likely",),
        before=AnswerCounts(choices=1, text_words=90),
        after=AnswerCounts(choices=1, text_words=2),
    )
    event = json.loads(msgspec.json.encode(degraded_event(answer, FACTS, ALLOW.decided_at)))
    Draft202012Validator({**SCHEMA, "$ref": "#/$defs/api_activity"}).validate(event)
    assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
    assert event["metadata"]["correlation_uid"] == "dec_1"
    assert event["unmapped"]["before"]["text_words"] == 90
    assert event["unmapped"]["defence_tiers"] == ["likely"]


def test_a_decision_that_degrades_says_what_it_does() -> None:
    """The event of the decision names the defences before the answer has come."""
    decision = replace(ALLOW, enforced_action="degrade", degradations=("answer_only",))
    assert events_of(decision, FACTS)[0]["unmapped"]["degradations"] == ("answer_only",)


def test_one_event_a_line_whatever_a_client_writes(tmp_path: Path) -> None:
    """Control characters stay escaped; the file is for its owner only."""
    counted: Counter[str] = Counter()
    path = tmp_path / "events.jsonl"
    log = EventLog(path, lambda outcome, by: counted.update({outcome: by}))
    log.announce(replace(ALLOW, action="block", reasons=(REASON,)), FACTS)
    log.flush()
    log.close()
    lines = path.read_text().splitlines()
    assert len(lines) == counted["written"] == 2
    assert json.loads(lines[0])["http_request"]["user_agent"] == FACTS.user_agent
    assert "\x1b" not in lines[0]
    assert path.stat().st_mode & 0o077 == 0


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    """It is said at the start."""
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        EventLog(tmp_path / "none" / "events.jsonl", lambda _outcome, _by: None)
