"""Cyber observables of a bulletin: the values in clear that its indicators rest on.

Their identifiers are those that STIX 2.1 (section 2.9) prescribes, so that peers' tools merge
them: a UUIDv5 under the common namespace over the contributing properties.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid5

from cautery.intel.identifiers import OBSERVABLE_NAMESPACE
from cautery.intel.keyed_values import written
from cautery.intel.tlp import MARKINGS
from cautery.ledger.canonical_json import canonical_json
from cautery.records.indicator import Indicator

ACCOUNT_TYPE = "llm-api"
"""What accounts these are; an open vocabulary."""


def observable_of(indicator: Indicator) -> dict[str, Any] | None:
    """Write the observable of an indicator.

    Args:
        indicator: An indicator with a checked value.

    Returns:
        The STIX object; None if there is none for such a value.
    """
    kind, value = indicator.kind, indicator.value
    if indicator.form == "keyed":
        if kind != "account":
            return None
        named = {"account_type": ACCOUNT_TYPE, "user_id": written(indicator.key_id, value)}
        return _observable("user-account", named, indicator)
    if kind in {"address", "network"}:
        return _observable(
            f"{'ipv6' if ':' in value else 'ipv4'}-addr", {"value": value}, indicator
        )
    if kind == "autonomous_system":
        return _observable("autonomous-system", {"number": int(value)}, indicator)
    return None


def _observable(kind: str, contributing: dict[str, Any], indicator: Indicator) -> dict[str, Any]:
    uuid = uuid5(OBSERVABLE_NAMESPACE, canonical_json(contributing).decode())
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": f"{kind}--{uuid}",
        "object_marking_refs": [MARKINGS[indicator.tlp]],
        **contributing,
    }
