"""Identifiers of STIX objects that follow from what they name: the same case, the same bundle.

A UUIDv5 (RFC 9562, section 5.5) over the object's natural key, under a namespace of our own: STIX
2.1 (section 2.9) keeps its own namespace for cyber observables. The key holds only what the object
shows anyway, as the hash of a guessable value would give the value away.
"""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID, uuid5

NAMESPACE: Final = UUID("6f0f1b8e-6a5c-4c9e-9d0b-8c1f3a7d2e54")
"""Namespace of objects that cautery makes; drawn once, at random."""
OBSERVABLE_NAMESPACE: Final = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""Namespace of cyber observables (STIX 2.1, section 2.9)."""
IDENTIFIER: Final = re.compile(
    r"[a-z][a-z0-9-]{0,248}[a-z0-9]--"
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)
"""What an identifier looks like (STIX 2.1, section 2.9)."""


def identifier(kind: str, *key: str) -> str:
    """Give an object its identifier.

    Args:
        kind: Type of the object, for example ``campaign``.
        key: What names it; only what the object shows.

    Returns:
        ``kind--uuid``.

    Example:
        >>> identifier("campaign", "a", "bc") != identifier("campaign", "ab", "c")
        True
    """
    # Lengths in front keep two different keys from running into one text.
    parts = "".join(f"{len(part)}:{part}" for part in (kind, *key))
    return f"{kind}--{uuid5(NAMESPACE, parts)}"


def is_identifier(value: object, kind: str = "") -> bool:
    """Say whether something is an identifier, of one type if one is given.

    Example:
        >>> is_identifier("campaign--0", "campaign")
        False
    """
    return (
        isinstance(value, str)
        and len(value) <= MOST_CHARACTERS
        and IDENTIFIER.fullmatch(value) is not None
        and (not kind or value.startswith(f"{kind}--"))
    )


MOST_CHARACTERS: Final = 290
"""Length of the longest identifier that is read."""
