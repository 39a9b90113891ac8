"""What a decision service is told; all of it is replaced at once, as the proxy's settings are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from cautery.guard.answers import AnswerSettings
from cautery.guard.authentication.client_certificate import CertificateHeader
from cautery.guard.deciding_service.callers import Callers
from cautery.guard.proxying.client_addresses import TrustedProxies
from cautery.guard.proxying.settings import ServingSettings
from cautery.records.key import Secret

TAG_HEADER: Final = "x-cautery-key-id"
"""Header by which a server learns which key marks its answer, if the operator names no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings(ServingSettings):
    """Everything that a question to the service is treated by."""

    callers: Callers
    """Who may ask."""
    paths: tuple[str, ...] = ("/v1/",)
    """Beginnings of the clients' paths that are served; everything else is not found."""
    proxies: TrustedProxies = field(default_factory=lambda: TrustedProxies(()))
    """Proxies before the gateway, whose word on addresses is taken as well as the gateway's."""
    certificate_header: bytes = b""
    """Header in which a gateway tells its client's certificate, in lower case; empty for none."""
    certificate_form: CertificateHeader = "client-cert"
    """How it writes it."""
    answers: AnswerSettings = field(default_factory=AnswerSettings)
    """The operator's words."""
    tag_header: str = TAG_HEADER
    """Header of the watermark key's identifier, for the server behind the gateway."""
    server_degrades: bool = False
    """Whether that server carries out ``x-cautery-degradations``; if not, *throttle* stands in."""
    stripped_fields: frozenset[str] = frozenset()
    """Further fields that no client may set, in lower case; a body that has one is refused."""
    address_header: str = ""
    """Header in which LiteLLM is told its client's address by a proxy before it; empty for none."""
    decision_seconds: float = 2.0
    """That a decision may wait for the disk, where it must be on record before it is given."""
    sketch_key: Secret = field(default_factory=lambda: Secret(b""))
    """Key of sketches of texts; at most 64 bytes."""
