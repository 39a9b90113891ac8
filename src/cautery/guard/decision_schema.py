"""Generates the JSON Schema of a decision from the records, their docstrings included.

The generated file is published with the package as ``guard/schemas/decision-1.schema.json``; a test
generates it again and compares. After a change of the records::

    python -c "from cautery.guard.decision_schema import *; SCHEMA_PATH.write_text(schema_text())"

A field may be added with a default; then the schema's number stays. Anything else makes another
schema.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec

from cautery.record_schemas import docstrings_of, published_schema, schema_lines
from cautery.records.decision import DECISION_SCHEMA, Decision

SCHEMA_PATH: Final = Path(__file__).parent / "schemas" / "decision-1.schema.json"
"""The published schema."""

SCHEMA_ID: Final = "urn:cautery:schema:decision:1"
"""Its identifier: a name, not an address, because nothing is fetched."""

_LIMITS: Final[dict[str, dict[str, Any]]] = {
    "decision_id": {"minLength": 1},
    "policy_version": {"pattern": "^([0-9a-f]{64})?$"},
    "retry_after_seconds": {"minimum": 0},
}


def decision_schema() -> dict[str, Any]:
    """Generate the schema of a decision.

    Returns:
        A JSON Schema of draft 2020-12, as plain values.
    """
    definitions: dict[str, Any] = msgspec.json.schema(Decision)["$defs"]
    descriptions = docstrings_of(Decision.__module__)
    for name, definition in definitions.items():
        definition["description"] = descriptions[name, ""]
        definition["required"] = list(definition["properties"])
        for field, schema in definition["properties"].items():
            schema.pop("default", None)
            definition["properties"][field] = {
                "description": descriptions[name, field],
                **schema,
                **_LIMITS.get(field, {}),
            }
    decision = definitions.pop("Decision")
    named = {"description": "Name and version of the schema.", "const": DECISION_SCHEMA}
    whole = {
        "description": decision["description"],
        "type": "object",
        "properties": {"schema": named, **decision["properties"]},
        "required": ["schema", *decision["required"]],
    }
    return published_schema(DECISION_SCHEMA, SCHEMA_ID, whole, definitions)


def schema_text() -> str:
    """Write the schema as it is published.

    Returns:
        Indented JSON, with a line feed at the end.
    """
    return schema_lines(decision_schema())
