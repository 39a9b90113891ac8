"""What a proxy is told to do; all of it is replaced at once when a configuration is read again."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field, fields
from typing import Literal

from cautery.guard.answers import AnswerSettings
from cautery.guard.authentication.client_certificate import CertificateHeader
from cautery.guard.degrading.settings import DegradeSettings
from cautery.guard.proxying.client_addresses import TrustedProxies
from cautery.guard.tag_carrier import TagCarrier
from cautery.ports import Authenticator, Decider
from cautery.ports.guard import DecisionTrail
from cautery.records.key import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of anything is taken, and how long anything may last."""

    head_bytes: int = 32 * 1024
    """Of a request's head."""
    body_bytes: int = 32 * 2**20
    """Of a request's body."""
    answer_bytes: int = 32 * 2**20
    """Of an answer that has to be changed as a whole; a longer one is not sent."""
    buffered_bytes: int = 2**30
    """Of all bodies of requests that are held at once."""
    connections: int = 4096
    """Of clients, at once."""
    head_seconds: float = 10.0
    """From a head's first byte to its last."""
    body_seconds: float = 60.0
    """From a body's first byte to its last."""
    idle_seconds: float = 75.0
    """Between one answer and the next request."""
    write_seconds: float = 60.0
    """That a client may take nothing of an answer that waits for it."""
    drain_seconds: float = 60.0
    """That answers may still take once the guard is asked to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamSettings:
    """The model server."""

    host: str
    """Name or address."""
    port: int
    """TCP port."""
    tls: ssl.SSLContext | None = None
    """How it is recognised; None for plain HTTP."""
    base_path: str = ""
    """What is put before every path; empty for nothing."""
    credential: Literal["forward", "remove"] | Secret = "forward"
    """Whether it sees the client's credential; a secret is sent as a bearer token instead."""
    connections: int = 256
    """At once, of one process."""
    waiting: int = 1024
    """Requests that may wait for a connection."""
    connect_seconds: float = 5.0
    """To open a connection, and to wait for a free one."""
    answer_seconds: float = 600.0
    """From the request to the answer's first byte."""
    silence_seconds: float = 300.0
    """Between two pieces of an answer."""
    idle_seconds: float = 50.0
    """That an unused connection is kept; shorter than the server keeps it."""

    @property
    def host_header(self) -> str:
        """What ``host`` says."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.tls else 80
        return name if self.port == usual else f"{name}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingSettings:
    """What a listener needs to know, whatever is asked there."""

    decider: Decider
    """The decision core."""
    authenticator: Authenticator
    """Who tells whose credential it is."""
    limits: Limits = field(default_factory=Limits)
    """Bounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeSettings(ServingSettings):
    """What a request and its answer are treated by, wherever they are met."""

    paths: tuple[str, ...] = ("/v1/",)
    """Beginnings of the paths that are served; everything else is not found."""
    proxies: TrustedProxies = field(default_factory=lambda: TrustedProxies(()))
    """Whose word on addresses is taken."""
    certificate_header: bytes = b""
    """Header in which those proxies tell a client's certificate, in lower case; empty for none."""
    certificate_form: CertificateHeader = "client-cert"
    """How they write it."""
    answers: AnswerSettings = field(default_factory=AnswerSettings)
    """The operator's words."""
    carrier: TagCarrier = field(default_factory=TagCarrier)
    """How the engine learns which key marks an answer."""
    stripped_fields: frozenset[str] = frozenset()
    """Further fields that no client may set, in lower case."""
    stripped_headers: frozenset[str] = frozenset()
    """Further headers that no client may send, in lower case."""
    degrade: DegradeSettings = field(default_factory=DegradeSettings)
    """What the operator says of degraded answers."""
    trail: DecisionTrail | None = None
    """Where it is written what became of them; None for nowhere."""
    sketch_key: Secret = field(default_factory=lambda: Secret(b""))
    """Key of sketches and hashes of texts; at most 64 bytes."""

    def in_front_of(self, upstream: UpstreamSettings) -> ProxySettings:
        """Say where a proxy of the same settings sends its requests."""
        known = {one.name: getattr(self, one.name) for one in fields(self)}
        return ProxySettings(upstream=upstream, **known)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxySettings(ExchangeSettings):
    """Everything that a request to the proxy is treated by."""

    upstream: UpstreamSettings
    """Where requests go."""
