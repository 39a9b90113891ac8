"""Requests and answers of the server, between ASGI and its endpoints."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from cautery.intel.taxii.media_types import TAXII
from cautery.intel.taxii.refusals import Refusal, RequestRefusedError, bad_request, too_large

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
CERTIFICATE: Final = "cautery.client_certificate"
"""Key of a scope: the client's certificate (DER), put there by the server that verified it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request, without its body."""

    method: str
    """As it was sent."""
    path: str
    """Decoded, without the query."""
    query: bytes
    """What stands behind the question mark."""
    headers: Mapping[str, str]
    """By name in lower case; repeated ones with commas between."""
    certificate: bytes
    """The client's certificate (DER); empty for none."""
    base_url: str
    """Where the client reached the server, as it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer."""

    status: int
    """HTTP status code."""
    body: bytes
    """A TAXII resource, as JSON."""
    headers: tuple[tuple[str, str], ...] = ()
    """Headers besides those that every answer has."""


def read_request(scope: Scope) -> Request:
    """Read the head of a request.

    Args:
        scope: Of ASGI.

    Returns:
        The request.
    """
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=scope.get("query_string", b""),
        headers=headers,
        certificate=scope.get(CERTIFICATE, b""),
        base_url=f"{scope.get('scheme', 'http')}://{headers.get('host', 'localhost')}",
    )


async def read_body(request: Request, receive: Receive, *, most: int, seconds: float) -> bytes:
    """Read the body of a request.

    Args:
        request: Its head.
        receive: Of ASGI.
        most: Bytes that it may have.
        seconds: How long it may take.

    Returns:
        The body.

    Raises:
        RequestRefusedError: It is too long, too slow, or ends early.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > most:
        raise too_large(f"A body may have {most} bytes.")
    try:
        return await asyncio.wait_for(_collect(receive, most), seconds)
    except TimeoutError:
        refusal = Refusal(
            status=408,
            title="The request took too long.",
            description=f"Its body must be here within {seconds:g} seconds.",
            headers=(("connection", "close"),),
        )
        raise RequestRefusedError(refusal) from None


async def _collect(receive: Receive, most: int) -> bytes:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise bad_request("The request ended before its body did.")
        body += message.get("body", b"")
        if len(body) > most:
            raise too_large(f"A body may have {most} bytes.")
        more = message.get("more_body", False)
    return bytes(body)


def answer_with(
    resource: Any, *, status: int = 200, headers: Iterable[tuple[str, str]] = ()
) -> Answer:
    """Make an answer.

    Args:
        resource: What it says.
        status: HTTP status code.
        headers: Headers of its own.

    Returns:
        The answer.
    """
    return Answer(status=status, body=msgspec.json.encode(resource), headers=tuple(headers))


def answer_to_refusal(refusal: Refusal, error_id: str) -> Answer:
    """Make the answer to a refused request: an error resource (section 3.6.1).

    Args:
        refusal: Why.
        error_id: Under which the server's log has it.

    Returns:
        The answer.
    """
    resource = {
        "title": refusal.title,
        "error_id": error_id,
        "http_status": str(refusal.status),
    }
    if refusal.description:
        resource["description"] = refusal.description
    return answer_with(resource, status=refusal.status, headers=refusal.headers)


async def send_answer(answer: Answer, send: Send) -> None:
    """Send an answer.

    Args:
        answer: The answer.
        send: Of ASGI.
    """
    headers = [
        ("content-type", TAXII),
        ("content-length", str(len(answer.body))),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        *answer.headers,
    ]
    encoded = [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers]
    start = {"type": "http.response.start", "status": answer.status, "headers": encoded}
    await send(start)
    await send({"type": "http.response.body", "body": answer.body})
