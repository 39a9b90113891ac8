"""Which path asks what, and what every question must show before it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cautery.guard.answers import answer_refusal
from cautery.guard.deciding_service.asking import Asking
from cautery.guard.deciding_service.gateway_checks import GatewayCheck
from cautery.guard.deciding_service.gateway_dialects import (
    DIALECTS,
    ENVOY,
    FORWARD,
    NGINX,
    GatewayDialect,
)
from cautery.guard.deciding_service.guardrail_checks import answer_guardrail
from cautery.guard.deciding_service.guardrail_forms import GUARDRAIL_PATH
from cautery.guard.deciding_service.openapi import OPENAPI_PATH, openapi_json
from cautery.guard.deciding_service.program_questions import answer_decide, answer_settle
from cautery.guard.deciding_service.service_answers import json_answer

_JSON: Final = b"application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A question that programs ask in JSON."""

    name: str
    """For metrics."""
    method: str
    """The one method."""
    answer: Callable[[Asking], None]
    """Answers it."""


def _answer_openapi(asking: Asking) -> None:
    asking.answer(json_answer(openapi_json(), asking.request_id))


_ENDPOINTS: Final = {
    "/v1/decide": Endpoint(name="decide", method="POST", answer=answer_decide),
    "/v1/settle": Endpoint(name="settle", method="POST", answer=answer_settle),
    GUARDRAIL_PATH: Endpoint(name="guardrail", method="POST", answer=answer_guardrail),
    OPENAPI_PATH: Endpoint(name="openapi", method="GET", answer=_answer_openapi),
}


def route(asking: Asking) -> None:
    """Find out what is asked, and by whom; then have it answered.

    Args:
        asking: The question.
    """
    target = asking.head.target
    if target.startswith("/authz/"):
        dialect = _dialect_of(target)
        if dialect is None:
            asking.refuse("path_not_served")
        else:
            _check_for_gateway(asking, dialect)
        return
    endpoint = _ENDPOINTS.get(target.partition("?")[0])
    if endpoint is None:
        asking.refuse("path_not_served")
        return
    _ask(asking, endpoint)


def _dialect_of(target: str) -> GatewayDialect | None:
    path = target.partition("?")[0]
    if path == NGINX.path:
        return NGINX
    if path == FORWARD.path:
        return FORWARD
    return ENVOY if path.startswith(f"{ENVOY.path}/") else None


def _check_for_gateway(asking: Asking, dialect: GatewayDialect) -> None:
    metrics = asking.service.metrics
    metrics.count("questions_total", dialect.name)
    connection = asking.connection
    if not asking.settings.callers.admit(asking.head, connection.certificate, own_credential=False):
        asking.service.note_stranger(asking.connection.peer)
        # Not 401: that is between the gateway and its client.
        answer = answer_refusal("stranger", asking.request_id)
        asking.send(*dialect.write(answer), answer.body)
        return
    GatewayCheck(asking, dialect).start()


def _ask(asking: Asking, endpoint: Endpoint) -> None:
    asking.service.metrics.count("questions_total", endpoint.name)
    head = asking.head
    if not asking.settings.callers.admit(head, asking.connection.certificate, own_credential=True):
        asking.service.note_stranger(asking.connection.peer)
        asking.refuse("unauthenticated", (("www-authenticate", "Bearer"),))
        return
    if head.method != endpoint.method:
        asking.refuse("method_not_allowed", (("allow", endpoint.method),))
        return
    kind = head.named.get(b"content-type", b"").partition(b";")[0].strip().lower()
    encoded = head.named.get(b"content-encoding", b"identity").lower() != b"identity"
    # A page in a browser cannot send this kind to another origin without being asked first.
    if endpoint.method == "POST" and (kind != _JSON or encoded):
        asking.refuse("unsupported_body")
        return
    endpoint.answer(asking)


ENDPOINT_NAMES: Final = (
    *(dialect.name for dialect in DIALECTS),
    *(endpoint.name for endpoint in _ENDPOINTS.values()),
)
"""Every label of ``questions_total``."""
