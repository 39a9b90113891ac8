"""Puts a server together from its configuration; the only place where the parts meet."""

from __future__ import annotations

import time
from pathlib import Path

from cautery.errors import CauteryError
from cautery.intel.taxii.application import TaxiiApplication
from cautery.intel.taxii.configuration import TaxiiConfiguration, check_configuration
from cautery.intel.taxii.endpoints import Clock, Endpoints
from cautery.intel.taxii.peers import Peers
from cautery.intel.taxii.postgresql_storage import PostgresqlStorage
from cautery.intel.taxii.sqlite_storage import SqliteStorage
from cautery.intel.taxii.storage import Storage
from cautery.intel.taxii.tls import server_context
from cautery.intel.taxii.token_files import check_tokens, read_pepper, read_tokens
from cautery.toml_files import FileFault


def now_microseconds() -> int:
    """Give the time, microseconds since 1970."""
    return time.time_ns() // 1000


def make_application(
    configuration: TaxiiConfiguration, storage: Storage, clock: Clock = now_microseconds
) -> TaxiiApplication:
    """Make a server.

    Args:
        configuration: What it serves, and to whom.
        storage: Where objects are; opened by the caller.
        clock: Gives the time, microseconds since 1970.

    Returns:
        The application.

    Raises:
        ConfigurationError: The pepper or the tokens cannot be used.
    """
    endpoints = Endpoints(configuration, storage, clock)
    return TaxiiApplication(endpoints, make_peers(configuration), clock)


def make_storage(configuration: TaxiiConfiguration) -> Storage:
    """Choose the storage.

    Args:
        configuration: Which names it.

    Returns:
        The storage, not opened.
    """
    kind, _, rest = configuration.server.storage.partition(":")
    if kind == "postgresql":
        return PostgresqlStorage(configuration.server.storage)
    return SqliteStorage(configuration.folder / rest)


def make_peers(configuration: TaxiiConfiguration) -> Peers:
    """Read who may connect.

    Args:
        configuration: Which names them.

    Returns:
        The peers.

    Raises:
        ConfigurationError: The pepper or the tokens cannot be used.
    """
    server, folder = configuration.server, configuration.folder
    if not server.tokens:
        return Peers(configuration.peers, [], None)
    pepper = read_pepper(server.pepper, folder)
    names = frozenset(one.name for one in configuration.peers)
    return Peers(configuration.peers, read_tokens(folder / server.tokens, names), pepper)


def check_everything(path: Path) -> tuple[FileFault, ...]:
    """Check a configuration and every file that it names.

    Args:
        path: The configuration.

    Returns:
        What is wrong; empty if it can be served by.
    """
    configuration, faults = check_configuration(path)
    if configuration is None:
        return faults
    found: list[FileFault] = []
    server, folder = configuration.server, configuration.folder
    if server.tokens:
        names = frozenset(one.name for one in configuration.peers)
        found += check_tokens(folder / server.tokens, names)[1]
    try:
        if server.pepper:
            read_pepper(server.pepper, folder)
        if configuration.tls is not None:
            server_context(configuration.tls, folder)
    except CauteryError as error:
        found.append(FileFault.of(error, path))
    return tuple(found)
