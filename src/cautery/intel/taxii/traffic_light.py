"""The traffic light protocol: how far an object may travel, by its markings.

The identifiers are those of FIRST's TLP 2.0 as OASIS publishes them (``tlp-2.0`` of its common
objects), and those of TLP 1 in STIX 2.1, section 7.2.1.4, where WHITE is now CLEAR. Whatever is
marked more than once, as a whole or in part, is taken at its strictest.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Any, Final


class TrafficLight(IntEnum):
    """Levels, each stricter than those before it."""

    CLEAR = 0
    GREEN = 1
    AMBER = 2
    AMBER_STRICT = 3
    RED = 4

    @property
    def label(self) -> str:
        """Its name as it is written, in lower case: ``amber+strict``."""
        return self.name.lower().replace("_", "+")


LABELS: Final[Mapping[str, TrafficLight]] = MappingProxyType(
    {level.label: level for level in TrafficLight}
)
"""Each level by its name."""
MARKINGS: Final[Mapping[str, TrafficLight]] = MappingProxyType(
    {
        "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": TrafficLight.CLEAR,
        "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": TrafficLight.GREEN,
        "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": TrafficLight.AMBER,
        "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": TrafficLight.AMBER_STRICT,
        "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": TrafficLight.RED,
        "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": TrafficLight.CLEAR,
        "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": TrafficLight.GREEN,
        "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": TrafficLight.AMBER,
        "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": TrafficLight.RED,
    }
)
"""Levels by the identifier of their marking definition."""


def level_of(document: Mapping[str, Any]) -> TrafficLight | None:
    """Find how far an object may travel.

    Args:
        document: A STIX object.

    Returns:
        The strictest level that it is marked with; None if it is not marked. The definitions of
        the levels themselves are CLEAR.

    Raises:
        ValueError: Its markings are not written as STIX says, so that nobody can tell.
    """
    if document.get("id") in MARKINGS:
        return TrafficLight.CLEAR
    references = document.get("object_marking_refs", [])
    granular = document.get("granular_markings", [])
    if not isinstance(references, list) or not isinstance(granular, list):
        raise ValueError("its markings must be lists")  # noqa: TRY004 - of what was pushed
    marks = [*references]
    for one in granular:
        if not isinstance(one, dict):
            raise ValueError("its granular markings must be objects")  # noqa: TRY004 - the same
        marks.append(one.get("marking_ref", ""))
    if not all(isinstance(mark, str) for mark in marks):
        raise ValueError("its markings must be identifiers")
    return max((MARKINGS[mark] for mark in marks if mark in MARKINGS), default=None)
