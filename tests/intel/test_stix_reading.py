"""Reading STIX of peers: all or nothing, bounded, and no reference followed round."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.intel.indicators import bulletin

from cautery.errors import CauteryError, MalformedFileError
from cautery.intel import peer_documents, stix_reading
from cautery.intel.extension import EXTENSION
from cautery.intel.limits import DEEPEST, MOST_TEXT
from cautery.intel.stix_objects import bulletin_objects, write_bundle
from cautery.intel.stix_reading import read_bundle, read_objects
from cautery.intel.tlp import MARKINGS

UUID = "0d6a1f0c-8c5b-4a0e-9f63-2b7e4c1d9a58"


def foreign(**changes: Any) -> dict[str, Any]:
    """Make an indicator of another tool."""
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{UUID}",
        "created": "2026-10-01T00:00:00Z",
        "modified": "2026-10-01T00:00:00Z",
        "pattern": "[ipv4-addr:value = '203.0.113.9']",
        "pattern_type": "stix",
        "valid_from": "2026-10-01T00:00:00Z",
        **changes,
    }


def test_foreign_indicator() -> None:
    """Another tool's indicator is taken by its pattern; what it leaves out is set cautiously."""
    (one,) = read_objects([foreign()], "x").indicators
    assert (one.kind, one.form, one.value) == ("address", "clear", "203.0.113.9")
    assert (one.confidence, one.tlp, one.source) == (25, "amber", "nobody named")
    assert one.valid_until == "2026-10-31T00:00:00.000Z"


def test_validity_has_a_bound() -> None:
    """Whatever end a peer names, an indicator is believed for a year at most."""
    (one,) = read_objects([foreign(valid_until="2099-01-01T00:00:00Z")], "x").indicators
    assert one.valid_until == "2027-10-01T00:00:00.000Z"


def test_marking_and_revocation_are_read() -> None:
    """The marking that a peer set, and that it took the indicator back, come along."""
    red = foreign(object_marking_refs=[MARKINGS["red"]], revoked=True)
    (one,) = read_objects([red], "x").indicators
    assert one.revoked
    assert one.tlp == "red"


def test_what_is_unknown_is_counted() -> None:
    """Foreign patterns and kinds of later versions are passed over, counted and named."""
    later = bulletin_objects(bulletin())
    chosen = next(each for each in later if each["type"] == "indicator")
    chosen["extensions"][EXTENSION]["kind"] = "voice"
    rows = [foreign(pattern_type="yara"), chosen, *({"type": "note", "id": f"note--{UUID}"},)]
    found = read_objects(rows, "x")
    assert found.indicators == ()
    assert found.skipped_count == 2
    assert {each.place for each in found.skipped} == {f"indicator--{UUID}", chosen["id"]}


def test_a_circle_of_references_ends() -> None:
    """Objects that name each other in a circle, or name nothing that is there, do no harm."""
    other = "1d6a1f0c-8c5b-4a0e-9f63-2b7e4c1d9a58"

    def link(uuid: str, source: str, target: str) -> dict[str, Any]:
        return {
            "type": "relationship",
            "id": f"relationship--{uuid}",
            "relationship_type": "indicates",
            "source_ref": source,
            "target_ref": target,
        }

    rows = [
        link(UUID, f"relationship--{other}", f"relationship--{UUID}"),
        link(other, f"relationship--{UUID}", f"relationship--{other}"),
        {**foreign(), "created_by_ref": f"identity--{UUID}"},
        link("2" + UUID[1:], f"indicator--{UUID}", f"campaign--{other}"),
    ]
    rows[0]["target_ref"] = f"relationship--{other}"
    rows[0]["source_ref"] = f"relationship--{'3' + UUID[1:]}"
    (one,) = read_objects(rows, "x").indicators
    assert one.source == f"identity--{UUID}"
    assert one.campaign_ref == f"campaign--{other}"


def test_versions_of_one_file() -> None:
    """Two versions both come; the same one twice comes once."""
    later = foreign(modified="2026-10-02T00:00:00Z")
    found = read_objects([foreign(), later, foreign()], "x")
    assert [one.modified[:10] for one in found.indicators] == ["2026-10-01", "2026-10-02"]


@pytest.mark.parametrize("bound", ["MOST_OBJECTS", "MOST_INDICATORS", "MOST_FILE_BYTES"])
def test_a_flood_is_refused(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    """More than is read at once is refused whole."""
    owner = peer_documents if bound == "MOST_FILE_BYTES" else stix_reading
    monkeypatch.setattr(owner, bound, 3)
    with pytest.raises(MalformedFileError, match=r"than the"):
        read_bundle(write_bundle(bulletin_objects(bulletin())), "x")


def test_only_a_few_of_the_passed_over_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A feed of nothing but foreign patterns is counted without growing the answer."""
    monkeypatch.setattr(stix_reading, "MOST_SKIPPED", 3)
    rows = [foreign(id=f"indicator--{n:08x}{UUID[8:]}", pattern="[a:b = 1]") for n in range(9)]
    found = read_objects(rows, "x")
    assert (len(found.skipped), found.skipped_count) == (3, 9)


def test_depth_is_counted_without_recursion() -> None:
    """An object just within the bound is read, one level deeper is refused."""
    for levels, refused in ((DEEPEST - 1, False), (DEEPEST, True), (900, True)):
        value: Any = 1
        for _level in range(levels):
            value = [value]
        rows = [{"type": "note", "id": f"note--{UUID}", "deep": value}]
        if refused:
            with pytest.raises(MalformedFileError, match="nested"):
                read_objects(rows, "x")
        else:
            assert read_objects(rows, "x").indicators == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=8), below),
    max_leaves=12,
)


@given(name=st.sampled_from(sorted(foreign(confidence=1, revoked=False, name="x"))), value=JSON)
def test_any_value_of_any_member(name: str, value: Any) -> None:
    """Whatever stands in a member, it is read, passed over or an error of the tree."""
    place = ""
    try:
        found = read_objects([foreign(**{name: value})], "x").indicators
    except CauteryError as error:
        place, found = error.where, ()
    assert place.startswith("x: objects[0]") or not place
    assert all(len(one.source) <= MOST_TEXT and 0 <= one.confidence <= 100 for one in found)


@given(name=st.sampled_from(["kind", "form", "value", "key_id", "bands", "accounts"]), value=JSON)
def test_any_value_under_the_extension(name: str, value: Any) -> None:
    """The same for what stands under our extension."""
    rows = json.loads(write_bundle(bulletin_objects(bulletin())))["objects"]
    chosen = next(each for each in rows if each["type"] == "indicator")
    chosen["extensions"][EXTENSION][name] = value
    place = ""
    try:
        read_objects([chosen], "x")
    except CauteryError as error:
        place = error.where
    assert place.startswith("x: objects[0].extensions") or not place
