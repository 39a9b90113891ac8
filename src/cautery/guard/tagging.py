"""Which key marks the answers of a suspected campaign, so that a student can be traced to it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cautery.records.decision import RuleFinding

if TYPE_CHECKING:
    from cautery.guard.snapshot import Snapshot
    from cautery.records.key import Secret

_ID_DIGITS: Final = 20


def wants_key(findings: Sequence[RuleFinding]) -> bool:
    """Say whether a rule tags without saying by which key.

    Args:
        findings: What rules ask for.

    Returns:
        Whether the campaign's key is wanted.
    """
    return any(f.action == "tag" and not f.watermark_key_id for f in findings)


def campaign_key_id(campaign_id: str, snapshot: Snapshot | None, secret: Secret | None) -> str:
    """Give the opaque identifier of a campaign's key.

    Args:
        campaign_id: The campaign, empty if none is known.
        snapshot: May have been published with the identifier.
        secret: Otherwise derives one (HMAC-SHA256), the same on every guard.

    Returns:
        The identifier, from which nobody can tell the campaign; empty if there is none.

    Example:
        >>> from cautery.records.key import Secret
        >>> campaign_key_id("C-2026-0001", None, Secret(bytes(32)))
        'k-261a2f502b06400e39c1'
    """
    if not campaign_id:
        return ""
    published = snapshot.key_of(campaign_id) if snapshot is not None else ""
    if published or secret is None:
        return published
    content = b"cautery/1 campaign key id\0" + campaign_id.encode("utf-8", "surrogatepass")
    code = hmac.new(secret.reveal(), content, hashlib.sha256)
    return f"k-{code.hexdigest()[:_ID_DIGITS]}"


def with_key(findings: Sequence[RuleFinding], key_id: str) -> list[RuleFinding]:
    """Give each tag without a key this one.

    Args:
        findings: What rules ask for.
        key_id: The campaign's key.

    Returns:
        The findings, in order.
    """
    return [
        replace(f, watermark_key_id=key_id) if f.action == "tag" and not f.watermark_key_id else f
        for f in findings
    ]
