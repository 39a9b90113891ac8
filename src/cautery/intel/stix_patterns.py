"""STIX patterns: of our indicators, and the simple ones of other tools.

A full pattern language is a program from a stranger. Only single comparisons of values that a log
of exchanges shows are read, joined by OR; everything else is passed over and said so.
"""

from __future__ import annotations

import re
from typing import Final

from cautery.intel.extension import EXTENSION
from cautery.intel.keyed_values import normal_value, written
from cautery.records.indicator import Indicator, IndicatorKind

MOST_PATTERN: Final = 10_000
"""Characters of a foreign pattern that is read."""
MOST_COMPARISONS: Final = 100
_STRING: Final = r"'((?:[^'\\]|\\['\\])*)'"
_COMPARISON: Final = re.compile(
    r"\s*(?P<path>[a-z0-9-]+:[a-z_]+)\s*(?P<operator>=|ISSUBSET)\s*(?:"
    + _STRING
    + r"|(?P<number>[0-9]{1,10}))\s*"
)
_PATHS: Final[dict[tuple[str, str], IndicatorKind]] = {
    ("ipv4-addr:value", "="): "address",
    ("ipv6-addr:value", "="): "address",
    ("ipv4-addr:value", "ISSUBSET"): "network",
    ("ipv6-addr:value", "ISSUBSET"): "network",
    ("autonomous-system:number", "="): "autonomous_system",
}
_KEYED_PATHS: Final[dict[IndicatorKind, str]] = {
    "account": "user-account:user_id",
    "address": f"ipv4-addr:extensions.'{EXTENSION}'.keyed_value",
    "network": f"ipv4-addr:extensions.'{EXTENSION}'.keyed_network",
    "email_domain": f"user-account:extensions.'{EXTENSION}'.keyed_email_domain",
    "organisation": f"user-account:extensions.'{EXTENSION}'.keyed_organisation",
    "payment": f"user-account:extensions.'{EXTENSION}'.keyed_payment",
    "template": f"user-account:extensions.'{EXTENSION}'.keyed_template",
    "autonomous_system": f"autonomous-system:extensions.'{EXTENSION}'.keyed_value",
    "tls_fingerprint": f"network-traffic:extensions.'{EXTENSION}'.keyed_tls_fingerprint",
}
"""Where a tool that knows the extension finds the keyed value of what it looks at."""


def pattern_of(indicator: Indicator) -> str:
    """Write the STIX pattern of an indicator.

    Args:
        indicator: An indicator with a checked value.

    Returns:
        The pattern.
    """
    kind, value = indicator.kind, indicator.value
    if indicator.form == "keyed":
        return f"[{_KEYED_PATHS[kind]} = {_quoted(written(indicator.key_id, value))}]"
    version = "ipv6" if ":" in value else "ipv4"
    if kind == "address":
        return f"[{version}-addr:value = {_quoted(value)}]"
    if kind == "network":
        return f"[{version}-addr:value ISSUBSET {_quoted(value)}]"
    if kind == "autonomous_system":
        return f"[autonomous-system:number = {int(value)}]"
    return f"[network-traffic:extensions.'{EXTENSION}'.{kind} = {_quoted(value)}]"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def values_of_pattern(pattern: str) -> list[tuple[IndicatorKind, str]] | None:
    """Read a simple pattern of another tool.

    Args:
        pattern: A STIX pattern, hostile.

    Returns:
        Kinds and values in their one spelling, or None if it is not that simple.

    Example:
        >>> values_of_pattern("[ipv4-addr:value = '203.0.113.9']")
        [('address', '203.0.113.9')]
        >>> values_of_pattern("[file:name = 'x'] FOLLOWEDBY [ipv4-addr:value = '203.0.113.9']")
    """
    text = pattern.strip()
    if len(text) > MOST_PATTERN or not (text.startswith("[") and text.endswith("]")):
        return None
    found: list[tuple[IndicatorKind, str]] = []
    place = 1
    while len(found) < MOST_COMPARISONS:
        match = _COMPARISON.match(text, place)
        value = None if match is None else _compared(match)
        if match is None or value is None:
            return None
        found.append(value)
        place = match.end()
        if place == len(text) - 1:
            return found
        if not text.startswith("OR", place):
            return None
        place += len("OR")
    return None


def _compared(match: re.Match[str]) -> tuple[IndicatorKind, str] | None:
    kind = _PATHS.get((match["path"], match["operator"]))
    if kind is None:
        return None
    text = match[3] if match["number"] is None else match["number"]
    plain = re.sub(r"\\(['\\])", r"\1", text)
    if kind == "network" and not _is_one_network(plain):
        return None
    value = normal_value(kind, plain)
    return (kind, value) if value else None


def _is_one_network(text: str) -> bool:
    """Whether it is a network of the size that logs are grouped by; larger ones hit bystanders."""
    return normal_value("network", text) == text
