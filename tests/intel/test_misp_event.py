"""A bulletin as a MISP event: what a server is told, and what it can do with it."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from pymisp import MISPEvent, MISPObject
from tests.intel.indicators import bulletin

from cautery.intel.misp_event import (
    GALAXY,
    GALAXY_TECHNIQUES,
    event_of,
    misp_time,
    seconds,
    write_event,
)
from cautery.intel.misp_reading import read_events
from cautery.intel.misp_templates import CAMPAIGN, INDICATOR, template
from cautery.intel.stix_campaigns import techniques_of
from cautery.records.bulletin import Bulletin, SharedCampaign


def event(made: Bulletin | None = None) -> dict[str, Any]:
    """Write a bulletin and read it as JSON."""
    content: dict[str, Any] = json.loads(write_event(event_of(made or bulletin())))["Event"]
    return content


def loaded(made: Bulletin | None = None) -> MISPEvent:
    """Read an event with PyMISP, which complains of types, categories and identifiers."""
    found = MISPEvent(strict_validation=True)
    found.load(write_event(event_of(made or bulletin())))
    return found


def objects_of(content: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of a template."""
    return [each for each in content["Object"] if each["name"] == name]


@pytest.mark.parametrize("clear", [False, True], ids=["keyed", "clear"])
def test_pymisp_reads_it(clear: bool) -> None:
    """PyMISP reads every object, strictly, and each keeps its template."""
    made = bulletin(clear_addresses=clear)
    found = loaded(made)
    assert len(found.objects) == len(made.campaigns) + len(made.indicators)
    for each in found.objects:
        checked = MISPObject(
            each.name, strict=True, misp_objects_template_custom=template(each.name)
        )
        for attribute in each.attributes:
            checked.add_attribute(attribute.object_relation, value=attribute.value)
            assert checked.attributes[-1].type == attribute.type
        # Writing an object checks what its template requires.
        assert json.loads(checked.to_json())["template_uuid"] == each.template_uuid


@pytest.mark.parametrize("clear", [False, True], ids=["keyed", "clear"])
def test_what_pymisp_writes_is_read_back(clear: bool) -> None:
    """Case, MISP, PyMISP, import: the same indicators, to the last field."""
    made = bulletin(clear_addresses=clear)
    bare = loaded(made).to_json()
    for text in (bare, f'{{"Event": {bare}}}'):
        found = read_events(text.encode(), "x")
        assert sorted(found.indicators, key=lambda one: one.indicator_id) == list(made.indicators)


def test_values_are_to_be_looked_for_and_nothing_else_is() -> None:
    """Each indicator has one attribute with to_ids and a label; one taken back has none."""
    for each in objects_of(event(), INDICATOR):
        looked_for = [row for row in each["Attribute"] if row["to_ids"]]
        assert [row["Tag"] for row in looked_for] == [[{"name": "tlp:amber"}]]
        assert looked_for[0]["first_seen"].endswith("+00:00")
        assert not looked_for[0].get("disable_correlation")
    made = bulletin()
    taken_back = tuple(replace(one, revoked=True) for one in made.indicators)
    content = event(replace(made, indicators=taken_back))
    assert not any(row["to_ids"] for each in content["Object"] for row in each["Attribute"])
    found = read_events(json.dumps({"Event": content}).encode(), "x")
    assert all(one.revoked for one in found.indicators)


def test_numbers_of_campaigns_are_there_and_correlate_with_nothing() -> None:
    """Every number of a shared campaign is an attribute, and none links events by chance."""
    made = bulletin()
    for campaign, each in zip(made.campaigns, objects_of(event(made), CAMPAIGN), strict=True):
        values = {row["object_relation"]: row["value"] for row in each["Attribute"]}
        assert all(row["disable_correlation"] for row in each["Attribute"])
        for name in ("accounts", "exchanges", "output_tokens", "templates"):
            assert values[name.replace("_", "-")] == str(getattr(campaign, name))
        assert float(values["probability"]) == campaign.probability
        rows = [row["value"] for row in each["Attribute"]]
        assert [f"{day}: {count}" for day, count in campaign.daily_exchanges if count] == [
            row for row in rows if row[:4] == "2026" and not row.endswith(" 0")
        ]


