"""STIX objects: valid by OASIS's own tools, with the official techniques and nobody's secrets."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

import jsonschema
import pytest
import stix2
from stix2validator import ValidationOptions, validate_string
from tests.intel.indicators import VALUES, bulletin, choices, epoch_key, observables
from tests.report.cases import example_case

from cautery.intel.attack_patterns import CHAIN
from cautery.intel.bulletins import make_bulletin
from cautery.intel.extension import EXTENSION, extension_schema
from cautery.intel.stix_objects import bulletin_objects, write_bundle
from cautery.intel.tlp import MARKINGS
from cautery.records.bulletin import Bulletin
from cautery.records.indicator import TLP_LABELS, Tlp

OFFICIAL = {
    "AML.T0008.005": "attack-pattern--647ac4ac-b2bc-53f7-ab83-81f421a1f0b5",
    "AML.T0021": "attack-pattern--d3d7763a-58e1-5e38-84fd-3abea967cb08",
    "AML.T0065": "attack-pattern--6e148299-0460-5d0b-9741-467437464d3d",
    "AML.T0040": "attack-pattern--5ac1f849-523e-51bf-a1e9-1a97ab91cc91",
    "AML.T0024.002": "attack-pattern--3f567912-629a-5e0b-ab0c-0102977c2d6c",
    "AML.T0048.004": "attack-pattern--73772ced-edba-578c-bacd-703e082a9c57",
}
"""Read off dist/stix-atlas.json of mitre-atlas/atlas-navigator-data, apart from the code."""


def objects_of(made: Bulletin) -> dict[str, list[dict[str, Any]]]:
    """Sort the objects of a bulletin by type."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in bulletin_objects(made):
        found.setdefault(each["type"], []).append(each)
    return found


