"""The Traffic Light Protocol 2.0 as STIX markings, and who is stricter.

STIX 2.1 has only TLP 1; OASIS publishes the markings of TLP 2.0 as an extension (stix-common-
objects, extension-definition-specifications/tlp-2.0). The protocol itself is FIRST's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from cautery.records.indicator import TLP_LABELS, Tlp, tlp_rank

EXTENSION: Final = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
"""Of OASIS: property extension of marking definitions."""
MARKINGS: Final[Mapping[Tlp, str]] = {
    "clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
"""Identifiers of the markings, by label."""
OLD_MARKINGS: Final[Mapping[str, Tlp]] = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "clear",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "amber",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
}
"""TLP 1 as STIX 2.1 predefines it (section 7.2.1.4); its white is clear today."""
STRICTEST: Final[Tlp] = "red"
_LABELS: Final = {reference: label for label, reference in MARKINGS.items()} | dict(OLD_MARKINGS)
_CREATED: Final = "2022-10-01T00:00:00.000Z"


def marking(label: Tlp) -> dict[str, Any]:
    """Write the marking definition of a label, as OASIS publishes it.

    Args:
        label: A label of TLP 2.0.

    Returns:
        The STIX object.
    """
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": MARKINGS[label],
        "created": _CREATED,
        "name": f"TLP:{label.upper()}",
        "extensions": {EXTENSION: {"extension_type": "property-extension", "tlp_2_0": label}},
    }


def label_of(references: object, *, otherwise: Tlp = "amber") -> Tlp:
    """Read the label off an object's markings.

    Args:
        references: Its ``object_marking_refs``; anything else counts as none.
        otherwise: The label of an object without one.

    Returns:
        The strictest label among them.

    Example:
        >>> label_of([MARKINGS["green"], MARKINGS["amber+strict"]])
        'amber+strict'
    """
    names = references if isinstance(references, list) else []
    found = [_LABELS[name] for name in names if isinstance(name, str) and name in _LABELS]
    return max(found, key=tlp_rank, default=otherwise)


def parse_label(text: str) -> Tlp | None:
    """Read a label as people write it.

    Example:
        >>> parse_label("TLP:AMBER+STRICT"), parse_label("white"), parse_label("pink")
        ('amber+strict', 'clear', None)
    """
    plain = text.strip().lower().removeprefix("tlp:")
    plain = "clear" if plain == "white" else plain
    return next((label for label in TLP_LABELS if label == plain), None)


def may_enter(references: Iterable[Tlp], ceiling: Tlp) -> bool:
    """Say whether what has these labels may stand where the ceiling is the strictest allowed."""
    return all(tlp_rank(label) <= tlp_rank(ceiling) for label in references)
