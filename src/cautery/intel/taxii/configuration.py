"""The server's configuration: one TOML file, checked as a whole before any of it is used."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from cautery.errors import ConfigurationError
from cautery.intel.taxii.configuration_reading import TomlDocument
from cautery.intel.taxii.configuration_sections import (
    SECTIONS,
    CollectionSection,
    LimitsSection,
    PeerSection,
    RootSection,
    ServerSection,
    TlsSection,
)
from cautery.policy.places import did_you_mean
from cautery.toml_files import FileFault, error_of

SCHEMA: Final = "cautery.taxii/1"
RESERVED_ROOT: Final = "taxii2"
"""Where discovery is (section 4.1); no API root may have its name."""
_ADDRESS: Final = re.compile(
    r"(?:\[(?P<six>[0-9a-fA-F:]+)\]|(?P<host>[^:\[\]\s]+)):(?P<port>[0-9]{1,5})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxiiConfiguration:
    """A configuration that was read and checked."""

    folder: Path
    """Folder of the file; relative paths are in it."""
    server: ServerSection
    limits: LimitsSection
    roots: tuple[RootSection, ...]
    collections: tuple[CollectionSection, ...]
    peers: tuple[PeerSection, ...]
    tls: TlsSection | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Where to listen: host and port."""
        match = _ADDRESS.fullmatch(self.server.listen)
        if match is None:
            raise ConfigurationError("listen must be an address with a port", where="listen")
        return match["six"] or match["host"], int(match["port"])


def load_configuration(path: Path) -> TaxiiConfiguration:
    """Read a configuration file.

    Args:
        path: A TOML file.

    Returns:
        The configuration.

    Raises:
        ConfigurationError: Some of it is wrong; the first fault, and how many more there are.
    """
    configuration, faults = check_configuration(path)
    if configuration is None:
        raise error_of(faults, f"cautery intel serve {path} --check")
    return configuration


def check_configuration(path: Path) -> tuple[TaxiiConfiguration | None, tuple[FileFault, ...]]:
    """Read a configuration file and name everything that is wrong in it.

    Args:
        path: A TOML file.

    Returns:
        The configuration, None if anything is wrong, and the faults.
    """
    document = TomlDocument(path)
    if document.faults:
        return None, tuple(document.faults)
    if document.tables.pop("schema", None) != SCHEMA:
        document.fault(["schema"], f'the file must say schema = "{SCHEMA}"')
    document.check_names(("schema", *SECTIONS))
    server = document.section("server", ServerSection)
    limits = document.section("limits", LimitsSection)
    tls = document.section("tls", TlsSection) if "tls" in document.tables else None
    roots = document.sections("root", RootSection)
    collections = document.sections("collection", CollectionSection)
    peers = document.sections("peer", PeerSection)
    _check_names(document, roots, collections, peers)
    if server is not None:
        _check_server(document, server)
    if tls is not None:
        _check_files(document, "tls", tls, ("certificate", "private_key", "client_authorities"))
    if document.faults or server is None or limits is None:
        return None, document.faults_by_line()
    return (
        TaxiiConfiguration(
            folder=path.parent,
            server=server,
            limits=limits,
            tls=tls,
            roots=tuple(one for one in roots if one is not None),
            collections=tuple(one for one in collections if one is not None),
            peers=tuple(one for one in peers if one is not None),
        ),
        (),
    )


def _check_server(document: TomlDocument, server: ServerSection) -> None:
    match = _ADDRESS.fullmatch(server.listen)
    if match is None or int(match["port"]) > 65_535:
        text = 'listen must be an address with a port, as in "127.0.0.1:8443"'
        document.fault(["server", "listen"], text)
    elif "tls" not in document.tables and not server.behind_proxy and not _is_local(match):
        text = "peers would be served without TLS: add [tls], or say behind_proxy = true"
        document.fault(["server", "listen"], text)
    if server.public_url and not _is_base(server.public_url):
        text = 'public_url must be a URL without a path, as in "https://taxii.example.org"'
        document.fault(["server", "public_url"], text)
    kind, _, rest = server.storage.partition(":")
    if kind not in {"sqlite", "postgresql"} or not rest:
        text = 'storage must be "sqlite:FILE" or "postgresql://USER@HOST/DATABASE"'
        document.fault(["server", "storage"], text)
    elif kind == "postgresql" and urlsplit(server.storage).password:
        text = "storage must not hold a password; put it into ~/.pgpass or PGPASSFILE"
        document.fault(["server", "storage"], text)
    if bool(server.pepper) != bool(server.tokens):
        document.fault(["server"], "[server] needs pepper and tokens both, or neither")
    elif not server.tokens and "tls" not in document.tables:
        document.fault(["server"], "nobody could connect: give pepper and tokens, or [tls]")


def _check_files(document: TomlDocument, name: str, section: Struct, keys: tuple[str, ...]) -> None:
    for key in keys:
        value = getattr(section, key)
        if value and not (document.path.parent / value).is_file():
            document.fault([name, key], f"{key}: there is no file {value}")


def _check_names(
    document: TomlDocument,
    roots: list[RootSection | None],
    collections: list[CollectionSection | None],
    peers: list[PeerSection | None],
) -> None:
    """Check that names are used once where they are given, and given where they are used."""
    _check_once(document, "root", "name", [one.name if one else None for one in roots])
    _check_once(document, "peer", "name", [one.name if one else None for one in peers])
    names = [one.id if one else None for one in collections]
    _check_once(document, "collection", "id", names)
    if not document.tables.get("collection"):
        document.fault([], "there is no [[collection]]")
    known_roots = {one.name for one in roots if one}
    known_peers = {one.name for one in peers if one}
    for place, root in enumerate(roots):
        if root is not None and root.name == RESERVED_ROOT:
            document.fault(["root", place, "name"], f"'{RESERVED_ROOT}' is where discovery is")
    for place, one in enumerate(collections):
        if one is None:
            continue
        if one.root not in known_roots:
            text = f"there is no [[root]] '{one.root}'. {did_you_mean(one.root, known_roots)}"
            document.fault(["collection", place, "root"], text.strip())
        for key in ("read", "write"):
            for peer in getattr(one, key):
                if peer not in known_peers:
                    text = f"there is no [[peer]] '{peer}'. {did_you_mean(peer, known_peers)}"
                    document.fault(["collection", place, key], text.strip())


def _check_once(document: TomlDocument, section: str, key: str, values: list[str | None]) -> None:
    seen = set()
    for place, value in enumerate(values):
        if value is not None and value in seen:
            document.fault([section, place, key], f"[[{section}]] '{value}' is there twice")
        seen.add(value)


def _is_local(match: re.Match[str]) -> bool:
    host = match["six"] or match["host"]
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_base(text: str) -> bool:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - raises if it is none
    except ValueError:
        return False
    right = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    return right and parts.path in {"", "/"} and not parts.query and not parts.fragment
