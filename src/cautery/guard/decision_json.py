"""Writes decisions as ``cautery.decision/1``, and the little of them that a client sees."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from cautery.records.decision import DECISION_SCHEMA, Decision


def decision_record(decision: Decision) -> dict[str, Any]:
    """Turn a decision into plain values, in the order of the schema.

    Args:
        decision: The decision.

    Returns:
        What the audit trail keeps.
    """
    return {
        "schema": DECISION_SCHEMA,
        "decision_id": decision.decision_id,
        "request_id": decision.request_id,
        "action": decision.action,
        "enforced_action": decision.enforced_action,
        "mode": decision.mode,
        "reasons": [
            {"rule": reason.rule, "text": reason.text, "evidence": list(reason.evidence)}
            for reason in decision.reasons
        ],
        "account_id": decision.account_id,
        "campaign_id": decision.campaign_id,
        "watermark_key_id": decision.watermark_key_id,
        "policy_version": decision.policy_version,
        "decided_at": _written(decision.decided_at),
        "expires_at": _written(decision.expires_at),
        "degradations": list(decision.degradations),
        "retry_after_seconds": decision.retry_after_seconds,
        "allowlisted_by": decision.allowlisted_by,
        "faults": list(decision.faults),
        "defence_tiers": list(decision.defence_tiers),
    }


def decision_json(decision: Decision) -> bytes:
    """Write a decision as one line of JSON.

    Args:
        decision: The decision.

    Returns:
        UTF-8; lone surrogates, which JSON in UTF-8 cannot hold, are replaced.
    """
    record = decision_record(decision)
    try:
        return msgspec.json.encode(record)
    except UnicodeEncodeError:
        return msgspec.json.encode(_clean(record))


def storable_record(decision: Decision) -> dict[str, Any]:
    """Turn a decision into plain values that any reader of JSON can hold.

    Args:
        decision: The decision; its reasons may quote half of a surrogate pair.

    Returns:
        As ``decision_record``, with such halves replaced.
    """
    record: dict[str, Any] = _clean(decision_record(decision))
    return record


def client_view(decision: Decision) -> dict[str, Any]:
    """Give all that the client may learn of a decision: never a rule, a reason or a campaign.

    Args:
        decision: The decision.

    Returns:
        Its opaque identifier, what is done, and when to come again.

    Example:
        >>> now = datetime(2026, 11, 29, tzinfo=UTC)
        >>> client_view(Decision(decision_id="d-1", request_id="r", action="block",
        ...     enforced_action="allow", mode="shadow", reasons=(), account_id="a",
        ...     campaign_id="C-1", watermark_key_id="", policy_version="", decided_at=now,
        ...     expires_at=now))
        {'decision_id': 'd-1', 'action': 'allow', 'retry_after_seconds': 0}
    """
    # Marks and campaigns stay unsaid: an answer that is tagged looks like any other.
    action = "allow" if decision.enforced_action == "tag" else decision.enforced_action
    return {
        "decision_id": decision.decision_id,
        "action": action,
        "retry_after_seconds": decision.retry_after_seconds,
    }


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).isoformat(timespec='microseconds')[:-6]}Z"


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {key: _clean(one) for key, one in value.items()}
    return value
