"""The published JSON Schema follows from the records, fits every case, and refuses broken ones."""

from __future__ import annotations

import copy
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.report.cases import crowded_case, empty_case, example_case
from tests.report.hostile import HOSTILE, case_with_text

from cautery.records.case import Case, EmbeddingUse, GivenFile, GivenOption, Settings
from cautery.report.case_schema import SCHEMA_PATH, case_schema, field_tables, schema_text
from cautery.report.formats.json import MEMBER

REGENERATE = (
    'python -c "from cautery.report.case_schema import *; SCHEMA_PATH.write_text(schema_text())"'
)


def document_of(case: Case) -> Any:
    """Write a case and parse it."""
    stream = io.StringIO()
    MEMBER.write(case, stream)
    return json.loads(stream.getvalue())


@pytest.fixture(scope="module")
def validator() -> Any:
    """Check documents against the published file."""
    return jsonschema.Draft202012Validator(json.loads(SCHEMA_PATH.read_text(encoding="utf-8")))


def test_published_schema_is_generated() -> None:
    """Whoever changes a record publishes the schema again: run the command of the message."""
    assert SCHEMA_PATH.read_text(encoding="utf-8") == schema_text(), REGENERATE


def test_page_of_fields_is_generated() -> None:
    """The reference page lists the fields of the schema, all of them and no others."""
    page = Path(__file__).resolve().parents[2] / "docs" / "reference" / "case-json.md"
    assert page.read_text(encoding="utf-8").endswith(field_tables())


def test_schema_is_a_schema() -> None:
    """It keeps to draft 2020-12 and has a name of its own."""
    jsonschema.Draft202012Validator.check_schema(case_schema())
    assert case_schema()["$id"].startswith("urn:")


def test_every_field_is_described() -> None:
    """A reader of the schema needs no other page."""
    parts = [case_schema(), *case_schema()["$defs"].values()]
    blank = [
        name
        for part in parts
        for name, field in part["properties"].items()
        if not field["description"]
    ]
    assert blank == []
    assert all(part["description"] for part in parts)


@pytest.mark.parametrize("case", [example_case(), empty_case(), crowded_case()])
def test_cases_are_valid(validator: Any, case: Case) -> None:
    """What a scan writes keeps to the schema."""
    validator.validate(document_of(case))


def test_embedding(validator: Any) -> None:
    """A case may say which embedding it used; half of that is not valid."""
    use = EmbeddingUse(sha256="c" * 64, tokens=3, dimensions=16, exchanges=0)
    document = document_of(replace(example_case(), embedding=use))
    validator.validate(document)
    del document["embedding"]["sha256"]
    assert not validator.is_valid(document)


def test_settings(validator: Any) -> None:
    """A case may say what the scan was told; a hash is one or the case is not valid."""
    told = Settings(
        files=(GivenFile(option="--accounts", name="billing.csv", sha256="d" * 64),),
        options=(GivenOption(option="--tz", value="Europe/Berlin"),),
    )
    document = document_of(replace(example_case(), settings=told))
    validator.validate(document)
    document["settings"]["files"][0]["sha256"] = "d"
    assert not validator.is_valid(document)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_cases_are_valid(validator: Any, text: str) -> None:
    """No text of a log can break the document."""
    validator.validate(document_of(case_with_text(text)))


BREAKS: dict[str, tuple[tuple[str | int, ...], Any]] = {
    "other schema": (("schema",), "cautery.case/2"),
    "campaigns is an object": (("campaigns",), {}),
    "band of its own": (("campaigns", 0, "band"), "certain"),
    "chance above one": (("campaigns", 0, "probability"), 1.2),
    "share below zero": (("campaigns", 0, "templates", 0, "share"), -0.1),
    "score above 100": (("campaigns", 0, "score"), 101),
    "text for a number": (("campaigns", 0, "exchanges"), "61,200"),
    "negative count": (("input", "rejected"), -1),
    "null chance": (("campaigns", 0, "members", 0, "probability"), None),
    "short hash": (("input", "files", 0, "sha256"), "abc"),
    "unknown family": (("campaigns", 0, "weights", 0, "family"), "magic"),
    "day without a number": (("campaigns", 0, "daily_exchanges", 0), ["2026-10-03"]),
}


@pytest.mark.parametrize(("path", "value"), BREAKS.values(), ids=BREAKS)
def test_broken_cases_are_refused(validator: Any, path: tuple[str | int, ...], value: Any) -> None:
    """A wrong type, a number out of range or an unknown word does not pass."""
    document = copy.deepcopy(document_of(example_case()))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert not validator.is_valid(document)


@pytest.mark.parametrize("name", ["schema", "tool", "input", "signals", "campaigns", "notes"])
def test_every_part_is_required(validator: Any, name: str) -> None:
    """A case with a part missing is no case."""
    document = document_of(example_case())
    del document[name]
    assert not validator.is_valid(document)
