"""Tells somebody of decisions, over HTTP, signed so that nobody else can and nobody can again.

The headers are those of the Standard Webhooks specification (https://www.standardwebhooks.com):
``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``, the last a keyed hash over all
three parts. A receiver refuses what is older than a few minutes and ids that it has seen.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from cautery.guard.background_delivery import BackgroundDelivery, Count
from cautery.records.decision import DECISION_SCHEMA, Action, Decision
from cautery.records.degraded import DegradedAnswer
from cautery.records.key import Secret
from cautery.records.request import RequestFacts

WEBHOOK_SCHEMA: Final = "cautery.webhook/1"
TOLERANCE_SECONDS: Final = 300.0
"""How old a message may be; the specification's own default."""
_TIMEOUT_SECONDS: Final = 10.0
_INTERVAL_SECONDS: Final = 1.0
_WAITING_BYTES: Final = 4 * 2**20
_MOST_AT_ONCE: Final = 100
_ENCODER: Final = msgspec.json.Encoder()


def sign(secret: Secret, message_id: str, timestamp: int, body: bytes) -> str:
    """Sign a message.

    Args:
        secret: Shared with the receiver.
        message_id: Of the message, unique.
        timestamp: When it is sent, seconds since 1970.
        body: What is sent.

    Returns:
        The value of ``webhook-signature``.
    """
    signed = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    digest = hmac.new(secret.reveal(), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def verify(
    secret: Secret,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: float,
    seen: set[str],
    tolerance_seconds: float = TOLERANCE_SECONDS,
) -> bool:
    """Say whether a message is what the guard sent, is fresh, and comes for the first time.

    Args:
        secret: Shared with the guard.
        headers: Of the message, names in lower case.
        body: Of the message, byte for byte.
        now: Seconds since 1970.
        seen: Ids that came before; this one is added. They may be forgotten after the tolerance.
        tolerance_seconds: How old, or how far in the future, a message may be.

    Returns:
        Whether it can be believed.

    Example:
        >>> secret, body = Secret(b"k" * 32), b"{}"
        >>> headers = {"webhook-id": "m1", "webhook-timestamp": "1000",
        ...            "webhook-signature": sign(secret, "m1", 1000, body)}
        >>> seen = set()
        >>> verify(secret, headers, body, now=1001, seen=seen)
        True
        >>> verify(secret, headers, body, now=1001, seen=seen)
        False
    """
    message_id, written = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not written.isdecimal() or len(written) > 12:
        return False
    if abs(now - int(written)) > tolerance_seconds:
        return False
    expected = sign(secret, message_id, int(written), body).encode()
    given = headers.get("webhook-signature", "").encode().split(b" ")
    if not any(hmac.compare_digest(expected, one) for one in given) or message_id in seen:
        return False
    seen.add(message_id)
    return True


class Webhook:
    """Tells one receiver, from a thread of its own; what it does not take is told again.

    Args:
        url: Where to.
        secret: To sign with.
        actions: Which enforced actions are told.
        count: What became of them.
        clock: Seconds since 1970.
    """

    def __init__(
        self,
        url: str,
        secret: Secret,
        actions: frozenset[Action],
        count: Count,
        clock: Callable[[], float] = time.time,
    ) -> None:
        parts = urlsplit(url)
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port
        self._path = parts.path or "/"
        self._secret = secret
        self._actions = actions
        self._clock = clock
        self._delivery = BackgroundDelivery(
            self._post,
            count,
            interval_seconds=_INTERVAL_SECONDS,
            most_bytes=_WAITING_BYTES,
            most_at_once=_MOST_AT_ONCE,
        )

    def announce(self, decision: Decision, facts: RequestFacts) -> None:
        """Tell of a decision, if its action is told; never waits and never raises."""
        if decision.enforced_action in self._actions:
            self._delivery.add(_ENCODER.encode(_told(decision, facts)))

    def announce_degraded(
        self, answer: DegradedAnswer, facts: RequestFacts, told_at: datetime
    ) -> None:
        """Tell nobody: receivers are told of decisions."""

    def flush(self) -> None:
        """Tell what waits."""
        self._delivery.flush()

    def close(self) -> None:
        """Tell what waits, once, and stop."""
        self._delivery.close()

    def _post(self, decisions: Sequence[bytes]) -> None:
        body = b'{"schema":"%b","decisions":[%b]}' % (
            WEBHOOK_SCHEMA.encode(),
            b",".join(decisions),
        )
        message_id, timestamp = f"msg_{secrets.token_hex(12)}", int(self._clock())
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(self._secret, message_id, timestamp, body),
        }
        kind = HTTPSConnection if self._secure else HTTPConnection
        connection = kind(self._host, self._port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request("POST", self._path, body, headers)
            status = connection.getresponse().status
        except HTTPException as error:
            raise OSError("the receiver did not answer in HTTP") from error
        finally:
            connection.close()
        if not 200 <= status < 300:
            raise OSError(f"the receiver answered {status}")


def _told(decision: Decision, facts: RequestFacts) -> dict[str, Any]:
    """Write what a receiver gets of a decision."""
    return {
        "schema": DECISION_SCHEMA,
        "decision_id": decision.decision_id,
        "request_id": decision.request_id,
        "action": decision.action,
        "enforced_action": decision.enforced_action,
        "mode": decision.mode,
        "reasons": [
            {"rule": reason.rule, "text": reason.text, "evidence": reason.evidence}
            for reason in decision.reasons
        ],
        "account_id": decision.account_id,
        "campaign_id": decision.campaign_id,
        "key_id": facts.key_id,
        "policy_version": decision.policy_version,
        "decided_at": decision.decided_at,
    }
