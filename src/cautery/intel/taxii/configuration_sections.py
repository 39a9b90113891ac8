"""Sections of the server's configuration, each a record whose fields are its keys."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from cautery.records.indicator import Tlp

Count = Annotated[int, Meta(ge=1, le=2**31)]
Seconds = Annotated[float, Meta(gt=0, le=86_400)]
Text = Annotated[str, Meta(min_length=1, max_length=1_000)]
Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}\Z")]
Identifier = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
]
Fingerprint = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]


class ServerSection(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Where the server is, and what it says of itself."""

    listen: Text
    """Address and port, as in ``127.0.0.1:8443``."""
    title: Text = "cautery"
    """Name of the server, for people."""
    description: str = ""
    """What it is for."""
    contact: str = ""
    """Whom to ask."""
    public_url: str = ""
    """Where clients reach it, as in ``https://taxii.example.org``; else what they ask for."""
    storage: Text = "sqlite:taxii.sqlite"
    """``sqlite:FILE`` or ``postgresql://USER@HOST/DATABASE``, whose password is in PGPASSFILE."""
    pepper: str = ""
    """Where the pepper of tokens is: ``file:PATH``, ``env:NAME`` or ``command:WORDS``."""
    tokens: str = ""
    """File of the tokens' digests; without it only certificates are accepted."""
    behind_proxy: bool = False
    """Whether TLS ends at a proxy before it; else it has TLS of its own, or serves this machine."""


class TlsSection(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """TLS towards clients."""

    certificate: Text
    """Certificate chain, PEM."""
    private_key: Text
    """Its key, PEM."""
    client_authorities: str = ""
    """Authorities of client certificates, PEM; without it none are asked for."""


class LimitsSection(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """How much of anything is taken and given, and how long it may last."""

    body_bytes: Count = 16 * 2**20
    """Of a pushed envelope; ``max_content_length`` of every API root."""
    envelope_objects: Count = 10_000
    """Of a pushed envelope."""
    object_bytes: Count = 2**20
    """Of one object."""
    depth: Annotated[int, Meta(ge=2, le=200)] = 32
    """Objects and lists within one another, of one object."""
    page_objects: Annotated[int, Meta(ge=1, le=100_000)] = 1_000
    """Of a page, whatever a client asks for."""
    page_bytes: Count = 16 * 2**20
    """Of a page; it ends earlier than it would."""
    body_seconds: Seconds = 60.0
    """For a request's body."""
    connections: Annotated[int, Meta(ge=1, le=65_536)] = 256
    """At once; more are told to come again."""


class RootSection(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """An API root: a group of collections."""

    name: Name
    """First part of its path."""
    title: Text
    """Name for people."""
    description: str = ""
    """What it is for."""


class CollectionSection(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A collection, and who may do what with it."""

    root: Name
    """API root that it is in."""
    id: Identifier
    """A UUID in lower case; ``uuidgen`` makes one."""
    title: Text
    """Name for people."""
    description: str = ""
    """What is in it."""
    alias: Name | None = None
    """Name that may stand in a path in place of the identifier."""
    ceiling: Tlp
    """The strictest label of the Traffic Light Protocol that it takes and serves."""
    unmarked: Tlp = "amber"
    """Label of objects that are not marked."""
    read: tuple[Name, ...] = ()
    """Peers that may read."""
    write: tuple[Name, ...] = ()
    """Peers that may push; who may do both may delete."""


class PeerSection(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Somebody who may connect."""

    name: Name
    """Name in rights and in the tokens' file."""
    certificates: tuple[Fingerprint, ...] = ()
    """SHA-256 of its client certificates (DER), 64 hexadecimal digits in lower case."""


SECTIONS: Final[dict[str, type[Struct]]] = {
    "server": ServerSection,
    "tls": TlsSection,
    "limits": LimitsSection,
    "root": RootSection,
    "collection": CollectionSection,
    "peer": PeerSection,
}
"""Every section, in the order of the reference page."""
REPEATED: Final = frozenset({"root", "collection", "peer"})
"""Sections that stand as ``[[name]]``."""
