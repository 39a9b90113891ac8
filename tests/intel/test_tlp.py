"""The Traffic Light Protocol: OASIS's markings, the strictest of several, the old ones."""

from __future__ import annotations

import pytest
import stix2

from cautery.intel.tlp import MARKINGS, OLD_MARKINGS, label_of, marking, may_enter, parse_label
from cautery.records.indicator import TLP_LABELS, Tlp, tlp_rank


@pytest.mark.parametrize("label", TLP_LABELS)
def test_markings_parse(label: Tlp) -> None:
    """Each marking is a STIX object as OASIS publishes it."""
    made = marking(label)
    assert stix2.parse(made, allow_custom=False)["id"] == MARKINGS[label]
    assert next(iter(made["extensions"].values()))["tlp_2_0"] == label
    assert parse_label(made["name"]) == label


def test_old_markings_are_those_of_the_library() -> None:
    """The identifiers of TLP 1 are those that stix2 ships."""
    old = (stix2.TLP_WHITE, stix2.TLP_GREEN, stix2.TLP_AMBER, stix2.TLP_RED)
    assert [OLD_MARKINGS[each.id] for each in old] == ["clear", "green", "amber", "red"]


def test_the_strictest_label_holds() -> None:
    """Of several markings the strictest counts; none at all, or rubbish, counts as amber."""
    both = [MARKINGS["green"], MARKINGS["red"], "marking-definition--x", 7]
    assert label_of(both) == "red"
    assert label_of(None) == label_of([]) == label_of("x") == label_of([[]]) == "amber"


def test_ceilings() -> None:
    """What is stricter than a ceiling may not stand under it."""
    for label in TLP_LABELS:
        for ceiling in TLP_LABELS:
            assert may_enter([label], ceiling) == (tlp_rank(label) <= tlp_rank(ceiling))
    assert not may_enter(["clear", "red"], "amber")


@pytest.mark.parametrize(
    ("text", "label"),
    [("TLP:AMBER+STRICT", "amber+strict"), (" white ", "clear"), ("red", "red"), ("pink", None)],
)
def test_labels_as_people_write_them(text: str, label: Tlp | None) -> None:
    """Case, blanks, the prefix and the old white are understood."""
    assert parse_label(text) == label
