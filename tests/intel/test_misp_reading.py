"""MISP events of peers: what is read, what is passed over, what is refused."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.intel.indicators import bulletin

from cautery.errors import MalformedFileError
from cautery.intel import misp_reading, peer_documents
from cautery.intel.misp_event import event_of, write_event
from cautery.intel.misp_reading import read_events
from cautery.records.bulletin import Received

GOOD = Path(__file__).parent / "samples" / "misp" / "good"


def read(document: Any) -> Received:
    """Read a document."""
    return read_events(json.dumps(document).encode(), "peer.json")


def another() -> Any:
    """An event of another tool, as a server answers."""
    return json.loads((GOOD / "another-tool.json").read_text())


def test_another_tool() -> None:
    """Source addresses, networks and systems that are to be looked for are taken, with an end."""
    found = read(another())
    shown = {one.value: (one.kind, one.tlp, one.valid_until[:10]) for one in found.indicators}
    assert shown == {
        "203.0.113.9": ("address", "green", "2026-11-20"),
        "203.0.113.0/24": ("network", "red", "2026-11-18"),
        "64501": ("autonomous_system", "green", "2026-11-20"),
        "2001:db8::9": ("address", "green", "2026-11-20"),
    }
    assert {one.source for one in found.indicators} == {"CERT Example"}
    assert {one.confidence for one in found.indicators} == {25}
    assert [each.reason[:40] for each in found.skipped] == [
        "it is no source address, network or auto",
        "its source does not say that it is to be",
        "it is no address, no network of the size",
    ]


def test_wrappings() -> None:
    """An event bare, in a list, in an answer of one or of many is the same event."""
    event = another()["response"][0]["Event"]
    for document in (event, [{"Event": event}], {"response": {"Event": event}}):
        assert read(document).indicators == read(another()).indicators
    twice = read([{"Event": event}, {"Event": event}])
    assert twice.indicators == read(another()).indicators


def test_order_does_not_matter() -> None:
    """A server gives attributes in any order; bands come back in theirs."""
    made = bulletin()
    document = event_of(made)
    for each in document["Event"]["Object"]:
        each["Attribute"].reverse()
    found = read(document).indicators
    assert sorted(found, key=lambda one: one.indicator_id) == list(made.indicators)


def test_the_strictest_label_holds() -> None:
    """Of the labels of event and value the strictest holds; without one it is amber."""
    document = event_of(bulletin())
    for tag, label in (("tlp:red", "red"), ("TLP:GREEN", "amber"), ("tlp:odd", "amber")):
        document["Event"]["Tag"] = [{"name": tag}]
        assert {one.tlp for one in read(document).indicators} == {label}
    plain = another()
    del plain["response"][0]["Event"]["Tag"]
    labels = {one.value: one.tlp for one in read(plain).indicators}
    assert labels["203.0.113.9"] == "amber"


def test_deleted_parts_are_no_longer_there() -> None:
    """Soft-deleted objects and attributes are not read."""
    document = event_of(bulletin())
    rows = [each for each in document["Event"]["Object"] if "indicator" in each["name"]]
    rows[0]["deleted"] = True
    assert len(read(document).indicators) == len(rows) - 1


def test_a_kind_of_a_later_version_is_passed_over() -> None:
    """What this version does not know is counted and named."""
    content = write_event(event_of(bulletin())).replace(b'"value":"payment"', b'"value":"voice"')
    found = read_events(content, "x")
    assert found.skipped_count == 1
    assert "kind" in found.skipped[0].reason


def test_nobody_named() -> None:
    """An event without an organisation is from nobody."""
    document = another()
    del document["response"][0]["Event"]["Orgc"]
    assert {one.source for one in read(document).indicators} == {"nobody named"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("MOST_INDICATORS", 5), ("MOST_OBJECTS", 5), ("MOST_FILE_BYTES", 5), ("MOST_EVENTS", 0)],
)
def test_bounds(name: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beyond the bounds is refused whole."""
    owner = peer_documents if name == "MOST_FILE_BYTES" else misp_reading
    monkeypatch.setattr(owner, name, value)
    with pytest.raises(MalformedFileError, match=f" {value} "):
        read_events(write_event(event_of(bulletin())), "x")


def test_few_skipped_parts_are_named() -> None:
    """A flood of parts that nothing looks for is counted, and a hundred are named."""
    row = {"type": "md5", "value": "0" * 32}
    found = read({"Event": {"uuid": "x", "info": "x", "Attribute": [row] * 500}})
    assert (found.skipped_count, len(found.skipped)) == (500, 100)


def places_of(value: Any) -> list[tuple[Any, Any]]:
    """Every member of a document, as its holder and its key."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        each = waiting.pop()
        rows = each.items() if isinstance(each, dict) else enumerate(each)
        for key, inner in list(rows):
            found.append((each, key))
            if isinstance(inner, dict | list):
                waiting.append(inner)
    return found


ODD: list[Any] = [None, True, 0, -1, 1.5, 10**30, "", "x" * 500, [], [[]], {}, {"name": []}]


def answered(document: Any) -> None:
    """Read a document that may be anything."""
    try:
        found = read(document)
    except MalformedFileError as error:
        assert error.where.startswith("peer.json")  # noqa: PT017 - either may happen
    else:
        assert all(one.valid_until > one.valid_from for one in found.indicators)


def test_any_member_of_anothers_event_may_be_anything() -> None:
    """Whatever stands in the place of each member, there is an answer or an error."""
    for place in range(len(places_of(another()))):
        for odd in ODD:
            document = another()
            holder, key = places_of(document)[place]
            holder[key] = odd
            answered(document)


def test_any_member_of_our_event_may_be_anything() -> None:
    """The same for an event of ours, at random, as it has many members."""
    draw = random.Random(11)
    made = bulletin(clear_addresses=True)
    few = replace(made, campaigns=(), indicators=made.indicators[:3])
    good = event_of(few)
    for _case in range(1_000):
        document = copy.deepcopy(good)
        holder, key = draw.choice(places_of(document))
        holder[key] = draw.choice(ODD)
        answered(document)


def test_references_and_attributes_of_an_object() -> None:
    """A deleted attribute is not there, and only a reference that indicates names a campaign."""
    document = event_of(bulletin())
    (each, *_) = [row for row in document["Event"]["Object"] if "ObjectReference" in row]
    uuid = f"indicator--{each['uuid']}"
    each["Attribute"].append({**each["Attribute"][0], "value": "old", "deleted": True})
    each["ObjectReference"].append({"relationship_type": "related-to", "referenced_uuid": ""})
    made = {one.indicator_id: one for one in bulletin().indicators}
    found = {one.indicator_id: one for one in read(document).indicators}
    assert found[uuid] == made[uuid]
    each["ObjectReference"] = [{"relationship_type": "related-to"}]
    assert {one.indicator_id: one for one in read(document).indicators}[uuid].campaign_ref == ""
    each["ObjectReference"] = ["x"]
    with pytest.raises(MalformedFileError, match="no reference"):
        read(document)