EXAMPLES: dict[str, Callable[[], Bulletin]] = {
    "keyed": bulletin,
    "clear-addresses": lambda: bulletin(clear_addresses=True),
    "no-values": lambda: make_bulletin(example_case(), [], None, choices()),
    "nothing": lambda: make_bulletin(replace(example_case(), campaigns=()), [], None, choices()),
    "one-operator": lambda: bulletin(least_band="watch", tlp="amber+strict"),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_validator_finds_no_error(name: str) -> None:
    """OASIS's validator finds no error, and the stix2 library parses it without custom content."""
    text = write_bundle(bulletin_objects(EXAMPLES[name]())).decode()
    found = validate_string(text, ValidationOptions(version="2.1"))
    assert found.is_valid
    assert list(found.errors or ()) == []
    parsed = stix2.parse(text, allow_custom=False)
    assert len(parsed.get("objects", [])) == len(json.loads(text)["objects"])


def test_what_a_bundle_holds() -> None:
    """The object design of the research notes: every type, and the relationships between them."""
    found = objects_of(bulletin(clear_addresses=True))
    campaigns = len(bulletin().campaigns)
    assert len(found["campaign"]) == len(found["sighting"]) == campaigns
    assert set(found) == {
        "extension-definition",
        "identity",
        "marking-definition",
        "attack-pattern",
        "intrusion-set",
        "campaign",
        "autonomous-system",
        "ipv4-addr",
        "user-account",
        "observed-data",
        "infrastructure",
        "indicator",
        "relationship",
        "sighting",
        "report",
    }
    kinds = {
        (each["source_ref"].partition("--")[0], each["relationship_type"])
        for each in found["relationship"]
    }
    assert kinds == {
        ("campaign", "attributed-to"),
        ("campaign", "targets"),
        ("campaign", "uses"),
        ("infrastructure", "consists-of"),
        ("indicator", "indicates"),
        ("indicator", "based-on"),
    }


def test_every_reference_was_seen_before() -> None:
    """No object names one that comes later or not at all, so that a peer may read in one pass."""
    seen: set[str] = set()
    for each in bulletin_objects(bulletin(clear_addresses=True)):
        named = [value for name, value in each.items() if name.endswith("_ref")]
        named += [one for name, value in each.items() if name.endswith("_refs") for one in value]
        seen.add(each["id"])
        assert [one for one in named if one not in seen] == []


def test_techniques_are_the_official_ones() -> None:
    """Each technique has the identifier of MITRE's own object, and its version."""
    assert {one.technique: f"attack-pattern--{one.uuid}" for one in CHAIN} == OFFICIAL
    found = objects_of(bulletin())["attack-pattern"]
    assert {each["external_references"][0]["external_id"] for each in found} <= set(OFFICIAL)
    assert all("created_by_ref" not in each for each in found)


def test_nobody_is_accused() -> None:
    """An operator is a number: no threat actor, no name, no country."""
    found = objects_of(bulletin())
    assert "threat-actor" not in found
    assert all(each["name"].startswith("O-") for each in found["intrusion-set"])
    assert all("no accusation" in each["description"] for each in found["intrusion-set"])


@pytest.mark.parametrize("label", TLP_LABELS)
def test_every_object_is_marked(label: Tlp) -> None:
    """Everything that is the provider's own bears its marking."""
    made = bulletin(tlp=label)
    own = [each for each in bulletin_objects(made) if "created_by_ref" in each]
    own = [each for each in own if each["type"] != "extension-definition"]
    assert own
    assert {tuple(each["object_marking_refs"]) for each in own} == {(MARKINGS[label],)}


def test_extension_keeps_to_its_schema() -> None:
    """All that stands under the extension is as the published schema says, and nothing more."""
    checker = jsonschema.Draft202012Validator(extension_schema())
    under = [
        each["extensions"][EXTENSION]
        for clear in (False, True)
        for each in bulletin_objects(bulletin(clear_addresses=clear))
        if EXTENSION in each.get("extensions", {})
    ]
    assert {each["evidence"] for each in under} == {
        "campaign",
        "indicator",
        "infrastructure",
        "observed-data",
    }
    assert [error.message for each in under for error in checker.iter_errors(each)] == []
    for name in ("prompt", "account_id", "email"):
        with pytest.raises(jsonschema.ValidationError):
            checker.validate({**under[0], name: "x"})


def test_schema_refuses_customers_values_in_clear() -> None:
    """The published schema itself has no place for a customer's value in clear."""
    checker = jsonschema.Draft202012Validator(extension_schema())
    row = {"extension_type": "property-extension", "evidence": "indicator"}
    for kind, value in VALUES.items():
        clear = {**row, "kind": kind, "form": "clear", "value": value[:80]}
        allowed = kind in {"address", "autonomous_system", "network", "tls_fingerprint"}
        assert checker.is_valid(clear) == allowed
        assert not checker.is_valid({**row, "kind": kind, "form": "keyed", "value": value[:80]})


def test_observables_have_the_identifiers_of_the_standard() -> None:
    """UUIDv5 under the common namespace over the contributing properties (STIX 2.1, 2.9)."""
    found = objects_of(bulletin(clear_addresses=True))["ipv4-addr"]
    namespace = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
    for each in found:
        expected = uuid5(namespace, json.dumps({"value": each["value"]}, separators=(",", ":")))
        assert each["id"] == f"ipv4-addr--{expected}"
        assert stix2.IPv4Address(value=each["value"]).id == each["id"]


def test_same_bulletin_same_bytes() -> None:
    """Twice the same bytes; another marking, others; a later log keeps the identifiers."""
    first = write_bundle(bulletin_objects(bulletin()))
    assert first == write_bundle(bulletin_objects(bulletin()))
    case = example_case()
    later = replace(case, input=replace(case.input, to_time="2026-11-01T00:00:00Z"))
    renewed = bulletin_objects(make_bulletin(later, observables(), epoch_key(), choices()))
    assert {each["id"] for each in bulletin_objects(bulletin())} == {each["id"] for each in renewed}
    assert first != write_bundle(renewed)
    assert {each["modified"] for each in renewed if each["type"] == "campaign"} == {
        "2026-11-01T00:00:00.000Z"
    }


def test_bundle_is_inert_ascii() -> None:
    """One object a line, in ASCII: no terminal, page or log acts on it."""
    text = write_bundle(bulletin_objects(bulletin(provider="L\u00e4b <script> '\"\\")))
    assert text.isascii()
    assert json.loads(text)["objects"][3]["name"] == "L\u00e4b <script> '\"\\"
    assert len(text.splitlines()) == len(json.loads(text)["objects"]) + 2
