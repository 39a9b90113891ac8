"""Templates of MISP objects: fit for misp-objects and for PyMISP."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pymisp
import pytest

from cautery.intel.misp_templates import INDICATOR, TEMPLATES, template, template_text
from cautery.records.indicator import INDICATOR_KINDS

DATA = Path(pymisp.__file__).parent / "data"


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_keeps_the_schema_of_misp_objects(name: str) -> None:
    """The schema that PyMISP ships finds no fault, and the spelling is that of the project."""
    schema = json.loads((DATA / "misp-objects" / "schema_objects.json").read_text())
    # The schema names a draft without its number; draft 4 is what the project checks by.
    jsonschema.Draft4Validator(schema).validate(template(name))
    assert template_text(name) == json.dumps(template(name), indent=2, sort_keys=True) + "\n"
    assert template(name)["name"] == name


@pytest.mark.parametrize("name", TEMPLATES)
def test_names_and_identifiers_are_nobody_elses(name: str) -> None:
    """No template of misp-objects has the name or the identifier of ours."""
    others = sorted((DATA / "misp-objects" / "objects").glob("*/definition.json"))
    assert len(others) > 200
    assert [path for path in others if path.parent.name == name] == []
    taken = re.compile(template(name)["uuid"])
    assert [path for path in others if taken.search(path.read_text())] == []


def test_kinds_are_the_records_own() -> None:
    """The list of kinds is that of indicators."""
    assert tuple(template(INDICATOR)["attributes"]["kind"]["values_list"]) == INDICATOR_KINDS


def test_types_are_those_of_misp() -> None:
    """Every attribute has a type that servers know."""
    types = json.loads((DATA / "describeTypes.json").read_text())["result"]["types"]
    used = {
        each["misp-attribute"]
        for name in TEMPLATES
        for each in template(name)["attributes"].values()
    }
    assert used <= set(types)
