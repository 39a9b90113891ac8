"""Media types of TAXII 2.1, and how a request's headers are held against them (section 1.6.8)."""

from __future__ import annotations

from typing import Final

TAXII: Final = "application/taxii+json;version=2.1"
STIX: Final = "application/stix+json;version=2.1"
_NAME: Final = "application/taxii+json"
_MOST_RANGES: Final = 32


def accepts_taxii(header: str | None) -> bool:
    """Say whether a client takes TAXII 2.1.

    Args:
        header: What ``Accept`` says; None if there is none, and then anything will do (RFC 9110,
            section 12.5.1).

    Returns:
        Whether an answer of TAXII 2.1 is acceptable.

    Example:
        >>> accepts_taxii("text/html, application/taxii+json; version=2.1")
        True
        >>> accepts_taxii("application/taxii+json;version=2.0")
        False
        >>> accepts_taxii("*/*, application/taxii+json;version=2.1;q=0")
        False
    """
    if header is None:
        return True
    best, quality = -1, 0.0
    for text in header.split(",")[:_MOST_RANGES]:
        name, parameters = _parsed(text)
        weight = parameters.pop("q", "1")
        rank = _rank(name, parameters)
        # The most specific range decides (RFC 9110, section 12.5.1).
        if rank > best:
            best, quality = rank, _quality(weight)
    return best >= 0 and quality > 0


def is_taxii(header: str | None) -> bool:
    """Say whether a body is TAXII 2.1.

    Args:
        header: What ``Content-Type`` says.

    Returns:
        Whether it is ``application/taxii+json``, of version 2.1 if it names one.
    """
    name, parameters = _parsed(header or "")
    return name == _NAME and parameters.get("version", "2.1") == "2.1"


def _rank(name: str, parameters: dict[str, str]) -> int:
    """Say how exactly a range names TAXII 2.1; -1 if it does not."""
    if name == _NAME:
        version = parameters.get("version")
        return {None: 2, "2.1": 3}.get(version, -1)
    return {"application/*": 1, "*/*": 0}.get(name, -1) if not parameters else -1


def _parsed(text: str) -> tuple[str, dict[str, str]]:
    name, *rest = text.split(";")
    parameters = {}
    for part in rest:
        key, _, value = part.partition("=")
        parameters[key.strip().lower()] = value.strip().strip('"')
    return name.strip().lower(), parameters


def _quality(text: str) -> float:
    try:
        return float(text) if len(text) <= 5 else 0.0
    except ValueError:
        return 0.0
