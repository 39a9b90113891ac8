"""What a client reads when the guard does not pass its request on.

One body serves both families of client libraries: OpenAI's reads ``error.type``, ``error.code``
and ``error.message``, Anthropic's reads ``type``, ``error.type`` and ``request_id``. Neither ever
learns why: a client that is told which rule caught it learns how to pass it. What it gets is an
opaque decision id, by which an analyst finds the record.

Both libraries try again on 408, 409, 429 and 5xx unless ``x-should-retry: false`` says that it is
of no use (openai 3.57, ``_base_client._should_retry``; anthropic 2.12, the same).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from cautery.records.decision import PASSING, Decision
from cautery.records.request import Dialect

Headers = tuple[tuple[str, str], ...]
"""Names in lower case and values, in the order in which they are sent."""

Refusal = Literal[
    "bad_request",
    "unauthenticated",
    "stranger",
    "path_not_served",
    "method_not_allowed",
    "request_timeout",
    "body_too_large",
    "unsupported_body",
    "expectation_failed",
    "head_too_large",
    "internal_error",
    "upstream_failed",
    "overloaded",
    "upstream_timeout",
]
"""Why the guard answers by itself without any rule's having asked for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer, for any adapter to send."""

    status_code: int
    """HTTP status."""
    headers: Headers
    """All but the framing (``content-length``, ``connection``), which is the adapter's."""
    body: bytes
    """JSON."""
    code: str
    """The machine-readable code in the body, for metrics and records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSettings:
    """What an operator may word by itself."""

    help_url: str = ""
    """Where a challenged client can verify itself or appeal, empty for nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wording:
    status_code: int
    error_type: str
    code: str
    message: str
    retry: bool | None = None
    """What ``x-should-retry`` says; None leaves it to the library's own rules."""


_REFUSALS: Final[dict[Refusal, _Wording]] = {
    "bad_request": _Wording(
        status_code=400,
        error_type="invalid_request_error",
        code="invalid_request",
        message="The request could not be read.",
        retry=False,
    ),
    "unauthenticated": _Wording(
        status_code=401,
        error_type="authentication_error",
        code="invalid_api_key",
        message="The credential is missing or not valid.",
        retry=False,
    ),
    "stranger": _Wording(
        status_code=403,
        error_type="permission_error",
        code="caller_refused",
        message="Who asks on this request's behalf may not ask here.",
        retry=False,
    ),
    "path_not_served": _Wording(
        status_code=404,
        error_type="not_found_error",
        code="not_found",
        message="There is nothing at this path.",
        retry=False,
    ),
    "method_not_allowed": _Wording(
        status_code=405,
        error_type="invalid_request_error",
        code="method_not_allowed",
        message="This method is not allowed here.",
        retry=False,
    ),
    "request_timeout": _Wording(
        status_code=408,
        error_type="timeout_error",
        code="request_timeout",
        message="The request took too long to arrive.",
    ),
    "body_too_large": _Wording(
        status_code=413,
        error_type="request_too_large",
        code="request_too_large",
        message="The request's body is too large.",
        retry=False,
    ),
    "unsupported_body": _Wording(
        status_code=415,
        error_type="invalid_request_error",
        code="unsupported_media_type",
        message="The request's body is not of a kind that is served here.",
        retry=False,
    ),
    "expectation_failed": _Wording(
        status_code=417,
        error_type="invalid_request_error",
        code="expectation_failed",
        message="What the request expects cannot be met.",
        retry=False,
    ),
    "head_too_large": _Wording(
        status_code=431,
        error_type="invalid_request_error",
        code="request_head_too_large",
        message="The request's head is too large.",
        retry=False,
    ),
    "internal_error": _Wording(
        status_code=500,
        error_type="api_error",
        code="internal_error",
        message="The request could not be handled.",
    ),
    "upstream_failed": _Wording(
        status_code=502,
        error_type="api_error",
        code="upstream_failed",
        message="The model server could not be reached or broke off.",
    ),
    "overloaded": _Wording(
        status_code=503,
        error_type="overloaded_error",
        code="overloaded",
        message="Too many requests at once.",
    ),
    "upstream_timeout": _Wording(
        status_code=504,
        error_type="timeout_error",
        code="upstream_timeout",
        message="The model server did not answer in time.",
    ),
}

