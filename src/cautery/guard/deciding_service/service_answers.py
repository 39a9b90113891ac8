"""What programs read that ask the service in JSON: results, and what is wrong with a question."""

from __future__ import annotations

import json
from typing import Final

from cautery.guard.answers import Answer, Headers

_NOTHING: Final = 204


def json_answer(content: bytes, request_id: str) -> Answer:
    """Give a result.

    Args:
        content: JSON.
        request_id: Of the question.

    Returns:
        The answer.
    """
    return Answer(status_code=200, headers=_headers(request_id), body=content, code="")


def nothing_answer(request_id: str) -> Answer:
    """Say that it is done, and that there is nothing to tell of it.

    Args:
        request_id: Of the question.

    Returns:
        The answer.
    """
    return Answer(status_code=_NOTHING, headers=_headers(request_id)[1:], body=b"", code="")


def wrong_question(
    request_id: str, message: str, *, place: str = "", status_code: int = 422
) -> Answer:
    """Say what is wrong with a question, to a program that asked it.

    Args:
        request_id: Of the question.
        message: One sentence.
        place: JSON path of what is wrong, empty for the whole.
        status_code: HTTP status.

    Returns:
        The answer, in the form of every error of the guard.
    """
    error = {
        "type": "invalid_request_error",
        "message": message,
        "code": "invalid_request",
        "param": place or None,
    }
    body = {"type": "error", "error": error, "request_id": request_id}
    return Answer(
        status_code=status_code,
        headers=(*_headers(request_id), ("x-should-retry", "false")),
        body=json.dumps(body, separators=(",", ":")).encode(),
        code="invalid_request",
    )


def _headers(request_id: str) -> Headers:
    return (
        ("content-type", "application/json"),
        ("x-request-id", request_id),
        ("request-id", request_id),
        ("cache-control", "no-store"),
    )
