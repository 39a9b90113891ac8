"""Rows of the independent worlds: what a log line, an account and a whole labelled log hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

LOAD_BALANCER_ADDRESS: Final = "10.20.0.5"
"""The one address of a log behind a load balancer that hides its clients."""


@dataclass(slots=True, kw_only=True)
class WorldExchange:
    """One exchange with the generator's knowledge of it."""

    time_start: float
    """Seconds since 1970, UTC."""
    account_id: str
    input_text: str
    harvest: bool = False
    system_text: str = ""
    history: tuple[tuple[str, str], ...] = ()
    """Role and text of the turns before the last user turn."""
    output_text: str = ""
    output_tokens: int = 100
    reasoning_tokens: int | None = None
    request_model: str = "gpt-4o"
    client_address: str = ""
    user_agent: str = ""
    header_order: str = ""
    end_user_id: str = ""
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stream: bool | None = None
    tool_count: int = 0
    status_code: int = 200
    request_id: str = ""
    """Filled in when the world is written, in the order of time."""

    @property
    def input_tokens(self) -> int:
        """All input tokens, at about four characters each."""
        characters = len(self.input_text) + len(self.system_text)
        return 8 + (characters + sum(len(text) for _, text in self.history)) // 4

    @property
    def duration_seconds(self) -> float:
        """How long the answer took, at a fixed speed."""
        return 0.4 + self.output_tokens / 80


@dataclass(slots=True, kw_only=True)
class WorldAccount:
    """One account: the columns of the account table, and the truth."""

    account_id: str
    created_at: float
    org_id: str = ""
    email_domain: str = ""
    payment_fingerprint: str = ""
    referral: str = ""
    country: str = ""
    verification: str = "none"
    program: str = "none"
    permitted_use: str = ""
    status: str = "active"
    closed_at: float | None = None
    attacker: bool = False
    campaign_id: str = ""
    operator_id: str = ""
    account_class: str = "ordinary"
    tier: str = ""


@dataclass(slots=True, kw_only=True)
class World:
    """A whole labelled log."""

    name: str
    plan: dict[str, Any]
    exchanges: list[WorldExchange] = field(default_factory=list)
    accounts: list[WorldAccount] = field(default_factory=list)
    releases: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What a log leaves out or blurs."""

    account_table: bool = True
    payment: bool = True
    """Whether the account table knows payment instruments."""
    text: bool = True
    address: bool = True
    """Whether rows carry the client's address, and the network and country that follow from it."""
    load_balancer: bool = False
    """Whether every row carries the load balancer's address."""
    client_headers: bool = True
    """Whether rows carry user agent, order of headers and TLS fingerprint."""


def iso(moment: float) -> str:
    """Write a time as ISO 8601 in UTC, with microseconds.

    Args:
        moment: Seconds since 1970.

    Returns:
        For example ``2026-03-01T00:00:00.000000Z``.
    """
    return datetime.fromtimestamp(round(moment, 6), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def hash_text(text: str) -> int:
    """Hash a text to 64 bits, the same in every process.

    Args:
        text: Any text.

    Returns:
        A number below 2**64 (FNV-1a).
    """
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) % (1 << 64)
    return value
