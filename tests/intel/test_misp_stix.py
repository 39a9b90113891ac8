"""Our STIX bundle through misp-stix, beside our own way to MISP: what each loses."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import pytest
from tests.intel.indicators import bulletin

from cautery.intel.misp_event import event_of, write_event
from cautery.intel.stix_objects import bulletin_objects, write_bundle
from cautery.records.indicator import Indicator

CONVERT = """
import json, sys
import stix2
from misp_stix_converter import ExternalSTIX2toMISPParser
parser = ExternalSTIX2toMISPParser()
parser.load_stix_bundle(stix2.parse(sys.stdin.read(), allow_custom=True))
parser.parse_stix_bundle()
errors = sorted({text for texts in parser.errors.values() for text in texts})
print(json.dumps({"event": json.loads(parser.misp_event.to_json()), "errors": errors}))
"""
"""In a process of its own: libraries of misp-stix hook into imports of everything after them."""


@pytest.fixture(scope="module")
def converted() -> dict[str, Any]:
    """Convert the example's bundle with misp-stix; its messages are kept beside the event."""
    if find_spec("misp_stix_converter") is None:
        pytest.skip("needs the Python package misp-stix")
    content = write_bundle(bulletin_objects(bulletin(clear_addresses=True)))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CONVERT],
        input=content,
        capture_output=True,
        check=True,
        timeout=120,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def objects_named(event: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of a template."""
    return [each for each in event["Object"] if each["name"] == name]


def both() -> tuple[str, tuple[Indicator, ...]]:
    """Our own event, as text, and the indicators in it."""
    made = bulletin(clear_addresses=True)
    return write_event(event_of(made)).decode(), made.indicators


def test_misp_stix_keeps_what_misp_has_a_place_for(converted: dict[str, Any]) -> None:
    """Addresses, systems, keyed accounts, operators, techniques and the label arrive."""
    event = converted["event"]
    rows = {(row["type"], row["value"]) for row in event["Attribute"]}
    assert rows == {
        ("AS", "AS64500"),
        ("ip-dst", "198.51.100.7"),
        ("ip-dst", "198.51.100.0/24"),
    }
    assert len(objects_named(event, "user-account")) == 1
    galaxies = {each["name"]: len(each["GalaxyCluster"]) for each in event["Galaxy"]}
    assert galaxies == {"STIX 2.1 Attack Pattern": 6, "STIX 2.1 Intrusion Set": 2}
    assert "tlp:amber" in {each["name"] for each in event["Tag"]}


def test_misp_stix_turns_clients_into_servers(converted: dict[str, Any]) -> None:
    """It calls our client addresses destinations (ip-dst); our own event calls them sources."""
    types = {row["type"] for row in converted["event"]["Attribute"]}
    assert "ip-dst" in types
    assert "ip-src" not in types
    ours, _indicators = both()
    assert '"type":"ip-src"' in ours
    assert '"type":"ip-dst"' not in ours


def test_misp_stix_loses_what_campaigns_share(converted: dict[str, Any]) -> None:
    """Infrastructure is an error to it; its numbers are nowhere."""
    assert converted["errors"] == [
        "Unable to load STIX object type: infrastructure",
        "Unknown STIX object type: infrastructure",
    ]
    assert "at most 40 on one" not in json.dumps(converted["event"])
    assert "at most 40 on one" in both()[0]


def test_misp_stix_loses_all_of_the_extension(converted: dict[str, Any]) -> None:
    """Chances, volumes, bits, accounts of an indicator and bands are lost; ours has each."""
    text = json.dumps(converted["event"])
    campaign = bulletin().campaigns[0]
    for lost in (str(campaign.exchanges), str(campaign.probability), campaign.weights[1].signal):
        assert lost not in text
        assert lost in both()[0]
    assert converted["event"]["Object"]
    for one in both()[1]:
        for band in one.bands:
            assert band not in text
            assert band in both()[0]


def test_misp_stix_keeps_keyed_values_as_patterns_only(converted: dict[str, Any]) -> None:
    """Keyed values but accounts, and TLS fingerprints, are inside texts; ours are attributes."""
    patterns = objects_named(converted["event"], "stix2-pattern")
    inside = json.dumps(patterns)
    ours, indicators = both()
    special = [
        one
        for one in indicators
        if one.kind == "tls_fingerprint" or (one.form == "keyed" and one.kind != "account")
    ]
    assert len(patterns) == len(special) == 8
    values = {
        row["value"]
        for each in converted["event"]["Object"]
        for row in each["Attribute"]
        if each["name"] != "stix2-pattern"
    }
    for one in special:
        assert one.value in inside
        assert not any(one.value in value for value in values)
        assert f'{one.value}","to_ids":true' in ours


def test_misp_stix_loses_the_end_of_an_indicator(converted: dict[str, Any]) -> None:
    """When an indicator ends, and how sure its source is, is not in its event; both are in ours."""
    until = {one.valid_until[:19] for one in both()[1]}
    named = {
        row["object_relation"] for each in converted["event"]["Object"] for row in each["Attribute"]
    }
    assert not named & {"valid-until", "confidence", "accounts"}
    assert all(moment in both()[0] for moment in until)
