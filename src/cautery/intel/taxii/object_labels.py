"""How far an object may travel, by its markings of the Traffic Light Protocol.

Whatever is marked more than once, as a whole or in part, is taken at its strictest: a server cannot
serve a part of an object.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cautery.intel.tlp import MARKINGS, OLD_MARKINGS
from cautery.records.indicator import Tlp, tlp_rank

LABELS_OF_MARKINGS: Final[Mapping[str, Tlp]] = {
    **{marking: label for label, marking in MARKINGS.items()},
    **OLD_MARKINGS,
}
"""Labels by the identifier of their marking definition, of TLP 2.0 and TLP 1."""


def label_of_object(document: Mapping[str, Any]) -> Tlp | None:
    """Find how far an object may travel.

    Args:
        document: A STIX object.

    Returns:
        The strictest label that it is marked with; None if it has none. The definitions of the
        labels themselves are ``clear``.

    Raises:
        ValueError: Its markings are not written as STIX says, so that nobody can tell.
    """
    if document.get("id") in LABELS_OF_MARKINGS:
        return "clear"
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
    found = [LABELS_OF_MARKINGS[mark] for mark in marks if mark in LABELS_OF_MARKINGS]
    return max(found, key=tlp_rank, default=None)
