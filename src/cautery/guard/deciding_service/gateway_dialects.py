"""How each kind of gateway says what it was asked, and what it makes of an answer.

Which dialect is spoken is told by the path that the operator configures, never guessed from
headers: a header that one gateway writes is what a client of the other may have written.

Sources: nginx, ``ngx_http_auth_request_module``; Envoy 1.40, ``envoy.filters.http.ext_authz`` with
``http_service``; Traefik 3, ForwardAuth, which Caddy's ``forward_auth`` follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from cautery.guard.answers import Answer, Refusal
from cautery.guard.proxying.request_head import METHODS, values_of

if TYPE_CHECKING:
    from cautery.guard.proxying.request_head import RequestHead

GatewayName = Literal["nginx", "envoy", "forward"]
"""Names of the dialects, as in their paths."""
_ENVOY_FAILS_FROM: Final = 500
_ENVOY_INSTEAD: Final = 429
_SECOND: Final = "1"


class UnreadableQuestionError(ValueError):
    """A question that does not say in one way what the client asked."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal: Refusal = refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRequest:
    """The client's request, as the gateway tells it."""

    method: str
    """HTTP method."""
    target: str
    """Path and query, as the client wrote them."""
    host: str
    """As the client named it."""
    scheme: str
    """How the client reached the gateway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayDialect:
    """One manner of asking."""

    name: GatewayName
    """Which."""
    path: str
    """Where it asks; of Envoy, what it puts before the client's path."""
    method_header: bytes
    """Where the client's method is; empty if it is that of the question."""
    target_header: bytes
    """Where the client's path is; empty if it is in that of the question."""
    host_header: bytes
    """Where the client's host is."""
    address_header: bytes = b"x-forwarded-for"
    """Where its address is; the last one in it is the gateway's word."""

    def read(self, head: RequestHead) -> AskedRequest:
        """Read what the client asked.

        Args:
            head: Of the question.

        Returns:
            The client's request.

        Raises:
            UnreadableQuestionError: The gateway does not say it, or says it twice.
        """
        method, target = head.method, head.target[len(self.path) :]
        if self.method_header:
            method = _only(head, self.method_header)
        if self.target_header:
            target = _only(head, self.target_header)
        if method not in METHODS:
            raise UnreadableQuestionError("method_not_allowed")
        scheme = "https" if head.named.get(b"x-forwarded-proto") == b"https" else "http"
        host = head.named.get(self.host_header, b"").decode("latin-1")
        return AskedRequest(method=method, target=target, host=host, scheme=scheme)

    def write(self, answer: Answer) -> tuple[int, tuple[tuple[str, str], ...]]:
        """Say an answer so that the gateway refuses the client's request by it.

        Args:
            answer: What the client is to read.

        Returns:
            Status and headers for the gateway; the body stays.
        """
        status = answer.status_code
        if self.name == "nginx":
            # All but 2xx, 401 and 403 is an error of the guard to it, and it drops the body.
            told = (
                ("x-cautery-status", str(status)),
                ("x-cautery-reason", answer.code),
                ("x-cautery-body", answer.body.decode("ascii")),
            )
            return (401 if status == 401 else 403), (*answer.headers, *told)
        if self.name == "envoy" and status >= _ENVOY_FAILS_FROM:
            # 5xx is a failure of the guard to it, and failure_mode_allow would let it pass.
            others = [pair for pair in answer.headers if pair[0] != "retry-after"]
            return _ENVOY_INSTEAD, (
                *others,
                ("retry-after", dict(answer.headers).get("retry-after", _SECOND)),
            )
        return status, answer.headers


def _only(head: RequestHead, name: bytes) -> str:
    """Take a header that stands once."""
    values = values_of(head, name)
    if len(values) != 1:
        raise UnreadableQuestionError("bad_request")
    return values[0].decode("latin-1")


NGINX: Final = GatewayDialect(
    name="nginx",
    path="/authz/nginx",
    method_header=b"x-original-method",
    target_header=b"x-original-uri",
    host_header=b"host",
)
ENVOY: Final = GatewayDialect(
    name="envoy",
    path="/authz/envoy",
    method_header=b"",
    target_header=b"",
    host_header=b"host",
    # To x-forwarded-for Envoy adds its own address when it asks.
    address_header=b"x-cautery-client-address",
)
FORWARD: Final = GatewayDialect(
    name="forward",
    path="/authz/forward",
    method_header=b"x-forwarded-method",
    target_header=b"x-forwarded-uri",
    host_header=b"x-forwarded-host",
)
DIALECTS: Final = (ENVOY, FORWARD, NGINX)
"""Every dialect."""
