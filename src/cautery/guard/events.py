"""Decisions as security events in OCSF 1.6: what a SIEM takes without a parser of its own.

Every decision that asks for something is an *API Activity* (class 6003) with what was done; where
rules gave reasons it is a *Detection Finding* (class 2004) as well. Reasons go to the analyst here,
never to the client. See https://schema.ocsf.io/1.6.0/classes/detection_finding.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from cautery import __version__
from cautery.errors import ConfigurationError
from cautery.guard.background_delivery import BackgroundDelivery, Count
from cautery.records.decision import PASSING, Action, Decision
from cautery.records.degraded import DegradedAnswer
from cautery.records.request import RequestFacts

OCSF_VERSION: Final = "1.6.0"
API_ACTIVITY: Final = 6003
DETECTION_FINDING: Final = 2004
_OTHER_ACTIVITY: Final = 99
_CREATE: Final = 1
_DISPOSITIONS: Final[dict[Action, int]] = {
    "allow": 1,  # Allowed
    "tag": 18,  # Tagged
    "degrade": 7,  # Custom Action
    "throttle": 14,  # Delayed
    "challenge": 23,  # Challenge
    "block": 2,  # Blocked
}
_SEVERITIES: Final[dict[Action, int]] = {
    "allow": 1,  # Informational
    "tag": 2,  # Low
    "degrade": 3,  # Medium
    "throttle": 2,  # Low
    "challenge": 3,  # Medium
    "block": 4,  # High
}
_PRODUCT: Final = {"name": "cautery", "vendor_name": "cautery", "version": __version__}
_ENCODER: Final = msgspec.json.Encoder()
_FLUSH_SECONDS: Final = 0.5
_WAITING_BYTES: Final = 16 * 2**20


def events_of(decision: Decision, facts: RequestFacts) -> list[dict[str, Any]]:
    """Write a decision as events.

    Args:
        decision: The decision.
        facts: Of its request.

    Returns:
        One event, or two if there are reasons.
    """
    activity = {
        **_base(decision, API_ACTIVITY, _OTHER_ACTIVITY),
        "activity_name": facts.operation or "request",
        "api": {
            "operation": facts.operation or "request",
            "request": {"uid": facts.request_id},
            "response": {"error": "" if decision.enforced_action in PASSING else "refused"},
        },
        "http_request": {"user_agent": facts.user_agent, "uid": facts.request_id},
        "src_endpoint": _endpoint(facts),
        **_control(decision),
        **_actor(decision, facts),
    }
    if not decision.reasons:
        return [activity]
    finding = {
        **_base(decision, DETECTION_FINDING, _CREATE),
        "activity_name": "Create",
        "status_id": 1,
        "is_alert": decision.enforced_action not in PASSING,
        "finding_info": {
            "uid": decision.decision_id,
            "title": f"Guard asks to {decision.action}: {decision.reasons[0].rule}",
            "desc": " ".join(reason.text for reason in decision.reasons),
            "analytic": {"type_id": 1, "name": decision.reasons[0].rule},
            "created_time": _milliseconds(decision),
        },
        "evidences": [
            {
                "data": {"rule": reason.rule, "text": reason.text, "pointers": reason.evidence},
                **_actor(decision, facts),
            }
            for reason in decision.reasons
        ],
        **_control(decision),
    }
    return [activity, finding]


def _base(decision: Decision, class_uid: int, activity_id: int) -> dict[str, Any]:
    return {
        "category_uid": class_uid // 1000,
        "class_uid": class_uid,
        "activity_id": activity_id,
        "type_uid": class_uid * 100 + activity_id,
        "severity_id": _SEVERITIES[decision.action],
        "time": _milliseconds(decision),
        "message": f"{decision.action} ({decision.enforced_action} enforced)",
        "metadata": {
            "version": OCSF_VERSION,
            "uid": decision.decision_id,
            "profiles": ["security_control"],
            "product": _PRODUCT,
        },
        "unmapped": {
            "mode": decision.mode,
            "policy_version": decision.policy_version,
            "campaign_id": decision.campaign_id,
            **_degrading(decision),
        },
    }


def _degrading(decision: Decision) -> dict[str, Any]:
    """Name what is done to an answer, of decisions that say so."""
    if not decision.degradations:
        return {}
    return {"degradations": decision.degradations, "defence_tiers": decision.defence_tiers}


def degraded_event(
    answer: DegradedAnswer, facts: RequestFacts, told_at: datetime
) -> dict[str, Any]:
    """Write what became of a degraded answer as an event that belongs to its decision's.

    Args:
        answer: What became of it.
        facts: Of its request.
        told_at: UTC.

    Returns:
        One event; counts and no text.
    """
    return {
        "category_uid": API_ACTIVITY // 1000,
        "class_uid": API_ACTIVITY,
        "activity_id": _OTHER_ACTIVITY,
        "activity_name": "degraded answer",
        "type_uid": API_ACTIVITY * 100 + _OTHER_ACTIVITY,
        "severity_id": _SEVERITIES["degrade"],
        "time": round(told_at.timestamp() * 1000),
        "message": f"answer degraded: {', '.join(answer.degradations)}",
        "metadata": {
            "version": OCSF_VERSION,
            "correlation_uid": answer.decision_id,
            "profiles": ["security_control"],
            "product": _PRODUCT,
        },
        "action_id": 1,
        "disposition_id": _DISPOSITIONS["degrade"],
        "api": {"operation": facts.operation or "request", "request": {"uid": facts.request_id}},
        "src_endpoint": _endpoint(facts),
        "actor": {"user": {"uid": answer.account_id, "credential_uid": facts.key_id}},
        "unmapped": asdict(answer),
    }


def _control(decision: Decision) -> dict[str, Any]:
    passes = decision.enforced_action in PASSING
    return {
        "action_id": 1 if passes else 2,
        "disposition_id": _DISPOSITIONS[decision.enforced_action],
    }


def _actor(decision: Decision, facts: RequestFacts) -> dict[str, Any]:
    user = {"uid": decision.account_id or facts.account_id, "credential_uid": facts.key_id}
    if facts.org_id:
        return {"actor": {"user": {**user, "org": {"uid": facts.org_id}}}}
    return {"actor": {"user": user}}


def _endpoint(facts: RequestFacts) -> dict[str, Any]:
    endpoint: dict[str, Any] = {"ip": facts.client_address}
    if facts.country:
        endpoint["location"] = {"country": facts.country}
    if facts.asn:
        endpoint["autonomous_system"] = {"number": facts.asn}
    return endpoint


def _milliseconds(decision: Decision) -> int:
    return round(decision.decided_at.timestamp() * 1000)


def check_events_file(path: Path) -> None:
    """See whether events can be appended to a file; it is not made.

    Args:
        path: The file.

    Raises:
        ConfigurationError: It cannot be made or appended to.
    """
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise ConfigurationError(
            "the file for events cannot be opened",
            where=str(path),
            hint="Its folder must be there, and this user must be able to write to it.",
        )


class EventLog:
    """Appends events to a file, one a line.

    Args:
        path: The file; made if it is not there, for its owner only.
        count: What became of the events.

    Raises:
        ConfigurationError: It cannot be opened.
    """

    def __init__(self, path: Path, count: Count) -> None:
        self._path = path
        try:
            self._file = self._opened()
        except OSError as error:
            raise ConfigurationError(
                f"the file for events cannot be opened: {error.strerror}", where=str(path)
            ) from error
        self._delivery = BackgroundDelivery(
            self._write, count, interval_seconds=_FLUSH_SECONDS, most_bytes=_WAITING_BYTES
        )

    def announce(self, decision: Decision, facts: RequestFacts) -> None:
        """Write a decision down; never waits and never raises."""
        for event in events_of(decision, facts):
            self._delivery.add(_ENCODER.encode(event) + b"\n")

    def announce_degraded(
        self, answer: DegradedAnswer, facts: RequestFacts, told_at: datetime
    ) -> None:
        """Write down what became of a degraded answer; never waits and never raises."""
        self._delivery.add(_ENCODER.encode(degraded_event(answer, facts, told_at)) + b"\n")

    def flush(self) -> None:
        """Write what waits."""
        self._delivery.flush()

    def close(self) -> None:
        """Write what waits and let go of the file."""
        self._delivery.close()
        os.close(self._file)

    def _opened(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def _write(self, lines: Sequence[bytes]) -> None:
        size = os.fstat(self._file).st_size
        left = memoryview(b"".join(lines))
        try:
            while left:
                left = left[os.write(self._file, left) :]
        except OSError:
            os.ftruncate(self._file, size)
            raise
