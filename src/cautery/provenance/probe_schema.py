"""Generates the JSON Schema of a probe's report from the records, their docstrings included.

The generated file is published with the package as ``provenance/schemas/probe-1.schema.json``; a
test generates it again and compares. After a change of the records::

    python -c "from cautery.provenance.probe_schema import *; SCHEMA_PATH.write_text(schema_text())"

A field may be added to a record with a default; then the schema's number stays. Anything else makes
another schema (contracts.md).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec

from cautery.record_schemas import docstrings_of, published_schema, schema_lines
from cautery.records import canary, lineage, probe
from cautery.records.probe import PROBE_SCHEMA, ProbeReport

SCHEMA_PATH: Final = Path(__file__).parent / "schemas" / "probe-1.schema.json"
"""The published schema."""
SCHEMA_ID: Final = "urn:cautery:schema:probe:1"
"""Its identifier: a name, not an address, because nothing is fetched."""
_UNIT_INTERVAL: Final = (
    "power",
    "marked_share",
    "memorisation",
    "uniform_p",
    "followed_share",
    "agreement",
    "rank_p",
    "rate",
)
"""Fields that lie from 0 to 1."""


def probe_schema() -> dict[str, Any]:
    """Generate the schema of a report.

    Returns:
        A JSON Schema of draft 2020-12, as plain values.
    """
    generated = msgspec.json.schema(ProbeReport)
    definitions: dict[str, Any] = generated["$defs"]
    descriptions = docstrings_of(canary.__name__, lineage.__name__, probe.__name__)
    for name, definition in definitions.items():
        definition["description"] = descriptions.get((name, ""), "")
        properties = definition.get("properties", {})
        for field, schema in properties.items():
            properties[field] = _described(field, schema, descriptions.get((name, field), ""))
    report = definitions.pop("ProbeReport")
    report["properties"]["schema"]["const"] = PROBE_SCHEMA
    return published_schema(PROBE_SCHEMA, SCHEMA_ID, report, definitions)


def schema_text() -> str:
    """Write the schema as it is published.

    Returns:
        Indented JSON, with a line feed at the end.
    """
    return schema_lines(probe_schema())


def _described(field: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    described = {"description": description, **schema} if description else dict(schema)
    if field in _UNIT_INTERVAL and schema.get("type") == "number":
        described |= {"minimum": 0, "maximum": 1}
    elif schema.get("type") == "integer":
        described |= {"minimum": 0}
    elif field.startswith("log10_"):
        described |= {"maximum": 0}
    return described
