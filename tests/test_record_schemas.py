"""Schemas of records: docstrings that Python does not keep, and one form of what is published."""

from __future__ import annotations

import json

from cautery.record_schemas import DIALECT, docstrings_of, published_schema, schema_lines
from cautery.records import identity, key


def test_docstrings_of_classes_and_fields() -> None:
    """Of several modules, as one paragraph each; a field without one is left out."""
    found = docstrings_of(key.__name__, identity.__name__)
    assert {name for name, field in found if not field} >= {"Secret", "Key", "Identity"}
    assert all(text == " ".join(text.split()) and "``" not in text for text in found.values())


def test_a_schema_is_published_in_one_form() -> None:
    """The record's own title gives way to name and version; the text is JSON with a last line."""
    record = {"title": "Case", "type": "object", "properties": {}}
    schema = published_schema("cautery.x/1", "urn:x", record, {"Part": {"type": "object"}})
    assert list(schema) == ["$schema", "$id", "title", "type", "properties", "$defs"]
    assert (schema["$schema"], schema["title"]) == (DIALECT, "cautery.x/1")
    text = schema_lines(schema | {"title": "é"})
    assert json.loads(text)["title"] == "é"
    assert text.endswith("}\n")
    assert "é" in text
