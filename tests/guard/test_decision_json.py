from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import jsonschema
import pytest
from tests.guard.guard_cases import FakePolicy, finding, make_guard, request

from cautery.guard.decision_json import client_view, decision_json, decision_record
from cautery.guard.decision_schema import SCHEMA_PATH, decision_schema, schema_text
from cautery.guard.faults import FAULTS
from cautery.records.decision import ACTIONS, Decision, Reason

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "guard" / "decision.json"
DOCS = ROOT / "docs" / "reference"
DECISION = Decision(
    decision_id="d-00112233445566778899aabbccddeeff",
    request_id="req-1",
    action="block",
    enforced_action="degrade",
    mode="shadow",
    reasons=(
        Reason(rule="region", text="The billing country is denied.", evidence=("list 2026-11-01",)),
        Reason(rule="reasoning", text="Tier below document."),
    ),
    account_id="acct-1",
    campaign_id="C-2026-0001",
    watermark_key_id="k-0123456789abcdef0123",
    policy_version="ab" * 32,
    decided_at=datetime(2026, 11, 29, 12, 0, 0, 1, tzinfo=UTC),
    expires_at=datetime(2026, 11, 29, 13, 0, 1, tzinfo=timezone(timedelta(hours=1))),
    degradations=("hide_reasoning", "drop_logprobs"),
    faults=("snapshot-stale",),
)


def test_the_published_schema_is_that_of_the_records() -> None:
    """Who changes a record publishes its schema again."""
    assert SCHEMA_PATH.read_text(encoding="utf-8") == schema_text()


def test_a_decision_is_written_as_ever() -> None:
    """The bytes are those of the golden file, and they follow the schema."""
    written = decision_json(DECISION)
    assert written + b"\n" == GOLDEN.read_bytes()
    jsonschema.validate(json.loads(written), decision_schema())


def test_decisions_of_a_guard_follow_the_schema() -> None:
    """What a guard gives, and what its audit trail keeps."""
    policy = FakePolicy(finding("throttle", retry_after_seconds=3), finding("degrade", "shadow"))
    decision = make_guard(policy=policy).decide(request())
    jsonschema.validate(decision_record(decision), decision_schema())


@pytest.mark.parametrize("text", ["\ud800", "\x00\n", "\u202e"])
def test_hostile_text_is_written(text: str) -> None:
    """Identifiers and sentences may hold anything; the line stays one line of JSON."""
    why = Reason(rule=text, text=text, evidence=(text,))
    written = decision_json(replace(DECISION, account_id=text, reasons=(why,)))
    assert b"\n" not in written
    jsonschema.validate(json.loads(written), decision_schema())


def test_a_client_learns_no_reason() -> None:
    """Of rules, evidence, campaign, keys and faults nothing is in what a client sees."""
    shown = json.dumps(client_view(DECISION))
    assert json.loads(shown) == {
        "decision_id": DECISION.decision_id,
        "action": "degrade",
        "retry_after_seconds": 0,
    }
    assert client_view(replace(DECISION, enforced_action="tag"))["action"] == "allow"


def test_the_page_lists_every_field() -> None:
    """The reference has a row for each field and each action of the schema."""
    page = (DOCS / "decision-record.md").read_text(encoding="utf-8")
    schema = decision_schema()
    fields = {**schema["properties"], **schema["$defs"]["Reason"]["properties"]}
    missing = [n for n, field in fields.items() if f"| `{n}` |" not in page]
    missing += [n for n, field in fields.items() if field["description"] not in page]
    assert missing == []
    assert [action for action in ACTIONS if f"| `{action}` |" not in page] == []


def test_the_page_of_faults_lists_each() -> None:
    """With what happened, how it fails by default, and what closed means."""
    page = (DOCS / "guard-faults.md").read_text(encoding="utf-8")
    for name, kind in FAULTS.items():
        assert f"| `{name}` | {kind.what} | {kind.default} | `{kind.closed_action}`" in page
