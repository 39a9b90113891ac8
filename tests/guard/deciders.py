"""Fakes of the ports: a decision core that does as it is told, and one that knows two keys."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cautery.records.decision import Action, Decision
from cautery.records.identity import Identity, Presented, Unrecognised
from cautery.records.request import RequestFacts, UsageFacts

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ALLOW = Decision(
    decision_id="dec_allow",
    request_id="",
    action="allow",
    enforced_action="allow",
    mode="off",
    reasons=(),
    account_id="",
    campaign_id="",
    watermark_key_id="",
    policy_version="",
    decided_at=NOW,
    expires_at=NOW,
)
GOOD_KEY = "sk-planted-good-key-0123456789"


class FakeDecider:
    """Decides what it is told, and keeps what it is asked."""

    reads_templates = True

    def __init__(self, action: Action = "allow", **fields: Any) -> None:
        self.decision = replace(ALLOW, action=action, enforced_action=action, **fields)
        self.asked: list[RequestFacts] = []
        self.settled: list[UsageFacts] = []

    def decide(self, request: RequestFacts) -> Decision:
        self.asked.append(request)
        return replace(self.decision, request_id=request.request_id, account_id=request.account_id)

    def begin(self, request: RequestFacts) -> Decision | Future[Decision]:
        return self.decide(request)

    def settle(self, usage: UsageFacts) -> None:
        self.settled.append(usage)


class FakeAuthenticator:
    """Knows one key."""

    def authenticate(self, presented: Presented) -> Identity | Unrecognised:
        if presented.credential.reveal() == GOOD_KEY.encode():
            return Identity(account_id="acct-1", key_id="key-1", org_id="org-1")
        challenge = ("www-authenticate", "Bearer")
        return Unrecognised(
            fault="unknown" if len(presented.credential) else "missing", headers=(challenge,)
        )
