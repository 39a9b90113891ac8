"""The section of a guard's configuration about the decision service."""

# ruff: noqa: RUF009 - `key` makes a field, as `dataclasses.field` does
from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cautery.guard.configuration_keys import REQUIRED, key
from cautery.guard.configuration_values import Address, header_name


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionServiceSection:
    """Where gateways and programs ask; with it `[upstream]`, and so the proxy, may be left out."""

    listen: Address | None = key("address", None, "Where they ask; this or `socket`.")
    socket: Path | None = key(
        "path", None, "Unix socket where they ask, for the guard's user and group; made anew."
    )
    callers: Literal["secret", "certificate", "loopback"] = key(
        "choice",
        REQUIRED,
        "What they show: a shared secret, a certificate, or nothing, which is for a loopback "
        "address or a Unix socket only.",
        options=("secret", "certificate", "loopback"),
    )
    caller_secret_file: Path | None = key(
        "file", None, "File with their secret, at least 32 printable characters of ASCII."
    )
    former_secret_file: Path | None = key(
        "file", None, "File with the secret before, good as well while gateways change over."
    )
    certificate: Path | None = key("file", None, "Certificate chain of TLS towards them, PEM.")
    private_key: Path | None = key("file", None, "Its key, PEM.")
    client_authorities: Path | None = key(
        "file", None, "Authorities of their certificates, PEM; with them each must have one."
    )
    tag_header: str = key(
        "text",
        "x-cautery-key-id",
        "Header that tells the server behind a gateway which key marks its answer.",
    )
    server_degrades: bool = key(
        "boolean",
        False,
        "Whether that server carries out `x-cautery-degradations`; if not, it is throttled.",
    )
    settles: bool = key(
        "boolean",
        False,
        "Whether somebody tells `/v1/settle` what requests cost; if not, estimates are final.",
    )
    address_header: str = key(
        "text",
        "",
        "Header in which a proxy before LiteLLM tells the client's address; none is believed if "
        "empty.",
    )
    decision_timeout: float = key(
        "seconds", 2.0, "That a decision may wait for the ledger; then it is a no.", minimum=0.01
    )


def faults_of_service(section: DecisionServiceSection, guard: Any) -> Iterator[tuple[str, str]]:
    """Check the section by itself and against ``[guard]``.

    Args:
        section: ``[decision_service]``.
        guard: ``[guard]``, None if it is wrong or not there.

    Yields:
        Key, and what is wrong.
    """
    if (section.listen is None) == (section.socket is None):
        yield "", "needs either listen or socket"
    if section.callers == "secret" and section.caller_secret_file is None:
        yield "callers", "needs caller_secret_file, since callers show a secret"
    if section.callers == "certificate" and section.client_authorities is None:
        yield "callers", "needs client_authorities, since callers show a certificate"
    if section.callers == "loopback" and section.listen and not is_loopback(section.listen.host):
        yield (
            "callers",
            "callers can be loopback only at 127.0.0.1 or its like, or a socket",
        )
    if (section.certificate is None) != (section.private_key is None):
        yield "certificate", "needs both certificate and private_key, or neither"
    if section.client_authorities is not None and section.certificate is None:
        yield "client_authorities", "needs certificate and private_key: there is no TLS without"
    for name in ("tag_header", "address_header"):
        value = getattr(section, name)
        if (value or name == "tag_header") and not header_name(value):
            yield name, f"{name} must be the name of a header in lower case"
    if guard is None:
        return
    if section.listen and section.listen.port and section.listen in {guard.listen, guard.admin}:
        yield "listen", "must be an address of its own"
    if section.socket is not None and guard.workers > 1:
        yield "socket", "is for one worker: several cannot share it"


def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches an address.

    Args:
        host: Address, or a name; of names only ``localhost`` is known.

    Returns:
        Whether it is one of the loopback interface.

    Example:
        >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0"), is_loopback("guard.internal")
        (True, False, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
