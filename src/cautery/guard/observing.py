"""A guard without rules: every request passes and is recorded, so that a scan can begin."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Final

from cautery.guard.opaque_ids import OpaqueIds
from cautery.records.decision import Decision
from cautery.records.making import maker_of
from cautery.records.request import RequestFacts, UsageFacts

_LIFETIME: Final = timedelta(seconds=1)
_made_decision: Final = maker_of(Decision)


class Observing:
    """Decides *allow* on everything (port ``Decider``).

    Example:
        >>> from datetime import UTC, datetime
        >>> facts = RequestFacts(arrived_at=datetime.now(UTC), request_id="r", account_id="a")
        >>> Observing().decide(facts).enforced_action
        'allow'
    """

    reads_templates = False
    """It looks at nothing."""

    def __init__(self) -> None:
        self._ids = OpaqueIds(os.urandom)

    def decide(self, request: RequestFacts) -> Decision:
        """Let a request pass."""
        return _made_decision(
            decision_id=self._ids.draw(),
            request_id=request.request_id,
            action="allow",
            enforced_action="allow",
            mode="off",
            reasons=(),
            account_id=request.account_id,
            campaign_id="",
            watermark_key_id="",
            policy_version="",
            decided_at=request.arrived_at,
            expires_at=request.arrived_at + _LIFETIME,
        )

    def begin(self, request: RequestFacts) -> Decision:
        """Let a request pass; nothing is waited for."""
        return self.decide(request)

    def settle(self, usage: UsageFacts) -> None:
        """Charge nothing: there are no limits."""
