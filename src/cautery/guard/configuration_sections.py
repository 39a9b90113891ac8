"""The sections of a guard's configuration file, each key with what it may hold.

The reference page is written from here, so that a key cannot be without its sentence.
"""

# ruff: noqa: RUF009 - `key` makes a field, as `dataclasses.field` does
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from cautery.guard.configuration_credentials import (
    CertificatesSection,
    IssuerSection,
    KeySharingSection,
    KeysSection,
    ProofsSection,
)
from cautery.guard.configuration_keys import REQUIRED, key
from cautery.guard.configuration_rules import (
    AuditSection,
    BandSection,
    CredentialsSection,
    DecisionSection,
    DegradeSection,
    EarlyWarningSection,
    PolicySection,
    RateSection,
    SharedTemplateSection,
    SharingSection,
    SnapshotSection,
)
from cautery.guard.configuration_service import DecisionServiceSection
from cautery.guard.configuration_values import Address
from cautery.guard.recording import TextChoice
from cautery.records.decision import ACTIONS, Action


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSection:
    """Where the guard listens, and what it tells."""

    listen: Address | None = key(
        "address", None, "Where clients are served; required with `[upstream]`."
    )
    admin: Address | None = key(
        "address", None, "Where `/healthz`, `/readyz` and `/metrics` are; never a public address."
    )
    workers: int = key(
        "integer",
        1,
        "Processes that share the port; the admin listener of each has the next port.",
        minimum=1,
        maximum=256,
    )
    paths: tuple[str, ...] = key(
        "texts", ("/v1/",), "Beginnings of the paths that are served; all else is not found."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSection:
    """TLS towards clients; without it they are served plain HTTP."""

    certificate: Path = key("file", REQUIRED, "Certificate chain, PEM.")
    private_key: Path = key("file", REQUIRED, "Its key, PEM.")
    client_authorities: Path | None = key("file", None, "Authorities of client certificates, PEM.")
    client_certificates: Literal["required", "optional"] = key(
        "choice",
        "required",
        "Whether a client must have a certificate, if there are authorities of them.",
        options=("required", "optional"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamSection:
    """The model server."""

    url: str = key("url", REQUIRED, "Where it is; a path in it is put before every path.")
    authorities: Path | None = key(
        "file", None, "Authorities of its certificate, PEM; the system's if not given."
    )
    credential: Literal["forward", "remove"] = key(
        "choice",
        "forward",
        "Whether it sees the credential of the client.",
        options=("forward", "remove"),
    )
    credential_file: Path | None = key(
        "file", None, "File with the server's own key, sent in place of the client's."
    )
    connections: int = key("integer", 256, "At once, of one process.", minimum=1, maximum=65_536)
    waiting: int = key(
        "integer", 1024, "Requests that may wait for a connection.", minimum=0, maximum=1_000_000
    )
    connect_timeout: float = key(
        "seconds", 5.0, "To open a connection, and to wait for a free one.", minimum=0.01
    )
    answer_timeout: float = key(
        "seconds", 600.0, "From the request to the answer's first byte.", minimum=0.01
    )
    silence_timeout: float = key("seconds", 300.0, "Between two pieces of an answer.", minimum=0.01)
    idle_timeout: float = key("seconds", 50.0, "That an unused connection is kept.", minimum=0.01)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySection:
    """Who asks, and from where."""

    pepper_file: Path | None = key(
        "file",
        None,
        "File with at least 32 random bytes as hexadecimal digits: the key of every hash that the "
        "guard makes of credentials, prompts and texts. Without it one is drawn at each start.",
    )
    trusted_proxies: tuple[str, ...] = key(
        "networks", (), "Networks of the operator's own proxies, whose `x-forwarded-for` counts."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsSection:
    """How much of anything is taken, and how long it may last."""

    head_size: int = key("bytes", 32 * 2**10, "Of a request's head.", minimum=1024)
    body_size: int = key("bytes", 32 * 2**20, "Of a request's body.", minimum=1024)
    answer_size: int = key(
        "bytes", 32 * 2**20, "Of an answer that is degraded as a whole.", minimum=1024
    )
    held_size: int = key("bytes", 2**30, "Of all bodies that are held at once.", minimum=1024)
    connections: int = key("integer", 4096, "Of clients, at once, of one process.", minimum=1)
    head_timeout: float = key("seconds", 10.0, "For a request's head.", minimum=0.01)
    body_timeout: float = key("seconds", 60.0, "For a request's body.", minimum=0.01)
    idle_timeout: float = key("seconds", 75.0, "Between two requests.", minimum=0.01)
    write_timeout: float = key(
        "seconds", 60.0, "That a client may take nothing of its answer.", minimum=0.01
    )
    drain_timeout: float = key(
        "seconds", 60.0, "For answers under way when the guard is stopped.", minimum=0.0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StrippedSection:
    """What no client may send, besides the engines' own ways round a watermark."""

    fields: tuple[str, ...] = key(
        "texts", (), "Fields of a body, for example `logit_bias`; whatever the case of letters."
    )
    headers: tuple[str, ...] = key("texts", (), "Headers, in lower case.")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatermarkSection:
    """How the engine learns which key marks an answer; key identifiers only, never keys."""

    body_field: str = key(
        "text", "", "Field of the body, as `vllm_xargs.cautery_key_ids` for vLLM."
    )
    header: str = key("text", "", "Header, in lower case.")
    account_keys: Path | None = key(
        "file",
        None,
        "Identifiers of accounts' own keys, CSV: `account_id`, `key_id`; named beside a "
        "campaign's, for a scheme with a layer for accounts (`cautery-two-layer`).",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingSection:
    """Exchange records, which `cautery scan` reads."""

    folder: Path = key("folder", REQUIRED, "Folder of the files, for the guard's user only.")
    text: TextChoice = key(
        "choice",
        "hash",
        "Whether texts are kept, or a keyed hash of what was asked, or nothing.",
        options=("full", "hash", "none"),
    )
    text_characters: int = key("integer", 20_000, "Most of a kept text.", minimum=1)
    rotate_size: int = key("bytes", 256 * 2**20, "At which a new file is begun.", minimum=1024)
    rotate_after: float = key("seconds", 3600.0, "After which a new file is begun.", minimum=1)
    keep_files: int = key("integer", 0, "Files that are kept; 0 keeps all.", minimum=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsSection:
    """Security events in OCSF 1.6, one JSON object a line."""

    file: Path = key(
        "path", REQUIRED, "File that is appended to; opened again at SIGHUP, for log rotation."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSection:
    """Somebody who is told of decisions as they are made."""

    url: str = key("url", REQUIRED, "Where the messages go; https, but for this machine.")
    secret_file: Path = key(
        "file", REQUIRED, "File with at least 32 random bytes as hexadecimal digits, to sign with."
    )
    actions: tuple[Action, ...] = key(
        "choices",
        ("challenge", "block"),
        "Which enforced actions are told.",
        options=ACTIONS[1:],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InsideSection:
    """A guard inside another server: the ASGI middleware, and LiteLLM's plug-in."""

    admin: Address | None = key(
        "address", None, "Where `/healthz`, `/readyz` and `/metrics` are; never a public address."
    )
    paths: tuple[str, ...] = key(
        "texts", ("/v1/",), "Beginnings of the paths that the guard decides on (middleware)."
    )
    open_paths: tuple[str, ...] = key(
        "texts",
        ("/health",),
        "Paths that pass unguarded, with all below them; no model may be there (middleware).",
    )
    websockets: Literal["refuse", "pass"] = key(
        "choice",
        "refuse",
        "Whether WebSockets reach the application undecided (middleware).",
        options=("refuse", "pass"),
    )


SECTIONS: Final[dict[str, type[Any]]] = {
    "guard": GuardSection,
    "tls": TlsSection,
    "upstream": UpstreamSection,
    "decision_service": DecisionServiceSection,
    "identity": IdentitySection,
    "keys": KeysSection,
    "issuer": IssuerSection,
    "proofs": ProofsSection,
    "certificates": CertificatesSection,
    "key_sharing": KeySharingSection,
    "decision": DecisionSection,
    "credentials": CredentialsSection,
    "snapshot": SnapshotSection,
    "band": BandSection,
    "rate": RateSection,
    "early_warning": EarlyWarningSection,
    "shared_template": SharedTemplateSection,
    "policy": PolicySection,
    "audit": AuditSection,
    "sharing": SharingSection,
    "limits": LimitsSection,
    "stripped": StrippedSection,
    "watermark": WatermarkSection,
    "degrade": DegradeSection,
    "recording": RecordingSection,
    "events": EventsSection,
    "webhook": WebhookSection,
    "inside": InsideSection,
}
"""Every section, in the order of the reference page."""
REPEATED: Final = frozenset({"band", "issuer", "rate", "webhook"})
"""Sections that may stand several times, as ``[[webhook]]``."""
OPTIONAL: Final = frozenset(
    {
        "audit",
        "certificates",
        "decision",
        "decision_service",
        "early_warning",
        "events",
        "keys",
        "policy",
        "proofs",
        "recording",
        "shared_template",
        "sharing",
        "snapshot",
        "tls",
    }
)
"""Sections that switch something off if they are not there."""
OF_THE_PROXY: Final = frozenset({"guard", "upstream"})
"""Sections that only the proxy needs; other adapters do without."""
