"""Our STIX extension: what STIX has no place for, and its published JSON Schema.

STIX 2.1, section 7.3. Other tools keep what they do not know; who knows the schema reads numbers,
keyed values and bands from it.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any, Final

from cautery.intel.identifiers import identifier

EXTENSION: Final = "extension-definition--0d6a1f0c-8c5b-4a0e-9f63-2b7e4c1d9a58"
"""Identifier of the extension; drawn once, at random."""
VERSION: Final = "1.0.0"
SCHEMA_NAME: Final = "urn:cautery:schema:exchange-evidence:1"
SCHEMA_FILE: Final = "exchange-evidence-1.schema.json"
AUTHORS_ID: Final = identifier("identity", "cautery", "extension authors")
"""Who the extension is by, which is not who shares."""
_PUBLISHED: Final = "2026-11-29T00:00:00.000Z"


@cache
def extension_schema() -> dict[str, Any]:
    """Load the JSON Schema of what stands under the extension.

    Returns:
        The schema, draft 2020-12.

    Example:
        >>> extension_schema()["$id"] == SCHEMA_NAME
        True
    """
    path = files("cautery.intel") / "schemas" / SCHEMA_FILE
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


def extension_objects() -> list[dict[str, Any]]:
    """Write the definition of the extension and who it is by.

    Returns:
        Two STIX objects, the same for everybody.
    """
    definition = {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": EXTENSION,
        "created_by_ref": AUTHORS_ID,
        "created": _PUBLISHED,
        "modified": _PUBLISHED,
        "name": "Exchange evidence",
        "description": "Numbers of a campaign of model extraction through an inference API, and "
        "indicators whose values are keyed for a sharing group.",
        "schema": f"JSON Schema {SCHEMA_NAME}, in the Python package cautery as "
        f"cautery/intel/schemas/{SCHEMA_FILE}",
        "version": VERSION,
        "extension_types": ["property-extension"],
    }
    authors = {
        "type": "identity",
        "spec_version": "2.1",
        "id": AUTHORS_ID,
        "created": _PUBLISHED,
        "modified": _PUBLISHED,
        "name": "The cautery authors",
        "identity_class": "group",
    }
    return [authors, definition]


def extended(object_kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Write the ``extensions`` member of an object.

    Args:
        object_kind: What the properties are of: ``campaign``, ``indicator`` ...
        properties: As the schema has them.

    Returns:
        The member's value.
    """
    return {
        EXTENSION: {"extension_type": "property-extension", "evidence": object_kind, **properties}
    }