TOLD = {
    "campaign_ref": "the object's UUID",
    "operator_ref": "",
    "first_seen": "the object's first_seen",
    "last_seen": "the object's last_seen",
    "traces": "",
}
"""Fields of a campaign that are no attribute, and where they are; empty if lost."""


def test_what_is_lost_of_a_campaign() -> None:
    """Of a campaign's fields the operator's STIX identifier is lost, and what probes found."""
    names = {
        "operator_name": "operator",
        "what": "asked-for",
        "capabilities": "capability",
        "infrastructure": "shared-thing",
        "weights": "weight",
    }
    known = template(CAMPAIGN)["attributes"]
    columns = [each.name for each in fields(SharedCampaign)]
    lost = [name for name in columns if names.get(name, name.replace("_", "-")) not in known]
    assert lost == list(TOLD)
    assert [name for name in lost if not TOLD[name]] == ["operator_ref", "traces"]
    made = bulletin()
    text = json.dumps(event(made))
    assert made.campaigns[0].campaign_ref.rpartition("--")[2] in text
    assert made.campaigns[0].operator_ref.rpartition("--")[2] not in text


def test_techniques_are_galaxies_where_misp_has_them() -> None:
    """Four techniques are tags of MISP's galaxy; two it has not are told in the object only."""
    content = event()
    shown = {one.technique for one in techniques_of(bulletin().campaigns[0])}
    tags = {each["name"] for each in content["Tag"]}
    assert tags == {"tlp:amber"} | {f'{GALAXY}="{word}"' for word in GALAXY_TECHNIQUES.values()}
    rows = objects_of(content, CAMPAIGN)[0]["Attribute"]
    assert {row["value"] for row in rows if row["object_relation"] == "technique"} == shown
    assert shown - set(GALAXY_TECHNIQUES) == {"AML.T0008.005", "AML.T0065"}


@pytest.mark.parametrize(
    ("tlp", "distribution"),
    [("clear", "3"), ("green", "1"), ("amber", "0"), ("amber+strict", "0"), ("red", "0")],
)
def test_a_server_passes_on_what_the_label_allows(tlp: str, distribution: str) -> None:
    """From amber on an event goes nowhere by itself: people decide."""
    content = event(bulletin(tlp=tlp))
    assert content["distribution"] == distribution
    assert content["Tag"][0]["name"] == f"tlp:{tlp}"
    assert not content["published"]


def test_a_later_bulletin_updates_the_same_attributes() -> None:
    """A later version has the same identifiers, so that a server changes values in place."""
    made = bulletin()
    first = made.campaigns[0]
    later = replace(
        made,
        made_at="2026-11-04T00:00:00.000Z",
        campaigns=(replace(first, accounts=999), *made.campaigns[1:]),
    )
    before, after = event(made), event(later)
    assert before["uuid"] == after["uuid"]
    assert int(before["timestamp"]) < int(after["timestamp"])
    rows = [
        {row["uuid"]: row["value"] for row in objects_of(each, CAMPAIGN)[0]["Attribute"]}
        for each in (before, after)
    ]
    assert rows[0].keys() == rows[1].keys()
    assert len([name for name in rows[0] if rows[0][name] != rows[1][name]]) == 1


def test_every_identifier_is_once() -> None:
    """No two parts of an event have one UUID, even if a forged case says things twice."""
    made = bulletin()
    first = made.campaigns[0]
    doubled = replace(first, weights=first.weights * 2, daily_exchanges=first.daily_exchanges * 2)
    content = event(replace(made, campaigns=(doubled, *made.campaigns[1:])))
    rows = [row["uuid"] for each in content["Object"] for row in each["Attribute"]]
    rows += [each["uuid"] for each in content["Object"]]
    rows += [row["uuid"] for each in content["Object"] for row in each.get("ObjectReference", [])]
    assert len(set(rows)) == len(rows)


def test_names_are_inert() -> None:
    """A hostile name of a provider is escaped and comes back as it is."""
    name = '<img src=x>"\u202e\U0001f600'
    content = write_event(event_of(replace(bulletin(), provider=name)))
    assert content.isascii()
    assert json.loads(content)["Event"]["Orgc"]["name"] == name


def test_times() -> None:
    """Times are spelled as servers do."""
    assert seconds("1970-01-01T00:01:00.999Z") == "60"
    assert misp_time("2026-08-16T09:50:10.123Z") == "2026-08-16T09:50:10.123000+0000"
