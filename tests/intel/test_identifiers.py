"""Identifiers: they follow from what they name, and nothing else looks like one."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.intel.identifiers import OBSERVABLE_NAMESPACE, identifier, is_identifier


@given(st.lists(st.text(), min_size=1, max_size=4), st.lists(st.text(), min_size=1, max_size=4))
def test_two_keys_two_identifiers(one: list[str], other: list[str]) -> None:
    """Different keys give different identifiers, however their texts would run together."""
    try:
        first, second = identifier("campaign", *one), identifier("campaign", *other)
    except UnicodeEncodeError:
        return
    assert (first == second) == (one == other)
    assert is_identifier(first, "campaign")


def test_it_is_a_uuid_of_version_five() -> None:
    """RFC 9562, and not under the namespace that STIX keeps for observables."""
    made = UUID(identifier("campaign", "x").partition("--")[2])
    assert made.version == 5
    assert identifier("a-b", "x") != identifier("a-c", "x")
    assert UUID(int=0) != OBSERVABLE_NAMESPACE


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "",
        "campaign--",
        "campaign--6F0F1B8E-6A5C-4C9E-9D0B-8C1F3A7D2E54",
        "campaign--6f0f1b8e-6a5c-4c9e-9d0b-8c1f3a7d2e54\n",
        "indicator--6f0f1b8e-6a5c-4c9e-9d0b-8c1f3a7d2e54",
        "x" * 10_000,
    ],
    ids=["none", "number", "empty", "no-uuid", "upper-case", "line", "type", "long"],
)
def test_what_is_none(value: object) -> None:
    """What is no identifier of a campaign is not taken for one."""
    assert not is_identifier(value, "campaign")
