"""The schema of a probe's report: published, and in step with the records."""

from __future__ import annotations

import jsonschema

from cautery.provenance.probe_schema import SCHEMA_PATH, probe_schema, schema_text

AGAIN = (
    'python -c "from cautery.provenance.probe_schema import *; '
    'SCHEMA_PATH.write_text(schema_text())"'
)


def test_the_published_schema_is_that_of_the_records() -> None:
    """After a change of the records the file was written again."""
    assert SCHEMA_PATH.read_text(encoding="utf-8") == schema_text(), AGAIN


def test_it_is_a_schema_and_explains_itself() -> None:
    """It is valid, has a name, and describes every record."""
    schema = probe_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"].startswith("urn:")
    assert schema["properties"]["schema"]["const"] == "cautery.probe/1"
    assert all(record["description"] for record in schema["$defs"].values())
