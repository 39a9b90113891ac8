"""Reading what peers push."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.intel.taxii.sharing import LIMITS, indicator, object_id, read

from cautery.intel.taxii.pushed_objects import PushLimits, read_envelope
from cautery.intel.taxii.refusals import RequestRefusedError
from cautery.intel.tlp import MARKINGS, marking
from cautery.records.indicator import TLP_LABELS, Tlp

SPACES = st.sampled_from(["", " ", "\n", "\t  "])


@given(SPACES, SPACES, st.booleans(), st.text(max_size=30))
def test_content_is_the_very_bytes(before: str, inside: str, ascii_only: bool, name: str) -> None:
    """Spacing, escapes and order stay as they were, whatever stands around an object."""
    text = json.dumps(indicator(1, name=name), ensure_ascii=ascii_only, separators=(",", ":"))
    if not ascii_only:
        text = text.encode("utf-8", "replace").decode()
    text = text.replace(":", f":{inside}", 1)
    body = f'{before}{{{inside}"objects"{before}:[{before}{text}{inside}]}}'.encode()
    (pushed,) = read_envelope(body, LIMITS)
    assert pushed.content == text.encode()


def test_versions_come_from_modified_then_created() -> None:
    """An object without either has the version that the server gives it."""
    marking = {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": object_id(1, "marking-definition"),
        "created": "2026-03-01T00:00:00.100Z",
    }
    address = {"type": "ipv4-addr", "id": object_id(1, "ipv4-addr"), "value": "198.51.100.7"}
    found = read(indicator(1, modified="2026-02-01T00:00:00Z"), marking, address)
    assert [one.version for one in found] == ["2026-02-01T00:00:00", "2026-03-01T00:00:00.1", ""]
    assert [one.fault for one in found] == ["", "", ""]


@pytest.mark.parametrize("label", TLP_LABELS)
def test_markings_of_both_versions_are_known(label: Tlp) -> None:
    """TLP 2.0 and TLP 1 as the stix2 library writes it, alone, among others and for a part."""
    stix2 = pytest.importorskip("stix2")
    old = {"clear": "WHITE", "green": "GREEN", "amber": "AMBER", "red": "RED"}
    marks = [MARKINGS[label]]
    if label in old:
        marks.append(getattr(stix2, f"TLP_{old[label]}").id)
    other = object_id(9, "marking-definition")
    for mark in marks:
        found = read(
            indicator(1, object_marking_refs=[mark]),
            indicator(2, object_marking_refs=[other, mark]),
            indicator(3, granular_markings=[{"marking_ref": mark, "selectors": ["name"]}]),
        )
        assert [one.label for one in found] == [label, label, label]


def test_the_strictest_marking_counts() -> None:
    """Several markings are taken at their strictest; none is none; a definition is clear."""
    marks = list(MARKINGS.values())
    assert read(indicator(1, object_marking_refs=marks))[0].label == "red"
    assert read(indicator(1))[0].label is None
    assert read(marking("red"))[0].label == "clear"


@pytest.mark.parametrize(
    "fields",
    [
        {"object_marking_refs": "x"},
        {"object_marking_refs": [1]},
        {"granular_markings": ["x"]},
        {"granular_markings": [{"marking_ref": 1}]},
        {"modified": 5},
        {"modified": "yesterday"},
        {"spec_version": "2.0"},
        {"spec_version": None},
    ],
    ids=range(8),
)
def test_what_cannot_be_judged_is_not_taken(fields: dict[str, object]) -> None:
    """An object whose marking, version or specification nobody can tell is named as refused."""
    (pushed,) = read({**indicator(1), **fields})
    assert pushed.fault


def test_limits_are_kept() -> None:
    """Objects, bytes and depth are bounded."""
    for limits in (
        PushLimits(objects=1, object_bytes=2**20, depth=32),
        PushLimits(objects=10, object_bytes=200, depth=32),
        PushLimits(objects=10, object_bytes=2**20, depth=1),
    ):
        body = json.dumps({"objects": [indicator(1, labels=["x"]), indicator(2)]}).encode()
        with pytest.raises(RequestRefusedError):
            read_envelope(body, limits)
