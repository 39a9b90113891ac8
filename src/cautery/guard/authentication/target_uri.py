"""Compares the address that a proof is for with the one that was asked (RFC 9449, section 4.3)."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from cautery.guard.authentication.compact_token import WrongTokenError

LONGEST_URI: Final = 2_048
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]")
_VISIBLE: Final = re.compile(r"[\x21-\x7e]+")


def normalise(uri: str) -> tuple[str, str]:
    """Bring a URI into its normal form (RFC 3986, sections 6.2.2 and 6.2.3).

    Query and fragment are left out, as RFC 9449 wants it.

    Args:
        uri: An absolute http or https URI.

    Returns:
        Its origin, and its path.

    Raises:
        WrongTokenError: It is too long, no such URI, or names somebody before its host.

    Example:
        >>> normalise("HTTPS://API.example.com:443/a/../v1/%7Echat?x=1#y")
        ('https://api.example.com', '/v1/~chat')
    """
    if len(uri) > LONGEST_URI or not _VISIBLE.fullmatch(uri) or "\\" in uri:
        raise WrongTokenError("no URI")
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise WrongTokenError("no URI") from error
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc:
        raise WrongTokenError("no http URI")
    host = f"[{host}]" if ":" in host else host
    suffix = "" if port is None or port == _DEFAULT_PORTS[scheme] else f":{port}"
    return f"{scheme}://{host}{suffix}", _path(parts.path)


def _path(path: str) -> str:
    """Decode what need not be encoded, and remove dot segments (RFC 3986, section 5.2.4)."""
    plain = _ESCAPE.sub(_escape, path or "/")
    kept: list[str] = []
    segments = plain.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _escape(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if _UNRESERVED.fullmatch(character) else match[0].upper()
