"""How gateways ask: by the path that the operator set, and by nothing that a client writes."""

from __future__ import annotations

import json

import pytest

from cautery.guard.answers import Refusal, answer_refusal
from cautery.guard.deciding_service.gateway_dialects import (
    DIALECTS,
    ENVOY,
    FORWARD,
    NGINX,
    AskedRequest,
    GatewayDialect,
    UnreadableQuestionError,
)
from cautery.guard.proxying.request_head import RequestHead, parse_head

CHAT = "/v1/chat/completions?a=1"


def head_of(line: str, *lines: str) -> RequestHead:
    return parse_head("\r\n".join([f"{line} HTTP/1.1", "Host: api", *lines, "", ""]).encode())


@pytest.mark.parametrize(
    ("dialect", "head"),
    [
        (NGINX, head_of("GET /authz/nginx", "X-Original-Method: POST", f"X-Original-URI: {CHAT}")),
        (
            FORWARD,
            head_of(
                "GET /authz/forward",
                "X-Forwarded-Method: POST",
                f"X-Forwarded-Uri: {CHAT}",
                "X-Forwarded-Host: api",
            ),
        ),
        (ENVOY, head_of(f"POST /authz/envoy{CHAT}")),
    ],
    ids=["nginx", "forward", "envoy"],
)
def test_reads_what_the_client_asked(dialect: GatewayDialect, head: RequestHead) -> None:
    """Method, path and host are the client's, in each manner of saying them."""
    asked = AskedRequest(method="POST", target=CHAT, host="api", scheme="http")
    assert dialect.read(head) == asked


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["X-Original-Method: POST"],
        [f"X-Original-URI: {CHAT}"],
        ["X-Original-Method: POST", f"X-Original-URI: {CHAT}", "X-Original-URI: /v1/models"],
        ["X-Original-Method: post", f"X-Original-URI: {CHAT}"],
        ["X-Original-Method: CONNECT", f"X-Original-URI: {CHAT}"],
        ["X-Forwarded-Method: POST", f"X-Forwarded-Uri: {CHAT}"],
    ],
    ids=["nothing", "no-path", "no-method", "two-paths", "small", "connect", "of-another"],
)
def test_what_is_not_said_once_is_refused(lines: list[str]) -> None:
    """A header that is missing or stands twice may be the client's, so nothing is taken from it."""
    with pytest.raises(UnreadableQuestionError):
        NGINX.read(head_of("GET /authz/nginx", *lines))


REFUSALS: tuple[tuple[Refusal, int], ...] = (
    ("bad_request", 400),
    ("unauthenticated", 401),
    ("stranger", 403),
    ("path_not_served", 404),
    ("overloaded", 503),
)


@pytest.mark.parametrize(("refusal", "status"), REFUSALS)
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: str(dialect.name))
def test_every_refusal_is_a_no(dialect: GatewayDialect, refusal: Refusal, status: int) -> None:
    """To nginx there is nothing but 401 and 403, and Envoy no 5xx, which it might let pass."""
    answer = answer_refusal(refusal, "req_1")
    given, headers = dialect.write(answer)
    told = dict(headers)
    if dialect is NGINX:
        assert given == (401 if status == 401 else 403)
        assert (told["x-cautery-status"], told["x-cautery-reason"]) == (str(status), answer.code)
        assert json.loads(told["x-cautery-body"]) == json.loads(answer.body)
    elif dialect is ENVOY:
        assert given == (429 if status == 503 else status)
        assert ("retry-after" in told) == (status == 503)
    else:
        assert given == status
    if dialect is not NGINX:
        assert not any(name.startswith("x-cautery-") for name in told)