_CHALLENGE: Final = _Wording(
    status_code=403,
    error_type="permission_error",
    code="verification_required",
    message="This account has to be verified before this request can be served.",
    retry=False,
)
_THROTTLE: Final = _Wording(
    status_code=429,
    error_type="rate_limit_error",
    code="rate_limit_exceeded",
    message="Too much was asked in too short a time.",
)
_BLOCK: Final = _Wording(
    status_code=403,
    error_type="permission_error",
    code="account_restricted",
    message="This account may not make this request.",
    retry=False,
)
_UNRECORDED: Final = _Wording(
    status_code=503,
    error_type="overloaded_error",
    code="temporarily_unavailable",
    message="The service cannot answer now. Try again.",
)
UNRECORDED: Final = "audit-failed"
"""Fault of a decision that is not on record: its identifier would lead nobody to it."""


def answer_decision(
    decision: Decision, dialect: Dialect, settings: AnswerSettings
) -> Answer | None:
    """Word what a decision does to its request.

    Args:
        decision: What the guard decided; only what it enforces counts.
        dialect: Whose client library asks, for the headers about limits.
        settings: The operator's words.

    Returns:
        The answer, or None if the request is passed on.
    """
    if decision.enforced_action in PASSING:
        return None
    if UNRECORDED in decision.faults:
        return _worded(_UNRECORDED, decision.request_id, {}, _unrecorded_headers(decision))
    extra: dict[str, str] = {"decision_id": decision.decision_id}
    headers: Headers = (("x-decision-id", decision.decision_id),)
    if decision.enforced_action == "throttle":
        seconds = max(1, decision.retry_after_seconds)
        headers += _limit_headers(seconds, dialect, decision.decided_at)
        return _worded(_THROTTLE, decision.request_id, extra, headers)
    wording = _CHALLENGE if decision.enforced_action == "challenge" else _BLOCK
    if settings.help_url:
        extra["help_url"] = settings.help_url
    return _worded(wording, decision.request_id, extra, headers)


def answer_refusal(refusal: Refusal, request_id: str, headers: Headers = ()) -> Answer:
    """Word what the guard answers when it cannot pass a request on.

    Args:
        refusal: Why.
        request_id: Of the request.
        headers: More headers, for example ``www-authenticate``.

    Returns:
        The answer.

    Example:
        >>> answer = answer_refusal("unauthenticated", "req_1")
        >>> answer.status_code, answer.code
        (401, 'invalid_api_key')
    """
    return _worded(_REFUSALS[refusal], request_id, {}, headers)


def _worded(wording: _Wording, request_id: str, extra: dict[str, str], headers: Headers) -> Answer:
    error = {
        "type": wording.error_type,
        "message": wording.message,
        "code": wording.code,
        "param": None,
        **extra,
    }
    body = {"type": "error", "error": error, "request_id": request_id}
    retry: Headers = ()
    if wording.retry is not None:
        retry = (("x-should-retry", "true" if wording.retry else "false"),)
    return Answer(
        status_code=wording.status_code,
        headers=(
            ("content-type", "application/json"),
            ("x-request-id", request_id),
            ("request-id", request_id),
            ("cache-control", "no-store"),
            *retry,
            *headers,
        ),
        body=json.dumps(body, separators=(",", ":")).encode(),
        code=wording.code,
    )


def _unrecorded_headers(decision: Decision) -> Headers:
    seconds = decision.retry_after_seconds
    return (("retry-after", str(seconds)),) if seconds else ()


def _limit_headers(seconds: int, dialect: Dialect, now: datetime) -> Headers:
    """Say when to come again in each manner of speech; how much is allowed is not said."""
    headers: Headers = (
        ("retry-after", str(seconds)),
        ("ratelimit", f'"default";r=0;t={seconds}'),
    )
    if dialect == "anthropic":
        reset = (now + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return (
            *headers,
            ("anthropic-ratelimit-requests-remaining", "0"),
            ("anthropic-ratelimit-requests-reset", reset),
        )
    return (
        *headers,
        ("x-ratelimit-remaining-requests", "0"),
        ("x-ratelimit-reset-requests", f"{seconds}s"),
    )
