"""What becomes of a decision where its action cannot be carried out."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from cautery.records.decision import ACTIONS, Action, Decision

STAND_IN_SECONDS: Final = 60
"""When a client may come again whose answer would have been degraded elsewhere."""


def expressed(decision: Decision, carries_out: AbstractSet[Action]) -> Decision:
    """Make of a decision one that an adapter can carry out.

    Args:
        decision: As the decision core gave it.
        carries_out: What the adapter can express.

    Returns:
        The same, or one that enforces the next stricter action that can be expressed: whoever was
        to get less must not get more because of where it asks.

    Raises:
        ValueError: The adapter cannot even block.

    Example:
        >>> from datetime import UTC, datetime
        >>> now = datetime.now(UTC)
        >>> decision = Decision(
        ...     decision_id="d", request_id="r", action="degrade", enforced_action="degrade",
        ...     mode="enforce", reasons=(), account_id="", campaign_id="", watermark_key_id="",
        ...     policy_version="", decided_at=now, expires_at=now,
        ... )
        >>> expressed(decision, {"allow", "throttle", "block"}).enforced_action
        'throttle'
    """
    action = decision.enforced_action
    if action in carries_out:
        return decision
    for stricter in ACTIONS[ACTIONS.index(action) + 1 :]:
        if stricter in carries_out:
            seconds = decision.retry_after_seconds or STAND_IN_SECONDS
            return replace(decision, enforced_action=stricter, retry_after_seconds=seconds)
    raise ValueError(f"nothing as strict as {action} can be carried out")
