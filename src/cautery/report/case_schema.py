"""Generates the JSON Schema of ``case.json`` from the records, their docstrings included.

The generated file is published with the package as ``report/schemas/case-1.schema.json``; a test
generates it again and compares. After a change of the records::

    python -c "from cautery.report.case_schema import *; SCHEMA_PATH.write_text(schema_text())"

A field may be added to a record with a default; then the schema's number stays. Anything else makes
another schema (contracts.md).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec

from cautery.record_schemas import docstrings_of, published_schema, schema_lines
from cautery.records.anytime import AnytimeEvidence
from cautery.records.campaign import Campaign
from cautery.records.case import CASE_SCHEMA, Case
from cautery.records.evidence import Weight
from cautery.report.json_layout import NOT_IN_DOCUMENT

SCHEMA_PATH: Final = Path(__file__).parent / "schemas" / "case-1.schema.json"
"""The published schema."""

SCHEMA_ID: Final = "urn:cautery:schema:case:1"
"""Its identifier: a name, not an address, because nothing is fetched."""

_UNIT_INTERVAL: Final = ("probability", "share")
_LIMITS: Final[dict[str, dict[str, Any]]] = {
    "schema": {"const": CASE_SCHEMA},
    "score": {"minimum": 0, "maximum": 100},
    "sha256": {"pattern": "^([0-9a-f]{64})?$"},
    "expected_false_per_1000": {"minimum": 0},
    "false_alarm_bound": {"minimum": 0, "maximum": 1},
}


def case_schema() -> dict[str, Any]:
    """Generate the schema of ``case.json``.

    Returns:
        A JSON Schema of draft 2020-12, as plain values.
    """
    generated = msgspec.json.schema(Case)
    definitions: dict[str, Any] = generated["$defs"]
    modules = (record.__module__ for record in (Case, Campaign, Weight, AnytimeEvidence))
    descriptions = docstrings_of(*modules)
    definitions.pop("AccountSummary")
    for name, definition in definitions.items():
        definition["description"] = descriptions[name, ""]
        properties = definition["properties"]
        for field in properties:
            properties[field] = _described(
                field, properties[field], descriptions.get((name, field), "")
            )
    case = definitions.pop("Case")
    case["properties"].pop(NOT_IN_DOCUMENT)
    return published_schema(CASE_SCHEMA, SCHEMA_ID, case, definitions)


def schema_text() -> str:
    """Write the schema as it is published.

    Returns:
        Indented JSON, with a line feed at the end.
    """
    return schema_lines(case_schema())


def _described(field: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    described = {"description": description, **schema}
    types = {one.get("type") for one in schema.get("anyOf", [schema])}
    if field.endswith(_UNIT_INTERVAL):
        described |= {"minimum": 0, "maximum": 1}
    elif "integer" in types and "anyOf" not in schema:
        described |= {"minimum": 0}
    return described | _LIMITS.get(field, {})


def field_tables() -> str:
    """Write the fields of the schema as Markdown tables, for ``docs/reference/case-json.md``.

    Returns:
        One section a record, the case first.
    """
    schema = case_schema()
    sections = [_table("The document", schema)]
    sections += [_table(name, record) for name, record in schema["$defs"].items()]
    return "\n".join(sections)


def _table(title: str, record: dict[str, Any]) -> str:
    lines = [f"### {title}", "", record["description"], "", "| field | type | what |"]
    lines.append("| --- | --- | --- |")
    for name, field in record["properties"].items():
        lines.append(f"| `{name}` | {_type_of(field)} | {field['description']} |")
    return "\n".join([*lines, ""])


def _type_of(field: dict[str, Any]) -> str:
    if "const" in field:
        return f"`{field['const']}`"
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "enum" in field:
        return ", ".join(f"`{value}`" if value else "empty" for value in sorted(field["enum"]))
    if "anyOf" in field:
        return " or ".join(_type_of(one) for one in field["anyOf"])
    if "prefixItems" in field:
        return "[" + ", ".join(_type_of(one) for one in field["prefixItems"]) + "]"
    if field["type"] == "array":
        return f"list of {_type_of(field['items'])}"
    return str(field["type"])
