"""How the outcome of a push is kept: one JSON text of short arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from cautery.intel.taxii.storage import Outcome

STATUS_MICROSECONDS: Final = 7 * 86_400 * 10**6
"""How long outcomes are kept; a client asks within minutes."""


def encode_outcomes(outcomes: Sequence[Outcome]) -> bytes:
    """Write outcomes.

    Args:
        outcomes: What became of each object of an envelope.

    Returns:
        JSON.

    Example:
        >>> one = Outcome(object_id="a--b", version="2026", fault="")
        >>> decode_outcomes(encode_outcomes([one])) == (one,)
        True
    """
    return msgspec.json.encode([(one.object_id, one.version, one.fault) for one in outcomes])


def decode_outcomes(content: bytes) -> tuple[Outcome, ...]:
    """Read outcomes.

    Args:
        content: As ``encode_outcomes`` wrote it.

    Returns:
        The outcomes.
    """
    rows = msgspec.json.decode(content, type=list[tuple[str, str, str]])
    return tuple(
        Outcome(object_id=object_id, version=version, fault=fault)
        for object_id, version, fault in rows
    )
